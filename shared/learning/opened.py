"""Feedback records over a process's own store and settings."""

from typing import TYPE_CHECKING

from shared.learning.records import Records

if TYPE_CHECKING:
    from shared.runtime import Runtime

_DAY = 86_400.0


def records(now: "Runtime") -> Records:
    """Kept as long as a conversation is; the days' sums for two of the longest periods that are looked at."""
    settings = now.settings
    return Records(now.store, settings.conversation_retention_days * _DAY, 2 * settings.analytics_retention_days * _DAY)


async def trains(now: "Runtime", user_id: str) -> bool:
    """Whether this learner lets their words be used for training, as of now."""
    profile = await now.recent.profile(user_id)
    return profile is not None and bool(profile.consent.get("training"))
