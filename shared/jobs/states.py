"""A job's life as pure changes: each takes the job as it is and gives it as it shall be, or None to leave it alone.

    pending ──claimed──▶ running ──completed──▶ done
       ▲                    │ failed, released, recovered: pending again
       └─────retried── dead ◀┘ when the attempts are used up

Who changes a running job shows what it claimed: another claim since then has another number, so a worker that lost its
lease finds everything it says refused. Times are Unix seconds.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared.documents import Job
from shared.jobs import Refused
from shared.safety.masking import mask

DEDUPE: Final = 86_400.0
"""Seconds after its creation in which a finished job still answers for its key."""
DONE_KEPT: Final = 7 * 86_400.0
DEAD_KEPT: Final = 30 * 86_400.0
KEY_KEPT: Final = 2 * DEAD_KEPT
"""Seconds after it is due that a key remembers its job: longer than a job lives, is dead and lives again after a retry."""
ERROR_LENGTH: Final = 500
_WORKER_LOST: Final = "WorkerLost: the worker stopped during the last attempt"


@dataclass(frozen=True, slots=True)
class Rules:
    """How jobs are tried.

    `lease` are the seconds after which a silent worker counts as dead. `backoff` are the seconds before the second,
    third, … attempt (the last one repeats), each times 0.5-1.5 by `rng`.
    """

    max_attempts: int = 5
    lease: float = 60.0
    backoff: tuple[float, ...] = (1, 2, 4, 8, 16)
    rng: Callable[[], float] = random.random


def as_json(value: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that is what a store would give back. TypeError when it is no JSON."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(dict(value)))
    return copy


def answers(first: Job, now: float) -> bool:
    """Whether enqueueing the key again means this job. A dead one does not: asking again is a deliberate re-run."""
    return first.state in ("pending", "running") or (first.state == "done" and now < first.created_at + DEDUPE)


def refusal(job: Job, now: float) -> Refused | None:
    """Why a worker cannot have the job now; None when it can."""
    if job.state in ("done", "dead"):
        return Refused("finished")
    if job.state == "running":
        return Refused("busy", job.lease_until - now) if now < job.lease_until else None
    return Refused("early", job.run_at - now) if now < job.run_at else None


def claimed(job: Job, now: float, rules: Rules) -> Job:
    """The job in a worker's hands; buried when a dead worker had its last attempt."""
    if job.state == "running" and job.attempts >= rules.max_attempts:
        return _buried(job, _WORKER_LOST, now)
    taken = {"state": "running", "attempts": job.attempts + 1, "claims": job.claims + 1}
    return _changed(job, now, **taken, lease_until=now + rules.lease)


def held(found: Job, claim: Job) -> bool:
    """Whether the worker that claimed `claim` still has the job."""
    return found.state == "running" and found.claims == claim.claims


def beaten(found: Job, claim: Job, now: float, rules: Rules) -> Job | None:
    """With its lease extended."""
    return _changed(found, now, lease_until=now + rules.lease) if held(found, claim) else None


def completed(found: Job, claim: Job, now: float, result: dict[str, Any] | None) -> Job | None:
    """Done, with its result, and kept for a week."""
    if not held(found, claim):
        return None
    return _changed(found, now, state="done", result=result, progress=1.0, error=None, expires_at=now + DONE_KEPT)


def failed(found: Job, claim: Job, now: float, error: BaseException, rules: Rules) -> Job | None:
    """Due again after a pause, or dead. Kept of the error: its type and message, masked."""
    if not held(found, claim):
        return None
    # Masked before it is cut, so that no key is cut in two unseen.
    text = mask(f"{type(error).__name__}: {error}"[: 8 * ERROR_LENGTH])[:ERROR_LENGTH]
    if found.attempts >= rules.max_attempts:
        return _buried(found, text, now)
    pause = rules.backoff[min(found.attempts, len(rules.backoff)) - 1] if rules.backoff else 0.0
    return _changed(found, now, state="pending", run_at=now + pause * (0.5 + rules.rng()), error=text)


def released(found: Job, claim: Job, now: float) -> Job | None:
    """As if it had not been claimed: its worker stops."""
    if not held(found, claim):
        return None
    return _changed(found, now, state="pending", run_at=now, attempts=found.attempts - 1)


def recovered(found: Job, now: float, rules: Rules) -> Job:
    """Due now and to be sent anew; buried when a dead worker had its last attempt."""
    if found.state == "running" and found.attempts >= rules.max_attempts:
        return _buried(found, _WORKER_LOST, now)
    return _changed(found, now, state="pending", run_at=now, sending=found.sending + 1)


def retried(found: Job, now: float) -> Job | None:
    """A dead one with its attempts back."""
    if found.state != "dead":
        return None
    again = {"state": "pending", "attempts": 0, "error": None, "expires_at": None, "sending": found.sending + 1}
    return _changed(found, now, run_at=now, **again)


def progressed(found: Job, now: float, fraction: float) -> Job | None:
    """A running one, so far along (0 to 1)."""
    return _changed(found, now, progress=min(max(fraction, 0.0), 1.0)) if found.state == "running" else None


def _buried(job: Job, error: str, now: float) -> Job:
    return _changed(job, now, state="dead", error=error, expires_at=now + DEAD_KEPT)


def _changed(job: Job, now: float, **fields: Any) -> Job:
    return job.model_copy(update={**fields, "updated_at": now})
