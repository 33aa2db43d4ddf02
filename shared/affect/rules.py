"""When something is offered to a learner, as data. `standing` reads it; nothing else knows the numbers.

A rule turns what was read of one event into a level from 0 to 1: each sign adds its share between `low` and `high`, and shares
join as chances do (1 - Π(1 - share)). Levels of the window add up with a half-life; a calm event halves what stands before it. The
rule holds from `enter` on, with at least `least` telling events, and ends below `leave`: in between nothing changes.
"""

from dataclasses import dataclass
from typing import Literal

Trigger = Literal["crisis", "frustration", "confusion", "disengagement"]
Action = Literal["show_help", "smaller_step", "explain_differently", "re_engage"]


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was read or seen: nothing up to `low`, all of `share` from `high` on."""

    name: str
    low: float
    high: float
    share: float

    def of(self, value: float) -> float:
        """What this value says, 0 to `share`."""
        return self.share * min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger. Times in seconds."""

    trigger: Trigger
    signs: tuple[Sign, ...]
    telling: float
    """An event of at least this level counts."""
    least: int
    """So many telling events within the window, or the rule does not begin to hold."""
    enter: float
    leave: float
    window: float
    half_life: float
    cooldown: float
    """No second offer sooner."""
    action: Action


RULES: tuple[Rule, ...] = (
    Rule(
        trigger="crisis",
        signs=(Sign("crisis", 0.0, 1.0, 1.0),),
        telling=0.5,
        least=1,
        enter=0.5,
        leave=0.25,
        window=3_600,
        half_life=900,
        cooldown=0,
        action="show_help",
    ),
    Rule(
        trigger="frustration",
        signs=(
            Sign("frustration", 0.3, 0.8, 0.8),
            Sign("anger", 0.4, 0.9, 0.5),
            Sign("negative", 0.5, 0.95, 0.2),
            Sign("wrong_in_a_row", 1, 5, 0.6),
            Sign("retries", 2, 6, 0.5),
        ),
        telling=0.35,
        least=2,
        enter=0.9,
        leave=0.3,
        window=1_800,
        half_life=600,
        cooldown=1_200,
        action="smaller_step",
    ),
    Rule(
        trigger="confusion",
        signs=(
            Sign("confusion", 0.3, 0.8, 0.8),
            Sign("wrong_in_a_row", 1, 4, 0.4),
            Sign("retries", 1, 5, 0.3),
        ),
        telling=0.35,
        least=2,
        enter=0.9,
        leave=0.3,
        window=1_800,
        half_life=600,
        cooldown=900,
        action="explain_differently",
    ),
    Rule(
        trigger="disengagement",
        signs=(
            Sign("boredom", 0.3, 0.8, 0.8),
            Sign("idle_seconds", 120, 600, 0.7),
            Sign("skipped", 1, 4, 0.5),
        ),
        telling=0.35,
        least=2,
        enter=0.9,
        leave=0.3,
        window=3_600,
        half_life=1_200,
        cooldown=2_400,
        action="re_engage",
    ),
)
"""In the order of their weight: where several are due at once, the first is offered."""

BY_TRIGGER: dict[str, Rule] = {rule.trigger: rule for rule in RULES}
CALM = 0.5
"""What one event without any sign leaves of the levels before it."""
