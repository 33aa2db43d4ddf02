"""Gemini through google-genai, over an aiohttp session of ours. The SDK is imported by the first call, in a thread."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from typing import Any

from shared.llm.failures import classify
from shared.llm.providers.sdk import Lazy
from shared.llm.providers.wire import CONNECT_TIMEOUT, Exchange, prompt, translated, whole
from shared.llm.types import Chunk, Completion, Failure, Finish, ProviderError, Request, Usage

_URL = "https://generativelanguage.googleapis.com/"
_POOL = 256
_KEEPALIVE = 30.0
_LINE_BYTES = 1 << 22  # an event is one line; aiohttp refuses longer ones than its buffer

_FINISH: dict[str, Finish | None] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "SAFETY": "refusal",
    "RECITATION": "refusal",
    "LANGUAGE": "refusal",
    "BLOCKLIST": "refusal",
    "PROHIBITED_CONTENT": "refusal",
    "SPII": "refusal",
    "FINISH_REASON_UNSPECIFIED": None,
}
"""Anything else ("OTHER", calls of tools we never gave) broke the answer off: no finish, so it counts as cut."""

_EXCHANGE: ContextVar[Exchange | None] = ContextVar("gemini_exchange", default=None)
"""The call whose request is going out, so that our session can note the HTTP response the SDK keeps to itself."""


class Gemini:
    """The account of `api_key` at the Gemini API. One event loop; the client is built by the first call."""

    def __init__(self, api_key: str, base_url: str | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._key = api_key
        self._url = base_url or _URL  # always given, so that the SDK looks for none in the environment
        self._clock = clock
        self._sdk: Any = None
        self._session: Any = None
        self._client = Lazy(self._build)

    async def complete(self, request: Request) -> Completion:
        """The whole answer."""
        client = await self._client.get()
        exchange = Exchange()
        with translated(exchange, self._key), self._explained():
            answer = await client.aio.models.generate_content(**self._body(request))
            exchange.tally.usage = usage = _usage(answer.usage_metadata)
            if not answer.candidates and answer.prompt_feedback is None:
                raise ProviderError(Failure.MALFORMED, "200 without candidates", status=200)
            text, finish = _said(answer)
            return whole(text, finish, usage)

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """The answer in pieces."""
        client = await self._client.get()
        exchange = Exchange()
        with translated(exchange, self._key), self._explained():
            events = await client.aio.models.generate_content_stream(**self._body(request))
            async with aclosing(_closed(events, exchange)) as closed:
                async for event in closed:
                    text, finish = _said(event)
                    usage = _usage(event.usage_metadata)
                    if text and finish is None and usage and usage.input_tokens and not usage.output_tokens:
                        usage = None  # a running total that leaves this very text out is no bill
                    chunk = exchange.tally.take(text, finish, usage)
                    if chunk is not None:
                        yield chunk
            exchange.tally.end()

    async def open(self) -> None:
        """Import the SDK and build the client, if that is still to be done."""
        await self._client.get()

    async def close(self) -> None:
        """Close the connections."""
        client = self._client.take()
        session, self._session = self._session, None
        if client is not None:
            client.close()
            await client.aio.aclose()
        if session is not None:
            await session.close()

    async def _build(self) -> Any:
        await asyncio.to_thread(self._import)
        if self._session is None:
            self._session = self._connect()
        return await asyncio.to_thread(self._make)

    def _import(self) -> None:
        """In a thread, because it takes a second or more and answers are streaming meanwhile."""
        from google import genai
        from google.genai import errors, types

        self._sdk = (genai, errors, types)

    def _connect(self) -> Any:
        """A session of ours: the SDK's own has no connect time-out and cannot be given one."""
        import aiohttp

        class Connector(aiohttp.TCPConnector):
            async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109 - aiohttp's signature
                # The SDK hands every request a time-out object that has nothing set.
                return await super().connect(req, traces, aiohttp.ClientTimeout(sock_connect=CONNECT_TIMEOUT))

        async def noted(session: Any, context: Any, ended: Any) -> None:
            exchange = _EXCHANGE.get()
            if exchange is not None:
                exchange.begun, exchange.response = True, ended.response

        async def redirected(session: Any, context: Any, ended: Any) -> None:
            ended.response.close()
            raise ProviderError(Failure.MALFORMED, "a redirect", status=ended.response.status)  # the key would go along

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(noted)
        trace.on_request_redirect.append(redirected)
        return aiohttp.ClientSession(
            trace_configs=[trace],
            connector=Connector(limit=_POOL, keepalive_timeout=_KEEPALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_LINE_BYTES,
        )

    def _make(self) -> Any:
        genai, _, types = self._sdk
        return genai.Client(
            vertexai=False,
            api_key=self._key,
            http_options=types.HttpOptions(
                base_url=self._url,
                aiohttp_client=self._session,
                # Said explicitly: without it the SDK repeats a call whose connection failed, after up to ten seconds.
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )

    def _body(self, request: Request) -> dict[str, Any]:
        types = self._sdk[2]
        system, messages = prompt(request)
        config: dict[str, Any] = {
            "max_output_tokens": request.max_output_tokens,
            "temperature": request.temperature,
            "automatic_function_calling": {"disable": True},
            "automatic_continuation": False,  # else one call may become several, each billed
        }
        if system:
            config["system_instruction"] = system
        if request.schema is not None:
            config["response_mime_type"] = "application/json"
            config["response_json_schema"] = dict(request.schema.body)
        return {
            "model": request.model,
            "contents": [
                {"role": "model" if role == "assistant" else "user", "parts": [{"text": content}]}
                for role, content in messages
            ],
            "config": types.GenerateContentConfig(**config),
        }

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Classify the SDK's own errors. One that came inside a stream has no aiohttp response behind it."""
        try:
            yield
        except self._sdk[1].APIError as error:
            inside = getattr(error.response, "status", None) is None
            raise classify(
                200 if inside else error.code,
                error.details,
                headers=None if inside else error.response.headers,
                now=self._clock(),
                secrets=(self._key,),
            ) from None


async def _closed(events: Any, exchange: Exchange) -> AsyncGenerator[Any, None]:
    """The SDK's events, with the connection closed behind them.

    Closing the SDK's own generator does not do it: the response object and its iterator hold each other, so the
    connection would stay open, and the model would go on writing, until the garbage collector comes by.
    """
    try:
        token = _EXCHANGE.set(exchange)  # the SDK sends its request when the first event is asked for
        try:
            event = await anext(events, None)
        finally:
            _EXCHANGE.reset(token)
        while event is not None:
            yield event
            event = await anext(events, None)
    finally:
        await events.aclose()
        if exchange.response is not None:
            exchange.response.close()


def _said(answer: Any) -> tuple[str, Finish | None]:
    """Text without the model's thoughts, and the finish. A blocked prompt is a refusal."""
    feedback = answer.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        return "", "refusal"
    if not answer.candidates:
        return "", None
    candidate = answer.candidates[0]
    parts = (candidate.content.parts if candidate.content else None) or ()
    text = "".join(part.text for part in parts if part.text and not part.thought)
    reason = candidate.finish_reason
    return text, None if reason is None else _FINISH.get(str(reason.value))


def _usage(report: Any) -> Usage | None:
    """`prompt_token_count` includes the cached ones; thoughts are billed as output. A stream repeats its running total."""
    if report is None or report.prompt_token_count is None:
        return None
    output = (report.candidates_token_count or 0) + (report.thoughts_token_count or 0)
    return Usage(report.prompt_token_count, report.cached_content_token_count or 0, output)
