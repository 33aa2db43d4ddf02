"""Whether a message costs the same as data grows: what fills the stores, what is measured, what counts as growth."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.benchmarks import growth, standing
from scripts.benchmarks.filling import LONG, OWNER, Filling
from scripts.fakes.models import FakeModels
from shared.documents import Conversation, LedgerEntry, Turn
from shared.sqlite import Database
from shared.store import Where
from shared.store.sqlite import SQLiteStore
from tests.architecture.sources import ROOT

ROW = growth.Row(
    turns=100, learners=1, experiments=0, p50=2.0, p95=3.0, p50_long=2.0, cpu=1.0, reads=2.0, writes=3.0, redis=None,
    page=1.0, day_total=1.0,
)  # fmt: skip


async def test_the_stores_are_filled_as_told_and_go_on_from_there(tmp_path: Path) -> None:
    store, steps = SQLiteStore(Database(tmp_path / "lyo.db")), list[str]()
    filling = Filling(store)
    for size in (100, 400):
        await filling.to(size, steps.append)
        assert (filling.turns, filling.learners) == (size, size // 100)
        head = await store.get(Conversation, LONG)
        assert head is not None
        assert (head.count, head.user_id) == (size // 10, OWNER), "a tenth is one conversation"
        long = await store.query(Turn, Where("conversation_id", "==", LONG), order="sequence", limit=1000)
        assert [turn.sequence for turn in long] == list(range(1, size // 10 + 1))
    assert len(steps) == 4
    other = await store.query(Turn, Where("user_id", "==", "u_1"), order="created_at", limit=1000)
    assert len(other) == 90
    rows = await store.query(LedgerEntry, Where("user_id", "==", "u_1"), order="created_at", limit=1000)
    assert {row.message_id for row in rows} == {turn.id for turn in other}
    await store.close()


async def test_a_small_run_counts_every_document_of_a_message(fake: FakeModels, tmp_path: Path) -> None:
    settings = standing.settings_for(str(tmp_path), fake.url)
    rows = await growth.measure(settings, (100, 200, 300), (10,), 20)
    assert [(row.turns, row.experiments) for row in rows] == [(100, 0), (200, 0), (200, 10), (300, 0)]
    assert {(row.reads, row.writes, row.redis) for row in rows} == {(2.0, 4.0, None)}
    assert not [line for line in growth.missed(rows) if "differ" in line]
    assert len(fake.calls) == 4 * (20 + 100)


def test_growth_is_a_median_beyond_the_bar_or_any_other_count() -> None:
    assert growth.missed([ROW, replace(ROW, turns=10_000, p50=2.4)]) == []
    assert "2.00 to 2.60 ms" in growth.missed([ROW, replace(ROW, turns=10_000, p50=2.6)])[0]
    others: list[dict[str, Any]] = [{"reads": 2.01}, {"writes": 4.0}, {"redis": 1.0}]
    for more in others:
        assert "differ" in growth.missed([ROW, replace(ROW, turns=10_000, **more)])[0]
    assert growth.missed([ROW, replace(ROW, experiments=100, p50=9.0), ROW]) == [], "experiments are told, not judged"


def test_the_table_has_a_line_for_each_row() -> None:
    lines = growth.table([ROW, replace(ROW, turns=1_000_000, redis=1.0)]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| 100 | 1 | 0 | 2.00 |")
    assert "| 2.00 | 3.00 | – |" in lines[2]
    assert "| 1,000,000 |" in lines[3]
    assert "| 2.00 | 3.00 | 1.00 |" in lines[3]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--sizes", "150"), "--sizes ascend in hundreds"),
        (("--sizes", "200", "100"), "--sizes ascend in hundreds"),
        (("--messages", "5"), "--messages is 20 or more"),
    ],
)
def test_nonsense_is_refused_in_a_line(arguments: tuple[str, ...], says: str) -> None:
    command = [sys.executable, "-m", "scripts.benchmarks.growth", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert says in done.stderr.splitlines()[-1]
