"""Makes `crisis.bin`: does its writer need help? It stands behind the rules, for what they have no words for.

A false alarm takes somebody's lesson away, and the rules see most of what there is: the line lies where one in a thousand everyday
texts crosses it, and one in seventeen of the lessons that only sound like a crisis, all judged by models that had met their meaning
in no language.
"""

from pathlib import Path

from scripts.evaluating.scores import share_above, threshold_at
from scripts.training import Trained
from scripts.training.corpora import crisis
from scripts.training.fitting import Recipe
from scripts.training.making import Unseen, make
from shared.textmodel.features import Shape

RECIPE = Recipe(Shape(bits=17, shortest=2, longest=5), strength=10.0, smoothing=0.3, balanced=False)
_EVERYDAY = ("sentences", "chats", "ours")
_FALSE_ALARMS = 0.001
_TRAPS = "crisis_allow"
_TRAPPED = 0.06
_SURE = 0.6
"""However few everyday texts come near: below this the model itself is in doubt."""


def train(data: Path) -> Trained:
    """The model out of our own sentences and what `data` has of everyday texts."""
    return make(
        "crisis",
        crisis(data),
        ("crisis",),
        RECIPE,
        calibrated_on=lambda _: True,
        thresholds=lambda unseen: {"crisis": _line(unseen)},
        measured=_measured,
    )


def _line(unseen: Unseen) -> float:
    everyday = unseen.of("crisis", lambda row: row.of.startswith(_EVERYDAY))
    traps = unseen.of("crisis", lambda row: row.of.startswith(_TRAPS))
    return max(_SURE, threshold_at(everyday, _FALSE_ALARMS), threshold_at(traps, _TRAPPED))


def _measured(unseen: Unseen) -> dict[str, float]:
    """Of sentences whose meaning the judging model had met in no language; the rules are not in these figures."""
    line, figures = _line(unseen), {}
    for name in sorted({row.of for row in unseen.rows if row.of.startswith("crisis")}):
        figures[name] = share_above(unseen.of("crisis", lambda row, name=name: row.of == name), line)  # type: ignore[misc]
    return figures
