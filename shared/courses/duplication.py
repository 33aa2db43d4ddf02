"""What a text repeats: of itself, and of texts that are known already. Pure.

Shingles of five words (twelve characters where nothing stands between words), after Broder 1997, "On the resemblance and
containment of documents". Sets are compared whole: with texts as short as a request may carry, that is as quick as estimating
the same figures by MinHash, and exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.courses.words import UNSPACED, sentences, words
from shared.patterns import LazyPattern

SHINGLE_WORDS = 5
SHINGLE_CHARACTERS = 12
NEAR = 0.5
"""The share of a text's shingles found in another one from which it counts as a copy of that."""
_SPACE = LazyPattern(r"\s+")
_SHORTEST = 20


@dataclass(frozen=True, slots=True)
class Copy:
    """A known text that this one repeats. `contained`: share of this text's shingles that stand there; `resemblance`: Jaccard."""

    id: str
    contained: float
    resemblance: float


def within(text: str, language: str) -> tuple[float, list[str]]:
    """The share of a text's shingles that stood in it before, and the sentences it says more than once (at most ten)."""
    made = _shingles(text, language)
    share = 1 - len(set(made)) / len(made) if made else 0.0
    seen: set[str] = set()
    again: dict[str, None] = {}
    for sentence in sentences(text):
        plain = _SPACE.sub(" ", sentence.casefold())
        if len(plain) >= _SHORTEST and plain in seen:
            again.setdefault(sentence)
        seen.add(plain)
    return round(share, 4), list(again)[:10]


def against(text: str, known: Mapping[str, str], language: str) -> list[Copy]:
    """The known texts (by id) that share shingles with this one, most first."""
    mine = set(_shingles(text, language))
    found: list[Copy] = []
    for name, other in known.items():
        theirs = set(_shingles(other, language))
        shared = len(mine & theirs)
        if shared:
            resemblance = shared / len(mine | theirs)
            found.append(Copy(name, round(shared / len(mine), 4), round(resemblance, 4)))
    return sorted(found, key=lambda copy: (-copy.contained, copy.id))


def _shingles(text: str, language: str) -> list[int]:
    """Hashes of all runs; one of the whole text where it is shorter than a run."""
    if language in UNSPACED:
        plain = "".join(words(text.casefold()))
        size: int = SHINGLE_CHARACTERS
        runs = [plain[at : at + size] for at in range(max(1, len(plain) - size + 1))] if plain else []
        return [hash(run) for run in runs]
    found = words(text.casefold())
    if not found:
        return []
    size = SHINGLE_WORDS
    return [hash(tuple(found[at : at + size])) for at in range(max(1, len(found) - size + 1))]
