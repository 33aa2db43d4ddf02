"""What an alert may change by itself: LiveConfig, which every instance reads again within two seconds. Pure.

A level moves the two knobs that there are between money and quality. Nothing moves back when the alert ends: whatever
made it necessary would come straight back, and a person should look first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.documents import LiveConfig
from shared.stored.watching import AlertRule, Level


@dataclass(frozen=True, slots=True)
class Knobs:
    """LiveConfig's own fields; None is what this deployment's settings say."""

    complexity_threshold: float | None
    cache_ttl_seconds: int | None


LEVELS: Final[Mapping[Level, Knobs]] = {
    "conservative": Knobs(0.5, 900),
    "balanced": Knobs(None, None),
    "aggressive": Knobs(0.85, 14_400),
    "maximum": Knobs(1.0, 86_400),
}
"""From the best answers (paid models are asked for easier questions already) to the cheapest (only for the hardest)."""


def changed(live: LiveConfig, rule: AlertRule, now: float) -> LiveConfig:
    """LiveConfig after a rule's `level_change` or `cache_clear`, one version on.

    The version is part of what every answer is filed under, so a new one puts all cached answers out of reach, on every
    instance: that alone is `cache_clear`. What is out of reach expires where it is.
    """
    fields: dict[str, object] = {"version": live.version + 1, "updated_at": now, "updated_by": f"alert:{rule.name}"}
    if rule.action == "level_change" and rule.level is not None:
        knobs = LEVELS[rule.level]
        fields |= {"complexity_threshold": knobs.complexity_threshold, "cache_ttl_seconds": knobs.cache_ttl_seconds}
    return live.model_copy(update=fields)
