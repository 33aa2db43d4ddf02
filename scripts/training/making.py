"""A corpus, a recipe -> a model: cross-validated margins for calibration and figures, then one fit to everything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scripts.training import Trained
from scripts.training.corpora import Corpus, Row
from scripts.training.fitting import SEED, Recipe, calibration, fit, folds, matrix, out_of_fold, small
from shared.safety.pieces import pieces
from shared.textmodel.linear import Header, Model, sigmoid

LICENCE = "the weights are under the product's licence; the texts they were fitted to are not in them"


@dataclass(frozen=True)
class Unseen:
    """Each row's probabilities (rows, labels) by a model that has not seen its group."""

    rows: Sequence[Row]
    labels: tuple[str, ...]
    probabilities: Any
    apart: Sequence[Any]
    """The same of each row's pieces (pieces, labels); empty where nobody asked for them."""

    def of(self, label: str, keep: Callable[[Row], bool]) -> list[float]:
        """One label's probabilities for the rows to keep."""
        column = self.labels.index(label)
        return [float(self.probabilities[place, column]) for place, row in enumerate(self.rows) if keep(row)]


def make(
    name: str,
    corpus: Corpus,
    labels: tuple[str, ...],
    recipe: Recipe,
    *,
    calibrated_on: Callable[[Row], bool],
    piece: int = 0,
    thresholds: Callable[[Unseen], dict[str, float]],
    measured: Callable[[Unseen], dict[str, float]],
) -> Trained:
    """The model. `thresholds` and `measured` are worked out on texts that the judging model had not seen.

    `piece`: judge the texts to calibrate on in pieces of so many characters too.
    """
    rows = matrix([row.text for row in corpus.rows], recipe.shape)
    targets = np.array([[row.labels.get(label, np.nan) for label in labels] for row in corpus.rows], float)
    weights = np.array([row.weight for row in corpus.rows])
    harmful = np.array([int(1 in row.labels.values()) for row in corpus.rows])
    parts = folds(harmful, [row.group for row in corpus.rows])
    margins = out_of_fold(recipe, rows, targets, parts, weights)
    judged = np.array([calibrated_on(row) for row in corpus.rows])
    lines = []
    for place in range(len(labels)):
        known = judged & ~np.isnan(targets[:, place])
        lines.append(calibration(margins[known, place], targets[known, place].astype(int)))
    slopes, shifts = np.array(lines).T
    likely = np.vectorize(sigmoid, otypes=[float])
    cut = [list(pieces(row.text, piece)) if piece and judged[place] else [] for place, row in enumerate(corpus.rows)]
    apart = _apart(recipe, (rows, targets, weights), parts, cut) if piece else []
    unseen = Unseen(
        corpus.rows, labels, likely(margins * slopes + shifts), [likely(part * slopes + shifts) for part in apart]
    )
    packed, scales, biases = small(fit(recipe, rows, targets, weights), lines)
    header = Header(
        name=name,
        kind="independent",
        labels=labels,
        shape=recipe.shape,
        scales=scales,
        biases=biases,
        thresholds={label: round(value, 4) for label, value in thresholds(unseen).items()},
        sources=corpus.sources,
        licence=LICENCE,
        seed=SEED,
        command=f"scripts/train-models {name} --data DIR",
        measured={label: round(value, 4) for label, value in measured(unseen).items()},
    )
    return Trained(header, packed)


def _apart(recipe: Recipe, data: tuple[Any, Any, Any], parts: Any, cut: Sequence[Sequence[str]]) -> list[Any]:
    """Margins (pieces, labels) of each text's pieces by the model that has not seen the text."""
    rows, targets, weights = data
    found: list[Any] = [np.zeros((0, targets.shape[1]))] * len(cut)
    for learn, judge in parts:
        fitted = fit(recipe, rows[learn], targets[learn], weights[learn])
        for place in judge:
            if cut[place]:
                found[place] = fitted.margins(matrix(cut[place], recipe.shape))
    return found


def model(trained: Trained) -> Model:
    """The same model, to be asked at once."""
    return Model(trained.header, trained.weights)
