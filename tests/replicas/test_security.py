"""Who is let in, and who no longer: over two instances, with the invalidation broken on purpose."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared.identity.caller import Role
from shared.identity.revocation import REVOCATION_SECONDS
from tests.identity import issuing
from tests.replicas.cloud import ACCOUNT, ALL, AUDIENCE, Backdrop, Cloud
from tests.replicas.conftest import CHAT, Models, ask, asked, say, wires
from tests.services.tasks import KEY_ID, token

pytestmark = pytest.mark.replicas

NOBODYS = "/api/v1/ai/mentor/conversation/none"


@pytest.fixture(scope="module")
def site(behind: Backdrop, models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    limits = {"RATE_LIMIT_IP_PER_MINUTE": "50", "RATE_LIMIT_USER_PER_MINUTE": "100000"}
    with behind.fleet(tmp_path_factory.mktemp("security"), *ALL, **limits, **wires(models)) as made:
        yield made


async def status(url: str, headers: dict[str, str], body: Any = None) -> int:
    method = "GET" if body is None else "POST"
    return (await asyncio.to_thread(ask, url, headers, method=method, body=body)).status


async def test_t44_tokens_that_are_not_right_are_refused_on_the_public_route_of_both(
    behind: Backdrop, models: Models, tmp_path: Path
) -> None:
    now = int(time.time())

    def claims(**changes: Any) -> dict[str, Any]:
        times = {"iat": now - 10, "auth_time": now - 100, "exp": now + 3600}
        return issuing.firebase_claims(**{**times, **changes})

    good = issuing.rs256(claims())
    header, _, signature = good.split(".")
    tokens = {
        "alg none": issuing.raw_token({"alg": "none", "kid": "k1"}, claims()),
        "alg none with a signature": issuing.raw_token({"alg": "none", "kid": "k1"}, claims(), b"x"),
        "HS256 with the public key": issuing.raw_token({"alg": "HS256", "kid": "k1"}, claims(), b"x" * 32),
        "other key": issuing.rs256(claims(), "k2", kid="k1"),
        "unknown key": issuing.rs256(claims(), "k2"),
        "wrong issuer": issuing.rs256(claims(iss="https://securetoken.google.com/other")),
        "wrong audience": issuing.rs256(claims(aud="other")),
        "expired": issuing.rs256(claims(exp=now - 1)),
        "not yet": issuing.rs256(claims(iat=now + 600)),
        "no subject": issuing.rs256(claims(sub="")),
        "changed after it was signed": f"{header}.{issuing.rs256(claims(sub='root')).split('.')[1]}.{signature}",
        "a refresh token": "AMf-vBx" + "q" * 150,
        "a service's": token(behind.tasks.key, ACCOUNT, "https://elsewhere.example"),
        "the local mode's": behind_local(tmp_path),
    }
    async with issuing.key_server() as keys:
        env = {"AUTH_MODE": "firebase", "FIREBASE_JWKS_URL": keys.url, "GCP_PROJECT_ID": issuing.PROJECT}
        with behind.fleet(tmp_path, **env, UPSTASH_NAMESPACE="t44", **wires(models)) as site:
            before = models.requests
            for instance in site.mentors:
                assert await status(instance.url + CHAT, {}, asked()) == 401
                for name, bearer in tokens.items():
                    found = await status(instance.url + CHAT, {"Authorization": f"Bearer {bearer}"}, asked())
                    assert (name, found) == (name, 401)
            assert models.requests == before
            for instance in site.mentors:
                assert await status(instance.url + CHAT, {"Authorization": f"Bearer {good}"}, asked()) == 200


def behind_local(folder: Path) -> str:
    from shared.identity import local

    return local.mint(local.read_or_create_secret(folder / "data"), "u1", "admin", 3600)


@pytest.mark.parametrize("broken", ["DEL denied", "Redis down"])
async def test_t45_the_revoked_are_refused_in_time_whatever_becomes_of_redis(site: Cloud, broken: str) -> None:
    roles: tuple[Role, ...] = ("learner", "admin")
    users = {role: site.headers(f"leaver-{role}-{broken[:3]}", role) for role in roles}
    urls = [instance.url + NOBODYS for instance in site.mentors]
    if broken == "Redis down":
        site.redis.redis.kill()
    else:
        site.redis.fault(deny=["DEL", "UNLINK", "EXPIRE", "PUBLISH"])
    try:
        for role in roles:
            assert [await status(url, users[role]) for url in urls] == [404, 404]
            revoked = {"user_id": f"leaver-{role}-{broken[:3]}", "reason": "test"}
            operator = site.headers("operator", "admin")
            assert await status(f"{site.ops.url}/api/v1/ai/admin/revocations", operator, revoked) == 201
        await asyncio.sleep(REVOCATION_SECONDS)  # nobody asks meanwhile: the very next request counts
        for role in roles:
            assert [await status(url, users[role]) for url in urls] == [401, 401]
            assert [await status(url, site.headers("stayer", role)) for url in urls] == [404, 404]
        assert await status(f"{site.ops.url}/api/v1/ai/admin/revocations", users["admin"]) == 401
    finally:
        if broken == "Redis down":
            site.redis.redis.start()  # in this thread: it dies with the one that started it
        site.redis.fault()


async def test_t47_only_our_account_with_our_audience_makes_the_jobs_function_work(site: Cloud) -> None:
    key, now = site.tasks.key, int(time.time())
    bearers = {
        "none": (None, 401),
        "forged": (token(issuing.private_key("thief"), ACCOUNT, AUDIENCE), 401),
        "unsigned": (issuing.raw_token({"alg": "none", "kid": KEY_ID}, issuing.service_claims(aud=AUDIENCE)), 401),
        "other audience": (token(key, ACCOUNT, site.ops.url), 401),
        "other account": (token(key, "someone@lyo.example", AUDIENCE), 403),
        "unverified": (token(key, ACCOUNT, AUDIENCE, email_verified=False), 403),
        "expired": (token(key, ACCOUNT, AUDIENCE, iat=now - 7200, exp=now - 1), 401),
        "learner": (site.token("u1"), 403),
        "admin": (site.token("root", "admin"), 403),
    }
    site.tasks.manners(paused=True)
    try:
        async with site.stores() as stores:
            payload = {"conversation_id": "c_never", "through": 8}
            job_id = await stores.queue.enqueue("summarise_conversation", payload)
            before = await stores.queue.get(job_id)
            url = f"{site.jobs.url}/api/v1/ai/jobs/summarise_conversation"
            for name, (bearer, wanted) in bearers.items():
                headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
                assert (name, await status(url, headers, {"job_id": job_id})) == (name, wanted)
            assert await stores.queue.get(job_id) == before
            right = {"Authorization": f"Bearer {token(key, ACCOUNT, AUDIENCE)}"}
            assert await status(url, right, {"job_id": job_id}) == 200
            after = await stores.queue.get(job_id)
            assert after is not None
            assert after.state == "done"
    finally:
        site.tasks.manners(paused=False)


async def test_t54_a_flood_without_tokens_takes_nothing_from_a_learner_at_the_same_address(site: Cloud) -> None:
    urls = [instance.url + CHAT for instance in site.mentors]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=32)) as session:
        seen: list[int] = []

        async def knock(n: int) -> None:
            headers = {"Authorization": f"Bearer {n}.{n}.{n}"} if n % 2 else {}
            async with session.post(urls[n // 2 % 2], json=asked(), headers=headers) as response:
                seen.append(response.status)

        flood = asyncio.gather(*(knock(n) for n in range(600)))
        replies = []
        learner = site.headers("learner")
        while not flood.done():
            replies += [await say(session, instance.url, asked(), headers=learner) for instance in site.mentors]
        await flood
        replies += [await say(session, instance.url, asked(), headers=learner) for instance in site.mentors]
    assert set(seen) == {401, 429}
    assert seen.count(401) <= 2 * 50, "each instance lets through what the limit says at most"
    assert len(replies) >= 4
    assert not any(reply["degraded"] for reply in replies)
