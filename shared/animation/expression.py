r"""A formula in x: read by our own grammar and worked out by us. It never becomes code.

sum     := product (("+" | "-") product)*
product := signed (("*" | "/")? signed)*          a missing sign between factors is a product: 2x, 3(x+1)
signed  := ("-" | "+") signed | power
power   := atom ("^" signed)?                     2^3^2 is 2^(3^2), -x^2 is -(x^2)
atom    := number | "x" | "pi" | "e" | function "(" sum ")" | "(" sum ")"
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 80
DEEPEST = 16
_LARGEST = 1e9
_TOKEN = re.compile(r"\s*(?:(?P<number>\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})|(?P<word>[a-z]+)|(?P<sign>[-+*/^()]))")
_CONSTANTS = {"pi": math.pi, "e": math.e}
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "ln": math.log,
    "log": math.log10,
    "sqrt": math.sqrt,
    "abs": abs,
}
_Node = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula that was understood."""

    source: str
    _value: _Node

    def at(self, x: float) -> float | None:
        """Its value there; None where it has none, or none that could be drawn."""
        try:
            value = self._value(x)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return value if abs(value) < _LARGEST else None  # false for NaN too


def read(source: str) -> Expression:
    """Understand a formula. Raises ValueError that says what is wrong with it."""
    if len(source) > LONGEST:
        raise ValueError(f"a formula has at most {LONGEST} characters")
    reader = _Reader(_tokens(source.replace("**", "^").replace("−", "-").replace("·", "*")))
    node = reader.sum(0)
    if reader.next is not None:
        raise ValueError(f"{reader.next!r} does not fit into the formula")
    return Expression(source, node)


def _tokens(source: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(source.rstrip()):
        match = _TOKEN.match(source, at)
        if match is None:
            raise ValueError(f"{source[at:].strip()[:1]!r} does not belong into a formula in x")
        found.append(match["number"] or match["word"] or match["sign"])
        at = match.end()
    if not found:
        raise ValueError("an empty formula")
    return found


class _Reader:
    """Recursive descent over the tokens; every level counts towards DEEPEST."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def next(self) -> str | None:
        """The token that is looked at."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def sum(self, depth: int) -> _Node:
        left = self.product(depth)
        while self.next in ("+", "-"):
            left = _joined(self._take(), left, self.product(depth))
        return left

    def product(self, depth: int) -> _Node:
        left = self.signed(depth)
        while (token := self.next) is not None and token not in ("+", "-", ")", "^"):
            sign = self._take() if token in ("*", "/") else "*"
            left = _joined(sign, left, self.signed(depth))
        return left

    def signed(self, depth: int) -> _Node:
        if depth > DEEPEST:
            raise ValueError("the formula is nested too deeply")
        if self.next in ("-", "+"):
            minus, value = self._take() == "-", self.signed(depth + 1)
            return (lambda x: -value(x)) if minus else value
        base = self._atom(depth)
        if self.next == "^":
            self._take()
            return _joined("^", base, self.signed(depth + 1))
        return base

    def _atom(self, depth: int) -> _Node:
        token = self._take()
        if token == "(":
            return self._closed(depth)
        if token in _FUNCTIONS:
            if self._take() != "(":
                raise ValueError(f"{token} needs its argument in brackets")
            function, argument = _FUNCTIONS[token], self._closed(depth)
            return lambda x: function(argument(x))
        if token == "x":
            return lambda x: x
        if token in _CONSTANTS or token[0].isdigit() or token[0] == ".":
            value = _CONSTANTS[token] if token in _CONSTANTS else float(token)
            return lambda _: value
        raise ValueError(f"{token!r} is no part of a formula in x ({', '.join(_FUNCTIONS)}, pi, e)")

    def _closed(self, depth: int) -> _Node:
        inner = self.sum(depth + 1)
        if self.next != ")":
            raise ValueError("a bracket is not closed")
        self._take()
        return inner

    def _take(self) -> str:
        token = self.next
        if token is None:
            raise ValueError("the formula ends too early")
        self._at += 1
        return token


def _joined(sign: str, left: _Node, right: _Node) -> _Node:
    if sign == "+":
        return lambda x: left(x) + right(x)
    if sign == "-":
        return lambda x: left(x) - right(x)
    if sign == "*":
        return lambda x: left(x) * right(x)
    if sign == "/":
        return lambda x: left(x) / right(x)
    return lambda x: math.pow(left(x), right(x))
