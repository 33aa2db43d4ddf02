"""Fits the affect models: one label against the rest, over prepared texts, with what word lists know as a prior.

Columns are scaled by how differently they occur with and without the label (Wang and Manning 2012, NB-SVM); words as words of
their language weigh more than letter groups. Four columns more hold the sums of good and bad words of `polarity.tsv`, plain and
negated. All of it is linear, so all of it is folded into one weight a place, and scoring knows nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression

from scripts.training.fitting import SEED, Fitted
from scripts.training.lexicon import polarities
from shared.affect.wording import NEGATED, worded
from shared.textmodel.features import Shape, features, of_tongue, of_word, words

_ROUNDS = 400
_TOLERANCE = 1e-2


@dataclass(frozen=True)
class Said:
    """Texts with their languages (codes; "" in a model for which that is no matter) and how much each counts."""

    texts: Sequence[str]
    languages: Sequence[str]


@dataclass(frozen=True)
class Recipe:
    """`strength` is the regression's C, `smoothing` that of the NB scale; how much words and the lists weigh beside letter groups."""

    shape: Shape
    strength: float = 3.0
    smoothing: float = 1.0
    emphasis: float = 3.0
    lexicon: float = 30.0
    balanced: bool = True
    fewest: int = 1
    """Texts that a place must occur in: what one text alone holds is mostly its subject."""
    clipped: float = 1.0
    """See `fitting.small`."""


class Space:
    """The places of one shape, as a recipe weighs them."""

    def __init__(self, recipe: Recipe, said: Said) -> None:
        self.recipe = recipe
        size = recipe.shape.size
        self.emphasis = np.ones(size, np.float32)
        seen = {
            (word, language)
            for text, language in zip(said.texts, said.languages, strict=True)
            for word in words(worded(text))
        }
        if recipe.shape.tongue:
            for word, language in seen:
                self.emphasis[of_tongue(word, recipe.shape, language)] = recipe.emphasis
        self.lexicon = _lexicon(recipe, frozenset(word for word, _ in seen))

    def rows(self, said: Said) -> Any:
        """Texts as `linear.Model` sees them: how often a place occurs, over the root of all."""
        shape = self.recipe.shape
        places: list[int] = []
        values: list[float] = []
        starts = [0]
        for text, language in zip(said.texts, said.languages, strict=True):
            numbers = features(worded(text), shape, language)
            places += numbers
            values += [max(len(numbers), 1) ** -0.5] * len(numbers)
            starts.append(len(places))
        made = csr_matrix(
            (np.array(values, np.float32), np.array(places), np.array(starts)), (len(said.texts), shape.size)
        )
        made.sum_duplicates()
        return made

    def fit(self, rows: Any, targets: Any, weights: Any = None, apart: Any = None) -> Fitted:
        """`targets`: (texts, labels) of 0 and 1. `weights`: one for each text.

        `apart`: (texts, sets), 1 for the set a text is of. How often a label is given in a set is learned with it and then left out.
        """
        known = rows @ self.lexicon
        if apart is not None:
            known = hstack([known, csr_matrix(apart, dtype=np.float32)])
        found = [self._one(rows, known, column.astype(int), weights) for column in np.asarray(targets).T]
        return Fitted(np.array([line for line, _ in found], np.float32), np.array([bias for _, bias in found]))

    def _one(self, rows: Any, known: Any, target: Any, weights: Any) -> tuple[Any, float]:
        each = np.ones(len(target)) if weights is None else np.asarray(weights)
        used = np.flatnonzero(rows.getnnz(axis=0) >= self.recipe.fewest)
        rows, emphasis = rows[:, used], self.emphasis[used]
        present = (rows > 0).astype(np.float32).T
        with_it = present @ (each * (target == 1)) + self.recipe.smoothing
        without = present @ (each * (target == 0)) + self.recipe.smoothing
        scale = np.abs(np.log((with_it / with_it.sum()) / (without / without.sum()))).astype(np.float32) * emphasis
        model = LogisticRegression(
            C=self.recipe.strength,
            solver="liblinear",
            tol=_TOLERANCE,
            class_weight="balanced" if self.recipe.balanced else None,
            max_iter=_ROUNDS,
            random_state=SEED,
        ).fit(hstack([rows @ diags(scale), known]).tocsr(), target, sample_weight=each)
        line = self.lexicon @ model.coef_[0][len(scale) : len(scale) + self.lexicon.shape[1]]
        line[used] += model.coef_[0][: len(scale)] * scale
        return line, float(model.intercept_[0])


def _lexicon(recipe: Recipe, seen: frozenset[str]) -> Any:
    """(places, 4): how bad and how good a word is, and the same of negated words that were seen, at the place of the word itself.

    Without a weight for the lists, or words of their own places, nothing.
    """
    made: dict[tuple[int, int], float] = {}
    for word, score in polarities().items() if recipe.lexicon and recipe.shape.tongue else ():
        for spelled, column in ((word, 0), (NEGATED + word, 2)):
            if column and spelled not in seen:
                continue
            key = (of_word(spelled, recipe.shape)[0], column + (score > 0))
            made[key] = max(made.get(key, 0.0), abs(score) * recipe.lexicon)
    index = np.array(list(made), int).reshape(-1, 2).T
    return csr_matrix((np.array(list(made.values()), np.float32), (index[0], index[1])), (recipe.shape.size, 4))
