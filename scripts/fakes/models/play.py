"""Sending one planned answer over HTTP, with everything that can go wrong on the way."""

import asyncio
import json
from dataclasses import dataclass

from aiohttp import web

from scripts.fakes.models.exchange import Answer, Ask, Problem, Wire, sse
from scripts.fakes.models.faults import Fault
from scripts.fakes.models.record import Record

_SILENCE_LIMIT = 900.0
_HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class Play:
    """One call on its way."""

    request: web.Request
    wire: Wire
    ask: Ask
    fault: Fault
    answer: Answer
    record: Record
    number: int
    keepalive: float
    """Seconds between keep-alives while silent."""

    async def run(self) -> web.StreamResponse:
        """Answer. Raises ConnectionError or is cancelled when the client leaves."""
        fault = self.fault
        if fault.cold:
            await self.record.waking(self.ask.model, fault.cold)
        await asyncio.sleep(fault.latency)
        if fault.instead == "refusedconn":
            return self._hang_up(web.StreamResponse())
        if fault.instead == "html":
            return web.Response(text=_HTML, content_type="text/html")
        if (fault.status or fault.cause) and fault.stop != "inband":
            return self._problem(self.wire.problem(fault, self.ask))
        return await (self._stream() if self.ask.stream else self._whole())

    def _hang_up(self, response: web.StreamResponse) -> web.StreamResponse:
        """Close the connection behind what was written; the written part still arrives."""
        if self.request.transport is not None:
            self.request.transport.close()
        return response

    def _problem(self, problem: Problem) -> web.StreamResponse:
        headers = self.wire.headers(self.number)
        if self.fault.retry_after is not None:
            headers["Retry-After"] = f"{self.fault.retry_after:g}"
        if problem.status == 200 and self.ask.stream:  # a blocked prompt at Gemini: a stream of one event
            return web.Response(body=sse(problem.body), content_type="text/event-stream", headers=headers)
        return web.json_response(problem.body, status=problem.status, headers=headers)

    async def _whole(self) -> web.StreamResponse:
        """An answer in one body. A break comes in the middle of it; `eof` leaves the finish reason out."""
        fault = self.fault
        if fault.instead is None:
            await asyncio.sleep(fault.first + fault.pace * len(self.answer.pieces))
        if fault.stop == "inband":
            return web.json_response(self.wire.problem(fault, self.ask).body, headers=self.wire.headers(self.number))
        body = self.wire.whole(self.ask, self.answer, finished=fault.stop != "eof")
        data = json.dumps(body, ensure_ascii=False).encode()
        if fault.stop == "badjson":
            data = data[: len(data) // 2]
        headers = self.wire.headers(self.number)
        if fault.instead is None and fault.stop in (None, "eof", "badjson"):
            self.record.tokens_sent += len(self.answer.pieces)
            return web.Response(body=data, content_type="application/json", headers=headers)
        response = web.StreamResponse(headers=headers | {"Content-Type": "application/json"})
        response.content_length = len(data)
        await response.prepare(self.request)
        if fault.instead is None:
            await response.write(data[: len(data) // 2])
        if fault.stop == "cut":
            return self._hang_up(response)
        await self._silence(response, b"")
        return self._hang_up(response)

    async def _stream(self) -> web.StreamResponse:
        """An answer in events."""
        response = web.StreamResponse(headers=self.wire.headers(self.number))
        response.headers["Content-Type"] = "text/event-stream; charset=utf-8"
        response.headers["Cache-Control"] = "no-cache"
        await response.prepare(self.request)
        if self.fault.instead == "silent":
            await self._silence(response, self.wire.keepalive)
            return self._hang_up(response)
        await asyncio.sleep(self.fault.first)
        for frame in self.wire.opening(self.ask, self.answer):
            await response.write(frame)
        await self._pieces(response)
        if self.fault.stop is not None:
            return await self._break(response)
        await asyncio.sleep(self.fault.pace)
        for frame in self.wire.closing(self.ask, self.answer):
            await response.write(frame)
        return response

    async def _pieces(self, response: web.StreamResponse) -> None:
        count = len(self.answer.pieces)
        if self.fault.stop is not None:
            count = min(count, self.fault.stop_after)
        for index in range(count):
            if index and self.fault.pace:
                await asyncio.sleep(self.fault.pace)
            await response.write(self.wire.piece(self.ask, self.answer, index))
            self.record.tokens_sent += 1

    async def _break(self, response: web.StreamResponse) -> web.StreamResponse:
        """What happens after the last piece that is sent. An explicit report of usage (`usage0`, `usagebig`) goes first."""
        fault = self.fault
        if self.wire.break_with_usage and fault.usage in ("zero", "big"):
            await response.write(self.wire.usage(self.ask, self.answer))
        match fault.stop:
            case "cut":
                return self._hang_up(response)
            case "stall":
                await self._silence(response, b"")
                return self._hang_up(response)
            case "inband":
                await response.write(self.wire.inband(fault, self.ask))
            case "badjson":
                await response.write(
                    b'event: content_block_delta\ndata: {"id": "broken", "choices": [{"delta": {"con\n\n'
                )
        return response

    async def _silence(self, response: web.StreamResponse, keepalive: bytes) -> None:
        """Nothing but keep-alives until the client leaves, at most a quarter of an hour."""
        for _ in range(max(1, int(_SILENCE_LIMIT / self.keepalive))):
            if keepalive:
                await response.write(keepalive)
            await asyncio.sleep(self.keepalive)
