"""Grading answers to check questions, by code: choices, numbers with a tolerance, short texts. Pure.

A short text is right when it is one of the accepted ones but for case, accents, marks, articles, and a slip of the pen (one
letter in words of five to nine letters, two in longer ones; digits must be right).
"""

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from shared.patterns import LazyPattern

Kind = Literal["short", "choice", "number"]

_NUMBER = LazyPattern(r"[-+\u2212]?\s*(?:\d[\d\s.,'’٬٫\u00a0\u202f]*\d|\d)(?:\s*/\s*\d+)?(?:[eE][-+]?\d+)?\s*%?")
_FRACTION = LazyPattern(r"([-+]?\d+)/(\d+)")
_GROUPS = LazyPattern(r"[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_AROUND = LazyPattern(r"\s*([-+*/=^<>%])\s*")
_SPACE = LazyPattern(r"[\s'’٬\u00a0\u202f]+")
_ARTICLE_WORDS = """a an the el la los las un una unos unas le les des du der die das ein eine einen dem den il lo gli i uno o os
    as um uma uns umas"""
_ARTICLES = frozenset(_ARTICLE_WORDS.split())
_ALEF = str.maketrans("أإآى", "اااي")


def choice(given: str, options: Sequence[str], right: int) -> bool:
    """Whether `given` is the right option: its letter (a, b, …) or its text."""
    plain = given.strip()
    if len(plain) == 1 and plain.isascii() and plain.isalpha():
        return ord(plain.lower()) - ord("a") == right
    return normal(plain) == normal(options[right]) != ""


def number(given: str, right: float, tolerance: float) -> bool:
    """Whether `given` is within `tolerance` (absolute) of the right number."""
    found = read_number(given)
    return found is not None and abs(found - right) <= tolerance + 1e-9 * max(1.0, abs(right))


def read_number(text: str) -> float | None:
    """The one number in a text: with a point or comma, grouped digits, a fraction, a percent sign (3 % is 3), any digits."""
    found = _NUMBER.compiled.findall(unicodedata.normalize("NFKC", text))
    if len(found) != 1:
        return None
    plain = "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in found[0])
    plain = _SPACE.sub("", plain.rstrip("% ")).replace("\u2212", "-").replace("٫", ".")
    if (parts := _FRACTION.fullmatch(plain)) is not None:
        return float(Fraction(int(parts[1]), int(parts[2]))) if int(parts[2]) else None
    point, comma = plain.rfind("."), plain.rfind(",")
    if point >= 0 and comma >= 0:
        plain = plain.replace("," if comma < point else ".", "").replace(",", ".")
    elif plain.count(",") > 1 or plain.count(".") > 1:
        plain = plain.replace(",", "").replace(".", "") if _GROUPS.fullmatch(plain) else ""
    else:
        plain = plain.replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return None


def short(given: str, accepted: Sequence[str]) -> bool:
    """Whether `given` is one of the accepted texts, see above."""
    said = normal(given)
    return bool(said) and any(_close(said, normal(one)) for one in accepted)


def normal(text: str) -> str:
    """A text without case, accents of Latin letters, short vowels, marks and articles."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_ALEF)
    kept = []
    for letter in plain:
        kind = unicodedata.category(letter)
        if kind == "Mn" and not "\u0900" <= letter <= "\u0dff" and letter not in "\u3099\u309a":
            continue  # an accent; in Devanagari such a sign is a vowel, in Japanese another consonant
        kept.append(letter if kind[0] in "LMN" or letter in "+-*/=^<>%" else " ")
    found = unicodedata.normalize("NFC", "".join(kept)).split()
    bare = [word[2:] if word.startswith("ال") and len(word) > 4 else word for word in found]
    return _AROUND.sub(r"\1", " ".join([word for word in bare if word not in _ARTICLES] or bare))


def _close(said: str, right: str) -> bool:
    if said == right:
        return True
    letters = len(right)
    slips = 2 if letters >= 10 else 1 if letters >= 5 else 0
    if not slips or _digits(said) != _digits(right) or abs(len(said) - letters) > slips:
        return False
    return _distance(said, right) <= slips


def _digits(text: str) -> list[str]:
    return re.findall(r"[\d+*/=^<>%-]", text)


def _distance(first: str, second: str) -> int:
    """Edits between two texts: a letter more, less, another, or two neighbours changed round (Damerau 1964)."""
    before: list[int] = []
    last = list(range(len(second) + 1))
    for row, letter in enumerate(first, 1):
        line = [row]
        for column, other in enumerate(second, 1):
            best = min(line[-1] + 1, last[column] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == second[column - 2] and first[row - 2] == other:
                best = min(best, before[column - 2] + 1)
            line.append(best)
        before, last = last, line
    return last[-1]
