"""What the child processes of the tests do: `python -m tests.stores.children COMMAND FILE ARGUMENT…`.

A child prints "ready", waits for a line on its standard input so that all start together, and prints what it did.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

from shared.coordination import Cap, Hold
from shared.coordination.local import LocalCoordination
from shared.documents import Job, Profile, Turn
from shared.errors import AlreadyExists
from shared.jobs.local import LocalQueue
from shared.jobs.runner import Runner
from shared.sqlite import Database
from shared.store import Create
from shared.store.sqlite import SQLiteStore


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def reserve(file: Path, name: str, count: str, amount: str, limit: str) -> None:
    """Reserve `count` times at once under two caps; every third hold that was granted is settled in full."""
    coordination = LocalCoordination(Database(file))
    caps = (Cap("account", 10**12), Cap("user", int(limit)))
    say(ready=True)
    sys.stdin.readline()

    async def one(number: int) -> bool:
        hold = Hold(f"{name}:{number}", caps, int(amount), 60)
        granted = await coordination.reserve(hold) is None
        if granted and number % 3 == 0:
            await coordination.settle({hold.id: hold.amount})
        return granted

    granted = await asyncio.gather(*(one(number) for number in range(int(count))))
    say(granted=sum(granted))
    await coordination.close()


async def create(file: Path, name: str, count: str) -> None:
    """Try to take `count` latches that all children try to take."""
    store, won = SQLiteStore(Database(file)), 0
    say(ready=True)
    sys.stdin.readline()
    for number in range(int(count)):
        try:
            await store.commit(Create(Profile(id=f"p{number}", time_zone=name)))
            won += 1
        except AlreadyExists:
            continue
    say(won=won)
    await store.close()


async def count_up(file: Path, name: str, count: str) -> None:
    """Add to one counter, many at once."""
    coordination = LocalCoordination(Database(file))
    say(ready=True)
    sys.stdin.readline()
    await asyncio.gather(*(coordination.add({"n": 1}) for _ in range(int(count))))
    say(done=name)
    await coordination.close()


async def write(file: Path, name: str) -> None:
    """Write documents and charges until killed, eight at a time; print each id after its await returned."""
    database = Database(file)
    store, coordination = SQLiteStore(database), LocalCoordination(database)
    say(ready=True)
    sys.stdin.readline()

    async def writer(lane: int) -> None:
        for number in range(1_000_000):
            id_ = f"{name}:{lane}:{number}"
            turn = Turn(
                id=id_, conversation_id="c", user_id="u", sequence=number, created_at=0, question="q" * 200,
                answer="a" * 2000, language="es", model="m", provider="gemma", finish="stop", degraded=False,
            )  # fmt: skip
            await coordination.reserve(Hold(id_, (Cap("account", 10**15),), 10, 60))
            await store.commit(Create(turn))
            await coordination.settle({id_: 7})
            say(id=id_)

    await asyncio.gather(*(writer(lane) for lane in range(8)))


async def work(file: Path, name: str, seconds: str, ahead: str) -> None:
    """Run jobs of kind "k": each notes its start, takes so many seconds, and takes the latch of its effect.

    The clock is `ahead` by so many seconds. Leases are those of the product: no stalling machine outlasts them.
    """
    database = Database(file)
    store, queue = SQLiteStore(database), LocalQueue(database, clock=lambda: time.time() + float(ahead))

    async def handler(job: Job) -> dict[str, str]:
        say(started=job.id, attempt=job.attempts)
        await asyncio.sleep(float(seconds))
        try:
            await store.commit(Create(Profile(id=f"effect:{job.id}", time_zone=name)))
            say(effect=job.id)
        except AlreadyExists:
            say(repeated=job.id)
        return {"by": name}

    say(ready=True)
    sys.stdin.readline()
    runner = Runner(queue, {"k": handler}, concurrency=2, poll=0.05)
    runner.start()
    await asyncio.to_thread(sys.stdin.readline)
    await runner.stop()
    await queue.close()


COMMANDS: dict[str, Callable[..., Coroutine[None, None, None]]] = {
    "reserve": reserve,
    "create": create,
    "count_up": count_up,
    "write": write,
    "work": work,
}

if __name__ == "__main__":
    asyncio.run(COMMANDS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:]))
