"""What our way over the SDKs' wire formats costs beside the SDKs' own clients: CPU and time of a call, in one run.

    scripts/services                                        # in another terminal; paste what it prints here
    .venv/bin/python -m scripts.benchmarks.wires

Needs FIRESTORE_EMULATOR_HOST and UPSTASH_REDIS_REST_URL and _TOKEN. A round is CALLS calls one after the other.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from scripts.benchmarks.quantiles import median
from shared.coordination.upstash import UpstashCoordination
from shared.documents import Profile
from shared.settings import Settings
from shared.store import Put, Ref
from shared.store.firestore import FirestoreStore

CALLS, ROUNDS, TOGETHER = 200, 5, 64
_TEXT = "x" * 400


async def measure(name: str, call: Callable[[int], Awaitable[Any]]) -> None:
    """Print one row: medians over the rounds."""
    await call(0)
    cpu: list[float] = []
    wall: list[float] = []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        for number in range(CALLS):
            await call(number)
        cpu.append((time.process_time() - used) / CALLS * 1000)
        wall.append((time.perf_counter() - began) / CALLS * 1000)
    used = time.process_time()
    for _ in range(CALLS // TOGETHER + 1):
        await asyncio.gather(*(call(number) for number in range(TOGETHER)))
    together = (time.process_time() - used) / ((CALLS // TOGETHER + 1) * TOGETHER) * 1000
    print(f"{name:34} {median(wall):8.2f} {median(cpu):10.2f} {together:16.3f}", flush=True)


async def documents(settings: Settings) -> None:
    """Three documents committed, three read."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.firestore_v1.async_client import AsyncClient

    ours = FirestoreStore("wires", emulator_host=settings.firestore_emulator_host, clock=time.time)
    sdk = AsyncClient(project="wires", credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]  # reads FIRESTORE_EMULATOR_HOST itself
    references = [sdk.document(f"profiles/sdk{n}") for n in range(3)]
    fields = Profile(id="p", time_zone=_TEXT).model_dump()

    async def sdk_commit(_: int) -> None:
        batch = sdk.batch()
        for reference in references:
            batch.set(reference, fields)
        await batch.commit(retry=None)

    async def sdk_read(_: int) -> None:
        assert len([found async for found in sdk.get_all(references)]) == 3

    await measure("Firestore commit of 3, SDK", sdk_commit)
    await measure(
        "Firestore commit of 3, ours",
        lambda _: ours.commit(*(Put(Profile(id=f"p{n}", time_zone=_TEXT)) for n in range(3))),
    )
    await measure("Firestore read of 3, SDK", sdk_read)
    await measure("Firestore read of 3, ours", lambda _: ours.read(*(Ref(Profile, f"p{n}") for n in range(3))))
    await ours.close()


async def values(settings: Settings) -> None:
    """Eight values read."""
    from upstash_redis.asyncio import Redis

    url, token = settings.upstash_redis_rest_url or "", settings.upstash_redis_rest_token or ""
    ours = UpstashCoordination(url, token, namespace="wires")
    keys = [f"k{n}" for n in range(8)]
    async with Redis(url, token, rest_retries=0, allow_telemetry=False) as sdk:
        await measure("Redis read of 8, SDK", lambda _: sdk.mget(*keys))
        await measure("Redis read of 8, ours", lambda _: ours.get_many(keys))
    await ours.close()


async def main() -> None:
    """The table."""
    settings = Settings.load()
    print(f"{'':34} {'ms alone':>8} {'CPU ms':>10} {f'CPU ms, {TOGETHER} at once':>16}")
    await documents(settings)
    await values(settings)


if __name__ == "__main__":
    asyncio.run(main())
