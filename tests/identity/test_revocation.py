"""What was shut out stays out: on every instance within five seconds, for tokens, learners and admins."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.documents import Document, Revocation
from shared.errors import StoreError, Unauthenticated, Unavailable
from shared.identity.local import mint, read_or_create_secret
from shared.identity.revocation import READ_SECONDS, REVOCATION_SECONDS, revocations, revoke
from shared.identity.verifier import Identity
from shared.store import Create, Delete
from shared.store.sqlite import SQLiteStore
from tests.fakes.waiting import eventually
from tests.identity.issuing import NOW, Clock, firebase_claims, rs256

Make = Callable[..., Identity]


class Failing:
    """A store that can be made to fail or to hang; everything else is the real one's."""

    def __init__(self, store: SQLiteStore) -> None:
        self._store = store
        self.fault: str | None = None
        self.queries = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def query(self, kind: type[Document], *where: Any, **rest: Any) -> list[Any]:
        self.queries += 1
        if self.fault == "fail":
            raise StoreError("down")
        if self.fault == "hang":
            await asyncio.sleep(3600)
        return await self._store.query(kind, *where, **rest)


def token(tmp_path: Path, sub: str = "u1", role: Any = "learner", now: float = NOW) -> str:
    return "Bearer " + mint(read_or_create_secret(tmp_path), sub, role, 3600, now=now)


async def refused(subject: Identity, bearer: str) -> bool:
    try:
        await subject.authenticate(bearer)
    except Unauthenticated:
        return True
    return False


@pytest.mark.parametrize("role", ["learner", "admin"])
@pytest.mark.parametrize("what", ["user", "token"])
async def test_t45_revoked_on_a_is_refused_on_b_within_the_promise(
    identity: Make, tmp_path: Path, clock: Clock, role: str, what: str
) -> None:
    a, b = identity(), identity()
    bearer, bystander = token(tmp_path, role=role), token(tmp_path, "u2")
    caller = await a.authenticate(bearer)
    await b.authenticate(bearer)
    await b.authenticate(bystander)
    if what == "user":
        await a.revoke(user_id=caller.user_id, reason="lost phone")
    else:
        await a.revoke(token_id=caller.token_id)
    with pytest.raises(Unauthenticated):
        await a.authenticate(bearer)
    await b.authenticate(bearer)  # b does not know yet: this is what makes the next line mean something
    clock.now += REVOCATION_SECONDS
    with pytest.raises(Unauthenticated):
        await b.authenticate(bearer)
    assert (await b.authenticate(bystander)).user_id == "u2"


async def test_t45_a_busy_instance_reads_ahead_and_nobody_waits(
    identity: Make, tmp_path: Path, clock: Clock, store: SQLiteStore
) -> None:
    counting = Failing(store)
    subject = identity(store=counting)
    bearer = token(tmp_path)
    await subject.authenticate(bearer)
    assert counting.queries == 1
    await revoke(store, now=clock(), user_id="u1")
    clock.now += 3
    await subject.authenticate(bearer)
    await eventually(lambda: refused(subject, bearer))  # once the reading in the background has come to its end
    assert counting.queries == 2


async def test_t45_only_what_is_older_than_a_moment(identity: Make, tmp_path: Path, clock: Clock) -> None:
    subject = identity()
    old = token(tmp_path)
    await subject.authenticate(old)
    clock.now += 10
    await subject.revoke(user_id="u1", not_before=clock())
    with pytest.raises(Unauthenticated):
        await subject.authenticate(old)
    clock.now += 1
    await subject.authenticate(token(tmp_path, now=clock()))


async def test_t45_a_refreshed_firebase_token_of_a_revoked_sign_in(identity: Make, clock: Clock) -> None:
    subject = identity(auth_mode="firebase")
    await subject.authenticate("Bearer " + rs256(firebase_claims()))
    await subject.revoke(user_id="u1", not_before=clock())
    clock.now += 60
    refreshed = firebase_claims(iat=int(clock.now), exp=int(clock.now) + 3600)
    with pytest.raises(Unauthenticated):
        await subject.authenticate("Bearer " + rs256(refreshed))
    signed_in_again = {**refreshed, "auth_time": int(clock.now)}
    await subject.authenticate("Bearer " + rs256(signed_in_again))


async def test_t45_a_token_revoked_by_its_digest(identity: Make, clock: Clock) -> None:
    subject = identity(auth_mode="firebase")
    bearer = "Bearer " + rs256(firebase_claims())
    caller = await subject.authenticate(bearer)
    await subject.revoke(token_id=caller.token_id)
    with pytest.raises(Unauthenticated):
        await subject.authenticate(bearer)
    await subject.authenticate("Bearer " + rs256(firebase_claims(iat=int(NOW) - 5)))


