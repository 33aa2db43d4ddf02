"""Whether a message carries anything about the person who wrote it: if so, its answer is never shared between learners.

First rules of a seam that gets a trained classifier later. Conservative: a false True costs a cache hit, a false False could
show one learner's life to another. So any "I", any masked kind (`shared.safety.masking`) and any doubt is True. What rules
cannot see: somebody else's name, a fact stated without a pronoun and without a verb form of the first person.
"""

import re

from shared.language.detect import guess
from shared.patterns import LazyPattern
from shared.safety.first_person import (
    ARABIC,
    CHINESE,
    ELIDED,
    ELSEWHERE,
    HINDI,
    JAPANESE,
    KOREAN_ALONE,
    KOREAN_ANYWHERE,
    WORDS,
)
from shared.safety.folding import fold
from shared.safety.masking import carries

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ITALIAN_SONO = LazyPattern(r"(?:^|[.!?,;:]\s*|\bnon\s+)sono\b")
_US_PRONOUN = LazyPattern(r"\b[uU]s\b")  # "US history" speaks of no one
_AGE = LazyPattern(
    r"\b\d{1,2}[\s-]?(?:years?[\s-]old|yo\b|yrs?\b|anos\b|ans\b|jahre alt|anni\b|лет\b|岁|歳|才|살|साल)|(?:عمر|सال की उम्र)"
)
"""An age is often all a message says about its writer: "15 years old, dyslexic, please help"."""


def _spaced(words: str) -> str:
    """Alternation of whole words; the script's own combining marks belong to the word."""
    alternatives = "|".join(sorted((re.escape(fold(word)) for word in words.split()), key=len, reverse=True))
    return rf"(?<![\w\u0900-\u097f])(?:{alternatives})(?![\w\u0900-\u097f])"


def _anywhere(words: str) -> str:
    return "|".join(re.escape(fold(word)) for word in words.split())


_HANGUL = "\uac00-\ud7a3"
_OTHER_SCRIPTS = LazyPattern(
    lambda: "|".join(
        (
            _anywhere(CHINESE),
            _anywhere(JAPANESE),
            rf"(?<![{_HANGUL}])(?:{_anywhere(KOREAN_ANYWHERE)})",
            rf"(?<![{_HANGUL}])(?:{_anywhere(KOREAN_ALONE)})(?![{_HANGUL}])",
            _spaced(" ".join(prefix + word for word in ARABIC.split() for prefix in ("", "و", "ف", "ل", "ب"))),
            _spaced(HINDI),
        )
    )
)
_HAS_OTHER_SCRIPT = re.compile("[\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def is_personal(text: str) -> bool:
    """Whether `text` says anything about its writer: contact data, keys, an age, or the first person in twelve languages."""
    folded = fold(text)
    return (
        _speaks_of_itself(folded, text)
        or (_HAS_OTHER_SCRIPT.search(folded) is not None and _OTHER_SCRIPTS.search(folded) is not None)
        or _AGE.search(folded) is not None
        or carries(text)
    )


def _speaks_of_itself(folded: str, text: str) -> bool:
    """First person in Latin or Cyrillic script."""
    words = {part for word in _WORD.findall(folded) for part in _parts(word)}
    found = words & WORDS
    if "i" in words:
        found |= {"i"}
    if "us" in found and _US_PRONOUN.search(text) is None:
        found -= {"us"}
    certain = found - ELSEWHERE.keys()
    if certain or (words & ELIDED and "'" in folded):
        return True
    if found:
        language = guess(text)
        if any(language not in ELSEWHERE[word] for word in found):
            return True
    return "sono" in words and _ITALIAN_SONO.search(folded) is not None


def _parts(word: str) -> tuple[str, ...]:
    """The word, and for one with an apostrophe what stands before it (`i'm`: i; `j'ai`: j)."""
    head, apostrophe, _ = word.partition("'")
    return (word, head) if apostrophe else (word,)
