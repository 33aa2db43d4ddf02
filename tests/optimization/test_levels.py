"""What a level means, and which of several settings holds."""

import pytest

from shared.optimization.levels import LEVELS, PLAIN_LEAST, Base, base_of, knobs
from shared.settings import Settings

BASE = Base(0.7, 3600)


def test_balanced_is_exactly_what_the_environment_says() -> None:
    settings = Settings(auth_mode="local", gemini_confidence_threshold=0.123456, cache_ttl_seconds=77)
    held = knobs(base_of(settings), ({}, {"optimization_level": None, "complexity_threshold": None}))
    assert (held.level, held.complexity_threshold, held.cache_ttl_seconds) == ("balanced", 0.123456, 77)
    assert all(held.longest(tokens) == tokens for tokens in (1, 300, 4_000))


def test_every_level_differs_and_each_is_cheaper_than_the_one_before() -> None:
    found = [knobs(Base(0.7, 3600, level), ()) for level in LEVELS]  # type: ignore[arg-type]
    assert [held.level for held in found] == ["conservative", "balanced", "aggressive", "maximum"]
    assert [held.complexity_threshold for held in found] == [0.6, 0.7, 0.8, 0.9]
    assert [held.cache_ttl_seconds for held in found] == [1800, 3600, 7200, 14400]
    assert [held.longest(1000) for held in found] == [1000, 1000, 850, 700]
    assert found[3].longest(PLAIN_LEAST + 1) == PLAIN_LEAST
    assert found[3].longest(10) == 10


@pytest.mark.parametrize(("threshold", "level", "held"), [(0.95, "maximum", 1.0), (0.05, "conservative", 0.0)])
def test_a_threshold_stays_one(threshold: float, level: str, held: float) -> None:
    assert knobs(Base(threshold, 60), ({"optimization_level": level},)).complexity_threshold == held


@pytest.mark.parametrize(
    ("environment", "places", "threshold", "life"),
    [
        ("maximum", [], 0.9, 14400),
        ("maximum", [{"optimization_level": "balanced"}], 0.7, 3600),
        ("balanced", [{"complexity_threshold": 0.3}], 0.3, 3600),
        ("balanced", [{"complexity_threshold": 0.3, "optimization_level": "aggressive"}], 0.3, 7200),
        ("balanced", [{"complexity_threshold": 0.3}, {"optimization_level": "aggressive"}], 0.8, 7200),
        ("balanced", [{"optimization_level": "aggressive"}, {"cache_ttl_seconds": 0}], 0.8, 0),
        ("balanced", [{"cache_ttl_seconds": 5}, {"complexity_threshold": 0.0}], 0.0, 5),
        ("balanced", [{"optimization_level": "aggressive"}, {}, {"optimization_level": "conservative"}], 0.6, 1800),
    ],
)  # fmt: skip
def test_the_nearest_place_holds_and_a_field_over_its_own_level(
    environment: str, places: list[dict[str, object]], threshold: float, life: float
) -> None:
    held = knobs(Base(0.7, 3600, environment), places)  # type: ignore[arg-type]
    assert (held.complexity_threshold, held.cache_ttl_seconds) == (threshold, life)


def test_what_is_disabled_anywhere_is_disabled() -> None:
    held = knobs(BASE, ({"disabled_models": ["a", "b"]}, {"disabled_models": []}, {"disabled_models": ["b", "c"]}))
    assert held.disabled_models == ("a", "b", "c")
