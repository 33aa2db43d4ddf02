"""Tokens, learners and admins that are no longer let in: on every instance within REVOCATION_SECONDS, with no message sent.

Each instance holds the revocations in memory and asks the store for new ones while requests come in. A request is never
decided on what was read longer ago than REVOCATION_SECONDS: it waits for a new reading instead (a busy instance reads
ahead, so its requests do not wait). When the store cannot be read, the old set is used for OUTAGE_SECONDS from its last
reading; then requests are answered 503, because nobody knows any more who was shut out.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from shared import log
from shared.documents import Revocation
from shared.errors import AlreadyExists, StaleVersion, Unavailable
from shared.identity.caller import Caller
from shared.store import Create, Put, Store, Where

REVOCATION_SECONDS: Final = 5.0
READ_AHEAD_SECONDS: Final = 2.5
OUTAGE_SECONDS: Final = 60.0
READ_SECONDS: Final = 2.0
"""How long one reading may take before it counts as failed."""
FIRST_READ_SECONDS: Final = 8.0
"""The same for a process that has not read yet: it is still making its connections, and without a reading it refuses everyone."""
RETRY_SECONDS: Final = 1.0
FULL_SECONDS: Final = 600.0
"""Everything is read again this often, so that a revocation which was taken back is forgotten."""
OVERLAP_SECONDS: Final = 120.0
"""How far back each reading reaches behind the newest revocation known: writers' clocks differ."""
PAGE: Final = 500
_RACES: Final = 20
MOST: Final = 100_000

_logger = log.get(__name__)


def user_key(user_id: str) -> str:
    """The document's id for everything a person holds."""
    return f"user:{user_id}"


def token_key(token_id: str) -> str:
    """The document's id for one token."""
    return f"token:{token_id}"


async def revoke(
    store: Store,
    *,
    now: float,
    user_id: str | None = None,
    token_id: str | None = None,
    reason: str = "",
    not_before: float = 0.0,
    expires_at: float | None = None,
) -> Revocation:
    """Shut out one person or one token; exactly one of both is given (ValueError otherwise).

    One that is there already is only made stricter. `not_before` 0 shuts a person out until the document is deleted; a moment refuses the sign-ins made before it, in
    whole seconds as tokens count them. `expires_at` lets a token's entry go when the token itself has expired.
    """
    if (user_id is None) == (token_id is None):
        raise ValueError("give a user id or a token id")
    key = user_key(user_id) if user_id is not None else token_key(token_id or "")
    wanted = Revocation(id=key, created_at=now, reason=reason, not_before=not_before, expires_at=expires_at)
    for _ in range(_RACES):
        found = await store.get_versioned(Revocation, key)
        document = wanted if found is None else _stricter(found[0], wanted)
        try:
            await store.commit(Create(document) if found is None else Put(document, expect=found[1]))
        except (AlreadyExists, StaleVersion):
            continue
        return document
    raise Unavailable("This is being revoked elsewhere at the same moment.")


def _stricter(there: Revocation, wanted: Revocation) -> Revocation:
    """Both in one: who was shut out stays so, whatever a later and weaker word says."""
    ends = [one.expires_at for one in (there, wanted)]
    return wanted.model_copy(
        update={
            "not_before": 0.0
            if 0 in (there.not_before, wanted.not_before)
            else max(there.not_before, wanted.not_before),
            "expires_at": None if None in ends else max(end for end in ends if end is not None),
        }
    )


async def revocations(store: Store, limit: int = 100) -> list[Revocation]:
    """The newest revocations, newest first."""
    return await store.query(Revocation, order="created_at", descending=True, limit=limit)


class Revocations:
    """The revocations as this instance knows them."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._not_before: dict[str, float] = {}
        self._read_at = float("-inf")
        self._full_at = float("-inf")
        self._tried_at = float("-inf")
        self._newest = 0.0
        self._failing = False
        self._own: dict[str, Revocation] = {}
        self._reading: asyncio.Task[None] | None = None

    def is_fresh(self, now: float) -> bool:
        """Whether requests may be decided without waiting. Starts a reading in the background when it is nearly time."""
        age = now - self._read_at
        if 0 <= age < READ_AHEAD_SECONDS:
            return True
        if 0 <= age < REVOCATION_SECONDS:
            self._start(now)
            return True
        return False

    async def refresh(self, now: float) -> None:
        """Wait for a reading. Raises Unavailable when the last good one is older than OUTAGE_SECONDS.

        While the store fails, the old set is used without waiting: a store that hangs must not make everyone wait.
        """
        reading = self._start(now)
        if reading is not None and not (self._failing and self._is_usable()):
            await asyncio.shield(reading)
        if not self._is_usable():
            raise Unavailable("Sign-ins cannot be checked at the moment.", retry_after=RETRY_SECONDS)

    def refuse(self, caller: Caller) -> bool:
        """Whether this caller's token or person was shut out."""
        known = self._not_before
        if not known:
            return False
        return token_key(caller.token_id) in known or self._shuts_out(user_key(caller.user_id), caller.issued_at)

    def note(self, document: Revocation) -> None:
        """Take a revocation that this instance has just written into account at once."""
        self._own[document.id] = document
        self._not_before[document.id] = document.not_before

    async def close(self) -> None:
        """End a reading that is under way."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _is_usable(self) -> bool:
        return self._clock() - self._read_at < OUTAGE_SECONDS

    def _shuts_out(self, key: str, issued_at: float) -> bool:
        not_before = self._not_before.get(key)
        return not_before is not None and (not_before == 0 or issued_at < not_before)

    def _start(self, now: float) -> asyncio.Task[None] | None:
        """The reading under way, a new one, or None while a failed one is too recent."""
        if self._reading is not None and not self._reading.done():
            return self._reading
        if 0 <= now - self._tried_at < RETRY_SECONDS:
            return None
        self._tried_at = now
        self._reading = asyncio.get_running_loop().create_task(self._read(now))
        return self._reading

    async def _read(self, now: float) -> None:
        full = not 0 <= now - self._full_at < FULL_SECONDS
        try:
            async with asyncio.timeout(FIRST_READ_SECONDS if self._read_at < 0 else READ_SECONDS):
                found = await self._pages(0.0 if full else min(self._newest, now) - OVERLAP_SECONDS)
        except Exception as error:  # noqa: BLE001 - each store fails in its own way, and each way means the same here
            self._failing = True
            log.event(_logger, "revocations.unreadable", level=logging.ERROR, error=type(error).__name__)
            return
        self._failing = False
        # What was written here while the reading was under way is not in it.
        self._own = {key: item for key, item in self._own.items() if item.created_at >= now - REVOCATION_SECONDS}
        entries = {item.id: item.not_before for item in (*found, *self._own.values())}
        self._not_before = entries if full else {**self._not_before, **entries}
        self._newest = max((item.created_at for item in found), default=self._newest)
        self._read_at = now
        self._full_at = now if full else self._full_at

    async def _pages(self, since: float) -> Sequence[Revocation]:
        """Every revocation made at or after `since`. More than MOST would be an attack or a mistake: it is said aloud."""
        found: dict[str, Revocation] = {}
        limit = PAGE
        while len(found) < MOST:
            page = await self._store.query(
                Revocation, Where("created_at", ">=", since), order="created_at", limit=limit
            )
            found.update((item.id, item) for item in page)
            if len(page) < limit:
                return list(found.values())
            # A page full of one moment does not lead on: take a larger one.
            limit = limit * 2 if page[-1].created_at == since else PAGE
            since = page[-1].created_at
        log.event(_logger, "revocations.too_many", level=logging.ERROR, count=len(found))
        return list(found.values())
