"""Exercises that can be worked out, and numbers as people write them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tutoring.exercises import LONGEST, results
from shared.tutoring.numbers import numbers, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Solve 2x + 3 = 11", {4}),
        ("solve 3(x-2)=9 please", {5}),
        ("what's 7*8?", {56}),
        ("x² - 5x + 6 = 0", {2, 3}),
        ("Compute (3+4)^2 - 5", {44}),
        ("12 × 12 = ?", {144}),
        ("What is 3/4 + 1/8", {Fraction(7, 8)}),
        ("Was ist 144 geteilt durch 12?", {12}),
        ("What is 12 plus 30?", {42}),
        ("25 乘以 4 是多少", {100}),
        ("١٥ + ٢٧ كم؟", {42}),
        ("Quanto fa il 15% di 80?", {12}),
        ("Wie viel ist 2,5 · 4?", {10}),
        ("Who became emperor in 1804?", set()),
        ("1,000 + 2,500", {3500, Fraction(7, 2)}),
        ("14 * 6 = 84", set()),
        ("log10(1000)", set()),
        ("Simplify 2x + 3x", set()),
        ("x + y = 3", set()),
        ("What is 1 / 0?", set()),
        ("x² + 1 = 0", set()),
        ("2^99999999", set()),
        ("12345" * 800, set()),
        ("1+" * LONGEST + "1", set()),
        ("(" * 60 + "1" + ")" * 60, set()),
    ],
)
def test_what_can_be_worked_out(text: str, expected: set[Fraction]) -> None:
    assert results(text) == expected


@given(st.text(alphabet="0123456789xy+-*/^()=.,% ²³", max_size=200))
def test_any_text_of_signs_is_taken(text: str) -> None:
    assert all(isinstance(value, Fraction) for value in results(text))


@given(st.integers(-50, 50).filter(bool), st.integers(-99, 99), st.integers(-99, 99))
def test_a_linear_equation_gives_its_root(a: int, b: int, root: int) -> None:
    sign = "+" if b >= 0 else "-"
    assert results(f"Solve {a}x {sign} {abs(b)} = {a * root + b}") == {root}


def test_a_number_is_read_as_every_custom_would() -> None:
    assert values("1.500") == {1500, Fraction(3, 2)}
    assert values("1,234,567.5") == {Fraction("1234567.5")}
    assert values("½ of it") == {Fraction(1, 2)}
    assert values("٣٫٥") == {Fraction(7, 2)}
    assert values("१२") == {12}
    assert values("−4 °C") == {-4}
    assert values("x2 and 2x") == set()
    assert values("17cm, 18€, the 19th") == {17, 18, 19}
    assert values("1. First\n2. Then 40") == {40}
    assert [number.start for number in numbers("a 1 b 22")] == [2, 6]
