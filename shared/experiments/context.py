"""What an experiment may be targeted at, of one request: language, platform, level and agent. Pure."""

from dataclasses import dataclass
from typing import Final

from shared.documents import Profile
from shared.stored.experiments import Targeting

PLATFORM_HEADER: Final = "x-client-platform"
PLATFORMS: Final = frozenset({"ios", "android", "web"})
"""What the app may call itself; whatever else it says, or nothing, is `other`."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request. `level` is None where nothing is known of it; `agents` are those it is for, None where it is for no one of them."""

    language: str
    platform: str = "other"
    level: str | None = None
    agents: tuple[str, ...] | None = None


def platform_of(header: str | None) -> str:
    """The platform that the app's own header names."""
    named = (header or "").strip().casefold()
    return named if named in PLATFORMS else "other"


def level_of(profile: Profile | None) -> str | None:
    """The level that a learner's difficulty preference stands for: below a third, below two thirds, and above."""
    preference = None if profile is None else profile.difficulty_preference
    if preference is None:
        return None
    return "beginner" if preference < 1 / 3 else "intermediate" if preference < 2 / 3 else "advanced"


def fits(targeting: Targeting, context: Context) -> bool:
    """Whether a request is one that an experiment is targeted at."""
    return concerns(targeting, context) and meets(targeting, context)


def meets(targeting: Targeting, context: Context) -> bool:
    """Whether its language, platform and level are targeted. An unknown level is none of those that are named."""
    if targeting.languages and context.language not in targeting.languages:
        return False
    if targeting.platforms and context.platform not in targeting.platforms:
        return False
    return not targeting.levels or context.level in targeting.levels


def concerns(targeting: Targeting, context: Context) -> bool:
    """Whether it is for an agent that is targeted, where it is for some at all."""
    named = targeting.agents
    return not named or context.agents is None or any(agent in named for agent in context.agents)
