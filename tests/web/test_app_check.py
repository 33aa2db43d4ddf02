"""App Check at the edge: learners' requests need it, operators' do not, and who fails it takes nothing from others."""

import time
from collections.abc import AsyncIterator

import pytest

from tests.identity.issuing import KeyServer, key_server
from tests.identity.test_app_check import NUMBER, app_token
from tests.web.conftest import Sites

ASK = {"message": "Why?"}


@pytest.fixture
async def keys() -> AsyncIterator[KeyServer]:
    async with key_server() as server:
        yield server


def token() -> str:
    now = int(time.time())
    return app_token(iat=now - 10, exp=now + 600)


async def test_a_learner_needs_the_app(sites: Sites, keys: KeyServer) -> None:
    site = await sites(app_check="enforce", gcp_project_number=NUMBER, app_check_jwks_url=keys.url)
    refused = await site.call("/sample/ask", ASK)
    assert (refused.status, refused.json["code"]) == (401, "app_unverified")
    assert (await site.call("/sample/ask", ASK, headers={"X-Firebase-AppCheck": token()})).status == 200
    assert (await site.call("/sample/ask", ASK, headers={"X-Firebase-AppCheck": "x.y.z"})).status == 401
    assert (await site.call("/sample/ask", ASK, role="admin")).status == 200
    assert (await site.call("/health", sub=None)).status == 200


async def test_in_monitor_mode_everybody_comes_in(sites: Sites, keys: KeyServer) -> None:
    site = await sites(app_check="monitor", gcp_project_number=NUMBER, app_check_jwks_url=keys.url)
    assert (await site.call("/sample/ask", ASK)).status == 200


async def test_t54_requests_without_the_app_are_charged_to_their_address(sites: Sites, keys: KeyServer) -> None:
    site = await sites(
        app_check="enforce", gcp_project_number=NUMBER, app_check_jwks_url=keys.url, rate_limit_ip_per_minute=5
    )
    heard = [(await site.call("/sample/ask", ASK)).status for _ in range(9)]
    assert (heard[0], heard[-1]) == (401, 429)
    assert (await site.call("/sample/ask", ASK, headers={"X-Firebase-AppCheck": token()})).status == 200
