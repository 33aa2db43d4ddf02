"""Grading answers to check questions, by code: choices, numbers with a tolerance, short texts. Pure.

A short text is right when it is one of the accepted ones but for case, accents, marks, articles, and one slip of the pen in a
long word. Opposites are often a letter or two apart (symmetric and asymmetric, hypotonic and hypertonic, nitrite and nitrate),
so a slip is a letter more or less or two changed round in a word of eight letters, another letter only in one of twelve; never
among the first four, where prefixes stand, and never one that makes another known ending (-ite and -ate, -ane and -ene).
Where one sign is a syllable or a word there are no slips. A number may be written in more than one way, and some ways can be
read in two: it is right if one reading is.
"""

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from typing import Literal

from shared.patterns import LazyPattern

Kind = Literal["short", "choice", "number"]

_NUMBER = LazyPattern(
    r"(?P<sign>[-+]\s*)?"
    r"(?:(?:(?P<whole>\d+)\s+)?(?P<over>\d+)\s*/\s*(?P<under>\d+)"
    r"|(?P<plain>\d{1,3}(?:[\s'’٬]\d{3})+(?!\d)(?:[.,٫]\d+)?|\d[\d.,٫٬]*\d|\d|(?<!\w)[.٫]\d+)(?P<power>[eE][-+]?\d+)?)"
    r"\s*(?P<percent>%?)"
)
_TEN_TO = LazyPattern(r"(?<=\d)\s*[x×*·]\s*10\s*\^\s*([-+]?\d+)")
_VULGAR = LazyPattern("[¼½¾⅐-⅞]")
_RAISED = LazyPattern("[⁺⁻]?[⁰¹²³⁴-⁹]+")
_GROUPS = LazyPattern(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*|[1-9]\d?(?:,\d{2})+,\d{3}")
_SPACE = LazyPattern(r"[\s'’٬]+")
_AROUND = LazyPattern(r"\s*([-+*/=^<>%])\s*")
_ARTICLE_WORDS = """a an the el la los las un una unos unas le les des du der die das ein eine einen dem den il lo gli i uno o os
    as um uma uns umas"""
_ARTICLES = frozenset(_ARTICLE_WORDS.split())
_SYLLABIC = LazyPattern("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_LONG, _VERY_LONG, _PREFIX = 8, 12, 4
_ENDING = LazyPattern("(it|at|id|an|en|yn|in|os|as|ol|al)(?:[aeio]?s?)$")
"""Endings that tell one substance, or one enzyme and its sugar, from another, in the languages that write them in Latin letters."""
_ALEF = str.maketrans("أإآى", "اااي")


def option(given: str, options: Sequence[str]) -> int | None:
    """The place of the option that is meant: by its text, and where no option has that text by its letter (a, b, …)."""
    plain = given.strip()
    for same in (str.strip, str.casefold, normal):
        wanted = same(plain)
        for place, text in enumerate(options):
            if wanted and same(text.strip()) == wanted:
                return place
    letter = normal(plain)
    place = ord(letter) - ord("a") if len(letter) == 1 else -1
    return place if 0 <= place < min(len(options), 26) else None


def choice(given: str, options: Sequence[str], right: int) -> bool:
    """Whether `given` is the right option: its text or its letter."""
    return option(given, options) == right


def number(given: str, right: float, tolerance: float, *, percent: bool = False) -> bool:
    """Whether a reading of `given` is within `tolerance` (absolute) of the right number; of its hundredth where it is a `percent`."""
    scales = (1.0, 0.01) if percent else (1.0,)
    return isfinite(right) and any(
        abs(found - right * scale) <= (tolerance + 1e-9 * max(1.0, abs(right))) * scale
        for found in readings(given)
        for scale in scales
    )


def read_number(text: str) -> float | None:
    """The one number in a text, in the reading that is likelier for a text of a model's: 1,234 in groups, 1.234 with a point."""
    found = readings(text)
    return found[0] if found else None


def readings(text: str) -> list[float]:
    """What the one number in a text can be, the likelier first; nothing where there is none, or more than one, or it is too large.

    With a point or comma, grouped digits, a fraction (1 1/2), a power of ten, any digits; 1,234 and 1.234 are groups or not,
    50 % is 50 or 0.5.
    """
    apart = _RAISED.sub(lambda raised: f"^{raised[0]}", _VULGAR.sub(lambda part: f" {part[0]}", text))
    plain = unicodedata.normalize("NFKC", apart).replace("\u2044", "/").replace("\u2212", "-").replace("٪", "%")
    plain = "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in plain)
    found = list(_NUMBER.finditer(_TEN_TO.sub(lambda power: f"e{power[1]}", plain)))
    if len(found) != 1:
        return []
    sign = -1.0 if (found[0]["sign"] or "").startswith("-") else 1.0
    values = [sign * value for value in _values(found[0])]
    if found[0]["percent"]:
        values += [value / 100 for value in values]
    return [value for value in values if isfinite(value)]


def _values(found: re.Match[str]) -> list[float]:
    if found["under"] is not None:
        whole, over, under = int(found["whole"] or 0), int(found["over"]), int(found["under"])
        if not under or (found["whole"] is not None and over >= under):
            return []
        try:
            return [float(whole + Fraction(over, under))]
        except OverflowError:
            return []
    return [float(digits + (found["power"] or "")) for digits in _digits_of(found["plain"])]


def _digits_of(text: str) -> list[str]:
    """A number's digits with a point, in each reading."""
    plain = _SPACE.sub("", text).replace("٫", ".")
    point, comma = plain.rfind("."), plain.rfind(",")
    if point >= 0 and comma >= 0:
        plain = plain.replace("," if comma < point else ".", "").replace(",", ".")
        return [plain] if plain.count(".") == 1 else []
    grouped = [re.sub("[.,]", "", plain)] if _GROUPS.fullmatch(plain) else []
    if plain.count(",") + plain.count(".") > 1:
        return grouped
    single = [plain.replace(",", ".")]
    return single + grouped if point >= 0 else grouped + [one for one in single if one not in grouped]


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
    if _digits(said) != _digits(right) or _SYLLABIC.search(right):
        return False
    if len(right) >= _LONG and said.replace(" ", "") == right.replace(" ", ""):
        return True  # one word or two
    ours, theirs = said.split(), right.split()
    if len(ours) != len(theirs):
        return False
    wrong = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    return len(wrong) == 1 and _slip(*wrong[0])


def _slip(said: str, right: str) -> bool:
    """Whether a word is another one with a slip of the pen, see above."""
    least = _VERY_LONG if len(said) == len(right) and sorted(said) != sorted(right) else _LONG
    if min(len(said), len(right)) < least or said[:_PREFIX] != right[:_PREFIX] or abs(len(said) - len(right)) > 1:
        return False
    ends = _ENDING.search(said), _ENDING.search(right)
    if ends[0] and ends[1] and ends[0][1] != ends[1][1]:
        return False
    return _distance(said, right) <= 1


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
