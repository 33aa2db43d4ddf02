"""A load through the whole product while its parts are killed: what was answered, and what is left of it afterwards.

`run` gives a Report; test_nothing_lost.py holds it to the promises and prints it.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from shared.coordination import Spend
from shared.documents import Conversation, Job, LedgerEntry, Turn
from shared.jobs import cloud_tasks
from shared.llm import budget
from shared.runtime import Runtime
from shared.store import Where
from tests.replicas.cloud import Cloud

CHAT = "/api/v1/ai/mentor/chat"
CLEANUP = "/api/v1/ai/maintenance/cleanup"
PATIENCE = 90.0
"""Seconds a client keeps asking for one answer."""
SETTLING = 2 * cloud_tasks.UNSENT_AFTER + 180
"""Seconds everything has to come to rest: a job that could not be sent while the queue was down is sent again only when it is
overdue, and twice as late when that failed too."""


@dataclass
class Report:
    """What was seen. Money in nano-USD."""

    requests: int = 0
    answered: int = 0
    attempts: int = 0
    """HTTP requests it took, retries included."""
    failures: Counter[str] = field(default_factory=Counter)
    kills: list[str] = field(default_factory=list)
    seconds: float = 0.0
    messages: Counter[str] = field(default_factory=Counter)
    """Answers by message id."""
    models: Counter[str] = field(default_factory=Counter)
    turns: int = 0
    final_rows: Counter[str] = field(default_factory=Counter)
    """Ledger rows that gave an answer, by message id."""
    rows: int = 0
    superseded: int = 0
    ledger: int = 0
    account: Spend = field(default_factory=lambda: Spend(0, 0))
    learners_off: list[str] = field(default_factory=list)
    overdue: int = 0
    jobs: Counter[str] = field(default_factory=Counter)
    effects_twice: list[str] = field(default_factory=list)
    summarised: int = 0

    def text(self) -> str:
        """For people."""
        lost = [message for message in self.messages if self.final_rows[message] != 1]
        return "\n".join(
            (
                f"requests                 {self.requests}, answered {self.answered}, in {self.seconds:.1f} s",
                f"HTTP requests            {self.attempts}; failed tries: {dict(self.failures) or 'none'}",
                f"killed (kill -9)         {', '.join(self.kills)}",
                f"answered by              {dict(self.models)}",
                f"distinct answers         {len(self.messages)}; stored turns {self.turns}",
                f"ledger rows              {self.rows}, of them final {sum(self.final_rows.values())}, "
                f"superseded {self.superseded}",
                f"answers without exactly one final row   {len(lost)}",
                f"ledger                   {self.ledger / 1e9:.6f} USD",
                f"account's counter        {self.account.committed / 1e9:.6f} USD committed, {self.account.reserved} held",
                f"learners whose counter differs          {len(self.learners_off)}",
                f"holds of dead processes settled         {self.overdue}",
                f"jobs                     {dict(self.jobs)}; conversations summarised {self.summarised}; "
                f"effects twice {len(self.effects_twice)}",
            )
        )


class Load:
    """Clients that ask until they are answered, each request under a key of its own."""

    def __init__(self, site: Cloud, report: Report, *, requests: int, learners: int, concurrency: int) -> None:
        self._site = site
        self._report = report
        self._requests = requests
        self._learners = [f"learner-{n}" for n in range(learners)]
        self._headers = {name: site.headers(name) for name in self._learners}
        self._concurrency = concurrency
        self._next = 0

    @property
    def learners(self) -> list[str]:
        """Who asks."""
        return self._learners

    async def run(self) -> None:
        """Ask everything."""
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:
            await asyncio.gather(*(self._client(session) for _ in range(self._concurrency)))

    async def _client(self, session: aiohttp.ClientSession) -> None:
        while self._next < self._requests:
            number, self._next = self._next, self._next + 1
            self._report.requests += 1
            await self._ask(session, number)

    async def _ask(self, session: aiohttp.ClientSession, number: int) -> None:
        learner = self._learners[number % len(self._learners)]
        body = {"message": f"Question {number}: why?", "conversation_id": f"talk-{learner}", "stream": number % 4 == 0}
        headers = {**self._headers[learner], "Idempotency-Key": f"load-{number}"}
        until = time.monotonic() + PATIENCE
        turn = number
        while time.monotonic() < until:
            instance = self._site.mentors[turn % 2]
            turn += 1
            self._report.attempts += 1
            try:
                async with session.post(instance.url + CHAT, json=body, headers=headers) as response:
                    answer = await _answer(response)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self._report.failures[type(error).__name__] += 1
                await asyncio.sleep(0.1)
                continue
            if answer is not None:
                self._report.answered += 1
                self._report.messages[answer["message_id"]] += 1
                self._report.models[answer["model"]] += 1
                return
            self._report.failures[str(response.status)] += 1
            await asyncio.sleep(0.2)


async def _answer(response: aiohttp.ClientResponse) -> dict[str, Any] | None:
    """The envelope of a whole answer; None for an error, and for a stream that did not end with `done`."""
    raw = await response.read()
    if response.status != 200:
        return None
    if response.content_type == "application/json":
        found: dict[str, Any] = json.loads(raw)
        return found
    last = raw.decode().rstrip("\n").rpartition("\n\n")[2].split("\n")
    if len(last) == 3 and last[1] == "event: done":
        done: dict[str, Any] = json.loads(last[2].removeprefix("data: "))
        return done
    return None


Blow = tuple[float, str, Callable[[], Awaitable[None]]]
"""(after which share of the answers, who is hit, how)."""


def blows(site: Cloud) -> list[Blow]:
    """Everything is killed once, in the middle of the load, and comes back a moment later."""

    async def mentor(nth: int) -> None:
        site.mentors[nth].kill()
        await asyncio.sleep(0.5)
        await asyncio.to_thread(site.mentors[nth].start)

    async def documents() -> None:
        site.documents.kill()
        await asyncio.sleep(0.5)
        await site.documents.restart()

    async def redis() -> None:
        await asyncio.to_thread(site.redis.redis.kill)
        await asyncio.sleep(2)
        await asyncio.to_thread(site.redis.redis.start)

    async def queue() -> None:
        await asyncio.to_thread(site.tasks.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(site.tasks.start)

    async def jobs() -> None:
        site.jobs.kill()
        await asyncio.sleep(0.5)
        await asyncio.to_thread(site.jobs.start)

    return [
        (0.10, "mentor A", lambda: mentor(0)),
        (0.30, "Firestore emulator", documents),
        (0.50, "Redis", redis),
        (0.65, "queue", queue),
        (0.75, "jobs function", jobs),
        (0.85, "mentor B", lambda: mentor(1)),
    ]


async def run(site: Cloud, *, requests: int = 2000, learners: int = 50, concurrency: int = 16) -> Report:
    """Load the site, kill its parts, wait until everything has settled, and look at what is there."""
    report = Report()
    load = Load(site, report, requests=requests, learners=learners, concurrency=concurrency)
    began = time.monotonic()
    loading = asyncio.create_task(load.run())
    for share, name, blow in blows(site):
        while report.answered < share * requests and not loading.done():
            await asyncio.sleep(0.05)
        await blow()
        report.kills.append(f"{name} after {report.answered}")
    await loading
    report.seconds = time.monotonic() - began
    async with site.stores() as stores:
        await _settle(site, stores, report)
        await _inspect(stores, report, load.learners)
    return report


async def _settle(site: Cloud, stores: Runtime, report: Report) -> None:
    """Let holds of the dead run out, jobs end, and have the regular cleanup do its work until there is nothing left."""
    until = time.monotonic() + SETTLING
    key = budget.account_key(stores.clock(), "UTC")
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            async with session.post(site.ops.url + CLEANUP, headers=site.headers("operator", "admin")) as response:
                found = await response.json()
                assert response.status == 200, found
                report.overdue += found["overdue_holds"]
            spend = (await stores.coordination.spend([key]))[key]
            busy = [
                job
                for state in ("pending", "running")
                for job in await stores.store.query(Job, Where("state", "==", state), order="run_at", limit=1)
            ]
            if not busy and spend.reserved == 0 and not found["overdue_holds"] and not found["more"]:
                return
            await asyncio.sleep(1)


async def _inspect(stores: Runtime, report: Report, learners: list[str]) -> None:
    day = budget.day(stores.clock(), "UTC")
    for learner in learners:
        owner = Where("user_id", "==", learner)
        rows = await stores.store.query(LedgerEntry, owner, order="created_at", limit=5000)
        report.rows += len(rows)
        report.superseded += sum("superseded" in row.flags for row in rows)
        report.final_rows.update(row.message_id for row in rows if row.final and row.agent == "mentor")
        report.ledger += sum(row.cost_nano_usd for row in rows)
        report.turns += len(await stores.store.query(Turn, owner, order="created_at", limit=5000))
        key = budget.learner_key(learner, stores.clock(), "UTC")
        spend = (await stores.coordination.spend([key]))[key]
        if spend != Spend(sum(row.cost_nano_usd for row in rows if row.learner_day == day), 0):
            report.learners_off.append(learner)
        talk = await stores.store.get(Conversation, f"talk-{learner}")
        report.summarised += talk is not None and talk.summarised > 0
    account = budget.account_key(stores.clock(), "UTC")
    report.account = (await stores.coordination.spend([account]))[account]
    for state in ("pending", "running", "done", "dead"):
        order = "updated_at" if state == "dead" else "run_at"
        jobs = await stores.store.query(
            Job, Where("state", "==", state), order=order, descending=state == "dead", limit=5000
        )
        report.jobs[state] += len(jobs)
        _effects(jobs, report)


def _effects(jobs: list[Job], report: Report) -> None:
    """A summary that was made twice would have reached the same turn in two jobs."""
    seen: set[tuple[str, object]] = set()
    for job in jobs:
        effect = (str(job.payload.get("conversation_id")), (job.result or {}).get("summarised"))
        if job.state == "done" and effect in seen:
            report.effects_twice.append(job.id)
        seen.add(effect)
