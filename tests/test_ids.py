"""Ids: ordered by time, never twice, also after a fork."""

import os
import time

from shared import ids


def test_they_are_ordered_by_time_and_never_repeat() -> None:
    first = [ids.new("m") for _ in range(2_000)]
    time.sleep(0.002)  # noqa: TID251 - no event loop here
    later = [ids.new("m") for _ in range(2_000)]
    assert max(first) < min(later)
    assert len({*first, *later}) == 4_000
    assert all(len(name) == 2 + 12 + 20 for name in first)


def test_a_forked_process_gives_out_its_own() -> None:
    ids.new("m")  # the pool is filled before the fork
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, "\n".join(ids.new("m")[14:] for _ in range(50)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = set(os.read(reader, 65_536).decode().split("\n"))
    os.close(reader)
    os.close(writer)
    assert len(theirs) == 50
    assert theirs.isdisjoint(ids.new("m")[14:] for _ in range(50))