async def test_t45_a_writer_whose_clock_is_behind(
    identity: Make, tmp_path: Path, clock: Clock, store: SQLiteStore
) -> None:
    subject = identity()
    bearer = token(tmp_path)
    await revoke(store, now=clock(), user_id="somebody")
    await subject.authenticate(bearer)
    await revoke(store, now=clock() - 60, user_id="u1")
    clock.now += REVOCATION_SECONDS
    with pytest.raises(Unauthenticated):
        await subject.authenticate(bearer)


async def test_t45_a_writer_whose_clock_is_ahead_hides_nothing(
    identity: Make, tmp_path: Path, clock: Clock, store: SQLiteStore
) -> None:
    subject = identity()
    bearer = token(tmp_path)
    await revoke(store, now=clock() + 7200, user_id="somebody")
    await subject.authenticate(bearer)
    await revoke(store, now=clock(), user_id="u1")
    clock.now += REVOCATION_SECONDS
    with pytest.raises(Unauthenticated):
        await subject.authenticate(bearer)


async def test_t45_more_revocations_than_a_page_and_all_of_one_moment(
    identity: Make, tmp_path: Path, clock: Clock, store: SQLiteStore
) -> None:
    many = [Revocation(id=f"user:x{number:04}", created_at=clock()) for number in range(1200)]
    await store.commit(*(Create(item) for item in many))
    subject = identity()
    for number in (0, 499, 500, 1199):
        with pytest.raises(Unauthenticated):
            await subject.authenticate(token(tmp_path, f"x{number:04}"))


async def test_a_revocation_that_was_taken_back_is_forgotten(
    identity: Make, tmp_path: Path, clock: Clock, store: SQLiteStore
) -> None:
    subject = identity()
    bearer = token(tmp_path)
    document = await revoke(store, now=clock(), user_id="u1")
    with pytest.raises(Unauthenticated):
        await subject.authenticate(bearer)
    assert [item.id for item in await revocations(store)] == ["user:u1"]
    await store.commit(Delete(Revocation, document.id))
    clock.now += 600
    await subject.authenticate(bearer)


@pytest.mark.parametrize("fault", ["fail", "hang"])
async def test_t45_a_store_that_is_down(
    identity: Make, tmp_path: Path, clock: Clock, store: SQLiteStore, fault: str
) -> None:
    failing = Failing(store)
    subject = identity(store=failing)
    shut_out, let_in = token(tmp_path, "u1"), token(tmp_path, "u2")
    await revoke(store, now=clock(), user_id="u1")
    await subject.authenticate(let_in)
    failing.fault = fault
    began = time.monotonic()
    for _ in range(10):
        clock.now += 5.5
        await subject.authenticate(let_in)
        with pytest.raises(Unauthenticated):
            await subject.authenticate(shut_out)
    assert time.monotonic() - began < 5 * READ_SECONDS, "only who noticed first waited"
    assert failing.queries <= 12, "a store in trouble is asked once a second at most"
    clock.now += 5.5
    with pytest.raises(Unavailable):
        await subject.authenticate(let_in)
    failing.fault = None
    await subject.close()
    clock.now += 1
    await subject.authenticate(let_in)


async def test_one_of_both_is_named(store: SQLiteStore) -> None:
    for user_id, token_id in ((None, None), ("u1", "t1")):
        with pytest.raises(ValueError, match="user id or a token id"):
            await revoke(store, now=NOW, user_id=user_id, token_id=token_id)


@pytest.mark.parametrize(
    ("first", "second", "kept"), [(0.0, 5.0, 0.0), (9.0, 5.0, 9.0), (5.0, 9.0, 9.0), (5.0, 0.0, 0.0)]
)
async def test_t45_a_later_and_weaker_word_lets_nobody_in_again(
    store: SQLiteStore, first: float, second: float, kept: float
) -> None:
    await revoke(store, now=1.0, user_id="u1", not_before=first, expires_at=NOW + 50)
    await revoke(store, now=2.0, user_id="u1", not_before=second, expires_at=NOW + 20)
    (found,) = await revocations(store)
    assert (found.not_before, found.expires_at, found.created_at) == (kept, NOW + 50, 2.0)
    await revoke(store, now=3.0, user_id="u1", not_before=second)
    (found,) = await revocations(store)
    assert found.expires_at is None
