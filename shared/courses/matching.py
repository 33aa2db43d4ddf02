"""How much of a need (a goal, a skill, a section's title) a course's texts speak of. Pure.

A need's terms are weighed by how rare they are among the needs and the passages (idf), because a course that says "equation"
everywhere does not cover "logarithmic equations" by it. Per passage

    similarity = 0.7 * weight of the need's terms that stand in the passage / weight of all the need's terms
               + 0.3 * weighted share of those of its letter trigrams that no whole term covers

the second part lets compounds and endings that the stems miss count in part ("Bruchgleichung" and "Gleichungen"). The limits
below were set on the development half of section titles against objectives of openly licensed textbooks; see README.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import nlargest
from math import log

from shared.courses.words import terms

COVERED = 0.66
PARTLY = 0.45
"""From which similarity a need is covered, and partly covered."""
_WHOLE = 0.7
_COMPARED = 48
"""Passages that are compared letter by letter with one need."""


@dataclass(frozen=True, slots=True)
class Match:
    """The passage that speaks most of a need: its place in the list (None: no passage does) and the similarity, 0 to 1."""

    passage: int | None
    similarity: float

    @property
    def state(self) -> str:
        """`covered`, `partly` or `missing`."""
        return "covered" if self.similarity >= COVERED else "partly" if self.similarity >= PARTLY else "missing"


def match(needs: Sequence[str], passages: Sequence[str], language: str) -> list[Match]:
    """The best passage for each need. An empty need, or one of words that say nothing, matches nothing."""
    wanted = [frozenset(terms(need, language)) for need in needs]
    given = [frozenset(terms(passage, language)) for passage in passages]
    weight = _rarity(wanted + given)
    index = _Index(given, weight)
    return [_best(one, index, weight) for one in wanted]


class _Index:
    """Where terms and letters stand. Of passages that have the same terms only the first is in it."""

    def __init__(self, given: Sequence[frozenset[str]], weight: Mapping[str, float]) -> None:
        self.given = given
        self.weight = weight
        self._pieces: dict[int, frozenset[str]] = {}
        self._first = list({one: place for place, one in reversed(list(enumerate(given)))}.values())
        self._holders: dict[str, list[int]] = {}
        for place in self._first:
            for term in given[place]:
                self._holders.setdefault(term, []).append(place)

    def near(self, need: frozenset[str]) -> list[int]:
        """The passages worth comparing: those with most of the need's whole terms, where none has any most of its letters.

        Only so many, because a long list of needs against a long text would take seconds: what stands further back has
        less of the need by its whole terms, and letters alone rarely decide.
        """
        found: dict[int, float] = {}
        for term in need:
            for place in self._holders.get(term, ()):
                found[place] = found.get(place, 0.0) + self.weight[term]
        if not found:
            counts: Counter[int] = Counter()
            for piece in {piece for term in need for piece in _trigrams(term)}:
                counts.update(self._by_letters.get(piece, ()))
            found.update(counts)
        return nlargest(_COMPARED, found, key=lambda place: (found[place], -place))

    def pieces(self, place: int) -> frozenset[str]:
        """The letter trigrams of a passage."""
        if place not in self._pieces:
            self._pieces[place] = frozenset(piece for term in self.given[place] for piece in _trigrams(term))
        return self._pieces[place]

    @cached_property
    def _by_letters(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place in self._first:
            for piece in self.pieces(place):
                found.setdefault(piece, []).append(place)
        return found


def _best(need: frozenset[str], index: _Index, weight: Mapping[str, float]) -> Match:
    # In one order, because sums of the same weights in another one differ in their last digit.
    parts = {term: _trigrams(term) for term in sorted(need)}
    total = sum(weight[term] for term in parts)
    best, best_place = 0.0, None
    for place in index.near(need):
        terms_here, pieces = index.given[place], index.pieces(place)
        score = sum(
            weight[term] * (1.0 if term in terms_here else (1 - _WHOLE) * _share(piece, pieces))
            for term, piece in parts.items()
        )
        if score > best or (score == best and best_place is not None and place < best_place):
            best, best_place = score, place
    return Match(best_place, round(best / total, 4) if total else 0.0)


def _share(wanted: frozenset[str], given: frozenset[str]) -> float:
    return len(wanted & given) / len(wanted)


@lru_cache(maxsize=20_000)
def _trigrams(term: str) -> frozenset[str]:
    padded = f" {term} "
    return frozenset(padded[at : at + 3] for at in range(max(1, len(padded) - 2)))


def _rarity(texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """Inverse document frequency, smoothed so that no term weighs nothing: ln(1 + N / n)."""
    counts = Counter(term for text in texts for term in text)
    return {term: log(1 + len(texts) / count) for term, count in counts.items()}
