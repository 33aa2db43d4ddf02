"""Adjusted p values, held to scipy's and to the definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.experiments.stats.corrections import benjamini_hochberg, holm

P_VALUES = st.lists(st.floats(0, 1) | st.none(), max_size=12)


@given(P_VALUES)
def test_benjamini_hochberg_is_scipys_without_those_that_are_none(p_values: list[float | None]) -> None:
    found = benjamini_hochberg(p_values)
    assert [one is None for one in found] == [one is None for one in p_values]
    some = [one for one in p_values if one is not None]
    expected = stats.false_discovery_control(some).tolist() if some else []
    assert [one for one in found if one is not None] == pytest.approx(expected)


@given(P_VALUES, st.floats(0.001, 0.999))
def test_holm_rejects_what_stepping_down_rejects(p_values: list[float | None], alpha: float) -> None:
    some = sorted(one for one in p_values if one is not None)
    steps = [p <= alpha / (len(some) - rank) for rank, p in enumerate(some)]
    rejected = steps.index(False) if False in steps else len(steps)
    limits = [alpha / (len(some) - rank) for rank in range(len(some))]
    if any(abs(p - limit) < 1e-12 for p, limit in zip(some, limits, strict=True)):
        return
    assert sum(one is not None and one <= alpha for one in holm(p_values)) == rejected


def test_each_keeps_its_place() -> None:
    assert holm([0.04, None, 0.01, 0.03]) == pytest.approx([0.06, None, 0.03, 0.06])
    assert benjamini_hochberg([0.04, None, 0.01, 0.03]) == pytest.approx([0.04, None, 0.03, 0.04])
    assert holm([]) == benjamini_hochberg([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_p_values_are_probabilities(adjust) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="p values"):
        adjust([0.5, 1.5])
