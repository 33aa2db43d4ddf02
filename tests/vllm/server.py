"""A test's hand on the running engine: its API, raw, and its counters."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp

MODEL = "tiny-gemma-4"
"""The name that scripts/vllm/serve gives the model."""

LESSON = "The learner asked about planets. " * 60
"""Some 670 tokens: several blocks of the engine's prefix cache (a block is 16 to 256 tokens, by platform)."""

ENDLESS = {
    "type": "object",
    "properties": {"steps": {"type": "array", "minItems": 3000, "items": {"type": "boolean"}}},
    "required": ["steps"],
    "additionalProperties": False,
}
"""A schema no answer under 6,000 tokens fits: generation goes on until somebody stops it (40 s and more)."""

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

    async def aborted(self) -> float:
        """Requests whose client left before the end, since the start."""
        return await self.metric("vllm:request_success_total", finished_reason="abort")

    async def until_running(self, count: int, seconds: float) -> None:
        """Wait until the engine works on exactly `count` requests; fails after `seconds`."""
        async with asyncio.timeout(seconds):
            while await self.running() != count:
                await asyncio.sleep(0.05)
