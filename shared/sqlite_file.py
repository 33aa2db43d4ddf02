"""The file under `shared.sqlite`: how it is opened, prepared and checkpointed. All calls block."""

import fcntl
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

PATIENCE = 10.0
"""Seconds that preparing and checkpointing wait for other processes."""
WAL_LIMIT = 64 * 1024 * 1024
"""Bytes from which a checkpoint stops the writers for a moment so that the log starts anew from its beginning."""

_PRAGMAS = (
    "PRAGMA synchronous=NORMAL",
    "PRAGMA wal_autocheckpoint=0",
    f"PRAGMA journal_size_limit={4 * WAL_LIMIT}",
    "PRAGMA cache_size=-4096",  # KiB, for each connection: recent pages; the rest is the system's page cache's business
    "PRAGMA mmap_size=0",  # a mapped file would count as ours and grow with the data
    "PRAGMA temp_store=MEMORY",
)


def connect(path: Path, patience: float = 1.0) -> sqlite3.Connection:
    """A connection in autocommit mode that waits up to `patience` seconds for a lock."""
    connection = sqlite3.connect(
        path, timeout=patience, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def prepare(path: Path, schema: Sequence[str]) -> None:
    """Create the file and what is missing in it.

    A lock file keeps first openers apart: the switch to WAL gives up at once where two of them meet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)  # learners' data; SQLite gives its side files the same mode
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with closing(connect(path, PATIENCE)) as connection:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
            connection.execute("BEGIN IMMEDIATE")
            for statement in schema:
                connection.execute(statement)
            connection.execute("COMMIT")


def checkpoint(path: Path) -> None:
    """Copy the log into the file. Under constant writing it never empties by itself, hence the harder way at WAL_LIMIT.

    A checkpoint that fails is left to the next one: nothing is lost by it, the log only stays longer.
    """
    try:
        with closing(connect(path, PATIENCE)) as connection:
            page_size = connection.execute("PRAGMA page_size").fetchone()[0]
            _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages * page_size > WAL_LIMIT:
                # Once more, so that the restart, which keeps writers waiting, finds next to nothing to do.
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    except (sqlite3.Error, OSError):
        return
