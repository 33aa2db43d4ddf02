"""The four adapters against one fake server, and the few things every test here does with them."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from scripts.fakes.models import FakeModels
from shared.llm.providers.anthropic import Anthropic
from shared.llm.providers.gemini import Gemini
from shared.llm.providers.local import OpenAICompatible
from shared.llm.providers.openai import OpenAI
from shared.llm.types import Chunk, Finish, Message, Provider, ProviderError, Request, Schema, Usage

KEYS = {
    "local": "sk-local-canary-0001",
    "openai": "sk-proj-canary-0002",
    "anthropic": "sk-ant-canary-0003",
    "gemini": "AIzaCanary0004canary",
}
NAMES = tuple(KEYS)
CLOUDS = ("openai", "anthropic", "gemini")

SCHEMA = Schema(
    "lesson",
    {
        "type": "object",
        "properties": {"title": {"type": "string"}, "minutes": {"type": "integer"}},
        "required": ["title", "minutes"],
        "additionalProperties": False,
    },
)

_BUILD: dict[str, Callable[[FakeModels], Provider]] = {
    "local": lambda fake: OpenAICompatible(fake.openai_url, KEYS["local"]),
    "openai": lambda fake: OpenAI(KEYS["openai"], fake.openai_url),
    "anthropic": lambda fake: Anthropic(KEYS["anthropic"], fake.anthropic_url),
    "gemini": lambda fake: Gemini(KEYS["gemini"], fake.gemini_url),
}


@asynccontextmanager
async def opened(name: str, fake: FakeModels) -> AsyncIterator[Provider]:
    """An adapter that is closed behind the test."""
    provider = _BUILD[name](fake)
    try:
        yield provider
    finally:
        await provider.close()


def ask(
    model: str, text: str = "How do plants eat?", *, schema: Schema | None = None, salt: str | None = None
) -> Request:
    """A small request with a system message."""
    messages = (Message("system", "You are kind."), Message("user", text))
    return Request(model, messages, max_output_tokens=200, temperature=0.3, schema=schema, cache_salt=salt)


@dataclass
class Heard:
    """What came out of one call, streamed or not."""

    text: str = ""
    finish: Finish | None = None
    usage: Usage | None = None
    error: ProviderError | None = None
    chunks: list[Chunk] = field(default_factory=list)


async def hear(provider: Provider, request: Request, *, stream: bool) -> Heard:
    """Make the call; a ProviderError is part of the outcome, anything else is the test's failure."""
    heard = Heard()
    try:
        if not stream:
            whole = await provider.complete(request)
            return Heard(whole.text, whole.finish, whole.usage)
        async with aclosing(provider.stream(request)) as chunks:
            async for chunk in chunks:
                heard.chunks.append(chunk)
                heard.text += chunk.text
                heard.finish = chunk.finish or heard.finish
                heard.usage = chunk.usage or heard.usage
    except ProviderError as error:
        heard.error = error
    return heard
