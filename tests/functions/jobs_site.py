"""Everything around the jobs function in its tests: Cloud Tasks, workers that can be killed, a sender, a trainer."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from shared.documents import Job
from shared.identity.local import mint, read_or_create_secret
from shared.jobs.cloud_tasks import CloudTasksQueue
from shared.sqlite import Database
from shared.store.sqlite import SQLiteStore
from tests.fakes.waiting import eventually
from tests.functions.jobs_worker import ACCOUNT, AUDIENCE, queue
from tests.processes import ROOT, Answer, Server, environment, fetch, free_port, serving
from tests.services.tasks_process import TasksProcess


@dataclass
class Trainer:
    """Makes models as often as it is asked to: each creation costs."""

    url: str = ""
    created: Counter[str] = field(default_factory=Counter)
    broken: bool = False

    async def find(self, request: web.Request) -> web.Response:
        return web.json_response({"found": request.match_info["name"] in self.created})

    async def create(self, request: web.Request) -> web.Response:
        if self.broken:
            return web.Response(status=500)
        self.created[request.match_info["name"]] += 1
        return web.Response(status=201)


@asynccontextmanager
async def training() -> AsyncIterator[Trainer]:
    """A trainer on a free port."""
    made = Trainer()
    app = web.Application()
    app.add_routes([web.get("/models/{name}", made.find), web.post("/models/{name}", made.create)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


class Site:
    """Cloud Tasks, one or more workers one after the other, and a sender, over one store."""

    def __init__(self, folder: Path, tasks: TasksProcess, trainer: Trainer, stack: ExitStack) -> None:
        self.tasks, self.trainer, self._stack, self._folder = tasks, trainer, stack, folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.store = SQLiteStore(Database(folder / "lyo.db"))
        self.queue = self.sender()

    def sender(self, **changes: Any) -> CloudTasksQueue:
        """What another function enqueues with."""
        return queue(self.store, self.tasks.host, self.url, time.time, **changes)

    def work(self, lease: float = 60.0) -> Server:
        """Start the jobs function; the lease in seconds, by default one that no stalling machine outlasts."""
        command = [
            sys.executable,
            "-m",
            "tests.functions.jobs_worker",
            str(self._port),
            self.tasks.host,
            self.trainer.url,
            str(lease),
        ]
        names = {"SERVICE_AUDIENCE": AUDIENCE, "SERVICE_ACCOUNTS": ACCOUNT, "GOOGLE_JWKS_URL": f"{self.tasks.url}/jwks"}
        env = environment(DATA_DIR=str(self._folder), **names)
        return self._stack.enter_context(serving(command, port=self._port, cwd=ROOT, env=env))

    async def ask(self, method: str, path: str, bearer: str | None = None, body: bytes | None = None) -> Answer:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        return await asyncio.to_thread(fetch, self.url + path, method=method, headers=headers, body=body)

    def person(self, sub: str, role: Any = "learner") -> str:
        """A local token."""
        return mint(read_or_create_secret(self._folder), sub, role, 600)

    async def until(self, job_id: str, wanted: str) -> Job:
        """The job once it is in that state."""
        await eventually(lambda: self._is(job_id, wanted))
        job = await self.queue.get(job_id)
        assert job is not None
        return job

    async def _is(self, job_id: str, wanted: str) -> bool:
        job = await self.queue.get(job_id)
        return job is not None and job.state == wanted
