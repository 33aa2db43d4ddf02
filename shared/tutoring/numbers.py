"""Numbers in a text, as the values they may stand for. Pure; any script's digits, both customs of decimal signs."""

import re
from fractions import Fraction
from typing import NamedTuple

_LONGEST = 15  # digits of a number that is looked at: longer ones are codes, not results

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.,/])[-\u2212]?\d+(?:[.,\u066b\u066c\u202f\u00a0'\u2019]\d+)*(?:\s?/\s?\d+)?(?![0-9_/]|[A-Za-z](?![A-Za-z]))|[½⅓⅔¼¾⅕⅛]"
)
_ITEM = re.compile(r"^[ \t]*(\d)[.)][ \t]+\S", re.MULTILINE)
_SEPARATORS = re.compile(r"[.,\u066b\u066c\u202f\u00a0'\u2019]")
_SIGNS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}
_TO_ASCII = {zero + digit: str(digit) for zero in (0x660, 0x6F0, 0x966, 0xFF10) for digit in range(10)}


class Number(NamedTuple):
    """Where a number stands, and what it may mean: `1.500` is one and a half to some and fifteen hundred to others."""

    start: int
    end: int
    values: frozenset[Fraction]


def plain(text: str) -> str:
    """The text with Arabic, Devanagari and full-width digits as ASCII ones; as long as before."""
    return text if text.isascii() else text.translate(_TO_ASCII)


def numbers(text: str) -> list[Number]:
    """All numbers of a text, in order. A number behind letters or before a single one (`x2`, `2x`) and that of a list's item (`1. First`) is none."""
    text = plain(text)
    items = {found.start(1) for found in _ITEM.finditer(text)}
    return [
        Number(found.start(), found.end(), _values(found.group()))
        for found in _NUMBER.finditer(text)
        if found.start() not in items
    ]


def values(text: str) -> set[Fraction]:
    """All that the numbers of a text may mean."""
    return {value for number in numbers(text) for value in number.values}


def _values(token: str) -> frozenset[Fraction]:
    if token in _SIGNS:
        return frozenset((Fraction(*_SIGNS[token]),))
    sign = -1 if token[0] in "-\u2212" else 1
    whole, _, below = token.lstrip("-\u2212").partition("/")
    meant = {value * sign for value in _readings(whole.strip())}
    if below and int(below) and len(below) <= _LONGEST:
        meant = {value / int(below) for value in meant} | meant
    return frozenset(meant)


def _readings(token: str) -> set[Fraction]:
    groups = _SEPARATORS.split(token)
    if sum(map(len, groups)) > _LONGEST:
        return set()
    found: set[Fraction] = set()
    if len(groups) == 1 or (all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3):
        found.add(Fraction("".join(groups)))
    if len(groups) > 1:
        found.add(Fraction(f"{''.join(groups[:-1])}.{groups[-1]}"))
    return found
