"""Makes `feelings.bin`: the 28 feelings of GoEmotions, any number of them in a text; each label's threshold is tuned on its dev.csv."""

from pathlib import Path
from typing import Any

import numpy as np

from scripts.training import Trained
from scripts.training.feeling import Recipe, Space
from scripts.training.felt import comments, corpus
from scripts.training.felt_models import said, targets, trained
from scripts.training.fitting import calibration, folds
from shared.textmodel.features import Shape
from shared.textmodel.linear import sigmoid

RECIPE = Recipe(Shape(bits=16, shortest=4, longest=4), strength=1.0, lexicon=0, balanced=False)


def train(data: Path) -> Trained:
    """The model out of train.csv, with the thresholds out of dev.csv (where that is not there, out of a fifth of the rows)."""
    rows, paths = comments(data, "train.csv")
    tuning, more = comments(data, "dev.csv")
    learned = corpus([("affect_goemotions", rows, [*paths, *more])])
    labels = tuple(sorted({label for row in rows for label in row.labels}))
    texts, truth = said(learned, tongues=False), targets(learned, labels)
    space = Space(RECIPE, texts)
    made = space.rows(texts)
    if tuning:
        judged = corpus([("affect_goemotions", tuning, more)])
        fitted = space.fit(made, truth)
        margins, known = fitted.margins(space.rows(said(judged, tongues=False))), targets(judged, labels)
    else:
        learn, judge = folds(truth.argmax(1), range(len(truth)))[0]
        fitted = space.fit(made[learn], truth[learn])
        margins, known = fitted.margins(made[judge]), truth[judge]
    lines = [calibration(margins[:, place], known[:, place]) for place in range(len(labels))]
    chances = np.vectorize(sigmoid)(margins * np.array(lines)[:, 0] + np.array(lines)[:, 1])
    best = [_threshold(known[:, place], chances[:, place]) for place in range(len(labels))]
    measured = {"macro_f1": sum(score for _, score in best) / len(best)}
    thresholds = {label: line for label, (line, _) in zip(labels, best, strict=True)}
    return trained("feelings", learned, labels, RECIPE, fitted, lines=lines, thresholds=thresholds, measured=measured)


def _threshold(truth: Any, chances: Any) -> tuple[float, float]:
    """The probability from which on the label is said, for the best F1, and that F1."""
    order = np.argsort(-chances)
    hits = np.cumsum(truth[order])
    scores = 2 * hits / (np.arange(1, len(order) + 1) + max(int(truth.sum()), 1))
    place = int(scores.argmax())
    return float(chances[order[place]]), float(scores[place])
