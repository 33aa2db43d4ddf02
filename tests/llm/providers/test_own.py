"""Our own server behind the adapter: private, and full at times."""

import pytest

from scripts.fakes.models import FakeModels
from scripts.fakes.models.record import fingerprint
from shared.errors import Unavailable
from shared.llm.providers.local import OpenAICompatible
from shared.llm.types import Failure
from tests.llm.providers.adapters import ask, hear


async def test_each_call_shows_the_identity_it_is_given(fake: FakeModels) -> None:
    shown = iter(["Bearer one", "Bearer two"])

    async def identity() -> str:
        return next(shown)

    provider = OpenAICompatible(fake.openai_url, own=True, authorization=identity)
    for stream in (False, True):
        assert (await hear(provider, ask("fake-ok"), stream=stream)).error is None
    await provider.close()
    assert [made.headers["authorization"] for made in fake.calls] == [
        fingerprint("Bearer one"),
        fingerprint("Bearer two"),
    ]


async def test_without_an_identity_nothing_is_sent(fake: FakeModels) -> None:
    async def identity() -> str:
        raise Unavailable("The metadata server cannot be reached.")

    provider = OpenAICompatible(fake.openai_url, own=True, authorization=identity)
    heard = await hear(provider, ask("fake-ok"), stream=False)
    await provider.close()
    assert heard.error is not None
    assert heard.error.failure is Failure.CONNECTION
    assert fake.count() == 0


@pytest.mark.parametrize(
    ("fault", "own", "others"),
    [
        ("err503-retry1", Failure.BUSY, Failure.SERVER),
        ("err429-retry10", Failure.BUSY, Failure.RATE_LIMIT),
        ("err503-retry11", Failure.SERVER, Failure.SERVER),
        ("err503", Failure.SERVER, Failure.SERVER),
        ("err429", Failure.RATE_LIMIT, Failure.RATE_LIMIT),
        ("err500-retry1", Failure.SERVER, Failure.SERVER),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_full_queue_of_our_own_is_no_fault_of_the_model(
    fake: FakeModels, fault: str, own: Failure, others: Failure, stream: bool
) -> None:
    for ours, failure in ((True, own), (False, others)):
        provider = OpenAICompatible(fake.openai_url, own=ours)
        heard = await hear(provider, ask(f"fake-{fault}"), stream=stream)
        await provider.close()
        assert heard.error is not None
        assert heard.error.failure is failure
