"""Whole billionths: the same in any order, nothing lost by taking out, as floats what plain sums give."""

import random
from fractions import Fraction
from statistics import variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.experiments import exact
from shared.experiments.moments import Moments
from tests.experiments.summed import of_units

numbers = st.floats(-1e12, 1e12)
units = st.tuples(numbers, numbers, numbers, numbers)


def counted(many: list[tuple[float, float, float, float]]) -> exact.Sums:
    sums = exact.nothing()
    for unit in many:
        exact.count(sums, tuple(map(exact.whole, unit)))  # type: ignore[arg-type]
    return sums


@given(st.lists(units, max_size=8), st.lists(units, max_size=8))
def test_sums_are_exact_in_any_order_and_through_json(one: list, other: list) -> None:  # type: ignore[type-arg]
    both = counted(one + other)
    assert both == counted([*reversed(other), *reversed(one)]) == exact.added([counted(one), counted(other)])
    for unit in other:
        exact.count(both, tuple(map(exact.whole, unit)), -1)  # type: ignore[arg-type]
    assert both == counted(one)
    assert exact.unpacked(exact.packed(both)) == both


@given(st.lists(units, min_size=1, max_size=8))
def test_as_floats_they_are_the_exact_sums_rounded_once(many: list) -> None:  # type: ignore[type-arg]
    found = exact.moments(counted(many))
    whole = [[Fraction(exact.whole(x), exact.SCALE) for x in unit] for unit in many]
    assert found.sums == tuple(float(sum(column)) for column in zip(*whole, strict=True))
    plain = of_units(many)
    assert found.n == plain.n
    assert found.products[0] == pytest.approx(plain.products[0], rel=1e-9, abs=1e-3)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1.0000001e12])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError):
        exact.whole(value)


def test_nano_usd_are_exact() -> None:
    assert all(exact.whole(nano / 1e9) == nano for nano in (*range(1000), 123_456_789_012_345, 2**52))


@pytest.mark.parametrize("mean", [0, 1_000, 1_000_000, 1_700_000_000])
def test_a_variance_is_right_however_far_from_zero_the_values_are(mean: int) -> None:
    chance = random.Random(1)
    parts = [[(mean + chance.gauss(0, 1), 1.0, chance.gauss(mean, 3), 1.0) for _ in range(500)] for _ in range(3)]
    found = sum((exact.moments(counted(part)) for part in parts), Moments())
    own, before = (
        [Fraction(exact.whole(unit[place]), exact.SCALE) for part in parts for unit in part] for place in (0, 2)
    )
    for place, values in ((0, own), (2, before)):
        assert found.variance(place) == pytest.approx(float(variance(values)), rel=1e-9)
    means = sum(own) / len(own), sum(before) / len(before)
    together = sum((a - means[0]) * (b - means[1]) for a, b in zip(own, before, strict=True)) / (len(own) - 1)
    assert found.covariance(2, 0) == pytest.approx(float(together), rel=1e-6)
