"""A TCP connection that tests can hold up and cut: what was sent arrives, or its answer does not, or neither."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class Wire:
    """Listens on a free port of 127.0.0.1 (`host`) and passes on to another host:port.

    While `there` is cleared nothing is passed on to the server, while `back` is cleared nothing of what it says. `held`
    counts the bytes that came while they could not be passed on.
    """

    def __init__(self, target: str) -> None:
        name, _, port = target.rpartition(":")
        self._target = (name, int(port))
        self.there = asyncio.Event()
        self.back = asyncio.Event()
        self.held = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self.restore()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.host = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self.cut()
        await self._server.wait_closed()

    def restore(self) -> None:
        """Let everything through again."""
        self.there.set()
        self.back.set()

    async def cut(self) -> None:
        """Break every connection; what was held up is lost. New ones are accepted."""
        for task in self._tasks:
            task.cancel()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection(*self._target)
        pairs = ((reader, upstream_writer, self.there), (upstream_reader, writer, self.back))
        tasks = {asyncio.create_task(self._pass_on(*pair)) for pair in pairs}
        self._tasks |= tasks
        self._open |= {writer, upstream_writer}
        await asyncio.wait(tasks)
        self._tasks -= tasks
        self._open -= {writer, upstream_writer}

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.held += 0 if gate.is_set() else len(data)
                await gate.wait()
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()
