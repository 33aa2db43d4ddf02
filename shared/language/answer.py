"""Whether an answer is written in the language it should be in: cheap, and silent where it could be wrong. Pure."""

import re

from shared.language.detect import LATIN, latin_scores
from shared.language.prose import is_code, prose

_LOOKED_AT = 1_500  # characters; an answer that begins in the wrong language stays in it
_LETTERS = 40  # fewer letters of an alphabet decide nothing, nor
_SIGNS = 15  # fewer signs of a script whose signs are syllables or words
_MOST, _HARDLY = 0.5, 0.15  # share of the letters from which a script is the text's, and below which it is not
_CERTAIN = 8.0  # points of function words that a sentence or two have
_CLEAR = 3.0  # how many times the expected language's points another one must have
_CONFIRMED = 4.0

_SCRIPTS = {
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0620-\u064a\u066e-\u06d3]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
    "hangul": re.compile("[\uac00-\ud7a3]"),
    "kana": re.compile("[\u3041-\u30ff]"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "latin": re.compile("[a-zA-Z\u00c0-\u024f]"),
}
_WRITTEN_IN = {
    "ru": ("cyrillic",),
    "ar": ("arabic",),
    "hi": ("devanagari",),
    "ko": ("hangul",),
    "zh": ("kana", "han"),  # `_by_kana` tells the two apart
    "ja": ("kana", "han"),
}
_KANA_OF_JAPANESE = 0.1
"""Share of kana among a Japanese text's signs: less of it in forty signs is Chinese."""


def matches(text: str, expected: str) -> bool | None:
    """Whether `text` is in the language `expected` (one of the twelve).

    None where it cannot be told: short, mixed, a text about another language, code, formulas. What is quoted, emphasised or
    marked as code is passed over. False only when another script or another language's function words carry the text.
    """
    words = prose(text[:_LOOKED_AT], quotations=False)
    counts = {name: len(signs.findall(words)) for name, signs in _SCRIPTS.items()}
    total = sum(counts.values())
    scripts = _WRITTEN_IN.get(expected, ("latin",))
    own = sum(counts[script] for script in scripts)
    if total < (_LETTERS if max(counts["latin"], counts["cyrillic"], counts["arabic"]) * 2 > total else _SIGNS):
        return None
    if own < _HARDLY * total:
        return None if is_code(words) else False
    if own < _MOST * total:
        return None
    if expected in LATIN:
        return _by_words(words, expected)
    return _by_kana(counts, expected) if "han" in scripts else True


def _by_words(words: str, expected: str) -> bool | None:
    *scores, rival = latin_scores(words)
    own = scores[LATIN.index(expected)]
    other = max(rival, *(score for code, score in zip(LATIN, scores, strict=True) if code != expected))
    if own >= _CONFIRMED and own >= other:
        return True
    return False if other >= _CERTAIN and other >= _CLEAR * own and not is_code(words) else None


def _by_kana(counts: dict[str, int], expected: str) -> bool | None:
    signs = counts["kana"] + counts["han"]
    japanese = counts["kana"] >= _KANA_OF_JAPANESE * signs
    if japanese is (expected == "ja"):
        return True
    return False if signs >= _LETTERS else None
