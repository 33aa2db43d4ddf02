"""The way to Upstash: commands that are issued together travel together, and a database that is down is not asked.

Upstash's own client sends by httpx, one request at a time: more CPU than a whole mentor request has
(`scripts/benchmarks/wires.py` measures both). So its wire format (headers, encoding) is used over aiohttp, and commands are pipelined: those of two
turns of the event loop, and those that come while AT_ONCE calls are under way, make one `POST /pipeline` of up to BATCH.
A pipeline is not atomic and need not be: each command is, and an error in one is that one's alone.

Nothing is retried here: a lost answer leaves open whether the command was done, and only callers know which may be repeated.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from shared import forks, log
from shared.coordination.upstash_scripts import Script
from shared.errors import StoreError

BATCH = 128
BATCH_BYTES = 512 * 1024
"""A larger command travels alone: Upstash refuses a request over its plan's limit (1 MB and more) as a whole."""
AT_ONCE = 4
CALL_SECONDS = 0.5
SHORTEST_REST = 1.0
LONGEST_REST = 8.0

_logger = log.get(__name__)


class Refusal(StoreError):
    """The server understood the command and said no; the text is its word."""


class Gate:
    """Whether the database is asked at all. After a failure it rests for 1 s, doubling to 8 s; then one call tries."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rest = 0.0
        self._until = 0.0
        self._trying = False

    def admit(self) -> bool:
        """Let a call through; True when it is the one that tries. StoreError when nothing goes through."""
        if not self._rest:
            return False
        if self._trying or self._clock() < self._until:
            raise StoreError("Redis is down")
        self._trying = True
        return True

    def worked(self, tried: bool) -> None:
        """A call was answered. One begun before the failure proves nothing."""
        if tried and self._rest:
            self._rest, self._trying = 0.0, False
            log.event(_logger, "redis.up")

    def failed(self, tried: bool, error: object) -> None:
        """A call was not answered, or not with sense. Of those under way together only the first counts."""
        if self._rest and not tried:
            return
        if not self._rest:
            log.event(_logger, "redis.down", level=logging.WARNING, error=error)
        self._rest = min(LONGEST_REST, max(SHORTEST_REST, self._rest * 2))
        self._until = self._clock() + self._rest
        self._trying = False

    def withdrawn(self) -> None:
        """The call that was to try never went out."""
        self._trying = False


class _Sent:
    """One command on its way."""

    __slots__ = ("answer", "body", "gone", "limit", "trying")

    def __init__(self, body: bytes, limit: float, trying: bool, answer: "asyncio.Future[Any]") -> None:
        self.body = body
        self.limit = limit
        self.trying = trying
        self.answer = answer
        self.gone = False


class Link:
    """The connections of one event loop in one process."""

    def __init__(self, url: str, token: str, clock: Callable[[], float], count: Callable[[], None]) -> None:
        import aiohttp
        from upstash_redis.http import decode, make_headers

        self.loop = asyncio.get_running_loop()
        self.generation = forks.generation
        self.gate = Gate(clock)
        self._count = count
        self._decode = decode
        self._url = url.rstrip("/") + "/pipeline"
        self._headers = {**make_headers(token, "base64", False), "Content-Type": "application/json"}
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))
        self._waiting: deque[_Sent] = deque()
        self._calls: set[asyncio.Task[None]] = set()
        self._due = False

    async def ask(self, body: bytes, limit: float) -> Any:
        """One command's answer; StoreError when there is none by then."""
        sent = _Sent(body, limit, self.gate.admit(), self.loop.create_future())
        self._waiting.append(sent)
        if not self._due:
            self._due = True
            self.loop.call_soon(
                self.loop.call_soon, self._turn
            )  # the next turn too: a beat wakes tasks that start tasks
        try:
            async with asyncio.timeout(limit):
                return await sent.answer
        except TimeoutError as error:
            if sent.gone:
                self.gate.failed(sent.trying, error)
                sent.trying = False
            raise StoreError("Redis took too long") from None
        finally:
            if sent.trying and not sent.gone:
                self.gate.withdrawn()

    async def close(self) -> None:
        """Have everything answered, then let go of the connections."""
        while self._waiting or self._calls:
            if self._calls:
                await asyncio.wait(self._calls)
            else:
                await asyncio.sleep(0)
        await self._session.close()

    def _turn(self) -> None:
        self._due = False
        while self._waiting and len(self._calls) < AT_ONCE:
            batch: list[_Sent] = []
            size = 0
            while self._waiting and len(batch) < BATCH:
                size += len(self._waiting[0].body)
                if batch and size > BATCH_BYTES:
                    break
                sent = self._waiting.popleft()
                if not sent.answer.done():  # else its caller has left
                    sent.gone = True
                    batch.append(sent)
            if batch:
                call = self.loop.create_task(self._send(batch))
                self._calls.add(call)
                call.add_done_callback(self._called)

    def _called(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        if self._waiting:
            self._turn()

    async def _send(self, batch: Sequence[_Sent]) -> None:
        try:
            async with asyncio.timeout(max(sent.limit for sent in batch)):
                answers = await self._post(b"[" + b",".join([sent.body for sent in batch]) + b"]", len(batch))
        except BaseException as error:  # whatever a broken database or network makes of the client
            self.gate.failed(any(sent.trying for sent in batch), error)
            _fail([*batch, *self._waiting])
            if not isinstance(error, Exception):
                raise
            return
        self.gate.worked(any(sent.trying for sent in batch))
        for sent, answer in zip(batch, answers, strict=True):
            if sent.answer.done():
                continue
            if isinstance(answer, Refusal):
                sent.answer.set_exception(answer)
            else:
                sent.answer.set_result(answer)

    async def _post(self, body: bytes, count: int) -> list[Any]:
        self._count()
        async with self._session.post(self._url, data=body, headers=self._headers) as response:
            read = await response.read()
            token = response.headers.get("Upstash-Sync-Token")
        if response.status in (400, 413):  # it is there, and will not have this
            return [Refusal(f"Redis answered {response.status}")] * count
        if response.status != 200:
            raise StoreError(f"Redis answered {response.status}")
        if token is not None:
            # A replica must have seen our writes. With several calls under way the last answer's token counts; what may
            # not be stale at all is read by a script, which the primary runs.
            self._headers["Upstash-Sync-Token"] = token
        answers = orjson.loads(read)
        if not isinstance(answers, list) or len(answers) != count:
            raise StoreError("Redis did not answer each command")
        return [self._said(answer) for answer in answers]

    def _said(self, answer: Any) -> Any:
        if not isinstance(answer, dict):
            raise StoreError("Redis answered with something else")
        if answer.get("error"):
            return Refusal(str(answer["error"])[:200])
        return self._decode(answer["result"])


def _fail(batch: Sequence[_Sent]) -> None:
    for sent in batch:
        if not sent.answer.done():
            sent.answer.set_exception(StoreError("Redis did not answer"))
            sent.answer.exception()  # seen, also when the caller has left


class Wire:
    """Commands and scripts to one database, from whichever loop and process; connections are made on first use."""

    def __init__(self, url: str, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._token = token
        self._clock = clock
        self.requests = 0
        """Round trips so far."""
        self._link: Link | None = None
        self._inherited: list[Link] = []

    async def call(self, *command: str | int, limit: float = CALL_SECONDS) -> Any:
        """One command's result. StoreError when it is refused, or there is none in `limit` seconds."""
        return await self._linked().ask(orjson.dumps(command), limit)

    async def script(
        self, script: Script, keys: Sequence[str], args: Sequence[str | int], limit: float = CALL_SECONDS
    ) -> Any:
        """The same for a script, which is sent whole only where the server does not know it."""
        until = time.monotonic() + limit
        try:
            return await self.call("EVALSHA", script.sha, len(keys), *keys, *args, limit=limit)
        except Refusal as refusal:
            if not refusal.detail.startswith("NOSCRIPT"):
                raise
        return await self.call("EVAL", script.body, len(keys), *keys, *args, limit=max(0.0, until - time.monotonic()))

    async def close(self) -> None:
        """Have everything answered and let go; it opens again on its next use."""
        link = self._forget()
        if link is not None and link.loop is asyncio.get_running_loop():
            await link.close()

    def _linked(self) -> Link:
        link = self._link
        if link is None or link.loop is not asyncio.get_running_loop():  # a forked process runs a loop of its own
            self._forget()
            link = self._link = Link(self._url, self._token, self._clock, self._count)
        return link

    def _count(self) -> None:
        self.requests += 1

    def _forget(self) -> Link | None:
        link, self._link = self._link, None
        if link is not None and link.generation != forks.generation:
            # Kept for good: its end in this process would take the parent's sockets out of the parent's event loop.
            self._inherited.append(link)
        return link
