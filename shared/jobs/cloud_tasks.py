"""Background jobs over a store and Cloud Tasks: the store knows what is to be done, Cloud Tasks sees that it is.

A job is a document first and a task second, so nothing is delivered that is not known. What Cloud Tasks says is only
"look at this job": whether it is done, who does it and how often it was tried is decided by the document, each time under
a precondition. So a task may come twice, at once, late or out of order, and a task that got lost is made again by
`recover`, by enqueueing under the same key, or by `retry`. Times are Unix seconds.
"""

import asyncio
import hashlib
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from shared import log
from shared.documents import Job, JobKey
from shared.errors import AlreadyExists, StaleVersion, StoreError, Unavailable
from shared.jobs import Done, Refused, states
from shared.jobs.sender import Sender
from shared.store import Create, Put, Store, Version, Where, Write
from shared.telemetry import trace

RACES: Final = 20
"""How often a change is tried against others who change the same document."""
UNSENT_AFTER: Final = 60.0
"""Seconds after it was due that a pending job counts as never sent."""
LOST_AFTER: Final = 600.0
"""Seconds after its lease that a running job counts as abandoned by Cloud Tasks too."""

_log = log.get(__name__)
_Change = Callable[[Job, float], Job | None]


class CloudTasksQueue:
    """The `WorkerQueue` protocol. `queue` to `emulator_host` as in `Sender`, `max_attempts` to `rng` as in `states.Rules`.

    The queue in Cloud Tasks has to retry without end: here the attempts are counted, and a delivery that is told to come
    again is none.
    """

    def __init__(
        self,
        store: Store,
        *,
        queue: str,
        target_url: str,
        audience: str,
        service_account: str,
        clock: Callable[[], float],
        emulator_host: str | None = None,
        max_attempts: int = 5,
        lease: float = 60.0,
        backoff: Sequence[float] = (5, 20, 60, 300),
        rng: Callable[[], float] = random.random,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self.lease = lease
        self._store = store
        self._clock = clock
        self._rules = states.Rules(max_attempts, lease, tuple(backoff), rng)
        self._rng = rng
        self._new_id = new_id
        self._closed = False
        self._sender = Sender(
            queue,
            target_url=target_url,
            audience=audience,
            service_account=service_account,
            emulator_host=emulator_host,
            rng=rng,
        )

    # --- the protocol

    async def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        delay: float = 0,
        owner: str | None = None,
    ) -> str:
        """Accept a job durably and send it; the first job's id while that one answers for the key.

        Raises Unavailable after `close`, and when it cannot be sent. It is kept all the same: enqueueing it again under
        its key sends it, or else `recover` does.
        """
        if self._closed:
            raise Unavailable("the queue is closed")
        now = self._clock()
        times = {"run_at": now + delay, "created_at": now, "updated_at": now}
        with trace.begin("enqueue", kind, kind=trace.PRODUCER):
            asked = {"request_id": log.request_id.get(), "traceparent": trace.traceparent()}
            body = states.as_json(payload)
            job = Job(id=f"job_{self._new_id()}", kind=kind, payload=body, key=key, owner=owner, **asked, **times)
            if key is None:
                await self._store.commit(Create(job))
            else:
                job = await self._first(job, _key_id(kind, key))
            if job.state == "pending":  # whoever was first may have died before it sent it
                await self._sender.send(job, now)
            return job.id

    async def get(self, job_id: str) -> Job | None:
        """The job with its state, attempts, progress and last error."""
        return await self._store.get(Job, job_id)

    async def progress(self, job_id: str, fraction: float) -> bool:
        """Note how far a running job is, 0 to 1; False when it does not run."""
        return await self._change(job_id, lambda job, now: states.progressed(job, now, fraction)) is not None

    async def dead(self, limit: int = 100) -> Sequence[Job]:
        """Jobs whose attempts are used up, newest first."""
        where = Where("state", "==", "dead")
        return await self._store.query(Job, where, order="updated_at", descending=True, limit=limit)

    async def retry(self, job_id: str) -> bool:
        """Give a dead job its attempts back; False when it is not dead. Raises Unavailable as `enqueue` does."""
        again = await self._change(job_id, states.retried)
        if again is None:
            return False
        await self._sender.send(again, self._clock())
        return True

    async def recover(self, limit: int = 100) -> int:
        """Send again, under a new name, what is long overdue or whose worker died; returns how many. Ends when it cannot send.

        One that still waits its turn in Cloud Tasks is delivered twice, which does no harm.
        """
        now = self._clock()
        lost = await self._overdue("running", "lease_until", now - LOST_AFTER, limit)
        unsent = await self._overdue("pending", "run_at", now - UNSENT_AFTER, limit)
        count = 0
        for seen in (*lost, *unsent)[:limit]:
            again = await self._change(seen.id, self._recovery(seen))
            if again is not None and again.state == "pending":
                try:
                    await self._sender.send(again, now)
                except Unavailable:
                    break  # it is overdue again in a while
            count += again is not None
        return count

    async def close(self) -> None:
        """Stop taking jobs; what was accepted stays accepted. The store is others' to close."""
        self._closed = True
        await self._sender.close()

    # --- for workers

    async def take(self, kind: str, job_id: str) -> Job | Refused:
        """Claim one job of that kind by its id, or say why not."""
        for race in range(RACES):
            found = await self._store.get_versioned(Job, job_id)
            if found is None or found[0].kind != kind:
                return Refused("unknown")
            now = self._clock()
            if (refused := states.refusal(found[0], now)) is not None:
                return refused
            taken = states.claimed(found[0], now, self._rules)
            try:
                await self._store.commit(Put(taken, expect=found[1]))
            except StaleVersion:
                await self._pause(race)
            else:
                return taken if taken.state == "running" else Refused("finished")
        return Refused("busy", 1.0)

    async def heartbeat(self, job: Job) -> bool:
        """Extend the lease of a claimed job; False when it is no longer this worker's."""
        return await self._change(job.id, lambda found, now: states.beaten(found, job, now, self._rules)) is not None

    async def complete(self, job: Job, done: Done) -> bool:
        """Record that a claimed job is done and write its effect, in one commit; see `WorkerQueue.complete`."""
        result = None if done.result is None else states.as_json(done.result)
        refused: tuple[StoreError, Version] | None = None
        for race in range(RACES):
            found = await self._store.get_versioned(Job, job.id)
            if found is not None and found[0].state == "done" and found[0].claims == job.claims:
                return True  # a commit whose answer was lost
            kept = None if found is None else states.completed(found[0], job, self._clock(), result)
            if found is None or kept is None:
                return False
            if refused is not None and refused[1] == found[1]:
                raise refused[0]  # the job is as it was: it is the effect that cannot be written
            try:
                await self._store.commit(Put(kept, expect=found[1]), *done.writes)
            except StoreError as error:
                refused = (error, found[1])
                await self._pause(race)
            else:
                return True
        raise Unavailable("The job kept changing.")

    async def fail(self, job: Job, error: BaseException) -> Job | None:
        """Put a claimed job back after a pause, or bury it; None when it is no longer this worker's."""
        return await self._change(job.id, lambda found, now: states.failed(found, job, now, error, self._rules))

    async def release(self, job: Job) -> bool:
        """Put a claimed job back as if it had not been claimed: its worker stops."""
        return await self._change(job.id, lambda found, now: states.released(found, job, now)) is not None

    # --- inside

    async def _first(self, job: Job, key_id: str) -> Job:
        """The job that answers for the key: another one, or this one once it is written with its latch."""
        for race in range(RACES):
            found = await self._store.get_versioned(JobKey, key_id)
            first = None if found is None else await self._store.get(Job, found[0].job_id)
            if first is not None and (first.id == job.id or states.answers(first, self._clock())):
                return first
            latch = JobKey(id=key_id, job_id=job.id, expires_at=job.run_at + states.KEY_KEPT)
            write: Write = Create(latch) if found is None else Put(latch, expect=found[1])
            try:
                await self._store.commit(write, Create(job))
            except (AlreadyExists, StaleVersion):
                await self._pause(race)
            else:
                return job
        raise Unavailable("Too many ask for the same job at once.")

    async def _overdue(self, state: str, field: str, before: float, limit: int) -> Sequence[Job]:
        where = (Where("state", "==", state), Where(field, "<=", before))
        return await self._store.query(Job, *where, order=field, limit=limit)

    def _recovery(self, seen: Job) -> _Change:
        def change(found: Job, now: float) -> Job | None:
            # Each sending waits twice as long as the one before: a queue that is paused must not fill with copies.
            early = found.state == "pending" and now < found.run_at + UNSENT_AFTER * 2 ** min(found.sending, 8)
            if early or found.updated_at != seen.updated_at:
                return None
            return states.recovered(found, now, self._rules)

        return change

    async def _change(self, job_id: str, change: _Change) -> Job | None:
        for race in range(RACES):
            found = await self._store.get_versioned(Job, job_id)
            changed = None if found is None else change(found[0], self._clock())
            if found is None or changed is None:
                return None
            try:
                await self._store.commit(Put(changed, expect=found[1]))
            except StaleVersion:
                await self._pause(race)
            else:
                return changed
        raise Unavailable("The job kept changing.")

    async def _pause(self, race: int) -> None:
        await asyncio.sleep(0.02 * (race + 1) * self._rng())


def _key_id(kind: str, key: str) -> str:
    return hashlib.sha256(f"{len(kind)}:{kind}:{key}".encode()).hexdigest()[:40]
