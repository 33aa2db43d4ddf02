"""What the sentiment agent answers, made of what was read and what is kept. Pure."""

from typing import Any

from shared.affect.reading import Likelihood, Reading
from shared.affect.rules import Trigger
from shared.agents.sentiment import (
    AnalyzeReply,
    EventShown,
    FeelingShown,
    FoundReply,
    InterventionShown,
    OfferShown,
    SentimentShown,
    UrgencyShown,
    Wording,
)
from shared.safety.support import help_text
from shared.safety.verdict import Verdict
from shared.stored.affect import Affect, Raised

_CLEAR = 0.5
"""From this probability on a state of learning counts as there."""


def shown(raised: Raised, trigger: Trigger, words: Wording) -> InterventionShown:
    """An offer as it is answered."""
    return InterventionShown(
        trigger=trigger,
        action=raised.action,
        text=words.text,
        next_step=words.next_step,
        strength=raised.strength,
        events=raised.events,
    )


def analysis(
    found: Reading | None, verdict: Verdict, *, envelope: dict[str, Any], help_in: str, known: bool, remembered: bool
) -> AnalyzeReply:
    """What is answered to a text; `found` None: the learner has switched this off. `help_in`: the language they understand."""
    return AnalyzeReply(
        **envelope,
        enabled=found is not None,
        language_known=known,
        sentiment=None if found is None else _sentiment(found.sentiment),
        emotions=[] if found is None else _feelings(found.emotions),
        learning=[] if found is None else _feelings(found.learning),
        states=[] if found is None else [name for name, one in found.learning.items() if one.probability >= _CLEAR],
        urgency=None if found is None else UrgencyShown(rating=found.urgency, source=found.urgency_source),
        text=help_text(help_in) if verdict.action == "support" else "",
        remembered=remembered,
    )


def found_reply(user_id: str, enabled: bool, affect: Affect | None, active: list[str]) -> FoundReply:
    """What is kept, as the learner sees it."""
    events = [] if affect is None else affect.noted[::-1]
    offers = [] if affect is None else affect.raised[::-1]
    return FoundReply(
        user_id=user_id,
        enabled=enabled,
        active=active,
        events=[EventShown(event_id=event.event_id, at=event.at, levels=event.levels) for event in events],
        offers=[OfferShown(**raised.model_dump(exclude={"event_id"})) for raised in offers],
    )


def _sentiment(probabilities: dict[str, float]) -> SentimentShown:
    label = max(probabilities, key=lambda name: probabilities[name])
    return SentimentShown(
        label=label,
        score=round(probabilities["positive"] - probabilities["negative"], 4),
        probabilities=probabilities,
    )


def _feelings(found: dict[str, Likelihood]) -> list[FeelingShown]:
    return [FeelingShown(name=name, probability=one.probability, source=one.source) for name, one in found.items()]
