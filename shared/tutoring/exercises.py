"""Exercises whose result can be worked out: sums, products, percentages, equations in one unknown. Pure, exact, bounded.

    results("Solve 2x + 3 = 11")          == {4}
    results("Quanto fa il 15% di 80?")    == {12}

What a learner writes is found by its look, in any language: digits, signs, one letter. Words for the signs come from `SIGNS`.
"""

import re
from fractions import Fraction
from itertools import islice
from typing import Final

from shared.tutoring.numbers import plain
from shared.tutoring.polynomials import NoValue, Polynomial, solve

MOST: Final = 4
"""Exercises of one text that are worked out."""
LOOKED_AT: Final = 2_000
"""Characters of a text in which exercises are looked for."""
LONGEST: Final = 120
"""Characters of one."""

SIGNS: Final = {
    "+": "plus más mais più плюс プラス 더하기 زائد जोड़ धन 加上 加",
    "-": "minus menos moins meno минус マイナス 빼기 ناقص घटा ऋण 减去 减",
    "*": "times multiplied por fois mal per vezes умножить 掛ける 곱하기 ضرب गुणा 乘以 乘",
    "/": "divided entre divisé geteilt diviso dividido разделить 割る 나누기 قسمة भाग 除以",
}
"""Words between two numbers that mean a sign. What follows one of them (`divided by`, `geteilt durch`) is passed over."""

_WORDS = {word: sign for sign, words in SIGNS.items() for word in words.split()}
_WORDED = re.compile(
    r"(\d)\s*("
    + "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))
    + r")(?:\s*(?:by|durch|par|por|per|на|على|से))?\s*(?=\d)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?<!\d)(\d{1,12}(?:[.,]\d{1,6})?)\s?[%٪％]\D{1,14}?(\d{1,12}(?:[.,]\d{1,6})?)(?!\d)")
_ONE = r"(?:(?<![\d.,])(?<![A-Za-z]{2})\d+(?:[.,]\d{3})*(?:[.,]\d+)?|(?<![^\W\d_])(?<!['\u2019])[a-zA-Zа-яА-Я](?![^\W\d_\u00b2\u00b3])|[()\u00b2\u00b3])"
_SHAPE = re.compile(rf"[-\u2212]?\s?{_ONE}(?:\s?[-+*/^=\u00d7\u00f7\u00b7\u2212]\s?[-\u2212]?{_ONE}|{_ONE})+")
_THOUSANDS = re.compile(r"(?<=\d)[.,](\d{3})(?!\d)")
_RATIO = re.compile(r"(\d)\s?:\s?(?=\d)")
_SPOKEN = str.maketrans({"\u00d7": "*", "\u00f7": "/", "\u00b7": "*", "\u2212": "-"})


def results(text: str) -> set[Fraction]:
    """The results of the exercises in a text; empty where there are none that can be worked out."""
    text = _RATIO.sub(r"\1 / ", plain(text[:LOOKED_AT]))
    if not any(sign.isdigit() for sign in text):
        return set()
    found = {
        Fraction(part.replace(",", ".")) * Fraction(whole.replace(",", ".")) / 100
        for part, whole in islice(_PERCENT.findall(text), MOST)
    }
    worded = _WORDED.sub(lambda match: f"{match[1]} {_WORDS[match[2].lower()]} ", text)
    for match in islice(_SHAPE.finditer(worded), MOST):
        if len(match.group()) <= LONGEST:
            # `1,000 + 2,500` is thousands to some and fractions to others: both results are kept back.
            found |= _worked_out(match.group()) | _worked_out(_THOUSANDS.sub(r"\1", match.group()))
    return found


def _worked_out(text: str) -> set[Fraction]:
    """The roots of an equation, or the value of an expression that has at least one sign between numbers.

    `14 * 6 = 84` is none: whoever writes that has worked it out.
    """
    left, equals, right = text.translate(_SPOKEN).replace(",", ".").partition("=")
    letters = {sign.lower() for sign in text if sign.isalpha()}
    if len(letters) > 1 or (letters and not (equals and right.strip())):
        return set()
    if not letters and right.strip():
        return set()
    if not letters and not re.search(r"[-+*/^\u00b2\u00b3]", left.strip().lstrip("-")):
        return set()
    try:
        whole = Polynomial.read(left)
        if letters:
            return solve(whole - Polynomial.read(right))
        return {whole.constant}
    except NoValue:
        return set()
