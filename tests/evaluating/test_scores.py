"""The figures of merit, held to scikit-learn's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.evaluating.scores import (
    accuracy,
    average_precision,
    f1,
    macro_f1,
    macro_recall,
    share,
    share_above,
    threshold_at,
)

SCORED = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9).map(lambda n: n / 10)), min_size=1, max_size=60)
LABELLED = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60)


@given(SCORED.filter(lambda rows: any(label for label, _ in rows)))
def test_average_precision_is_the_published_one_with_ties(rows: list[tuple[int, float]]) -> None:
    from sklearn.metrics import average_precision_score

    labels, scores = [label for label, _ in rows], [score for _, score in rows]
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores))


def test_without_a_positive_there_is_no_precision() -> None:
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))


@given(LABELLED)
def test_macro_figures_are_the_published_ones(rows: list[tuple[str, str]]) -> None:
    from sklearn.metrics import f1_score, recall_score

    truth, found = [a for a, _ in rows], [b for _, b in rows]
    labels = ["a", "b", "c"]
    settings = {"labels": labels, "average": "macro", "zero_division": 0}
    assert macro_f1(truth, found, labels) == pytest.approx(f1_score(truth, found, **settings))
    assert macro_recall(truth, found, labels) == pytest.approx(recall_score(truth, found, **settings))
    assert accuracy(truth, found) == pytest.approx(sum(a == b for a, b in rows) / len(rows))


def test_f1_of_a_label_that_is_nowhere_is_nothing() -> None:
    assert f1(["a"], ["a"], "b") == 0.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.sampled_from([0.0, 0.01, 0.1, 0.5]))
def test_no_more_negatives_than_allowed_lie_beyond_the_line(negatives: list[float], rate: float) -> None:
    assert share_above(negatives, threshold_at(negatives, rate)) <= rate


def test_a_line_without_negatives_is_refused() -> None:
    with pytest.raises(ValueError, match="negatives"):
        threshold_at([], 0.01)


def test_shares() -> None:
    assert share([True, False, True, True]) == 0.75
    assert math.isnan(share([]))
    assert share_above([0.1, 0.5, 0.9], 0.5) == pytest.approx(1 / 3)
