"""What counts as the same request under one Idempotency-Key: what it asks for, not how it is written or which form of the
path it takes."""

from typing import Any

import pytest

from tests.web.conftest import Sites

ASK = {"message": "Why?"}


async def test_the_same_request_written_otherwise_is_the_same(sites: Sites) -> None:
    site = await sites()
    key = {"Idempotency-Key": "key-1"}
    first = await site.call("/sample/ask", ASK, headers=key)
    assert first.status == 200
    otherwise = b'{ "options": {"temperature": 0.0},\n "message":"Why?" }'
    again = await site.call("/sample/ask", data=otherwise, headers=key)
    assert (again.status, again.json) == (200, first.json)


@pytest.mark.parametrize("path", ["/sample/ask", "/api/v1/ai/sample/ask"])
@pytest.mark.parametrize("other", [{"message": "Why not?"}, {"message": "Why?", "options": {"temperature": 0.5}}])
async def test_another_request_is_another_by_whichever_form_of_the_path(sites: Sites, path: str, other: Any) -> None:
    site = await sites()
    key = {"Idempotency-Key": "key-1"}
    await site.call("/sample/ask", ASK, headers=key)
    assert (await site.call(path, other, headers=key)).status == 409
