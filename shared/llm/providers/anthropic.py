"""Anthropic through its official SDK, on the aiohttp transport. The SDK is imported by the first call, in a thread."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from shared.llm.failures import classify
from shared.llm.providers.sdk import Lazy, explained
from shared.llm.providers.wire import CONNECT_TIMEOUT, Exchange, prompt, translated, whole
from shared.llm.types import Chunk, Completion, Finish, Request, Usage

_URL = "https://api.anthropic.com"

_FINISH: dict[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


class Anthropic:
    """The account of `api_key`. One event loop; the client is built by the first call.

    `Request.temperature` is not sent: the SDK has no such parameter any more and the newer models refuse it.
    """

    def __init__(self, api_key: str, base_url: str | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._key = api_key
        self._url = base_url or _URL  # always given, so that the SDK looks for none in the environment
        self._clock = clock
        self._sdk: Any = None
        self._client = Lazy(self._build)

    async def complete(self, request: Request) -> Completion:
        """The whole answer."""
        client = await self._client.get()
        exchange = Exchange()
        with translated(exchange, self._key), explained(self._sdk, self._clock, self._key):
            answer = await client.messages.create(**self._body(request))
            if getattr(answer, "type", None) == "error":
                raise classify(200, {"error": answer.error}, secrets=(self._key,))
            exchange.tally.usage = usage = _usage(getattr(answer, "usage", None))
            text = "".join(block.text for block in answer.content if block.type == "text")
            return whole(text, _finish(answer.stop_reason), usage)

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """The answer in pieces. Usage comes with the finish: what `message_start` reports is no bill yet, unless it is zero."""
        client = await self._client.get()
        exchange = Exchange()
        with translated(exchange, self._key), explained(self._sdk, self._clock, self._key):
            events = await client.messages.create(**self._body(request), stream=True)
            exchange.begun = True
            seen, opening = False, None
            try:
                async for event in events:
                    seen = True
                    chunk = None
                    match event.type:
                        case "content_block_delta" if event.delta.type == "text_delta":
                            chunk = exchange.tally.take(event.delta.text)
                        case "message_start":
                            opening = getattr(event.message, "usage", None)
                            if _usage(opening) == Usage():
                                chunk = exchange.tally.take("", None, Usage())
                        case "message_delta":
                            usage = _usage(getattr(event, "usage", None), opening)
                            chunk = exchange.tally.take("", _finish(event.delta.stop_reason), usage)
                    if chunk is not None:
                        yield chunk
            finally:
                await events.close()
            exchange.tally.end(protocol=seen)

    async def open(self) -> None:
        """Import the SDK and build the client, if that is still to be done."""
        await self._client.get()

    async def close(self) -> None:
        """Close the connections."""
        client = self._client.take()
        if client is not None:
            await client.close()

    async def _build(self) -> Any:
        return await asyncio.to_thread(self._make)

    def _make(self) -> Any:
        """Import and build; in a thread, because it takes seconds and answers are streaming meanwhile."""
        import anthropic

        self._sdk = anthropic
        # No deadline here: the gateway owns them. Retries are the gateway's, too.
        timeout = anthropic.Timeout(None, connect=CONNECT_TIMEOUT)
        return anthropic.AsyncAnthropic(
            api_key=self._key,
            base_url=self._url,
            max_retries=0,
            timeout=timeout,
            open_telemetry={"traces": False, "propagation": False},
            http_client=anthropic.DefaultAioHttpClient(timeout=timeout, follow_redirects=False),
        )

    def _body(self, request: Request) -> dict[str, Any]:
        system, messages = prompt(request)
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": role, "content": content} for role, content in messages],
            "max_tokens": request.max_output_tokens,
        }
        if system:
            body["system"] = system
        if request.schema is not None:
            # Keywords the service does not know (minimum, maxLength…) go into descriptions; else it answers 400.
            schema = self._sdk.transform_schema(dict(request.schema.body))
            body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        return body


def _finish(reason: str | None) -> Finish | None:
    return None if reason is None else _FINISH.get(reason, "stop")


def _usage(report: Any, opening: Any = None) -> Usage | None:
    """Anthropic's `input_tokens` leave out what was read from or written to the cache: added here, once.

    A stream's last report may leave out what the first one (`opening`) has said of the input.
    """
    if report is None:
        return None
    fresh = _field("input_tokens", report, opening)
    if fresh is None:
        return None
    read = _field("cache_read_input_tokens", report, opening) or 0
    written = _field("cache_creation_input_tokens", report, opening) or 0
    return Usage(fresh + read + written, read, getattr(report, "output_tokens", None) or 0)


def _field(name: str, *reports: Any) -> int | None:
    for report in reports:
        value = getattr(report, name, None)
        if value is not None:
            return int(value)
    return None
