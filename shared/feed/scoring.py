"""How well an item fits a learner now: a weighted mean of features between 0 and 1. Pure; the weights are data.

    score = language factor x sum(weight x feature) / sum(weight), over the features that something is known for

| feature | 1 means | known when |
| --- | --- | --- |
| goal | all the goals, or all of the item's topics and skills, meet | the learner has goals |
| need | none of the item's skills is mastered yet | the mastery of one of them is known |
| fit | the learner is expected to succeed in 70 to 85 % of it | a mastery or a level is known |
| taste | its topics are those of what the learner opened lately | they opened something |
| format | it has a form the learner prefers | they named any |
| novel | it was not shown or opened lately | something was |
| quality, popular, fresh | the best there is, the most used, published now | always |
| time | it fits into the time there is | a time was named |

`fit`: the expected success is the Rasch model's, 1 / (1 + exp(-(ability - difficulty))), on a scale of LOGITS from the easiest to
the hardest. The band follows Wilson, Shenhav, Straccia and Cohen, "The Eighty Five Percent Rule for optimal learning", Nature
Communications 10:4646 (2019), for its upper end, and Eggen and Verschoor, "Optimal testing with easy or difficult items in
computerized adaptive testing", Applied Psychological Measurement 30:379 (2006), for easier items costing little; adaptive
practice in use aims between (Klinkenberg, Straatemeier and van der Maas, Computers & Education 57:1813, 2011: 75 %).
`fresh` halves every HALF_LIFE_DAYS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log1p
from typing import Final

WEIGHTS: Final[Mapping[str, float]] = {
    "goal": 3.0,
    "need": 1.5,
    "fit": 2.5,
    "taste": 1.0,
    "format": 1.0,
    "novel": 1.0,
    "quality": 1.5,
    "popular": 0.5,
    "fresh": 0.5,
    "time": 1.0,
}
SUCCESS: Final = (0.70, 0.85)
"""Expected shares of success between which an item is neither too hard nor too easy."""
LOGITS: Final = 6.0
HALF_LIFE_DAYS: Final = 30.0
OTHER_LANGUAGE: Final = 0.3
"""What an item is worth to somebody who asked for another language."""
_SPREAD: Final = 0.15  # how fast `fit` falls outside of the band, in shares of success
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Item:
    """A candidate. `difficulty` and `quality` run from 0 to 1, `popularity` counts uses, `published_at` is Unix seconds."""

    id: str
    title: str = ""
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    difficulty: float | None = None
    format: str = ""
    language: str = ""
    minutes: float | None = None
    published_at: float | None = None
    quality: float | None = None
    popularity: float = 0.0


@dataclass(frozen=True, slots=True)
class Learner:
    """What is known of who learns; the empty one is anybody. `level` and `mastery` run from 0 to 1."""

    goals: frozenset[str] = frozenset()
    mastery: Mapping[str, float] = field(default_factory=dict)
    level: float | None = None
    formats: frozenset[str] = frozenset()
    taste: frozenset[str] = frozenset()
    recent: frozenset[str] = frozenset()
    """Ids of items shown or opened lately."""
    language: str | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with its score and what each known feature had in it (`weight x value / sum of weights`); `about` is `tags(item)`."""

    item: Item
    score: float
    about: frozenset[str]
    shares: Mapping[str, float]
    values: Mapping[str, float]


def tags(item: Item) -> frozenset[str]:
    """What an item is about, in lower case: its topics and skills."""
    return frozenset(word.casefold() for word in (*item.topics, *item.skills))


def success(ability: float, difficulty: float) -> float:
    """The expected share of success, both on 0..1."""
    return 1 / (1 + exp(-LOGITS * (ability - difficulty)))


def fit(expected: float, band: tuple[float, float] = SUCCESS) -> float:
    """1 within the band, falling to both sides like a bell."""
    low, high = band
    off = low - expected if expected < low else expected - high if expected > high else 0.0
    return exp(-((off / _SPREAD) ** 2))


@dataclass(frozen=True, slots=True)
class Taste:
    """What is looked for in items: what each feature weighs, and the band of expected success that `fit` is 1 in."""

    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    band: tuple[float, float] = SUCCESS


def score(items: Sequence[Item], learner: Learner, now: float, taste: Taste | None = None) -> list[Scored]:
    """Each item's score, in the order they came. `now` is Unix seconds; without a `taste` it is the usual one."""
    most = log1p(max((item.popularity for item in items), default=0.0))
    mastery = {skill.casefold(): value for skill, value in learner.mastery.items()}
    told = _Told(learner, mastery, most, now, taste or Taste())
    return [_scored(item, told) for item in items]


@dataclass(frozen=True, slots=True)
class _Told:
    """What all items of one ranking are held against. `most`: the logarithm of the greatest popularity among them."""

    learner: Learner
    mastery: Mapping[str, float]
    most: float
    now: float
    taste: Taste


def _scored(item: Item, told: _Told) -> Scored:
    about, learner, most, weights = tags(item), told.learner, told.most, told.taste.weights
    values = _about_learner(item, about, told)
    values["quality"] = 0.5 if item.quality is None else item.quality
    values["popular"] = log1p(item.popularity) / most if most > 0 else 0.0
    if item.published_at is not None:
        values["fresh"] = 0.5 ** (max(0.0, told.now - item.published_at) / _DAY / HALF_LIFE_DAYS)
    if learner.minutes is not None and item.minutes is not None:
        values["time"] = 1.0 if item.minutes <= learner.minutes else (learner.minutes / item.minutes) ** 2
    whole = sum(weights[name] for name in values)
    shares = {name: weights[name] * value / whole for name, value in values.items()}
    foreign = bool(learner.language and item.language and item.language != learner.language)
    return Scored(item, sum(shares.values()) * (OTHER_LANGUAGE if foreign else 1.0), about, shares, values)


def _about_learner(item: Item, about: frozenset[str], told: _Told) -> dict[str, float]:
    learner, mastery, values = told.learner, told.mastery, dict[str, float]()
    if learner.goals:
        values["goal"] = len(about & learner.goals) / max(1, min(len(about), len(learner.goals)))
    known = [mastery[skill] for word in item.skills if (skill := word.casefold()) in mastery]
    if known:
        values["need"] = 1.0 - sum(known) / len(known)
    ability = sum(known) / len(known) if known else learner.level
    if ability is not None and item.difficulty is not None:
        values["fit"] = fit(success(ability, item.difficulty), told.taste.band)
    if learner.taste and about:
        values["taste"] = len(about & learner.taste) / len(about)
    if learner.formats and item.format:
        values["format"] = 1.0 if item.format in learner.formats else 0.0
    if learner.recent:
        values["novel"] = 0.0 if item.id in learner.recent else 1.0
    return values
