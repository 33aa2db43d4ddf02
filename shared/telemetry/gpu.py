"""What the GPU service says about its device. Asked only while it answers anyway: looking must not wake or keep it."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from shared.errors import LyoError

if TYPE_CHECKING:
    import aiohttp

READ_SECONDS: Final = 3.0
_LARGEST: Final = 1_000_000
_NAMES: Final = ("ai_gpu_utilization_percent", "ai_gpu_memory_used_bytes", "ai_gpu_memory_total_bytes")


async def read(base_url: str, authorization: Callable[[], Awaitable[str]] | None = None) -> dict[str, float]:
    """Gauges `gpu_utilization` and `gpu_memory` (shares) of the server behind an OpenAI-compatible address ending in /v1.

    Empty where it does not answer within READ_SECONDS, or says nothing of a GPU. Of several instances behind one address
    it is the one that was reached.
    """
    import aiohttp

    url = base_url.rstrip("/").removesuffix("/v1") + "/metrics"
    try:
        headers = {} if authorization is None else {"Authorization": await authorization()}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=READ_SECONDS)) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                return {}
            text = (await _body(answer.content)).decode("utf-8", "replace")
    except (
        aiohttp.ClientError,
        OSError,
        TimeoutError,
        LyoError,
    ):  # asleep, restarting, or no such page: nothing is known
        return {}
    return gauges(text)


async def _body(content: "aiohttp.StreamReader") -> bytes:
    body = b""
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > _LARGEST:
            break
    return body


def gauges(text: str) -> dict[str, float]:
    """The gauges in Prometheus' text format; of several devices the busiest and the fullest."""
    found: dict[str, list[float]] = {name: [] for name in _NAMES}
    for line in text.splitlines():
        name = line.partition("{")[0].partition(" ")[0]
        if name in found:
            try:
                found[name].append(float(line.rpartition(" ")[2]))
            except ValueError:
                continue
    use, used, whole = (found[name] for name in _NAMES)
    shares = {}
    if use:
        shares["gpu_utilization"] = min(1.0, max(0.0, max(use) / 100))
    if used and len(used) == len(whole) and all(size > 0 for size in whole):
        shares["gpu_memory"] = max(part / size for part, size in zip(used, whole, strict=True))
    return shares
