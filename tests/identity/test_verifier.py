"""The remembered token: cheap, and never a way round expiry."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.errors import Unauthenticated
from shared.identity import verifier
from shared.identity.local import mint, read_or_create_secret, secret_file
from shared.identity.verifier import Identity
from tests.identity.issuing import NOW, Clock

Make = Callable[..., Identity]


async def test_a_remembered_token_needs_no_verification_for_a_minute(
    identity: Make, tmp_path: Path, clock: Clock
) -> None:
    subject = identity()
    bearer = "Bearer " + mint(read_or_create_secret(tmp_path), "u1", "learner", 3600, now=NOW)
    first = await subject.authenticate(bearer)
    assert await subject.authenticate(bearer) is first
    clock.now += 60
    assert await subject.authenticate(bearer) is not first


async def test_a_remembered_token_still_expires(identity: Make, tmp_path: Path, clock: Clock) -> None:
    subject = identity()
    bearer = "Bearer " + mint(read_or_create_secret(tmp_path), "u1", "learner", 10, now=NOW)
    await subject.authenticate(bearer)
    clock.now += 10
    with pytest.raises(Unauthenticated):
        await subject.authenticate(bearer)


async def test_what_is_remembered_is_bounded(identity: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "MOST_TOKENS", 3)
    subject = identity()
    secret = read_or_create_secret(tmp_path)
    for number in range(10):
        await subject.authenticate("Bearer " + mint(secret, f"u{number}", "learner", 60, now=NOW))
    assert len(subject._verified) == 3


async def test_the_hot_path_gives_control_to_nobody(identity: Make, tmp_path: Path) -> None:
    subject = identity()
    bearer = "Bearer " + mint(read_or_create_secret(tmp_path), "u1", "learner", 60, now=NOW)
    await subject.authenticate(bearer)
    step = subject.authenticate(bearer)
    with pytest.raises(StopIteration):
        step.send(None)  # it ends at its first step: nothing was awaited
    began = time.process_time()
    for _ in range(10_000):
        await subject.authenticate(bearer)
    assert (time.process_time() - began) / 10_000 < 20e-6, "ten times what was measured"


def test_nothing_is_read_or_made_before_it_is_needed(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import sys; import shared.identity.verifier; print([m for m in ('jwt','cryptography','aiohttp') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not secret_file(tmp_path).exists()
