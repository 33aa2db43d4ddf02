"""Fits the linear models of `shared.textmodel`: logistic regression over hashed n-grams, one label against the rest.

A column may be scaled by how differently it occurs with and without the label (Wang and Manning 2012, "Baselines and Bigrams",
NB-SVM) before the regression; the scale is folded into the weights, so that scoring knows nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from shared.textmodel.features import Shape, features

SEED = 20261121
_ROUNDS = 400
_CERTAIN = 6.0  # log-odds of a label without a counter-example


@dataclass(frozen=True)
class Recipe:
    """How a model is fitted. `strength` is the regression's C; `smoothing` is that of the NB scale, None for no scale."""

    shape: Shape
    strength: float = 10.0
    smoothing: float | None = 1.0
    balanced: bool = True


@dataclass(frozen=True)
class Fitted:
    """Weights (labels, places) and biases (labels) before they are made small."""

    weights: Any
    biases: Any

    def margins(self, rows: Any) -> Any:
        """(texts, labels)."""
        return rows @ self.weights.T + self.biases


def matrix(texts: Sequence[str], shape: Shape) -> Any:
    """Texts as rows of a sparse matrix, as `linear.Model` sees them: how often a place occurs, over the root of all."""
    places: list[int] = []
    values: list[float] = []
    starts = [0]
    for text in texts:
        numbers = features(text, shape)
        places += numbers
        values += [len(numbers) ** -0.5] * len(numbers)
        starts.append(len(places))
    rows = csr_matrix((np.array(values, np.float32), np.array(places), np.array(starts)), (len(texts), shape.size))
    rows.sum_duplicates()
    return rows


def fit(recipe: Recipe, rows: Any, targets: Any, weights: Any = None) -> Fitted:
    """`targets`: (texts, labels) of 0 and 1, NaN where a label is not known for a text. `weights`: one for each text."""
    found, biases = [], []
    for column in np.asarray(targets, float).T:
        known = ~np.isnan(column)
        each = None if weights is None else np.asarray(weights)[known]
        line, bias = _one(recipe, rows[known], column[known].astype(int), each)
        found.append(line)
        biases.append(bias)
    return Fitted(np.array(found, np.float32), np.array(biases))


def _one(recipe: Recipe, rows: Any, target: Any, weights: Any) -> tuple[Any, float]:
    if len(set(target.tolist())) < 2:  # nothing to tell apart: the label is never or always there
        return np.zeros(rows.shape[1], np.float32), _CERTAIN if target.any() else -_CERTAIN
    scale = np.ones(rows.shape[1], np.float32)
    if recipe.smoothing is not None:
        each = np.ones(len(target)) if weights is None else weights
        present = (rows > 0).astype(np.float32).T
        with_it = present @ (each * (target == 1)) + recipe.smoothing
        without = present @ (each * (target == 0)) + recipe.smoothing
        scale = np.abs(np.log((with_it / with_it.sum()) / (without / without.sum()))).astype(np.float32)
    scaled = rows.multiply(scale).tocsr()
    model = LogisticRegression(
        C=recipe.strength,
        solver="liblinear",
        class_weight="balanced" if recipe.balanced else None,
        max_iter=_ROUNDS,
        random_state=SEED,
    ).fit(scaled, target, sample_weight=weights)
    return model.coef_[0] * scale, float(model.intercept_[0])


def folds(targets: Any, groups: Sequence[Any], count: int = 5) -> list[tuple[Any, Any]]:
    """(fitted on, measured on) row numbers; texts of one group stay on one side."""
    split = StratifiedGroupKFold(count, shuffle=True, random_state=SEED)
    return list(split.split(np.zeros(len(groups)), targets, groups))


def out_of_fold(recipe: Recipe, rows: Any, targets: Any, parts: Sequence[tuple[Any, Any]], weights: Any = None) -> Any:
    """Margins (texts, labels), each by a model that has not seen the text. Rows in no measured part are NaN."""
    targets = np.asarray(targets, float)
    margins = np.full(targets.shape, np.nan)
    for learn, judge in parts:
        each = None if weights is None else np.asarray(weights)[learn]
        margins[judge] = fit(recipe, rows[learn], targets[learn], each).margins(rows[judge])
    return margins


def calibration(margins: Any, target: Any) -> tuple[float, float]:
    """Platt's (scale, bias): probability = sigmoid(scale · margin + bias). With one class alone there is nothing to fit."""
    if len(set(np.asarray(target).tolist())) < 2:
        return 1.0, 0.0
    model = LogisticRegression(C=1e3, solver="lbfgs").fit(np.asarray(margins).reshape(-1, 1), np.asarray(target))
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def small(
    fitted: Fitted, calibrations: Sequence[tuple[float, float]], clipped: float = 1.0
) -> tuple[bytes, tuple[float, ...], tuple[float, ...]]:
    """int8 weights label after label, scales and biases, as `linear.Header` has them. The largest weight becomes 127.

    `clipped`: how far below the largest weight 127 lies; what is beyond is cut to it, so that small weights are kept finer.
    """
    packed, scales, biases = b"", [], []
    for weights, bias, (slope, shift) in zip(fitted.weights, fitted.biases, calibrations, strict=True):
        step = float(np.abs(weights).max()) / clipped / 127 or 1.0
        packed += np.clip(np.rint(weights / step), -127, 127).astype(np.int8).tobytes()
        scales.append(step * slope)
        biases.append(float(bias) * slope + shift)
    return packed, tuple(scales), tuple(biases)
