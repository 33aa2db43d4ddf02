"""`python -m scripts.benchmarks.load JSON`: runs one Load (client.py) and prints its Result as JSON.

Raw asyncio.Protocol over uvloop: a client library would cost more than the servers it measures. Latencies are exact and
every one is kept, from the write of a request to the last byte of its answer.
"""

import asyncio
import json
import sys
import time
from array import array
from collections import Counter
from typing import Any, cast

from scripts.benchmarks.client import NUMBER, Load
from scripts.benchmarks.machine import Watch
from scripts.benchmarks.quantiles import quantile

CHUNKED_END = b"\r\n0\r\n\r\n"
_PATIENCE = 10.0
"""Seconds that answers still under way at the end may take before they count as cut off."""


class Tally:
    """What has come back within the counted window."""

    def __init__(self) -> None:
        self.counting = False
        self.times = array("d")
        self.firsts = array("d")
        self.failed = 0
        self.statuses: Counter[str] = Counter()
        self.open = 0
        self.open_most = 0

    def begun(self) -> None:
        """An answer's first byte."""
        self.open += 1
        self.open_most = max(self.open_most, self.open)

    def ended(self, status: str, started: int, first: int, *, whole: bool) -> None:
        """An answer's end; the two times are of perf_counter_ns, 0 when there was no first byte."""
        if first:
            self.open -= 1
        if not self.counting:
            return
        now = time.perf_counter_ns()
        self.statuses[status] += 1
        if not whole:
            self.failed += 1
            return
        self.times.append((now - started) / 1e6)
        self.firsts.append((first - started) / 1e6)


class Run:
    """The load's shared state: the next number, the tally, and whether to go on."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.tally = Tally()
        self.going = True
        self.connections: set[Connection] = set()
        self.ended = asyncio.Event()
        self._tasks: set[asyncio.Future[None]] = set()
        self._number = load.first
        self._parts = [part.encode() for part in load.body.split(NUMBER)]
        head = f"POST {load.path} HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\nContent-Type: application/json\r\n"
        if load.token:
            head += f"Authorization: Bearer {load.token}\r\n"
        self._head = head.encode() + b"Content-Length: "
        self.whole = load.whole.encode()

    def request(self) -> bytes:
        """The next request's bytes."""
        body = self._parts[0]
        if len(self._parts) > 1:
            self._number += 1
            body = (b"%d" % self._number).join(self._parts)
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body)

    def reconnect(self) -> None:
        """Fill a place that a server has closed."""
        task = asyncio.ensure_future(connect(self))
        self._tasks.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(self._connected)

    def _connected(self, task: "asyncio.Future[None]") -> None:
        self._tasks.discard(task)
        task.exception()  # looked at: a refused connection is a place lost, not a crash

    def left(self, connection: "Connection") -> None:
        """A connection has done what it had to do."""
        self.connections.discard(connection)
        if not self.connections:
            self.ended.set()


class Connection(asyncio.Protocol):
    """One place in the loop; when the server closes it between two answers a new one takes its place."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._size = 0  # of the whole answer; 0 until its head is there, -1 for a chunked one
        self._started = 0
        self._first = 0
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Collect the answer; at its end send the next request."""
        if not self._first:
            self._first = time.perf_counter_ns()
            self._run.tally.begun()
        self._buffer = buffer = self._buffer + data if self._buffer else data
        if not self._size:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._size = _size(buffer[: end + 2].lower(), end + 4)
        if buffer.endswith(CHUNKED_END) if self._size < 0 else len(buffer) >= self._size:
            self._end(buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cut off in the middle of an answer: that is a failure. Otherwise only the keep-alive has ended."""
        self._transport = None
        if self._waiting:
            self._waiting = False
            self._run.tally.ended("cut off", self._started, self._first, whole=False)
        if self._run.going and not self._run.load.once:
            self._run.ended.clear()
            self._run.reconnect()
        self._run.left(self)

    def give_up(self) -> None:
        """The time is over: an answer that is still under way counts as cut off."""
        if self._transport is not None:
            self._transport.abort()

    def _ask(self) -> None:
        if self._transport is None:
            return
        self._buffer, self._size, self._first, self._waiting = b"", 0, 0, True
        request = self._run.request()
        self._started = time.perf_counter_ns()
        self._transport.write(request)

    def _end(self, answer: bytes) -> None:
        self._waiting = False
        status = answer[9:12].decode("latin-1")
        whole = status == "200" and self._run.whole in answer
        self._run.tally.ended(status, self._started, self._first, whole=whole)
        if self._run.going and not self._run.load.once:
            self._ask()
        elif self._transport is not None:
            self._transport.close()


def _size(head: bytes, start: int) -> int:
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        return -1
    return start + int(head[at + 17 : head.index(b"\r\n", at + 17)])


async def connect(run: Run) -> None:
    """One more connection."""

    def made() -> Connection:
        connection = Connection(run)
        run.connections.add(connection)
        return connection

    await asyncio.get_running_loop().create_connection(made, "127.0.0.1", run.load.port)


async def drive(load: Load) -> dict[str, Any]:
    """Run the load; the fields of Result."""
    run = Run(load)
    run.tally.counting = load.once
    watch, began = Watch(load.watch), time.perf_counter()
    await asyncio.gather(*(connect(run) for _ in range(load.concurrency)))
    if load.once:
        await _within(run.ended, load.seconds)
    else:
        await asyncio.sleep(load.warm)
        run.tally.counting = True
        watch, began = Watch(load.watch), time.perf_counter()
        await asyncio.sleep(load.seconds)
    seconds = time.perf_counter() - began
    server, noise = watch.read(seconds)
    count = len(run.tally.times)
    run.going = False
    if not load.once:
        # What was under way at the end of the window is neither fast nor failed: it is not counted, but it must end.
        run.tally.counting = False
        await _within(run.ended, _PATIENCE)
    for connection in list(run.connections):
        run.tally.counting = True
        connection.give_up()
    await asyncio.sleep(0)
    return _fields(run.tally, seconds, count, server, noise)


async def _within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _fields(tally: Tally, seconds: float, count: int, server: float | None, noise: float | None) -> dict[str, Any]:
    times, firsts = sorted(tally.times), sorted(tally.firsts)
    return {
        "requests": count,
        "seconds": round(seconds, 3),
        "rps": round(count / seconds, 1),
        "p50": quantile(times, 0.5) if times else None,
        "p99": quantile(times, 0.99) if times else None,
        "first_p50": quantile(firsts, 0.5) if firsts else None,
        "first_p99": quantile(firsts, 0.99) if firsts else None,
        "failed": tally.failed,
        "statuses": dict(tally.statuses),
        "open_most": tally.open_most,
        "cpu_ms": server * 1000 / count if server is not None and count else None,
        "noise": noise,
    }


def main() -> None:
    """Read the load, do it, print what came of it."""
    import uvloop

    print(json.dumps(uvloop.run(drive(Load.from_json(sys.argv[1])))))


if __name__ == "__main__":
    main()
