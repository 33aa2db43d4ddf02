"""Whether the engine generates, asked by generating (T28).

vLLM's own health check asks whether a process is there: an engine that hangs keeps it green, and traffic keeps coming.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Final

from gpu_service.inner import App, Scope, ask, posting

PATH: Final = "/v1/chat/completions"
NEVER: Final = float("-inf")


class Health:
    """One token from the engine, or proof of one in the traffic that went by.

    A verdict stands for `fresh` seconds, and everybody who asks meanwhile waits for the same generation: probes do not
    pile up on an engine that is in trouble. A generation that takes longer than `limit` seconds has failed.
    """

    def __init__(
        self, app: App, model: str, *, limit: float, fresh: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._limit = limit
        self._fresh = fresh
        self._clock = clock
        self._body = json.dumps(
            {"model": model, "messages": [{"role": "user", "content": "ping"}], "max_tokens": 1, "temperature": 0}
        ).encode()
        self._proved = NEVER
        self._judged = NEVER
        self._reason = ""
        self._probe: asyncio.Task[str] | None = None

    def seen(self) -> None:
        """A caller was sent generated text just now: as good as a probe, and it costs nothing."""
        self._proved = self._clock()

    async def check(self, scope: Scope) -> str:
        """Empty when the engine generates, else why it is not believed to. `scope` is that of the request that asks."""
        now = self._clock()
        if now - self._proved < self._fresh:
            return ""
        if now - self._judged < self._fresh:
            return self._reason
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._generate(posting(scope, PATH, self._body)))
        # Who asks may leave; the generation is the others' as well.
        return await asyncio.shield(self._probe)

    async def _generate(self, scope: Scope) -> str:
        began = self._clock()
        try:
            async with asyncio.timeout(self._limit):
                status, _, body = await ask(self._app, scope, self._body)
            self._reason = _verdict(status, body)
        except TimeoutError:
            # Where all places are taken a probe waits its turn; that others got text meanwhile is the same proof.
            self._reason = "" if self._proved > began else f"no token within {self._limit:g} s"
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is the finding: it does not generate
            self._reason = f"the engine raised {type(error).__name__}"
        self._judged = self._clock()
        return self._reason


def _verdict(status: int, body: bytes) -> str:
    if status != 200:
        return f"a generation was answered with status {status}"
    try:
        made = json.loads(body)["usage"]["completion_tokens"]
    except (ValueError, KeyError, TypeError):
        return "a generation was answered without usage"
    return "" if made >= 1 else "a generation made no token"
