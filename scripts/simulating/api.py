"""The experiments' API, as an operator and an app use it."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

PATH = "/api/v1/ai/optimization/experiments"
METRIC = "simulated"
CONTROL, TREATMENT = "control", "treatment"
MOST_OUTCOMES = 500
_AT_ONCE = 16


class Refused(Exception):
    """The server did not do as asked; the text is its own."""


class Api:
    """Calls of an administrator. Counts them in `calls`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/") + PATH
        self._headers = {"Authorization": f"Bearer {token}"}
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.calls = 0

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:  # fmt: skip
        await self._session.close()

    async def create(self, name: str, kind: str, units: int) -> str:
        """A draft of two equal arms with one metric of that kind; its id."""
        made = await self._call(
            "POST",
            "",
            {
                "name": name,
                "experiment_type": "feature",
                "variants": [
                    {"name": CONTROL, "is_control": True, "weight": 0.5},
                    {"name": TREATMENT, "weight": 0.5},
                ],
                "metrics": {"primary_metric": METRIC, "definitions": [{"name": METRIC, "kind": kind}]},
                "target_participants": units,
                "min_participants": min(100, units),
            },
        )
        return str(made["experiment_id"])

    async def start(self, experiment: str) -> None:
        """Let units in."""
        await self._call("POST", f"/{experiment}/start", {"reason": "simulation"})

    async def stop(self, experiment: str) -> None:
        """End it."""
        await self._call("POST", f"/{experiment}/stop", {"reason": "simulation"})

    async def assigned(self, experiment: str, units: Sequence[str]) -> list[str | None]:
        """The variant of each unit, which it is shown."""
        said = await asyncio.gather(*(self._call("POST", f"/{experiment}/assign", {"unit_id": unit}) for unit in units))
        return [one["variant"] for one in said]

    async def outcomes(self, experiment: str, values: Sequence[dict[str, Any]]) -> None:
        """Values of units."""
        for begin in range(0, len(values), MOST_OUTCOMES):
            await self._call("POST", f"/{experiment}/outcomes", list(values[begin : begin + MOST_OUTCOMES]))

    async def analysis(self, experiment: str) -> dict[str, Any]:
        """What can be said by now."""
        return await self._call("GET", f"/{experiment}/analysis", None)

    async def _call(self, method: str, path: str, body: Any) -> dict[str, Any]:
        async with self._places, self._session.request(method, self._url + path, json=body) as response:
            self.calls += 1
            said: dict[str, Any] = await response.json(content_type=None)
            if response.status >= 400:
                raise Refused(f"{method} {path}: {response.status} {said.get('detail', said)}")
            return said
