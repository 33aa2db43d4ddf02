"""Makes `urgency.bin`: how soon somebody should look at a forum post, 1 to 7. It does not ship (see `felt.LICENCES`).

Ridge regression over the same features as the other affect models. The margin of its one label is the rating itself.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import diags
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold

from scripts.evaluating.reading import table
from scripts.training import Trained, files
from scripts.training.feeling import Recipe, Said, Space
from scripts.training.felt import Corpus, Row, corpus
from scripts.training.felt_models import trained
from scripts.training.fitting import SEED, Fitted
from shared.textmodel.features import Shape

RECIPE = Recipe(Shape(bits=17, shortest=2, longest=4), strength=3.0, lexicon=0)
FOLDS = 10


def train(data: Path) -> Trained:
    """The model out of posts.csv. Raises Unfit without it."""
    paths = files(data, "posts.csv")
    rows = [row for path in paths for row in table(path, "student", "text", "urgency")]
    posts: Corpus = corpus([("affect_mooc_urgency", [Row(row["text"], "", frozenset()) for row in rows], paths)])
    made, ratings = _rows(rows)
    fitted = _fit(made, ratings)
    return trained("urgency", posts, ("urgency",), RECIPE, fitted, lines=[(1.0, 0.0)], thresholds={}, measured={})


def cross_validated(rows: Sequence[dict[str, str]]) -> list[float]:
    """Each post's rating by a model that has seen no post of its student."""
    made, ratings = _rows(rows)
    found = np.zeros(len(ratings))
    for learn, judge in GroupKFold(FOLDS).split(made, ratings, [row["student"] for row in rows]):
        found[judge] = _fit(made[learn], ratings[learn]).margins(made[judge])[:, 0]
    return [float(min(7.0, max(1.0, rating))) for rating in found]


def _rows(rows: Sequence[dict[str, str]]) -> tuple[Any, Any]:
    said = Said([row["text"] for row in rows], [""] * len(rows))
    return Space(RECIPE, said).rows(said), np.array([float(row["urgency"]) for row in rows])


def _fit(rows: Any, ratings: Any) -> Fitted:
    present = np.asarray((rows > 0).sum(0)).ravel()
    rarity = (np.log((1 + rows.shape[0]) / (1 + present)) + 1).astype(np.float32)
    model = Ridge(alpha=1 / RECIPE.strength, solver="sparse_cg", random_state=SEED).fit(rows @ diags(rarity), ratings)
    return Fitted(np.array([model.coef_ * rarity], np.float32), np.array([float(model.intercept_)]))
