"""Offers with hysteresis: one bad word raises nothing, a crisis at once, and an event has one effect."""

import pytest

from shared.affect import standing
from shared.affect.rules import BY_TRIGGER, RULES
from shared.stored.affect import Affect, Noted

NOW = 1_800_000_000.0
UPSET = {"frustration": 0.8}


def after(*events: tuple[float, dict[str, float]], begin: Affect | None = None) -> Affect:
    """The standing after events at these seconds, one at a time."""
    affect = begin or Affect(id="u1")
    for seconds, levels in events:
        affect = standing.note(affect, [Noted(event_id=f"e{seconds}", at=NOW + seconds, levels=levels)], NOW + seconds)
    return affect


def triggers(affect: Affect) -> list[str]:
    return [raised.trigger for raised in affect.raised]


@pytest.mark.parametrize("trigger", ["frustration", "confusion", "disengagement"])
def test_one_bad_word_raises_nothing_and_a_second_does(trigger: str) -> None:
    once = after((0, {trigger: 1.0}))
    assert (triggers(once), once.active) == ([], [])
    assert triggers(after((60, {trigger: 1.0}), begin=once)) == [trigger]


def test_a_crisis_is_raised_at_once_and_every_time() -> None:
    assert triggers(after((0, {"crisis": 1.0}), (5, {"crisis": 1.0}))) == ["crisis", "crisis"]


def test_weak_signs_never_add_up_to_an_offer() -> None:
    assert triggers(after(*((seconds, {"frustration": 0.3}) for seconds in range(0, 600, 20)))) == []


def test_signs_far_apart_raise_nothing() -> None:
    apart = BY_TRIGGER["frustration"].window + 1
    assert triggers(after((0, UPSET), (apart, UPSET), (2 * apart, UPSET))) == []


def test_no_second_offer_before_the_cooldown_and_one_after_it() -> None:
    rule = BY_TRIGGER["frustration"]
    held = after(*((seconds, UPSET) for seconds in range(0, int(rule.cooldown), 120)))
    assert triggers(held) == ["frustration"]
    later = after((rule.cooldown + 240, UPSET), (rule.cooldown + 300, UPSET), begin=held)
    assert triggers(later) == ["frustration", "frustration"]


def test_calm_words_end_a_rule_only_below_its_lower_line() -> None:
    held = after((0, UPSET), (10, UPSET))
    assert held.active == ["frustration"]
    held = after((20, {}), begin=held)
    assert held.active == ["frustration"], "one calm word is not yet the end"
    assert after((30, {}), (40, {}), (50, {}), begin=held).active == []


def test_time_alone_ends_a_rule() -> None:
    held = after((0, UPSET), (10, UPSET))
    assert standing.standing(held, NOW + 20) == ["frustration"]
    assert standing.standing(held, NOW + BY_TRIGGER["frustration"].window + 20) == []


def test_an_event_counts_once_however_often_it_comes() -> None:
    event = Noted(event_id="same", at=NOW, levels=UPSET)
    affect = Affect(id="u1")
    for _ in range(5):
        affect = standing.note(affect, [event, event], NOW)
    assert len(affect.noted) == 1
    assert affect.raised == []


def test_what_is_kept_is_bounded_and_expires() -> None:
    affect = after(*((seconds, {"crisis": 1.0}) for seconds in range(200)))
    assert len(affect.noted) == standing.MOST_NOTED
    assert len(affect.raised) == standing.MOST_RAISED
    assert affect.expires_at == NOW + 199 + standing.KEPT_SECONDS
    assert affect.noted[-1].event_id == "e199"


def test_signs_are_nothing_below_their_low_end_and_whole_from_their_high_end() -> None:
    for rule in RULES:
        for sign in rule.signs:
            assert sign.of(sign.low) == 0
            assert sign.of(sign.high + 1) == sign.share
            assert 0 < sign.of((sign.low + sign.high) / 2) < sign.share


def test_behaviour_alone_can_raise_an_offer() -> None:
    stuck = standing.levels({"wrong_in_a_row": 5.0, "retries": 6.0})
    assert stuck["frustration"] >= BY_TRIGGER["frustration"].telling
    idle = standing.levels({"idle_seconds": 900.0})
    assert "disengagement" in triggers(after((0, idle), (60, idle)))


def test_every_rule_can_be_entered_and_left() -> None:
    for rule in RULES:
        assert rule.leave < rule.enter
        assert rule.telling <= 1 - _left(rule.trigger)


def _left(trigger: str) -> float:
    left = 1.0
    for sign in BY_TRIGGER[trigger].signs:
        left *= 1 - sign.share
    return left
