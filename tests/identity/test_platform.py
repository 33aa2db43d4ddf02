"""Behind Cloud Run's own identity check service tokens come without their signature; nowhere else may they (T47)."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.errors import ConfigurationError, Forbidden, Unauthenticated
from shared.identity.verifier import Identity
from shared.settings import Settings
from tests.identity.issuing import ACCOUNT, NOW, firebase_claims, rs256, service_claims

Make = Callable[..., Identity]
DEPLOYED: dict[str, Any] = {
    "deployed": True,
    "auth_mode": "firebase",
    "upstash_redis_rest_url": "https://redis.example.test",
    "upstash_redis_rest_token": "token-of-redis",
    "tasks_queue": "jobs",
    "tasks_target_url": "https://jobs.example.test",
    "tasks_service_account": ACCOUNT,
}
PRIVATE = {**DEPLOYED, "platform_checks_identity": True}


def stripped(token: str) -> str:
    """As Cloud Run hands it on."""
    return token.rsplit(".", 1)[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"


async def test_a_token_that_the_platform_verified(identity: Make) -> None:
    caller = await identity(**PRIVATE).authenticate("Bearer " + stripped(rs256(service_claims())))
    assert (caller.role, caller.email) == ("service", ACCOUNT)


async def test_t47_the_same_token_anywhere_else_is_a_forgery(identity: Make) -> None:
    for changes in (DEPLOYED, {}):
        with pytest.raises(Unauthenticated):
            await identity(**changes).authenticate("Bearer " + stripped(rs256(service_claims())))


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"aud": "https://other.example.test"}, Unauthenticated),
        ({"exp": int(NOW) - 1}, Unauthenticated),
        ({"exp": None}, Unauthenticated),
        ({"iss": "https://issuer.example.test"}, Unauthenticated),
        ({"sub": None}, Unauthenticated),
        ({"email": "somebody@example.test"}, Forbidden),
        ({"email_verified": False}, Forbidden),
    ],
)
async def test_t47_its_claims_are_checked_all_the_same(identity: Make, change: Any, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        await identity(**PRIVATE).authenticate("Bearer " + stripped(rs256(service_claims(**change))))


async def test_t47_a_learner_cannot_leave_the_signature_off(identity: Make) -> None:
    with pytest.raises(Unauthenticated):
        await identity(**PRIVATE).authenticate("Bearer " + stripped(rs256(firebase_claims(role="admin"))))


async def test_a_signed_token_is_still_verified_by_its_signature(identity: Make) -> None:
    made = identity(**PRIVATE)
    assert (await made.authenticate("Bearer " + rs256(service_claims()))).email == ACCOUNT
    with pytest.raises(Unauthenticated):
        await made.authenticate("Bearer " + rs256(service_claims(), "k2", kid="k1"))


def test_the_setting_is_refused_where_no_platform_stands_in_front() -> None:
    with pytest.raises(ConfigurationError, match="PLATFORM_CHECKS_IDENTITY"):
        Settings.load({"PLATFORM_CHECKS_IDENTITY": "true"})
