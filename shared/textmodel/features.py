"""Text -> numbered features: words, word pairs and the letter groups inside words, hashed into 2^bits places.

A feature's number is CRC-32 of its spelling: the same on every machine and in every Python. Letter groups are taken inside a word
(with its edges marked), so what a word contributes depends on the word alone and can be kept.
"""

import re
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any
from zlib import crc32

from shared.safety.folding import fold

_CJK = "\u3040-\u30ff\u3400-\u9fff"
_MARKS = "\u0900-\u0903\u093a-\u094f"  # vowel signs of Hindi are no letters to `re`
_TOKEN = re.compile(rf"[{_CJK}]{{1,40}}|(?:[^\W{_CJK}]|['{_MARKS}])+|[^\w\s{_MARKS}]{{1,4}}")
_FIRST_CJK, _LAST_CJK = "\u3040", "\u9fff"
_BEGINNING = 5
LONGEST_WORD = 40
"""Letters of a word that are looked at; longer ones are no words, and a text of one must not cost more than others."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which features a model knows: 2^bits places, letter groups of `shortest` to `longest` letters, word pairs or not.

    `tongue`: each word, and its beginning where it is long, is a feature of its language too ("gift" is no German present); the
    words themselves have the upper half of the places, so that what word lists say of them is not said of letter groups. Where the
    language is named, letter groups and pairs are features of it too, beside those that all languages share (Daumé 2007,
    "Frustratingly Easy Domain Adaptation").
    """

    bits: int = 17
    shortest: int = 2
    longest: int = 5
    pairs: bool = True
    tongue: bool = False

    @property
    def size(self) -> int:
        """How many places there are."""
        return 1 << self.bits

    @property
    def mask(self) -> int:
        """Of a number's bits, those that are a place: in the lower half where words have the upper one."""
        return (self.size >> self.tongue) - 1

    def header(self) -> dict[str, Any]:
        """As it stands in a model file."""
        return asdict(self)


def words(text: str) -> list[str]:
    """The words, runs of Chinese or Japanese characters, and runs of signs, in order and in folded form."""
    return [word[:LONGEST_WORD] for word in _TOKEN.findall(fold(text))]


def of_word(word: str, shape: Shape, language: str = "") -> list[int]:
    """The features that one word brings: itself, and its letter groups. Characters of Chinese and Japanese come one to three at a time."""
    mask = shape.mask
    found: list[int] = []
    if _FIRST_CJK <= word[0] <= _LAST_CJK:
        lengths, spelled = range(1, 4), word
    else:
        lengths, spelled = range(shape.shortest, shape.longest + 1), f"<{word}>"
    if spelled.isascii():
        raw = spelled.encode()
        for length in lengths:
            found += [crc32(raw[start : start + length]) & mask for start in range(len(raw) - length + 1)]
    else:
        for length in lengths:
            for start in range(len(spelled) - length + 1):
                found.append(crc32(spelled[start : start + length].encode("utf-8", "replace")) & mask)
    place = crc32(b"=" + word.encode("utf-8", "replace")) & mask
    if shape.tongue:
        return [place + mask + 1, *of_tongue(word, shape, language), *found, *_own(found, shape, language)]
    return [place, *found]


def _own(shared: list[int], shape: Shape, language: str) -> list[int]:
    """The features of one language that stand beside these shared ones; none where the language is not known."""
    if not (shape.tongue and language):
        return []
    turned = crc32(language.encode()) & shape.mask
    return [number ^ turned for number in shared]


def of_tongue(word: str, shape: Shape, language: str) -> list[int]:
    """The features that a word brings as one of its language ("": a language that is not known, or of no matter)."""
    mask = shape.mask
    found = [crc32(f"{language}={word}".encode("utf-8", "replace")) & mask]
    if len(word) > _BEGINNING:
        found.append(crc32(f"{language}^{word[:_BEGINNING]}".encode("utf-8", "replace")) & mask)
    return found


def of_pairs(found: list[str], shape: Shape, language: str = "") -> list[int]:
    """The features of words side by side, each distinct pair once."""
    mask = shape.mask
    pairs = dict.fromkeys(pairwise(found))
    shared = [crc32(f"{first} {second}".encode("utf-8", "replace")) & mask for first, second in pairs]
    return shared + _own(shared, shape, language)


def features(text: str, shape: Shape, language: str = "") -> list[int]:
    """All features of a text in `language`; every distinct word and pair counts once, a letter group once for each word it is in."""
    found = words(text)
    numbers = [number for word in dict.fromkeys(found) for number in of_word(word, shape, language)]
    if shape.pairs:
        numbers += of_pairs(found, shape, language)
    return numbers
