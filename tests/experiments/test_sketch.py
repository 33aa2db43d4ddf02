"""Quantiles out of histograms: within 1 %, and the same however the values were put together."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.experiments import sketch

positive = st.floats(1e-6, 1e9)


def counted(values: list[float]) -> sketch.Histogram:
    return sketch.merged({sketch.bucket(value): 1} for value in values)


@given(st.lists(positive, min_size=1, max_size=60), st.floats(0, 1))
def test_a_quantile_is_within_one_per_cent_of_the_value_it_stands_for(values: list[float], q: float) -> None:
    found = sketch.quantile(counted(values), q)
    ordered = sorted(values)
    rank = q * len(values)
    near = {ordered[max(0, math.ceil(rank) - 1)], ordered[max(0, math.ceil(rank - 1e-9) - 1)]}
    assert found is not None
    assert any(abs(found - value) <= 0.0101 * value for value in near)


@given(st.lists(st.floats(-10, 1e6), max_size=40), st.lists(st.floats(-10, 1e6), max_size=40))
def test_parts_together_are_the_whole_and_can_be_taken_out_again(one: list[float], other: list[float]) -> None:
    both = sketch.merge(counted(one), counted(other))
    assert both == counted(other + one)
    assert sketch.merge(both, counted(other), -1) == counted(one)
    assert sketch.total(both) == len(one)


def test_a_value_more_moves_a_quantile_a_little() -> None:
    values = [1.0] * 100
    found = [sketch.quantile(counted(values[:n]), 0.5) for n in range(90, 100)]
    assert all(value is not None and 1 / sketch.RATIO <= value <= 1 for value in found)
    tail = [sketch.quantile(sketch.merge(counted(values), counted([1.0051] * n)), 0.9) for n in (0, 5, 50)]
    assert tail[0] < tail[1] < tail[2]  # type: ignore[operator]


def test_nothing_and_what_is_not_positive() -> None:
    assert sketch.quantile({}, 0.5) is None
    assert sketch.quantile(counted([-5.0, 0.0, 3.0]), 0.5) == 0
    assert sketch.quantile(counted([-5.0, 0.0, 3.0]), 0.99) == pytest.approx(3, rel=0.01)
    assert sketch.bucket(1e300) == sketch.bucket(1e12)
    for q in (-0.1, 1.1):
        with pytest.raises(ValueError):
            sketch.quantile({}, q)


def test_buckets_are_bounded() -> None:
    found = {sketch.bucket(10 ** (exponent / 200)) for exponent in range(-4000, 4000)}
    assert len(found) <= 4862
    assert min(found) == sketch.ZERO


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.integers(1, 10), st.randoms())
def test_few_buckets_are_the_same_whatever_the_order(values: list[float], most: int, chance: object) -> None:
    def kept(some: list[float]) -> sketch.Histogram:
        found: sketch.Histogram = {}
        for value in some:
            sketch.collapse(sketch.merge(found, {sketch.bucket(value): 1}), most)
        return found

    shuffled = list(values)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert kept(values) == kept(shuffled)
    assert sketch.total(kept(values)) == len(values)
