"""Sends conversations to a mentor and reads every answer whole: what a learner's app would see."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.benchmarks.processes import Mentor
from scripts.benchmarks.workload import Conversation, Kind, Turn

if TYPE_CHECKING:
    import aiohttp

CHAT = "/api/v1/ai/mentor/chat"
PATIENCE = 180.0
_READ_BUFFER = 2**20  # a `done` event is one line, and longer than aiohttp's usual limit for lines


@dataclass(frozen=True)
class Outcome:
    """One message's end. `place` is (conversation, turn); `reply` the envelope, or the problem when `status` is not 200."""

    place: tuple[int, int]
    kind: Kind
    status: int
    seconds: float
    reply: dict[str, Any]

    @property
    def good(self) -> bool:
        """A whole answer. One that no model gave is good only if it says so (`degraded`)."""
        return self.status == 200 and (self.reply.get("provider") != "template" or self.degraded)

    @property
    def degraded(self) -> bool:
        """Whether it is marked as degraded."""
        return bool(self.reply.get("degraded"))

    @property
    def hit(self) -> bool:
        """Whether the cache answered."""
        return str(self.reply.get("cache", "none")) != "none"

    @property
    def cost(self) -> float:
        """USD."""
        return float(self.reply.get("cost_usd", 0.0))


async def send(
    mentor: Mentor, conversations: Iterable[Conversation], lanes: int, done: Callable[[], None]
) -> list[Outcome]:
    """Every conversation's messages, in `lanes` conversations at a time. `done` hears of each answer."""
    import aiohttp

    outcomes: list[Outcome] = []
    waiting = iter(enumerate(conversations))
    tokens: dict[int, str] = {}
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1)  # the server lets go after 2 seconds
    async with aiohttp.ClientSession(timeout=timeout, read_bufsize=_READ_BUFFER, connector=connector) as session:

        async def lane() -> None:
            for number, conversation in waiting:
                if conversation.learner not in tokens:
                    tokens[conversation.learner] = mentor.token(f"learner-{conversation.learner}")
                known: str | None = None
                for index, turn in enumerate(conversation.turns):
                    asked = _Ask(mentor.url + CHAT, tokens[conversation.learner], turn, known)
                    outcome = await asked.send(session, (number, index))
                    outcomes.append(outcome)
                    done()
                    known = outcome.reply.get("conversation_id", known)

        await asyncio.gather(*(lane() for _ in range(lanes)))
    return sorted(outcomes, key=lambda outcome: outcome.place)


@dataclass(frozen=True)
class _Ask:
    url: str
    token: str
    turn: Turn
    conversation_id: str | None

    async def send(self, session: "aiohttp.ClientSession", place: tuple[int, int]) -> Outcome:
        """Ask and read to the end. Status 599 when there was no whole answer."""
        import aiohttp

        body: dict[str, Any] = {"message": self.turn.message, "stream": self.turn.stream}
        if self.conversation_id is not None:
            body["conversation_id"] = self.conversation_id
        began = time.perf_counter()
        try:
            headers = {"Authorization": f"Bearer {self.token}"}
            async with session.post(self.url, json=body, headers=headers) as response:
                if self.turn.stream and response.status == 200:
                    status, reply = await _events(response)
                else:
                    status, reply = response.status, await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            status, reply = 599, {"code": type(error).__name__}
        return Outcome(place, self.turn.kind, status, time.perf_counter() - began, reply)


async def _events(response: "aiohttp.ClientResponse") -> tuple[int, dict[str, Any]]:
    """The terminal event's status and data; a stream without one is no answer."""
    name, status, reply = b"", 599, {"code": "no_terminal_event"}
    async for line in response.content:
        if line.startswith(b"event: "):
            name = line[7:].strip()
        elif line.startswith(b"data: ") and name in (b"done", b"error"):
            reply = json.loads(line[6:])
            status = 200 if name == b"done" else int(reply.get("status", 599))
    return status, reply
