"""Makes `moderation.bin`: what a text contains, by category, and whether anything applies at all."""

from pathlib import Path

from scripts.evaluating.scores import average_precision
from scripts.training import Trained
from scripts.training.corpora import LETTERS, Row, moderation
from scripts.training.fitting import Recipe
from scripts.training.making import Unseen, make
from shared.safety.moderation import LABELS, PIECE, overall
from shared.textmodel.features import Shape

RECIPE = Recipe(Shape(bits=18, shortest=3, longest=5), strength=30.0, smoothing=0.3, balanced=False)
"""Found by cross-validation on the development half of the OpenAI set."""
_MAIN = "openai_moderation"


def train(data: Path) -> Trained:
    """The model out of what `data` has of the sets in `corpora.moderation`. No line is drawn here: see `shared.safety.check`."""
    return make(
        "moderation",
        moderation(data),
        LABELS,
        RECIPE,
        calibrated_on=_is_main,
        piece=PIECE,
        thresholds=lambda _: {},
        measured=_measured,
    )


def _is_main(row: Row) -> bool:
    return row.of == _MAIN


def _measured(unseen: Unseen) -> dict[str, float]:
    places = [place for place, row in enumerate(unseen.rows) if _is_main(row)]
    truth = [unseen.rows[place].labels["any"] for place in places]
    figures = {
        "auprc": average_precision(
            truth, [overall(unseen.probabilities[place], unseen.apart[place]) for place in places]
        )
    }
    for label in LETTERS.values():
        known = [place for place in places if label in unseen.rows[place].labels]
        figures[f"{label}_auprc"] = average_precision(
            [unseen.rows[place].labels[label] for place in known],
            [float(unseen.probabilities[place, LABELS.index(label)]) for place in known],
        )
    return figures
