"""The optimisation level and what it means, as a table; and which setting holds where several places set it. Pure.

| level | complexity threshold | life of cached answers | longest plain answer |
| --- | --- | --- | --- |
| conservative | 0.1 lower: paid models are asked first more often | half | as asked |
| balanced | as set | as set | as asked |
| aggressive | 0.1 higher: the own model answers more | twice | 85 % |
| maximum | 0.2 higher | four times | 70 % |

Thresholds stay within 0 and 1. Only text has its length cut, to PLAIN_LEAST tokens at least: half an answer of a form is none.

Where several places set something the nearest to the learner holds: a variant of a running experiment, a promoted one, LiveConfig,
the environment. Within one place a field holds over the level; a nearer level holds over a farther field. What operators disabled
stays disabled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared.settings import Settings

LevelName = Literal["conservative", "balanced", "aggressive", "maximum"]
PLAIN_LEAST: Final = 256


@dataclass(frozen=True, slots=True)
class Level:
    """`shift` is added to the environment's complexity threshold; `life` and `output` are factors."""

    shift: float
    life: float
    output: float


LEVELS: Final[Mapping[str, Level]] = {
    "conservative": Level(-0.1, 0.5, 1.0),
    "balanced": Level(0.0, 1.0, 1.0),
    "aggressive": Level(0.1, 2.0, 0.85),
    "maximum": Level(0.2, 4.0, 0.7),
}


@dataclass(frozen=True, slots=True)
class Base:
    """What the environment sets. `cache_ttl_seconds` in seconds."""

    complexity_threshold: float
    cache_ttl_seconds: float
    level: LevelName = "balanced"


def base_of(settings: Settings) -> Base:
    """What this process's environment sets."""
    return Base(settings.gemini_confidence_threshold, settings.cache_ttl_seconds, settings.optimization_level)


@dataclass(frozen=True, slots=True)
class Knobs:
    """What holds for one call."""

    level: str
    complexity_threshold: float
    cache_ttl_seconds: float
    output: float
    disabled_models: tuple[str, ...] = ()

    def longest(self, tokens: int) -> int:
        """How many tokens a plain answer may have where an agent asks for so many."""
        return tokens if self.output == 1 else max(min(tokens, PLAIN_LEAST), round(tokens * self.output))


def knobs(base: Base, places: Sequence[Mapping[str, Any]]) -> Knobs:
    """What holds; `places` are LiveConfig fields by name, the farthest from the learner first. None: not set there."""
    found = _of_level(base, base.level)
    threshold, life, disabled = found.complexity_threshold, found.cache_ttl_seconds, list[str]()
    for place in places:
        if (name := place.get("optimization_level")) in LEVELS:
            found = _of_level(base, str(name))
            threshold, life = found.complexity_threshold, found.cache_ttl_seconds
        if (given := place.get("complexity_threshold")) is not None:
            threshold = float(given)
        if (given := place.get("cache_ttl_seconds")) is not None:
            life = float(given)
        disabled += (model for model in place.get("disabled_models") or () if model not in disabled)
    return Knobs(found.level, threshold, life, found.output, tuple(disabled))


def _of_level(base: Base, name: str) -> Knobs:
    level = LEVELS[name]
    # To four places, like a prompt's own score: 0.7 + 0.1 is not to be above 0.8.
    threshold = round(min(1.0, max(0.0, base.complexity_threshold + level.shift)), 4)
    if level.shift == 0:
        threshold = base.complexity_threshold
    return Knobs(name, threshold, base.cache_ttl_seconds * level.life, level.output)
