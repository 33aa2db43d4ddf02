"""What a conversation calls so that a learner's words can lead to an offer. No store is asked unless there is a sign.

noted = watch.glance(text, language, event_id=message_id, now=now, allowed=watch.allowed(profile), verdict=verdict)
if noted is not None:
    offers = await watch.record(store, user_id, [noted], now)
"""

from collections.abc import Sequence

from shared.affect import standing
from shared.affect.cues import any_cue
from shared.affect.reading import read
from shared.documents import Profile
from shared.errors import AlreadyExists, StaleVersion, Unavailable
from shared.safety.verdict import Verdict
from shared.store import Create, Delete, Put, Ref, Store
from shared.stored.affect import Affect, Noted, Raised

_RACES = 10


def allowed(profile: Profile | None) -> bool:
    """Whether this learner lets their words be read for affect."""
    return profile is None or profile.sentiment


def glance(
    text: str, language: str | None, *, event_id: str, now: float, allowed: bool, verdict: Verdict | None = None
) -> Noted | None:
    """What is to be remembered of a text; None where it holds no sign, and without leave: then nothing is read or kept."""
    if not allowed:
        return None
    levels = standing.levels(read(text, language, verdict).signs)
    return Noted(event_id=event_id, at=now, levels=levels) if standing.telling(levels) else None


def overheard(text: str, language: str, *, event_id: str, now: float, allowed: bool, verdict: Verdict) -> Noted | None:
    """`glance` for a conversation's every message: the models are asked only where a phrase of the rules says it is worth it."""
    if not allowed or (verdict.action != "support" and not any_cue(text, language)):
        return None
    return glance(text, language, event_id=event_id, now=now, allowed=allowed, verdict=verdict)


async def record(store: Store, user_id: str, events: Sequence[Noted], now: float) -> list[Raised]:
    """Remember these events once, however often this is called; what they raised, the weightiest first.

    The learner's switch is read anew with it: where it is off, nothing is remembered and nothing raised. Raises Unavailable when the
    learner's other requests were always quicker, and what the store raises.
    """
    names = [event.event_id for event in events]
    for _ in range(_RACES):
        found, profile = await store.read(Ref(Affect, user_id), Ref(Profile, user_id))
        known: Affect | None = found[0] if found else None
        if not allowed(profile[0] if profile else None):
            return []
        if all(standing.seen(known, event.event_id) for event in events):
            return standing.raised_by(known, names)
        after = standing.note(known or Affect(id=user_id), events, now)
        try:
            await store.commit(Create(after) if found is None else Put(after, expect=found[1]))
        except (AlreadyExists, StaleVersion):
            continue
        if found is None and not await _still(store, user_id):
            continue
        return standing.raised_by(after, names)
    raise Unavailable("This learner's standing is being changed elsewhere at the same moment.")


async def _still(store: Store, user_id: str) -> bool:
    """Whether a first document may stay. Switching off changes a document that is there, which the version shows, but removes
    nothing where none is: whoever made one in that moment takes it away again."""
    if allowed(await store.get(Profile, user_id)):
        return True
    await store.commit(Delete(Affect, user_id))
    return False
