"""What is done for one connection beside reading it: answers shown while they are written, stops, notes."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from shared.errors import LyoError, RateLimited
from shared.realtime import answers
from shared.realtime.hub import Hub
from shared.realtime.line import Line
from shared.realtime.messages import Chat, Resume, Stop, events, failed, said
from shared.web.context import Call
from shared.web.problem import log_failure
from shared.web.sse import EventStream

if TYPE_CHECKING:
    from shared.runtime import Runtime


class Readers:
    """The readers of one connection. `open` is how many there are now, `asked` how many answers were asked for in all.

    `tolerate` is told whether a message came through (true) or came too often (false).
    """

    def __init__(self, now: "Runtime", hub: Hub, line: Line, tolerate: Callable[[bool], None]) -> None:
        self.open = 0
        self.asked = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self._now = now
        self._hub = hub
        self._line = line
        self._tolerate = tolerate
        self._following: dict[str, asyncio.Task[None]] = {}

    def show(self, call: Call, asked: Chat | Resume) -> None:
        """Show a message's answer, or what is missing of it."""
        self.asked += 1
        self._count(self._spawn(self._show(call, asked)))

    def stop(self, call: Call, asked: Stop) -> None:
        """Stop an answer, and say whether it was still running."""
        self._count(self._spawn(self._stop(call, asked)))

    def note(self, text: str) -> None:
        """Say something that nobody has asked for, without waiting until it is read."""
        self._spawn(self._line.tell(text))

    async def _show(self, call: Call, asked: Chat | Resume) -> None:
        # Kept apart: an answer that was begun goes on to its end under its id, whether or not its reader stays.
        opening = self._hub.keep(answers.opened(self._now, call, asked))
        try:
            found = await asyncio.shield(opening)
        except Exception as error:  # noqa: BLE001 - whatever it is, the app is told that there will be no answer
            language = asked.language if isinstance(asked, Chat) else None
            await self._refused(error, call, language, chat=asked.id)
            return
        self._tolerate(True)
        await self._follow(asked.id, found)

    async def _follow(self, chat: str, found: EventStream) -> None:
        """Every event, at the reader's pace. Who asks for the same answer again goes on with that alone."""
        before, task = self._following.get(chat), asyncio.current_task()
        if before is not None:
            before.cancel()
        assert task is not None
        self._following[chat] = task
        try:
            async with aclosing(found.frames()) as frames:
                async for joined in frames:
                    for text in events(chat, joined):
                        await self._line.tell(text)
        finally:
            if self._following.get(chat) is task:
                del self._following[chat]

    async def _stop(self, call: Call, asked: Stop) -> None:
        try:
            stopped = await answers.stopped(self._now, call, asked.message_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the app is told that nothing was stopped
            await self._refused(error, call, None, message_id=asked.message_id)
        else:
            await self._line.tell(said("stopped", message_id=asked.message_id, stopped=stopped))

    async def _refused(self, error: Exception, call: Call, language: str | None, **about: str) -> None:
        if not isinstance(error, LyoError):
            log_failure("request.failed", error)
        await self._line.tell(failed(error, call.request_id, language or call.header("accept-language"), **about))
        if isinstance(error, RateLimited):
            self._tolerate(False)

    def _count(self, task: "asyncio.Task[None]") -> None:
        self.open += 1
        task.add_done_callback(self._uncount)

    def _uncount(self, _: "asyncio.Task[None]") -> None:
        self.open -= 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task
