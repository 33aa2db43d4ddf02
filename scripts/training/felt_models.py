"""A corpus of affect, a recipe -> a model: calibrated on texts that the judging model had not seen, then fitted to all."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from scripts.training import Trained
from scripts.training.feeling import Recipe, Said, Space
from scripts.training.felt import Corpus
from scripts.training.fitting import SEED, Fitted, calibration, folds, small
from shared.textmodel.linear import Header

LICENCE = "the weights are under the product's licence; the texts they were fitted to are not in them"
_APART = 3.0
"""How freely the regression may tell texts of another kind apart: beside it, a text's places are far below 1."""


def said(corpus: Corpus, *, tongues: bool) -> Said:
    """The texts; without `tongues` all in one language that is not named."""
    return Said([row.text for row in corpus.rows], [row.language if tongues else "" for row in corpus.rows])


def targets(corpus: Corpus, labels: tuple[str, ...]) -> Any:
    """(texts, labels) of 0 and 1."""
    return np.array([[label in row.labels for label in labels] for row in corpus.rows], np.int8)


def exclusive(name: str, corpus: Corpus, labels: tuple[str, ...], recipe: Recipe, *, tongues: bool) -> Trained:
    """One label for each text: a fifth that was not fitted to gives the calibration and the figure in the header."""
    texts, truth = said(corpus, tongues=tongues), targets(corpus, labels)
    weights = np.array([row.weight for row in corpus.rows])
    apart = np.array([[_APART * row.aside] for row in corpus.rows], np.float32)
    space = Space(recipe, texts)
    rows = space.rows(texts)
    chosen = truth.argmax(1)
    learn, judge = folds(chosen, range(len(chosen)))[0]
    judge = judge[weights[judge] == weights.max()]
    fitted = space.fit(rows[learn], truth[learn], weights[learn], apart[learn])
    margins, known = fitted.margins(rows[judge]), truth[judge]
    lines = [calibration(margins[:, place], known[:, place]) for place in range(len(labels))]
    found = (margins * np.array(lines)[:, 0] + np.array(lines)[:, 1]).argmax(1)
    scores = [_f1(known[:, place] == 1, found == place) for place in range(len(labels))]
    measured = {"macro_f1": sum(scores) / len(scores)}
    fitted = space.fit(rows, truth, weights, apart)
    return trained(
        name,
        corpus,
        labels,
        recipe,
        fitted,
        lines=lines,
        thresholds={},
        measured=measured,
        kind="exclusive",
        tongues=tuple(sorted({row.language for row in corpus.rows})) if tongues else (),
    )


def trained(
    name: str,
    corpus: Corpus,
    labels: tuple[str, ...],
    recipe: Recipe,
    fitted: Fitted,
    *,
    lines: list[tuple[float, float]],
    thresholds: Mapping[str, float],
    measured: Mapping[str, float],
    kind: Literal["independent", "exclusive"] = "independent",
    tongues: tuple[str, ...] = (),
) -> Trained:
    """The model as it is written."""
    packed, scales, biases = small(fitted, lines, recipe.clipped)
    header = Header(
        name=name,
        kind=kind,
        labels=labels,
        shape=recipe.shape,
        scales=scales,
        biases=biases,
        thresholds={label: round(value, 4) for label, value in thresholds.items()},
        sources=corpus.sources,
        licence=LICENCE,
        seed=SEED,
        command=f"scripts/train-models {name} --data DIR",
        measured={label: round(value, 4) for label, value in measured.items()},
        tongues=tongues,
    )
    return Trained(header, packed)


def _f1(truth: Any, found: Any) -> float:
    right = float((truth & found).sum())
    return 2 * right / float(truth.sum() + found.sum()) if right else 0.0
