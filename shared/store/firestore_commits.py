"""Sending a commit until it is applied or refused, and what goes with that: clearing away what has expired."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import AlreadyExists, StaleVersion, StoreError
from shared.store import Write
from shared.store import firestore_writes as writing
from shared.store.firestore_link import BUSY, LOST, PATIENCE, Failure, Link, Pauses
from shared.store.firestore_writes import Plan, Stamp


@dataclass(slots=True)
class Operations:
    """What Firestore bills, counted as it answers; what fails is not counted."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0


async def apply(link: Link, writes: Sequence[Write], clock: Callable[[], float], operations: Operations) -> list[Stamp]:
    """Commit; returns the version each write left. Raises AlreadyExists, StaleVersion, StoreError, Overloaded."""
    plan = writing.plan(link, writes, clock(), random.getrandbits(63))
    versions = await _send(link, plan, clock, operations)
    for stale in plan.stale_adds(versions, clock()):
        # The document had expired: it goes, if it is still as this commit left it (an adder who came since does the
        # same), and the addition is made to a new one. An addition to an expired document is never one that counts.
        await remove(link, [(plan.names[stale], versions[stale])], operations)
        versions[stale] = (await apply(link, [writes[stale]], clock, operations))[0]
    return versions


async def _send(link: Link, plan: Plan, clock: Callable[[], float], operations: Operations) -> list[Stamp]:
    """Send a commit until it is applied, refused, or PATIENCE is over."""
    pauses, unknown = Pauses(PATIENCE), False
    while True:
        try:
            response = await link.call("Commit", plan.request, pauses.left())
        except Failure as failure:
            if failure.code in LOST:
                if not plan.repeatable:
                    raise failure.error("whether the additions were made is unknown") from failure
                unknown = True
            elif (taken := _is_taken(failure, plan)) or _is_stale(failure, plan):
                applied = plan.recovered(await fetch(link, plan.names, operations)) if unknown else None
                if applied is not None:
                    _count(plan, operations)
                    return applied
                if not taken:
                    raise StaleVersion(str(failure)) from failure
                if not await _clear(link, plan, clock, operations):
                    raise AlreadyExists(str(failure)) from failure
            elif failure.code not in BUSY or plan.too_large():
                raise StoreError(plan.too_large() or f"commit failed: {failure}") from failure
            if not await pauses.another():
                raise failure.error("commit failed") from failure
        else:
            _count(plan, operations)
            return plan.versions(response.write_results)


def _is_taken(failure: Failure, plan: Plan) -> bool:
    return bool(plan.creates) and failure.code == "ALREADY_EXISTS"


def _is_stale(failure: Failure, plan: Plan) -> bool:
    return plan.expects and failure.code in ("FAILED_PRECONDITION", "NOT_FOUND")


def _count(plan: Plan, operations: Operations) -> None:
    deletes = sum(message.HasField("delete") for message in plan.request.writes)
    operations.deletes += deletes
    operations.writes += len(plan.writes) - deletes


async def _clear(link: Link, plan: Plan, clock: Callable[[], float], operations: Operations) -> bool:
    """Remove what has expired of the documents this commit creates; False when one of them is there."""
    found, now = await fetch(link, plan.creates, operations), clock()
    versions = [(name, writing.version(document)) for name, document in found.items()]
    if any(version.expires_at is None or version.expires_at > now for _, version in versions):
        return False
    await remove(link, versions, operations)
    return True


async def fetch(link: Link, names: Sequence[str], operations: Operations) -> dict[str, Any]:
    """Documents by their names, expired or not."""
    request = link.request("BatchGetDocuments")
    request.documents.extend(dict.fromkeys(names))
    parts = await link.ask("BatchGetDocuments", request)
    operations.reads += len(request.documents)
    return {part.found.name: part.found for part in parts if part.HasField("found")}


async def remove(link: Link, versions: Sequence[tuple[str, Stamp]], operations: Operations) -> int:
    """Delete documents that are still at these versions; returns how many were."""
    if not versions:
        return 0
    request = link.request("BatchWrite")
    for name, version in versions:
        message = request.writes.add(delete=name)
        message.current_document.update_time.seconds = version.seconds
        message.current_document.update_time.nanos = version.nanos
    response = await link.ask("BatchWrite", request)
    removed = int(sum(status.code == 0 for status in response.status))
    operations.deletes += removed
    return removed
