"""Mentor messages under an Idempotency-Key, each instance with its own exchanges over the shared stores of a product."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from shared.agents.mentor import ChatRequest
from shared.coordination import Coordination
from shared.dialogue.chat import begin
from shared.documents import Exchange, LedgerEntry, Turn
from shared.errors import StoreError
from shared.identity.caller import Caller
from shared.llm.stop import Stop
from shared.runtime import Runtime
from shared.store import Store, Version, Where, Write
from shared.store.sqlite import SQLiteStore
from shared.web import streaming
from shared.web.context import Call
from shared.web.exchange import Exchanges
from shared.web.replay import Key
from shared.web.replies import json_reply
from shared.web.sse import EventStream
from shared.web.ticket import Ticket
from tests.fakes.waiting import eventually

KEY = Key.of("u1", "POST /mentor/chat", "k", b"{}")
PLAIN = "What is light? fake-n12"
SLOW_STREAM = "What is light? fake-n20-pace50ms"


class Away:
    """A coordination that cannot be reached: everything it is asked raises StoreError, at once."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        async def unreachable(*_: Any, **__: Any) -> Any:
            raise StoreError("away")

        return unreachable

    async def close(self) -> None:
        """Nothing is open."""


class Unheard(SQLiteStore):
    """The real store, which commits but cannot say so where `silent` finds the write (StoreError), `times` times."""

    times = 0
    silent: type = Exchange

    async def commit(self, *writes: Write) -> list[Version]:
        """Commit, then fail."""
        left = await super().commit(*writes)
        if self.times and any(isinstance(getattr(write, "document", None), self.silent) for write in writes):
            self.times -= 1
            raise StoreError("the answer was lost")
        return left


class Held:
    """A real store, where the commit that seals an answer waits for `go`: its execution lasts until then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._there = asyncio.Event()
        self.go = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, *writes: Write) -> list[Version]:
        """Wait, then commit."""
        documents = [getattr(write, "document", None) for write in writes]
        if any(isinstance(found, Exchange) and found.state == "done" for found in documents):
            self._there.set()
            await self.go.wait()
        return await self._store.commit(*writes)

    async def reached(self) -> None:
        """An execution has come as far as that."""
        await eventually(self._there.is_set)


@dataclass
class Instance:
    """One instance: a runtime, and its exchanges with a clock that may run ahead (so that others' leases are over)."""

    runtime: Runtime
    name: str
    ahead: float = 0.0
    lease: float = 20.0
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.exchanges = Exchanges(
            self.runtime.store,
            self.runtime.coordination,
            lambda: self.clock() + self.ahead,
            self.name,
            lease=self.lease,
        )

    async def ask(
        self, message: str, *, key: Key = KEY, stream: bool = False, after: int = 0, conversation: str | None = None
    ) -> Response:
        """One message, as `functions.mentor.chat` answers it."""

        async def handle(ticket: Ticket) -> Response:
            call = web_call()
            body = ChatRequest(message=message, conversation_id=conversation)
            turn = await begin(self.runtime, call, body)
            if not stream:
                answer = await self.runtime.gateway.complete(
                    turn.question, turn.keep, ticket.seal_reply(turn.envelope), turn.again
                )
                await turn.remember(answer)
                return json_reply(turn.envelope(answer))
            stop = Stop()
            return await streaming.respond(
                self.runtime.lives,
                lambda seal: turn.stream(stop, seal),
                meta=turn.meta,
                user_id="u1",
                stop=stop,
                ticket=ticket,
                receive=call.receive,
                done=turn.envelope,
            )

        return await self.exchanges.run(key, after, stream, handle)

    async def said(self, message: str, **more: Any) -> bytes:
        """The whole body of the answer."""
        return await read(await self.ask(message, **more), more.get("after", 0))


def web_call(user_id: str = "u1") -> Call:
    """A request of a learner who stays."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    made = Call(scope, receive, request_id="r1", headers={}, proxies=0)
    made.caller = Caller(user_id=user_id, role="learner", token_id="t", issued_at=0)
    return made


def hold(runtime: Runtime) -> Held:
    """Have this instance's answers wait before they are sealed. Before the store's first use."""
    store = runtime.__dict__["store"] = Held(runtime.store)
    return store


def use(runtime: Runtime, *, coordination: Coordination | Any = None, store: Store | None = None) -> Runtime:
    """Put other stores in place, before the first use."""
    if coordination is not None:
        runtime.__dict__["coordination"] = coordination
    if store is not None:
        runtime.__dict__["store"] = store
    return runtime


async def read(response: Response, after: int = 0) -> bytes:
    """A response's whole body."""
    if isinstance(response, EventStream):
        return b"".join([part async for part in response.source.read(after)])
    return bytes(response.body)


def frames(stream: bytes) -> list[bytes]:
    """The events of a stream."""
    return [part + b"\n\n" for part in stream.split(b"\n\n") if part]


async def effects(runtime: Runtime) -> tuple[Sequence[Turn], Sequence[LedgerEntry]]:
    """The learner's turns, and the ledger rows that say they gave an answer."""
    where = Where("user_id", "==", "u1")
    turns = await runtime.store.query(Turn, where, order="created_at")
    rows = await runtime.store.query(LedgerEntry, where, order="created_at")
    return turns, [row for row in rows if row.final]
