"""OpenAI through its official SDK, on the aiohttp transport. The SDK is imported by the first call, in a thread."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from shared.llm.failures import classify
from shared.llm.providers.chat import finish_of, response_format
from shared.llm.providers.sdk import Lazy, explained
from shared.llm.providers.wire import CONNECT_TIMEOUT, Exchange, is_strict, translated, whole
from shared.llm.types import Chunk, Completion, Request, Usage

_URL = "https://api.openai.com/v1"

# Reasoning models take the default temperature and nothing else; a fine-tuned one is called "ft:<base>:…".
_DEFAULT_TEMPERATURE_ONLY = re.compile(r"^(?:ft:)?(?:o\d|gpt-(?:[5-9]|\d\d))")


class OpenAI:
    """The account of `api_key`. One event loop; the client is built by the first call."""

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
            answer = await client.chat.completions.create(**_body(request))
            error = getattr(answer, "error", None)
            if error:
                raise classify(200, {"error": error}, secrets=(self._key,))
            exchange.tally.usage = usage = _usage(answer.usage)
            choice = answer.choices[0]
            refusal = choice.message.refusal
            finish = finish_of(choice.finish_reason, refused=bool(refusal))
            return whole(choice.message.content or refusal or "", finish, usage)

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """The answer in pieces."""
        client = await self._client.get()
        exchange = Exchange()
        refused = False
        with translated(exchange, self._key), explained(self._sdk, self._clock, self._key):
            events = await client.chat.completions.create(
                **_body(request), stream=True, stream_options={"include_usage": True}
            )
            exchange.begun = True
            seen = False
            try:
                async for event in events:
                    seen = True
                    text, finish = "", None
                    if event.choices:
                        choice = event.choices[0]
                        text = choice.delta.content or ""
                        if choice.delta.refusal:
                            refused = True
                            text += choice.delta.refusal
                        finish = finish_of(choice.finish_reason, refused=refused)
                    chunk = exchange.tally.take(text, finish, _usage(event.usage))
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
        """Import and build; in a thread, because it takes a second or more and answers are streaming meanwhile."""
        import openai

        self._sdk = openai
        # No deadline here: the gateway owns them. Retries are the gateway's, too.
        timeout = openai.Timeout(None, connect=CONNECT_TIMEOUT)
        return openai.AsyncOpenAI(
            api_key=self._key,
            admin_api_key="",  # "" and not None, which would be looked for in the environment
            base_url=self._url,
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultAioHttpClient(timeout=timeout, follow_redirects=False),
        )


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "max_completion_tokens": request.max_output_tokens,  # newer models refuse max_tokens
    }
    if not _DEFAULT_TEMPERATURE_ONLY.match(request.model):
        body["temperature"] = request.temperature
    if request.schema is not None:
        body["response_format"] = response_format(request.schema, strict=is_strict(request.schema.body))
    return body


def _usage(report: Any) -> Usage | None:
    """`prompt_tokens` includes the cached ones."""
    if report is None or report.prompt_tokens is None:
        return None
    details = report.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details else 0
    return Usage(report.prompt_tokens, cached, report.completion_tokens or 0)
