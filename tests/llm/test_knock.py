"""The one prompt that proves a server, and what is told of it."""

import time
from collections.abc import AsyncIterator

import pytest

from scripts.fakes.models import FakeModels
from shared.llm.catalog import Model
from shared.llm.knock import Pace, Server
from shared.llm.providers.local import OpenAICompatible
from shared.llm.standing import Standing, decode, encode
from shared.llm.types import Failure
from tests.product import FREE


@pytest.fixture
async def provider(fake: FakeModels) -> AsyncIterator[OpenAICompatible]:
    made = OpenAICompatible(fake.openai_url, own=True)
    yield made
    await made.close()


def server(provider: OpenAICompatible, model: str, speed: float = 1.0) -> Server:
    """`speed`: how fast its clock runs."""
    own = Model("gemma_4_on_device", "gemma", "local", model, FREE)
    return Server(own, lambda _: provider, scales=True, pace=Pace(), monotonic=lambda: time.monotonic() * speed)


@pytest.mark.parametrize(
    ("model", "verdict"),
    [
        ("fake-ok", "answered"),
        ("fake-refuse0", "answered"),
        ("fake-empty", "failed"),
        ("fake-empty-think1", "answered"),  # it generated, if nothing that is shown
        ("fake-err500", "failed"),
        ("fake-err503", "failed"),
        ("fake-err503-retry1", "unclear"),  # its queue is full
        ("fake-auth", "failed"),
        ("fake-html", "failed"),
        ("fake-refusedconn", "failed"),
    ],
)
async def test_t28_only_a_generation_proves_a_server(provider: OpenAICompatible, model: str, verdict: str) -> None:
    assert (await server(provider, model).knock(30.0)).verdict == verdict


async def test_t28_a_hung_server_is_not_waited_for(provider: OpenAICompatible) -> None:
    reply = await server(provider, "fake-silent").knock(0.3)
    assert (reply.verdict, reply.failure) == ("failed", Failure.TIMEOUT)


async def test_a_wait_in_which_we_were_frozen_says_nothing(provider: OpenAICompatible) -> None:
    assert (await server(provider, "fake-silent", speed=1000.0).knock(0.3)).verdict == "unclear"


async def test_what_is_asked_is_one_token(provider: OpenAICompatible, fake: FakeModels) -> None:
    await server(provider, "fake-ok").knock(30.0)
    (made,) = fake.calls
    assert made.body["max_tokens"] == 1


def test_a_standing_is_read_as_it_was_written_and_junk_is_nothing() -> None:
    held = Standing("warming", 1.5, 31.5, "me")
    assert decode(encode(held)) == held
    for junk in (None, b"", b"[1", b"3", b"{}", b'{"state":"odd","since":1,"until":2}', b'{"state":"ready","more":1}'):
        assert decode(junk) is None
