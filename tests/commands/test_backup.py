"""Backups: a copy taken in the middle of writing, a restore that overwrites nothing unasked, and the drill."""

import asyncio
import os
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from functions import mentor
from scripts.benchmarks.inprocess import Heard, ask
from scripts.fakes.models import FakeModels
from scripts.lib import backup
from shared.documents import LedgerEntry, Profile
from shared.identity.local import mint, read_or_create_secret
from shared.llm import budget
from shared.runtime import Runtime, override
from shared.sqlite import Database
from shared.store import Put, Where
from shared.store.firestore import FirestoreStore
from shared.store.sqlite import SQLiteStore
from tests.processes import ROOT, environment
from tests.product import Product
from tests.services import firestore, upstash


def command(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-m", "scripts.lib.backup", *arguments]
    return subprocess.run(program, cwd=ROOT, env=environment(**env), capture_output=True, text=True, check=False)


# --- one file


async def test_a_copy_taken_in_the_middle_of_writing_has_every_commit_whole(tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / backup.FILE)
    store, written, stop = SQLiteStore(database), 0, asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not stop.is_set():
            pair = [Profile(id=f"{written}-{side}", language="de") for side in "ab"]
            await store.commit(*(Put(one) for one in pair))
            written += 1

    writing = asyncio.create_task(write())
    while written < 200:
        await asyncio.sleep(0.01)
    before = written
    copy = await asyncio.to_thread(backup.export_file, database.path, tmp_path / "copy")
    after = written
    stop.set()
    await writing
    await store.close()
    assert [path.name for path in copy.parent.iterdir()] == [backup.FILE]
    assert copy.stat().st_mode & 0o077 == 0, "learners' data"
    copied = SQLiteStore(Database(copy))
    sides = dict.fromkeys("ab", 0)
    for number in range(after + 1):
        for side in "ab":
            sides[side] += await copied.get(Profile, f"{number}-{side}") is not None
    await copied.close()
    assert sides["a"] == sides["b"]
    assert before <= sides["a"] <= after + 1


async def test_a_restore_replaces_only_when_told_to_and_open_processes_see_it(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    store = SQLiteStore(Database(data / backup.FILE))
    await store.commit(Put(Profile(id="old", language="de")))
    assert command("export", str(copy), DATA_DIR=str(data)).returncode == 0
    await store.commit(Put(Profile(id="new")), Put(Profile(id="old", language="fr")))
    done = command("import", str(copy), DATA_DIR=str(data))
    assert (done.returncode, done.stderr) == (
        1,
        "there are documents already (in profiles): --force replaces them all\n",
    )
    assert await store.get(Profile, "new") is not None
    assert command("import", str(copy), "--force", DATA_DIR=str(data)).returncode == 0
    assert await store.get(Profile, "new") is None
    found = await store.get(Profile, "old")
    assert found is not None
    assert found.language == "de"
    await store.commit(Put(Profile(id="later")))
    await store.close()
    again = SQLiteStore(Database(data / backup.FILE))
    assert await again.get(Profile, "later") is not None
    await again.close()


async def test_a_damaged_copy_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    store = SQLiteStore(Database(data / backup.FILE))
    await store.commit(*(Put(Profile(id=f"p{number}", language="de")) for number in range(500)))
    backup.export_file(data / backup.FILE, copy)
    held = bytearray((copy / backup.FILE).read_bytes())
    held[4096:20_000] = os.urandom(20_000 - 4096)
    (copy / backup.FILE).write_bytes(held)
    done = command("import", str(copy), "--force", DATA_DIR=str(data))
    assert done.returncode == 1
    assert "is damaged" in done.stderr
    assert await store.get(Profile, "p499") is not None
    await store.close()


def test_an_export_overwrites_no_older_one_and_needs_something_to_copy(tmp_path: Path) -> None:
    assert "there is no" in command("export", str(tmp_path / "copy"), DATA_DIR=str(tmp_path / "data")).stderr
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / backup.FILE).touch()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / backup.FILE).write_text("older")
    assert "is there already" in command("export", str(tmp_path / "copy"), DATA_DIR=str(tmp_path / "data")).stderr
    assert (tmp_path / "copy" / backup.FILE).read_text() == "older"


