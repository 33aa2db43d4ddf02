"""The jobs function in a process of its own, with one kind of work whose effect is outside: making a model at a trainer.

    python -m tests.functions.jobs_worker PORT TASKS_HOST TRAINER_URL LEASE

The settings come from the environment, as they do where it is deployed. It can be killed in the middle of a job.
"""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import aiohttp
import uvicorn

from functions import jobs
from shared import runtime
from shared.documents import Job
from shared.jobs.cloud_tasks import CloudTasksQueue
from shared.runtime import Runtime
from shared.settings import Settings
from shared.store import Store

QUEUE = "projects/p/locations/l/queues/q"
AUDIENCE, ACCOUNT = "https://jobs.example.test", "tasks@lyo-test.iam.gserviceaccount.com"


def queue(store: Store, tasks_host: str, target_url: str, clock: Any, **changes: Any) -> CloudTasksQueue:
    """A queue that is quick to try again; two attempts."""
    options: dict[str, Any] = {
        "queue": QUEUE,
        "target_url": target_url,
        "audience": AUDIENCE,
        "service_account": ACCOUNT,
        "emulator_host": tasks_host,
        "max_attempts": 2,
        "backoff": (0.05,),
    }
    return CloudTasksQueue(store, clock=clock, **(options | changes))


class Training:
    """Makes a model once: it is named by the job, and looked for before it is made."""

    def __init__(self, trainer: str, now: Runtime) -> None:
        self._trainer = trainer
        self._now = now

    async def __call__(self, job: Job) -> Mapping[str, Any]:
        """`hold` seconds pass after the model was made and before that is recorded, on the first attempt."""
        name = f"tuned-{job.id}"
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            async with session.get(f"{self._trainer}/models/{name}") as answer:
                found = (await answer.json())["found"]
            if not found:
                async with session.post(f"{self._trainer}/models/{name}"):
                    pass
        await self._now.queue.progress(job.id, 0.5)
        if job.attempts == 1:
            await asyncio.sleep(job.payload.get("hold", 0))
        return {"model": name, "found": found}


async def main(port: str, tasks_host: str, trainer: str, lease: str) -> None:
    """Serve until it is ended."""
    now = Runtime(Settings.load())
    now.__dict__["queue"] = queue(now.store, tasks_host, f"http://127.0.0.1:{port}", now.clock, lease=float(lease))
    now.__dict__["handlers"] = {"train": Training(trainer, now)}
    with runtime.override(now):
        config = uvicorn.Config(
            jobs.edge.app, host="127.0.0.1", port=int(port), interface="asgi3", lifespan="off", log_level="error"
        )
        await uvicorn.Server(config).serve()
    await now.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
