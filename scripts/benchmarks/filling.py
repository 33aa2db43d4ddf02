"""Stores as learners leave them: conversations of ten exchanges, a hundred exchanges a learner, a ledger row for each.

Every tenth session belongs to one conversation that never ends (`LONG`). Rows of the ledger are spread over the ninety days
that they are kept.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from shared.documents import Conversation, LedgerEntry, Said, Turn
from shared.store import Put, Store, Write

LONG, OWNER = "c_long", "u_long"
SESSION = 10
"""Exchanges of one session, and sessions of one learner."""
_GROUP = 10
"""Sessions of one commit: 210 writes, of which Firestore takes 500."""
_AT_ONCE = 4
_DAYS = 90
_KEPT_SECONDS = 365 * 86_400.0
_QUESTION = (
    "Why does a plant in the dark window grow towards the light, and what happens to it when it is turned round? "
)
_ANSWER = "Think of what the plant needs the light for. Which of its parts could notice from where it comes? " * 4


def learner(session: int) -> str:
    """Whose session it is."""
    return OWNER if session % SESSION == 0 else f"u_{session // SESSION}"


def conversation(session: int) -> str:
    """Which conversation it belongs to."""
    return LONG if session % SESSION == 0 else f"c_{session}"


class Filling:
    """Fills `store`, further at each call of `to`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = time.time()
        self._long = 0
        self.sessions = 0

    @property
    def turns(self) -> int:
        """Exchanges there are."""
        return self.sessions * SESSION

    @property
    def learners(self) -> int:
        """Learners there are, besides the one of the long conversation."""
        return -(-self.sessions // SESSION)

    async def to(self, turns: int, step: Callable[[str], None]) -> None:
        """Fill until there are so many; `step` after each commit."""
        head = await self._store.get(Conversation, LONG)
        self._long = head.count if head is not None else 0  # it may have gone on meanwhile
        groups = [
            range(first, min(first + _GROUP, turns // SESSION))
            for first in range(self.sessions, turns // SESSION, _GROUP)
        ]
        for first in range(0, len(groups), _AT_ONCE):
            # Built one after the other, because the long conversation's numbers count through all of them.
            commits = [tuple(self._group(group)) for group in groups[first : first + _AT_ONCE]]
            await asyncio.gather(*(self._store.commit(*writes) for writes in commits))
            for _ in commits:
                step(f"{min(turns, (groups[first][0] + _GROUP) * SESSION):,} exchanges")
        self.sessions = turns // SESSION
        await self._store.commit(Put(self._head(0, self._long)))

    def _group(self, sessions: Sequence[int]) -> Iterator[Write]:
        for session in sessions:
            before = self._long if session % SESSION == 0 else 0
            for number in range(1, SESSION + 1):
                name = f"m_{session}_{number}"
                yield Put(self._turn(session, name, before + number))
                yield Put(self._row(session, name))
            if session % SESSION == 0:
                self._long += SESSION
            else:
                yield Put(self._head(session, SESSION))

    def _turn(self, session: int, name: str, sequence: int) -> Turn:
        return Turn(
            id=name,
            conversation_id=conversation(session),
            user_id=learner(session),
            sequence=sequence,
            created_at=self._now - _DAYS * 86_400 + session,
            question=f"{_QUESTION}({name})",
            answer=_ANSWER,
            language="en",
            model="gemma-4-e4b",
            provider="gemma",
            finish="stop",
            degraded=False,
            expires_at=self._now + _KEPT_SECONDS,
        )

    def _row(self, session: int, name: str) -> LedgerEntry:
        day = datetime.fromtimestamp(self._now - session % _DAYS * 86_400, UTC).date().isoformat()
        return LedgerEntry(
            id=f"{name}:1", request_id=f"r_{name}", message_id=name, user_id=learner(session), agent="mentor", attempt=1,
            final=True, model="gpt-4", provider="openai", outcome="ok", stream=False, cache="none", input_tokens=400,
            cached_input_tokens=0, output_tokens=100, usage_source="provider", cost_nano_usd=1_000 + session % 100,
            price_date="2026-01-01", latency_ms=900.0, day=day, learner_day=day,
            created_at=self._now - session % _DAYS * 86_400, expires_at=self._now + _DAYS * 86_400,
        )  # fmt: skip

    def _head(self, session: int, count: int) -> Conversation:
        recent = [
            Said(message_id=f"m_{session}_{n}", question=_QUESTION, answer=_ANSWER) for n in range(1, SESSION + 1)
        ]
        return Conversation(
            id=conversation(session),
            user_id=learner(session),
            created_at=self._now,
            updated_at=self._now,
            count=count,
            summary="The learner asked about plants and light, and found out which part notices it.",
            summarised=2**40,  # so that no summary is asked for in the middle of a measurement
            recent=recent,
            expires_at=self._now + _KEPT_SECONDS,
        )
