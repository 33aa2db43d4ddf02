"""The learner's switch: on, or off with everything removed that was kept."""

from shared.documents import Profile
from shared.errors import AlreadyExists, StaleVersion, Unavailable
from shared.store import Create, Delete, Put, Store, Write
from shared.stored.affect import Affect

_RACES = 10


async def switch(store: Store, user_id: str, *, enabled: bool) -> None:
    """Set it. Raises Unavailable when the profile was always being written elsewhere, and what the store raises."""
    for _ in range(_RACES):
        found = await store.get_versioned(Profile, user_id)
        profile = found[0] if found else Profile(id=user_id)
        changed = profile.model_copy(update={"sentiment": enabled})
        writes: list[Write] = [Create(changed) if found is None else Put(changed, expect=found[1])]
        if not enabled:
            writes.append(Delete(Affect, user_id))
        try:
            await store.commit(*writes)
        except (AlreadyExists, StaleVersion):
            continue
        return
    raise Unavailable("This profile is being changed elsewhere at the same moment.")
