"""Makes `requests.bin`: does a text ask for something harmful, for a model without its rules, or give orders from a document?

The lines are drawn where few of the harmless texts lie beyond, judged by models that had not seen them.
"""

from pathlib import Path

from scripts.evaluating.scores import share_above, threshold_at
from scripts.training import Trained
from scripts.training.corpora import ASKED, requests
from scripts.training.fitting import Recipe
from scripts.training.making import Unseen, make
from shared.language.names import CODES
from shared.textmodel.features import Shape

RECIPE = Recipe(Shape(bits=17, shortest=3, longest=5), strength=10.0, smoothing=0.3, balanced=False)
_MOST_FALSE = {
    "xstest_safe": 0.025,
    "chats": 0.003,
    "wildguard_benign": 0.01,
    "goemotions": 0.002,
    "sentences": 0.003,
    "ours": 0.01,
}
"""The share of each harmless set that may lie beyond a line; XSTest's are made to look harmful."""
_MOST_FALSE_OF = {"prompt_injection": {"chats": 0.005, "cse_system": 0.0065}}
"""Other shares for one label. What is a document's order is a chat's plain wish, so chats are a poor measure of documents;
the prompts that systems are given are a better one, and no language's everyday texts come near the line that follows."""
_MOST_FALSE_ANYWHERE = 0.03
"""The same for the everyday texts of each language: no language may be taken for an attack."""

_LOWEST = 0.0001
"""What a header can hold of a line, with its four digits."""


def train(data: Path) -> Trained:
    """The model out of what `data` has of the sets in `corpora.requests`."""
    return make(
        "requests",
        requests(data),
        ASKED,
        RECIPE,
        calibrated_on=lambda _: True,
        thresholds=_lines,
        measured=_measured,
    )


def _lines(unseen: Unseen) -> dict[str, float]:
    """Where a verdict is drawn, and, for reports, where one in a hundred harmless texts lies beyond."""
    everyday = ("chats", "wildguard_benign", "ours", "notinject")
    hundredth = {
        f"{label}_1pct": max(_LOWEST, threshold_at(unseen.of(label, lambda row: row.of.startswith(everyday)), 0.01))
        for label in ASKED
    }
    return {**{label: _line(unseen, label) for label in ASKED}, **hundredth}


def _line(unseen: Unseen, label: str) -> float:
    lines = [0.5]
    for name, rate in {**_MOST_FALSE, **_MOST_FALSE_OF.get(label, {})}.items():
        harmless = unseen.of(label, lambda row, name=name: row.of.startswith(name))  # type: ignore[misc]
        if harmless:
            lines.append(threshold_at(harmless, rate))
    for code in CODES:
        kinds = tuple(f"{kind}_{code}" for kind in ("ours", "lessons", "sentences"))
        everyday = unseen.of(label, lambda row, kinds=kinds: row.of in kinds)  # type: ignore[misc]
        lines.append(threshold_at(everyday, _MOST_FALSE_ANYWHERE))
    return max(lines)


def _measured(unseen: Unseen) -> dict[str, float]:
    figures: dict[str, float] = {}
    for label in ASKED:
        line = _line(unseen, label)
        for name in sorted({row.of for row in unseen.rows}):
            part = unseen.of(label, lambda row, name=name: row.of == name)  # type: ignore[misc]
            if (beyond := share_above(part, line)) > 0:
                figures[f"{label}_{name}"] = beyond
    return figures
