"""Formulas in x: what they are worth, and that nothing else is read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.animation import expression, notation


@pytest.mark.parametrize(
    ("source", "x", "value"),
    [
        ("x", 3, 3),
        ("2x + 1", 3, 7),
        ("-x^2", 3, -9),
        ("2^3^2", 0, 512),
        ("2^-1", 0, 0.5),
        ("3(x+1)(x-1)", 2, 9),
        ("6/2x", 3, 9),
        ("x**2 − 1", 3, 8),
        ("sin(pi/2) + cos(0)", 0, 2),
        ("ln(e) + log(100)", 0, 3),
        ("sqrt(abs(-x))", 9, 3),
        ("2 sin(x) x", math.pi / 2, math.pi),
        (".5 + 1.25", 0, 1.75),
        ("--x", 2, 2),
    ],
)
def test_what_it_is_worth(source: str, x: float, value: float) -> None:
    assert expression.read(source).at(x) == pytest.approx(value)


@pytest.mark.parametrize(
    ("source", "x"),
    [("1/x", 0), ("sqrt(x)", -1), ("ln(x)", 0), ("x^0.5", -1), ("exp(x)", 10_000), ("x^x", 1e6), ("x", 1e30)],
)
def test_where_it_has_no_value(source: str, x: float) -> None:
    assert expression.read(source).at(x) is None


@pytest.mark.parametrize(
    "source", ["", " ", "x +", "(x", "x)", "sin x", "y", "x..x", "1,5", "x^", "sin()", "x=1", "x'", "é", "x" * 81]
)
def test_what_is_no_formula(source: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        expression.read(source)


@given(st.text(alphabet="x0123456789.+-*/^() sincoqrtexplabg", max_size=80))
def test_reading_ends_with_a_formula_or_a_word_about_it(source: str) -> None:
    try:
        value = expression.read(source).at(1.5)
    except ValueError:
        return
    assert value is None or math.isfinite(value)


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("a^2 + b^2 = c^2", "a² + b² = c²"),
        ("x_1 <= sqrt(pi)", "x₁ ≤ √(π)"),
        ("e^(i*pi) = -1", "e^(i·π) = -1"),
        ("2^(n+1) != 2^-3", "2ⁿ⁺¹ ≠ 2⁻³"),
        ("H_2O -> H^+ + OH^-", "H₂O → H^+ + OH^-"),
        ("sine of alphabet", "sine of alphabet"),
    ],
)
def test_formulas_as_text(plain: str, shown: str) -> None:
    assert notation.shown(plain) == shown
