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
from math import log

from shared.courses.words import terms

COVERED = 0.66
PARTLY = 0.45
"""From which similarity a need is covered, and partly covered."""
_WHOLE = 0.7


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
    wanted = [Counter(terms(need, language)) for need in needs]
    given = [frozenset(terms(passage, language)) for passage in passages]
    weight = _rarity([frozenset(one) for one in wanted] + given)
    pieces = [frozenset(piece for term in one for piece in _trigrams(term)) for one in given]
    holders: dict[str, list[int]] = {}
    for place, one in enumerate(given):
        for term in one:
            holders.setdefault(term, []).append(place)
    return [_best(one, given, pieces, holders, weight) for one in wanted]


def _best(
    need: Mapping[str, int],
    given: Sequence[frozenset[str]],
    pieces: Sequence[frozenset[str]],
    holders: Mapping[str, list[int]],
    weight: Mapping[str, float],
) -> Match:
    total = sum(weight[term] for term in need)
    if not total or not given:
        return Match(None, 0.0)
    # Passages that share a whole term, and where none does, all of them: letters alone rarely decide.
    places = {place for term in need for place in holders.get(term, ())} or range(len(given))
    best, best_place = 0.0, None
    parts = {term: _trigrams(term) for term in need}
    for place in places:
        score = sum(
            weight[term] * (1.0 if term in given[place] else (1 - _WHOLE) * _share(parts[term], pieces[place]))
            for term in need
        )
        if score > best:
            best, best_place = score, place
    return Match(best_place, round(best / total, 4))


def _share(wanted: frozenset[str], given: frozenset[str]) -> float:
    return len(wanted & given) / len(wanted)


def _trigrams(term: str) -> frozenset[str]:
    padded = f" {term} "
    return frozenset(padded[at : at + 3] for at in range(max(1, len(padded) - 2)))


def _rarity(texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """Inverse document frequency, smoothed so that no term weighs nothing: ln(1 + N / n)."""
    counts = Counter(term for text in texts for term in text)
    return {term: log(1 + len(texts) / count) for term, count in counts.items()}
