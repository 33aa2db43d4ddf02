"""What a text is about, in its own words. Pure.

Phrases between stop words and marks, scored after RAKE (Rose, Engel, Cramer and Cowley 2010): a word's degree (how many words
it stands beside, itself included) over its frequency, summed over the phrase. Of that the root counts, times how often the
phrase is said: in RAKE itself any long phrase that stands once beats what the text is about. Words count as one by their stems. Chinese phrases
are the runs between characters that end a term and the character sequences that come again; Japanese ones are runs of
characters and katakana.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from shared.courses.words import ENDINGS, UNSPACED, stem, words
from shared.patterns import LazyPattern

MOST_WORDS = 3
_MARK = LazyPattern(r"[^\w\s'’\u0300-\u036f\u064b-\u065f\u0900-\u097f-]+|\n+|_+")
_HEADING = LazyPattern(r"(?m)^[ \t]*#{1,6}[ \t]+(.+)$")
_LINK = LazyPattern(r"https?://\S+")
_RUN = LazyPattern("[\u3400-\u4dbf\u4e00-\u9fff\u30a1-\u30fa\u30fc]{2,}")
_HAN_RUN = LazyPattern("[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_LONGEST_TERM = 6


@dataclass(frozen=True, slots=True)
class Keyword:
    """A phrase as the text has it most often, how often it is said, and its score relative to the best one's (0 to 1)."""

    text: str
    count: int
    score: float


def keywords(text: str, language: str, limit: int = 12) -> list[Keyword]:
    """The phrases that say most of what the text is about, best first."""
    if language in UNSPACED:
        return _ranked(_characters(text, language), limit)
    # A heading says what the text is about: it is heard twice.
    heard = "\n".join((text, *_HEADING.compiled.findall(text)))
    found = [pair for part in _MARK.compiled.split(_LINK.sub(" ", heard)) for pair in _phrases(part, language)]
    if not found:
        return []
    frequency: Counter[str] = Counter()
    degree: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for phrase, key in found:
        for part, word in zip(key, phrase, strict=True):
            frequency[part] += 1
            degree[part] += len(key)
            forms.setdefault(part, word)
    said = Counter(key for _, key in found)
    shown: dict[tuple[str, ...], Counter[str]] = {}
    for phrase, key in found:
        shown.setdefault(key, Counter())[" ".join(phrase)] += 1
    scores = {key: sqrt(sum(degree[part] / frequency[part] for part in key)) * count for key, count in said.items()}
    # A word that is said often is what the text is about, also where it always stands in longer phrases.
    for part, count in frequency.items():
        if count > 2 and (part,) not in scores and len(part) > 2:
            shown[(part,)] = Counter([forms[part]])
            scores[(part,)], said[(part,)] = float(count), count
    ranked = [(shown[key].most_common(1)[0][0], said[key], scores[key]) for key in scores]
    return _ranked(ranked, limit)


def _phrases(part: str, language: str) -> list[tuple[list[str], tuple[str, ...]]]:
    """Runs of at most MOST_WORDS words that say something, and their stems."""
    found: list[tuple[list[str], list[str]]] = [([], [])]
    for word in words(part):
        low = word.casefold()
        cut = "" if low.isdigit() else stem(low, language)
        if not cut:
            found.append(([], []))
            continue
        if len(found[-1][0]) == MOST_WORDS:
            found.append(([], []))
        bare = cut if language == "ko" else word
        found[-1][0].append(bare)
        found[-1][1].append(cut)
        if len(bare) < len(word):
            found.append(([], []))  # a Korean particle ends what belongs together
    return [(phrase, tuple(key)) for phrase, key in found if phrase]


def _characters(text: str, language: str) -> list[tuple[str, int, float]]:
    """Candidates of a text without spaces: (term, count, score)."""
    if language == "ja":
        said = Counter(_RUN.compiled.findall(text))
        return [(term, count, count * sqrt(min(len(term), _LONGEST_TERM))) for term, count in said.items()]
    runs = [part for run in _HAN_RUN.compiled.findall(text) for part in ENDINGS.compiled.split(run) if len(part) > 1]
    said = Counter(run[at : at + size] for run in runs for size in (2, 3, 4) for at in range(len(run) - size + 1))
    whole = Counter(run for run in runs if len(run) <= _LONGEST_TERM)
    kept = {term: count for term, count in (said + whole).items() if count > 1 or term in whole}
    # A part that is never said outside of a longer term is no term of its own.
    parts = {
        term[at : at + size]
        for term, count in kept.items()
        for size in range(2, len(term))
        for at in range(len(term) - size + 1)
        if kept.get(term[at : at + size]) == count
    }
    return [(term, count, count * sqrt(len(term))) for term, count in kept.items() if term not in parts]


def _ranked(found: Sequence[tuple[str, int, float]], limit: int) -> list[Keyword]:
    best = sorted(found, key=lambda one: (-one[2], one[0]))[:limit]
    return [Keyword(text, count, round(score / best[0][2], 4)) for text, count, score in best]
