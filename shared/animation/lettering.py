"""How wide a text is before anybody has set it, and where it breaks into lines. An estimate, the same everywhere. Pure."""

import unicodedata
from functools import lru_cache

from shared.animation.values import HALF_WIDTH

LINE = 1.3
"""From one line to the next, in heights of letters."""
_NARROW = frozenset("iIjl.,:;!'|()[]{} ")
_WIDE = frozenset("mwMW@%—")


@lru_cache(maxsize=4096)  # a text is measured anew with each shape that is moved
def width(text: str, size: float) -> float:
    """Units of the frame that one line takes at letters of that size."""
    return size * sum(_share(character) for character in text)


def lines(text: str, size: float, most: float = 2 * HALF_WIDTH - 1) -> list[str]:
    """The text in lines no wider than `most`: broken between words, and within a word that is too wide alone."""
    found = [""]
    for word in _pieces(text, size, most):
        joined = found[-1] + word
        if found[-1] and width(joined.rstrip(), size) > most:
            found.append(word.lstrip())
        else:
            found[-1] = joined
    return [line.strip() for line in found if line.strip()]


def _pieces(text: str, size: float, most: float) -> list[str]:
    """Words with the space before them; characters where a script has no spaces or a word does not fit a line."""
    found: list[str] = []
    for index, word in enumerate(text.split(" ")):
        spaced = word if index == 0 else " " + word
        if width(word, size) <= most and not any(_is_wide(character) for character in word):
            found.append(spaced)
        else:
            found.extend(_clusters(spaced))
    return found


def _clusters(word: str) -> list[str]:
    # A mark stays with the letter it stands on.
    found: list[str] = []
    for character in word:
        if found and (
            unicodedata.combining(character) or unicodedata.category(character)[0] in "MC" or found[-1] == " "
        ):
            found[-1] += character
        else:
            found.append(character)
    return found


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


@lru_cache(maxsize=4096)
def _share(character: str) -> float:
    if _is_wide(character):
        return 1.0
    if unicodedata.category(character)[0] in "MC":
        return 0.0
    if character in _NARROW:
        return 0.33
    return 0.9 if character in _WIDE else 0.68 if character.isupper() else 0.58
