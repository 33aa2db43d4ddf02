"""Finds the phrases of `phrases` in a text: the rules beside the models. Pure."""

import re
from functools import cache

from shared.affect import phrases
from shared.patterns import LazyPattern
from shared.safety.folding import fold

_WORDLESS = frozenset(("zh", "ja"))
"""Written without spaces between words: a phrase may stand anywhere."""
_GLUED = frozenset(("ko", "ar", "hi", "ru", "de"))
"""Words grow at their ends or take particles in front: only their beginning is asked for, and in Arabic not even that."""
_GAP = r"[^\w]{1,4}"
_LEFT = 0.3
"""What one phrase leaves of the doubt: one is a clear word (0.7), two are more (0.91)."""

_TABLES = {
    "confusion": phrases.CONFUSION,
    "frustration": phrases.FRUSTRATION,
    "boredom": phrases.BOREDOM,
    "curiosity": phrases.CURIOSITY,
    "thanks": phrases.THANKS,
    "urgent": phrases.URGENT,
}
KINDS = tuple(_TABLES)


def cues(text: str, language: str | None) -> dict[str, float]:
    """Kind -> how clearly the text says so, 0 to 1; only kinds that are there.

    Looked for in the text's language and in English, whose words are used in all; in every language where it is not known.
    """
    folded = fold(text)
    languages = tuple(phrases.CONFUSION) if language not in phrases.CONFUSION else dict.fromkeys((language, "en"))
    found: dict[str, float] = {}
    for kind in KINDS:
        matches = {match.group() for code in languages for match in _pattern(kind, code).finditer(folded)}
        if matches:
            found[kind] = round(1 - _LEFT ** len(matches), 3)
    return found


def any_cue(text: str, language: str) -> bool:
    """Whether `cues` would find anything in a text of that language; several times as quick."""
    return _all(language).search(fold(text)) is not None


@cache  # bounded by the number of languages
def _all(language: str) -> LazyPattern:
    codes = dict.fromkeys((language if language in phrases.CONFUSION else "en", "en"))
    return LazyPattern(
        lambda: "|".join(
            _phrase(part, code) for kind in KINDS for code in codes for part in _TABLES[kind][code].split("|")
        )
    )


@cache
def _pattern(kind: str, language: str) -> LazyPattern:
    return LazyPattern(lambda: "|".join(_phrase(part, language) for part in _TABLES[kind][language].split("|")))


def _phrase(part: str, language: str) -> str:
    whole = not part.endswith("*")
    spelled = _GAP.join(_word(word) for word in part.removesuffix("*").split())
    if language in _WORDLESS:
        return spelled
    start = "" if language == "ar" else r"(?<!\w)"
    end = r"(?!\w)" if whole and language not in _GLUED else ""
    return f"{start}{spelled}{end}"


def _word(word: str) -> str:
    return word if ".{" in word else re.escape(fold(word))
