"""A test's hand on the running engine: its API, raw, and its counters."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp

MODEL = "tiny-gemma-4"
"""The name that scripts/vllm/serve gives the model."""

LESSON = "The learner asked about planets. " * 60
"""Some 670 tokens: several blocks of the engine's prefix cache (a block is 16 to 256 tokens, by platform)."""

ENDLESS_TOKENS = 6000
ENDLESS = {
    "type": "object",
    "properties": {"steps": {"type": "array", "minItems": 3000, "items": {"type": "boolean"}}},
    "required": ["steps"],
    "additionalProperties": False,
}
"""A schema that no answer under ENDLESS_TOKENS fits: a generation of 40 s and more, unless somebody stops it."""

VERDICT = {
    "type": "object",
    "properties": {
        "level": {"enum": ["low", "middle", "high"]},
        "right": {"type": "boolean"},
        "steps": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"enum": ["read", "draw", "ask"]}},
    },
    "required": ["level", "right", "steps"],
    "additionalProperties": False,
}
"""A schema whose answers are all short, so that whatever the tiny model picks, it ends."""


class Server:
    """What the tests ask the engine itself, beside the API: its counters."""

    def __init__(self, session: "aiohttp.ClientSession", url: str) -> None:
        self.session = session
        self.url = url

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and JSON of a POST under /v1."""
        async with self.session.post(self.url + path, json=dict(body)) as response:
            return response.status, await response.json()

    async def chat(self, **body: Any) -> dict[str, Any]:
        """A chat completion that must succeed; temperature 0 unless told otherwise."""
        status, answer = await self.post("/chat/completions", {"model": MODEL, "temperature": 0, **body})
        assert status == 200, answer
        assert isinstance(answer, dict)
        return answer

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of the series of that name whose labels agree; 0 when there is none."""
        async with self.session.get(self.url.removesuffix("/v1") + "/metrics") as response:
            lines = (await response.text()).splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        found = [line for line in lines if line.startswith((name + "{", name + " ")) and all(w in line for w in wanted)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)

    async def running(self) -> float:
        """Requests the engine works on now."""
        return await self.metric("vllm:num_requests_running")

    async def generated(self) -> float:
        """Tokens made since the start, of all requests."""
        return await self.metric("vllm:generation_tokens_total")

    async def until_running(self, count: int, seconds: float) -> None:
        """Wait until the engine works on exactly `count` requests; fails after `seconds`."""
        async with asyncio.timeout(seconds):
            while await self.running() != count:
                await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def freed(self) -> AsyncIterator[None]:
        """Around a client that leaves a generation of thousands of tokens: fails unless the engine lets go of it at once.

        The engine counts no request that its client left (`finished_reason="abort"` stays 0 in 0.32), so the proof is in
        what it does: nothing runs any more, few tokens were made, and none is made after.
        """
        await self.until_running(0, 10)
        before = await self.generated()
        yield
        await self.until_running(0, 5)
        made = await self.generated()
        assert made - before < ENDLESS_TOKENS / 2, "generation went on without a reader"
        await asyncio.sleep(0.5)
        assert await self.generated() == made
