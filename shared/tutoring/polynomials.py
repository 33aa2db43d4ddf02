"""Polynomials in one unknown with exact coefficients, read from what people type. Pure and bounded."""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Final

DEGREE: Final = 4
"""The highest power that is kept: more is no exercise that this can work out."""
_SIZE: Final = 10**15
_DEPTH: Final = 12

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([^\W\d_])|([-+*/^()])|([\u00b2\u00b3]))")


class NoValue(Exception):
    """The text is no expression, or one beyond the bounds."""


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Coefficients from the constant upwards."""

    of: tuple[Fraction, ...]

    @classmethod
    def read(cls, text: str) -> "Polynomial":
        """An expression with + - * / ^ brackets, and products without a sign (`2x`, `3(x - 1)`). Raises NoValue."""
        return _Reader(text).whole()

    @property
    def constant(self) -> Fraction:
        """The value of one without an unknown. Raises NoValue for any other."""
        if len(self.of) > 1:
            raise NoValue
        return self.of[0]

    def __add__(self, other: "Polynomial") -> "Polynomial":
        size = max(len(self.of), len(other.of))
        return _made([_at(self, place) + _at(other, place) for place in range(size)])

    def __sub__(self, other: "Polynomial") -> "Polynomial":
        return self + _made([-value for value in other.of])

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        product = [Fraction(0)] * (len(self.of) + len(other.of) - 1)
        for place, value in enumerate(self.of):
            for beside, factor in enumerate(other.of):
                product[place + beside] += value * factor
        return _made(product)

    def over(self, other: "Polynomial") -> "Polynomial":
        """Divided by a number. Raises NoValue for an unknown or zero below the line."""
        below = other.constant
        if not below:
            raise NoValue
        return _made([value / below for value in self.of])

    def power(self, exponent: "Polynomial") -> "Polynomial":
        """To a small whole power. Raises NoValue for any other."""
        times = exponent.constant
        if times.denominator != 1 or not 0 <= times <= 8:
            raise NoValue
        result = _made([Fraction(1)])
        for _ in range(int(times)):
            result = result * self
        return result


def solve(polynomial: Polynomial) -> set[Fraction]:
    """The rational roots of one of the first or second degree; empty for any other."""
    if len(polynomial.of) == 2:
        below, above = polynomial.of
        return {-below / above}
    if len(polynomial.of) != 3:
        return set()
    c, b, a = polynomial.of
    inside = b * b - 4 * a * c
    if inside < 0:
        return set()
    root = Fraction(isqrt(inside.numerator), isqrt(inside.denominator))
    if root * root != inside:
        return set()
    return {(-b + root) / (2 * a), (-b - root) / (2 * a)}


def _at(polynomial: Polynomial, place: int) -> Fraction:
    return polynomial.of[place] if place < len(polynomial.of) else Fraction(0)


def _made(values: list[Fraction]) -> Polynomial:
    while len(values) > 1 and not values[-1]:
        values.pop()
    if len(values) > DEGREE + 1 or any(abs(value) > _SIZE or value.denominator > _SIZE for value in values):
        raise NoValue
    return Polynomial(tuple(values))


class _Reader:
    """Reads one expression: sums of products of powers."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        self._kinds: list[int] = []
        self._depth = 0
        self._next = 0
        place, text = 0, text.strip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None or found.lastindex is None:
                raise NoValue
            self._tokens.append(found.group(found.lastindex))
            self._kinds.append(found.lastindex)
            place = found.end()

    def whole(self) -> Polynomial:
        """All of it."""
        value = self._sum()
        if self._next != len(self._tokens):
            raise NoValue
        return value

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> tuple[str, int]:
        if self._next >= len(self._tokens):
            raise NoValue
        self._next += 1
        return self._tokens[self._next - 1], self._kinds[self._next - 1]

    def _sum(self) -> Polynomial:
        value = self._product()
        while self._peek() in ("+", "-") and self._peek():
            sign, _ = self._take()
            value = value + self._product() if sign == "+" else value - self._product()
        return value

    def _product(self) -> Polynomial:
        value = self._power()
        while (sign := self._peek()) and (sign in "*/(" or self._kinds[self._next] in (1, 2)):
            if sign in "*/":
                self._take()
            value = value.over(self._power()) if sign == "/" else value * self._power()
        return value

    def _power(self) -> Polynomial:
        if self._peek() == "-":
            self._take()
            return _made([Fraction(0)]) - self._power()
        value = self._one()
        while (sign := self._peek()) and sign in "^\u00b2\u00b3":
            self._take()
            times = self._one() if sign == "^" else _made([Fraction(2 if sign == "\u00b2" else 3)])
            value = value.power(times)
        return value

    def _one(self) -> Polynomial:
        token, kind = self._take()
        if kind == 1:
            return _made([Fraction(token)])
        if kind == 2:
            return _made([Fraction(0), Fraction(1)])
        if token != "(" or self._depth >= _DEPTH:
            raise NoValue
        self._depth += 1
        value = self._sum()
        self._depth -= 1
        if self._take()[0] != ")":
            raise NoValue
        return value
