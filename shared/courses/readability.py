"""How easy a text reads, by the formula made for its language. Pure.

    en  Flesch 1948: 206.835 - 1.015 W - 84.6 S        es  Szigriszt-Pazos 1993 (INFLESZ): 206.835 - W - 62.3 S
    de  Amstad 1978: 180 - W - 58.5 S                  fr  Kandel and Moles 1958: 207 - 1.015 W - 73.6 S
    pt  Martins et al. 1996: 248.835 - 1.015 W - 84.6 S
    it  Gulpease, Lucisano and Piemontese 1988: 89 + (300 sentences - 10 letters) / words
    ru  Oborneva 2005: 206.835 - 1.3 W - 60.1 S        (W: words a sentence, S: syllables a word; higher is easier)
    ar hi  LIX, Bjornsson 1968: W + 100 * words of more than six letters / words (lower is easier; needs no syllables)
    zh ja ko  characters a sentence: no formula of that family is defined for them (lower is easier)

`ease` puts them on one scale from 0 (hard) to 1 (easy): value / 100 for the Flesch family and Gulpease, and straight lines
between the ends in `_LINES` for the others, which are the product's own choice.
"""

from dataclasses import dataclass
from functools import lru_cache

from shared.courses.words import UNSPACED, sentences, words
from shared.patterns import LazyPattern

_FLESCH: dict[str, tuple[str, float, float, float]] = {
    "en": ("flesch", 206.835, 1.015, 84.6),
    "de": ("amstad", 180.0, 1.0, 58.5),
    "es": ("szigriszt-pazos", 206.835, 1.0, 62.3),
    "fr": ("kandel-moles", 207.0, 1.015, 73.6),
    "pt": ("martins", 248.835, 1.015, 84.6),
    "ru": ("oborneva", 206.835, 1.3, 60.1),
}
_LINES: dict[str, tuple[float, float]] = {
    "ar": (20.0, 70.0),
    "hi": (20.0, 70.0),
    "zh": (10.0, 70.0),
    "ja": (15.0, 90.0),
    "ko": (12.0, 80.0),
}
"""Where a text is as easy, and as hard, as it gets."""
_LONG = 6

_GROUP = LazyPattern("[aeiouyà-æè-ïò-öø-üýÿāœ]+")
_HIATUS = LazyPattern("[aeoáéóàèòâêôãõ](?=[aeoáéóàèòâêôãõ])|[íúìù](?=[aeo])|[aeo](?=[íúìù])")
_ENGLISH_SILENT = LazyPattern("(?:[^laeiouy]e|[aeiouy]le|[^aeiouydt]ed|[^aeiouycgsxzlh]es)$")
_ENGLISH_APART = LazyPattern("(?<![ctsgx])i(?:a|o|um|us)|(?<![qg])ua|[^aeiouy]eo|ying|sm$")
_FRENCH_SILENT = LazyPattern("[^aeiouyéèêà](?:e|es|ent)$")
_RUSSIAN = LazyPattern("[аеёиоуыэюя]")
_LETTER = LazyPattern(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Readability:
    """`value` on the scale of `formula`; `ease` from 0 to 1. `per_sentence`: words, or characters in zh, ja and ko."""

    formula: str
    value: float
    ease: float
    per_sentence: float
    sentences: int
    words: int

    @property
    def band(self) -> str:
        """`easy`, `standard`, `hard` or `very_hard`: quarters of Flesch's own table (70, 50 and 30)."""
        return (
            "easy"
            if self.ease >= 0.7
            else "standard"
            if self.ease >= 0.5
            else "hard"
            if self.ease >= 0.3
            else "very_hard"
        )


def readability(text: str, language: str) -> Readability | None:
    """How easy `text` reads; None where it has no words. A language that is none of the twelve is measured by LIX."""
    found, parts = words(text), sentences(text)
    if not found or not parts:
        return None
    if language in UNSPACED or language == "ko":
        return _by_characters(text, language, len(parts), len(found))
    counts = (len(parts), len(found))
    per_sentence = len(found) / len(parts)
    if language == "it":
        letters = sum(map(len, found))
        value = min(100.0, 89 + (300 * len(parts) - 10 * letters) / len(found))
        return _made("gulpease", value, value / 100, per_sentence, (len(parts), len(found)))
    if language in _FLESCH:
        name, base, by_words, by_syllables = _FLESCH[language]
        per_word = sum(syllables(word.lower(), language) for word in found) / len(found)
        value = base - by_words * per_sentence - by_syllables * per_word
        return _made(name, value, value / 100, per_sentence, counts)
    lix = per_sentence + 100 * sum(len(word) > _LONG for word in found) / len(found)
    return _made("lix", lix, _on_line(lix, language), per_sentence, counts)


@lru_cache(maxsize=20_000)
def syllables(word: str, language: str) -> int:
    """Syllables of a word in lower case, counted by its vowels; at least one. For the languages of the Flesch family."""
    if language == "ru":
        return max(1, len(_RUSSIAN.compiled.findall(word)))
    count = len(_GROUP.compiled.findall(word))
    if language == "en":
        count -= bool(_ENGLISH_SILENT.search(word))
        count += len(_ENGLISH_APART.compiled.findall(word))
    elif language == "fr":
        count -= bool(_FRENCH_SILENT.search(word))
    elif language in ("es", "pt"):
        count += len(_HIATUS.compiled.findall(word))
    return max(1, count)


def _by_characters(text: str, language: str, count: int, found: int) -> Readability:
    per_sentence = len(_LETTER.compiled.findall(text)) / count
    return _made(
        "characters-per-sentence", per_sentence, _on_line(per_sentence, language), per_sentence, (count, found)
    )


def _on_line(value: float, language: str) -> float:
    easy, hard = _LINES.get(language, _LINES["ar"])
    return (hard - value) / (hard - easy)


def _made(name: str, value: float, ease: float, per_sentence: float, counts: tuple[int, int]) -> Readability:
    ease = round(min(1.0, max(0.0, ease)), 4)
    return Readability(name, round(value, 2), ease, round(per_sentence, 2), *counts)