async def test_a_folder_is_relative_to_where_the_command_is_called(tmp_path: Path) -> None:
    data, here = tmp_path / "data", tmp_path / "here"
    here.mkdir()
    store = SQLiteStore(Database(data / backup.FILE))
    await store.commit(Put(Profile(id="p")))
    await store.close()
    called: Any = {"cwd": here, "env": environment(DATA_DIR=str(data)), "capture_output": True, "text": True}
    for arguments in (["export", "copy"], ["import", "copy", "--force"]):
        done = subprocess.run([ROOT / "scripts" / "backup", *arguments], check=False, **called)
        assert done.returncode == 0, done.stderr
    assert (here / "copy" / backup.FILE).is_file()


# --- the emulator


@pytest.mark.parametrize(
    ("sums", "size", "said"),
    [(False, 200, "Invalid record.*; what was there before is back"), (True, 0, "backup is damaged")],
)
async def test_after_a_damaged_export_the_emulator_holds_what_it_held(
    tmp_path: Path, sums: bool, size: int, said: str
) -> None:
    host, theirs, ours, kept = firestore.emulator().host, firestore.project(), firestore.project(), tmp_path / "tmp"
    kept.mkdir()
    for project, names in ((theirs, ("a", "b", "c")), (ours, ("x", "y"))):
        store = FirestoreStore(project, emulator_host=host)
        await store.commit(*(Put(Profile(id=name, language="de")) for name in names))
        await store.close()
    env = {"FIRESTORE_EMULATOR_HOST": host, "GCP_PROJECT_ID": theirs, "TMPDIR": str(kept)}
    assert command("export", str(tmp_path / "copy"), **env).returncode == 0
    os.truncate(next((tmp_path / "copy").rglob("output-*")), size)
    if not sums:
        (tmp_path / "copy" / "backup.sha256").unlink()
    done = command("import", str(tmp_path / "copy"), "--force", **{**env, "GCP_PROJECT_ID": ours})
    assert done.returncode == 1
    assert re.search(said, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1
    assert list(kept.iterdir()) == [], "learners' data left behind"
    store = FirestoreStore(ours, emulator_host=host)
    found = {name for name in "abcxy" if await store.get(Profile, name) is not None}
    await store.close()
    assert found == {"x", "y"}


def test_the_cloud_is_left_to_gcloud(tmp_path: Path) -> None:
    bucket = "gs://lyo-backups/today"
    line = f"gcloud firestore export {bucket} '--database=(default)' --project=lyo"
    without = command("export", bucket, GCP_PROJECT_ID="lyo", PATH=str(tmp_path))
    assert (without.returncode, without.stderr) == (1, f"gcloud is not installed; where it is, this does it: {line}\n")
    assert "--force" in command("import", bucket, GCP_PROJECT_ID="lyo").stderr
    program = tmp_path / "gcloud"
    program.write_text('#!/bin/sh\necho "$@" >"$(dirname "$0")/asked"\nexit 3\n')
    program.chmod(0o755)
    done = command("export", bucket, GCP_PROJECT_ID="lyo", PATH=f"{tmp_path}:{os.defpath}")
    assert (done.returncode, done.stderr) == (1, "gcloud ended with status 3\n")
    assert (tmp_path / "asked").read_text() == f"firestore export {bucket} --database=(default) --project=lyo\n"


# --- the drill


@dataclass
class Place:
    """A product over one kind of stores, and how it is backed up and lost."""

    product: Product
    stores: dict[str, Any]
    env: dict[str, str]

    def runtime(self, **changes: Any) -> Runtime:
        """A process of it; each with a Redis that knows nothing yet, where there is one."""
        fresh = {"upstash_namespace": f"drill-{uuid.uuid4().hex[:12]}"} if self.stores else {}
        models = {"gpt_4_mini": "fake-ok"}
        return self.product.runtime(models, **{**self.stores, **fresh, **changes})

    def lose_everything(self) -> None:
        """All documents, and what instances share."""
        if self.stores:
            firestore.emulator().wipe(self.env["GCP_PROJECT_ID"])
        for file in self.product.data_dir.glob(f"{backup.FILE}*"):
            file.unlink()


@pytest.fixture(params=["embedded", "cloud"])
async def place(request: pytest.FixtureRequest, fake: FakeModels, tmp_path: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        product, env = Product(fake, tmp_path / "data", stack), {"DATA_DIR": str(tmp_path / "data")}
        stores: dict[str, Any] = {}
        if request.param == "cloud":
            redis, project = upstash.shared(), firestore.project()
            stores = {"firestore_emulator_host": firestore.emulator().host, "gcp_project_id": project}
            env |= {"FIRESTORE_EMULATOR_HOST": firestore.emulator().host, "GCP_PROJECT_ID": project}
            stores |= {"upstash_redis_rest_url": redis.url, "upstash_redis_rest_token": redis.token}
        yield Place(product, stores, env)


async def asked(runtime: Runtime, path: str, body: Any = None, sub: str = "u1", **headers: str) -> Heard:
    token = mint(read_or_create_secret(runtime.settings.data_dir), sub, "learner", 600)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with override(runtime):
        return await ask(mentor.edge.app, path, token, body, named)


async def spent(runtime: Runtime) -> int:
    """What the ledger says the account has spent today, in nano-USD."""
    day = budget.day(runtime.clock(), "UTC")
    return int(await runtime.store.total(LedgerEntry, "cost_nano_usd", Where("day", "==", day)))


async def test_the_drill_after_a_restore_everything_is_as_it_was(place: Place, tmp_path: Path) -> None:
    first = place.runtime()
    begun = await asked(first, "/mentor/chat", {"message": "What is light?"})
    assert begun.status == 200, begun.body
    name = begun.json["conversation_id"]
    keyed = {"message": "And sound?", "conversation_id": name}
    answer = await asked(first, "/mentor/chat", keyed, idempotency_key="k1")
    page = await asked(first, f"/mentor/conversation/{name}")
    assert len(page.json["messages"]) == 4
    await first.identity.revoke(user_id="u2")
    total = await spent(first)
    assert total > 0
    await first.close()

    done = await asyncio.to_thread(command, "export", str(tmp_path / "copy"), **place.env)
    assert done.returncode == 0, done.stderr
    place.lose_everything()
    lost = place.runtime()
    assert (await asked(lost, f"/mentor/conversation/{name}")).status == 404
    await lost.close()
    place.lose_everything()
    done = await asyncio.to_thread(command, "import", str(tmp_path / "copy"), **place.env)
    assert done.returncode == 0, done.stderr

    calls = len(place.product.fake.calls)
    after = place.runtime(ai_daily_cost_limit=(total + 1) / 1e9)
    assert (await asked(after, f"/mentor/conversation/{name}")).body == page.body
    assert await spent(after) == total
    assert (await asked(after, "/mentor/chat", keyed, idempotency_key="k1")).body == answer.body
    assert (await asked(after, "/mentor/chat", {"message": "Hello?"}, sub="u2")).status == 401
    refused = await asked(after, "/mentor/chat", {"message": "And heat?", "conversation_id": name})
    assert [attempt["outcome"] for attempt in refused.json["route"]["attempts"]] == ["over_budget"]
    assert len(place.product.fake.calls) == calls
    key = budget.account_key(after.clock(), "UTC")
    assert (await after.coordination.spend([key]))[key].committed == total
