"""Words, sentences and terms of a text in twelve languages. Pure, without any dependency.

`terms` are what two texts are compared by: words without endings, without those that say nothing. A word's ending is cut by
the light stemmers that retrieval found as good as full ones: a fixed prefix for the European languages (McNamee, Nicholas and
Mayfield 2009, "Addressing morphological variation in alphabetic languages", SIGIR), light10 for Arabic (Larkey, Ballesteros
and Connell 2007), Ramanathan and Rao 2003 for Hindi, particles for Korean. Chinese characters count in pairs, as there are no
spaces (Nie and Ren 1999).
"""

import unicodedata
from functools import cache, lru_cache
from typing import Any

from shared.courses.stopwords import ENDS, MORE, PARTICLES
from shared.language.words import WORDS
from shared.patterns import LazyPattern

PREFIX = 6
"""Letters of a European word that are compared; measured on section titles against objectives (README, decisions)."""

# Python's \w leaves out the vowel signs of Devanagari and the short vowels of Arabic, which stand inside words.
_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
_WORD = LazyPattern(
    f"[{_HAN}]+|[\u30a1-\u30fa\u30fc]+|[\u3041-\u3096]+"
    f"|(?:[^\\W_{_HAN}{_KANA}]|[{_MARKS}])+(?:['\u2019\u00b4](?=\\w)(?:[^\\W_{_HAN}{_KANA}]|[{_MARKS}])+)*"
)
_IS_HAN = LazyPattern(f"[{_HAN}]")
_IS_HIRAGANA = LazyPattern("[\u3041-\u3096]")
_SENTENCE = LazyPattern(r"(?<=[.!?…])[\"'»”’)\]]*\s+|(?<=[。！？।؟])[」』”）]*\s*|\n{2,}|\n(?=\s*(?:[-*#•]|\d+[.)]))")
_ABBREVIATION = LazyPattern(
    r"(?:\b(?:[A-ZÀ-Þ]|[Dd]r|[Mm]rs?|[Pp]rof|z\. ?B|bzw|ca|etc|e\.g|i\.e|vs|cf|[Ff]ig|[Nn]o|Nr|p|pp|стр|т\.е|т\.д|г))\.$"
)
_ARABIC_MARKS = LazyPattern("[\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_ARABIC_FRONT = ("وال", "بال", "كال", "فال", "ال", "لل", "و")
_ARABIC_BACK = ("ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي")
_HINDI = "ियाँ ियों ाओं ाएं ाएँ ुओं ुएं ियां ाइयों ाइयाँ ने ना नी ता ते ती ाओ ाए ओं एं एँ ें ों ां ाँ ी ि े ो ा ु ू"
_HINDI_BACK = tuple(_HINDI.split())
_PORTUGUESE = LazyPattern("(?:ões|ães|ãos)$")  # the plurals of -ão, in which the stem itself changes
_ELIDED = LazyPattern("(?i)^(?:[cdjlmnstu]|qu|dell|nell|all|sull|dall|un)['\u2019]")
UNSPACED = frozenset(("zh", "ja"))


def printable(value: Any) -> Any:
    """Text without U+0000, which stores and terminals end texts at; lists text by text; anything else as it is."""
    if isinstance(value, str):
        return value.replace("\0", "")
    return [printable(one) for one in value] if isinstance(value, list) else value


def words(text: str) -> list[str]:
    """The words as they stand. Chinese characters, katakana and hiragana come in runs."""
    return _WORD.compiled.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences, list items and headings, without what is around them."""
    found: list[str] = []
    for piece in filter(None, map(str.strip, _SENTENCE.compiled.split(text))):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += " " + piece
        else:
            found.append(piece)
    return found


def terms(text: str, language: str) -> list[str]:
    """What the text is about, in order: stems of its words, pairs of Chinese characters; without words that say nothing."""
    found: list[str] = []
    for word in words(unicodedata.normalize("NFKC", text).casefold()):
        if _IS_HAN.compiled.match(word):
            found += _pairs(word, language)
        elif _IS_HIRAGANA.compiled.match(word):
            continue  # grammar, nearly always
        elif cut := stem(word, language):
            found.append(cut)
    return found


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """A word's stem; empty for one that says nothing. Bounded by the cache, because texts repeat their words."""
    if "'" in word or "\u2019" in word:
        word = _ELIDED.sub("", word).partition("'")[0].partition("\u2019")[0]
    if word in _stopwords(language) or (len(word) < 2 and not word.isdigit()):
        return ""
    match language:
        case "zh" | "ja":
            return word
        case "ar":
            return _arabic(word)
        case "hi":
            return _cut(word, _HINDI_BACK, 2)
        case "pt":
            return _european(_PORTUGUESE.sub("ão", word))
        case "ko":
            return _cut(word, PARTICLES, 1)
        case _:
            return _european(word)


def _european(word: str) -> str:
    if not word.isascii():
        plain = unicodedata.normalize("NFD", word)
        word = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if len(word) <= PREFIX:
        # A plural of a short word; its own ending where the word is long enough to be cut anyway does not matter.
        return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui" else word
    return word[:PREFIX]


def _arabic(word: str) -> str:
    word = _ARABIC_MARKS.sub("", word).translate(_ALEF)
    for front in _ARABIC_FRONT:
        if word.startswith(front) and len(word) - len(front) >= 3:
            word = word[len(front) :]
            break
    return _cut(word, _ARABIC_BACK, 2)


_ALEF = str.maketrans("أإآىؤئ", "اااييي")


def _cut(word: str, endings: tuple[str, ...], least: int) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    return word


def _pairs(run: str, language: str) -> list[str]:
    """Overlapping pairs of characters; a Chinese run is broken where a character ends a term."""
    runs = [part for part in ENDINGS.compiled.split(run) if part] if language == "zh" else [run]
    found: list[str] = []
    for part in runs:
        found += [part] if len(part) <= 2 else [part[at : at + 2] for at in range(len(part) - 1)]
    return found


ENDINGS = LazyPattern(lambda: f"[{ENDS['zh']}]")
"""Characters at which a Chinese term ends."""


@cache  # bounded by the number of languages
def _stopwords(language: str) -> frozenset[str]:
    return frozenset(MORE.get(language, "").split()) | frozenset(WORDS.get(language, "").split())
