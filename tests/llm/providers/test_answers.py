"""Good answers and failed ones: every adapter, streamed and not, against the same faults over a real wire."""

import json
from collections.abc import AsyncIterator

import pytest

from scripts.fakes.models import FakeModels
from shared.llm.types import Failure, Provider, Usage
from tests.llm.providers.adapters import CLOUDS, KEYS, NAMES, SCHEMA, ask, hear, opened

pytestmark = [
    pytest.mark.parametrize("name", NAMES),
    pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"]),
]

TEXT = "Here is an answer in small steps: t1 light. t2 water. t3 plants."


@pytest.fixture
async def provider(name: str, fake: FakeModels) -> AsyncIterator[Provider]:
    async with opened(name, fake) as made:
        yield made


async def test_a_good_answer(provider: Provider, stream: bool) -> None:
    heard = await hear(provider, ask("fake-n3"), stream=stream)
    assert (heard.text, heard.finish, heard.error) == (TEXT, "stop", None)
    assert heard.usage is not None
    assert heard.usage.output_tokens == 3
    assert heard.usage.input_tokens > 0


async def test_pieces_arrive_as_they_are_said(provider: Provider, stream: bool) -> None:
    if not stream:
        return
    heard = await hear(provider, ask("fake-n6-pace20ms"), stream=True)
    assert len([chunk for chunk in heard.chunks if chunk.text]) == 6
    assert [chunk.finish for chunk in heard.chunks if chunk.finish] == ["stop"]


async def test_other_scripts_survive_any_cut_of_the_bytes(provider: Provider, fake: FakeModels, stream: bool) -> None:
    text = "光合作用 नमस्ते مرحبا 안녕 🌱 ü"
    fake.script("fake-x", [{"fault": "chars1", "text": text}])
    heard = await hear(provider, ask("fake-x"), stream=stream)
    assert (heard.text, heard.error) == (text, None)


async def test_t14_cached_tokens_are_counted_once(provider: Provider, stream: bool) -> None:
    fresh = await hear(provider, ask("fake-ok", "word " * 400), stream=stream)
    cached = await hear(provider, ask("fake-cached300", "word " * 400), stream=stream)
    assert fresh.usage is not None
    assert cached.usage is not None
    assert cached.usage.input_tokens == fresh.usage.input_tokens
    assert (fresh.usage.cached_input_tokens, cached.usage.cached_input_tokens) == (0, 300)


async def test_thoughts_are_billed_as_output_and_not_shown(provider: Provider, stream: bool) -> None:
    heard = await hear(provider, ask("fake-n3-think20"), stream=stream)
    assert heard.text == TEXT
    assert heard.usage is not None
    assert heard.usage.output_tokens == 23


async def test_t10_zero_usage_is_a_report_and_absent_usage_is_none(provider: Provider, stream: bool) -> None:
    assert (await hear(provider, ask("fake-usage0"), stream=stream)).usage == Usage(0, 0, 0)
    assert (await hear(provider, ask("fake-nousage"), stream=stream)).usage is None


async def test_t10_zero_usage_survives_a_cut(provider: Provider, stream: bool) -> None:
    if not stream:
        return
    heard = await hear(provider, ask("fake-n60-cut40-usage0"), stream=True)
    assert heard.error is not None
    assert (heard.error.failure, heard.error.usage) == (Failure.CUT, Usage(0, 0, 0))


async def test_t30_a_schema_gives_json(provider: Provider, stream: bool) -> None:
    heard = await hear(provider, ask("fake-ok", schema=SCHEMA), stream=stream)
    assert heard.error is None
    assert set(json.loads(heard.text)) == {"title", "minutes"}


async def test_length_and_refusal_keep_their_text(provider: Provider, stream: bool) -> None:
    length = await hear(provider, ask("fake-n3-length"), stream=stream)
    assert (length.finish, length.text) == ("length", TEXT)
    refusal = await hear(provider, ask("fake-n9-refuse3"), stream=stream)
    assert (refusal.finish, refusal.error) == ("refusal", None)
    assert refusal.text.startswith("Here is an answer")


async def test_a_refusal_under_a_schema_is_a_refusal(provider: Provider, stream: bool) -> None:
    heard = await hear(provider, ask("fake-refuse", schema=SCHEMA), stream=stream)
    assert heard.finish == "refusal" or (heard.error is not None and heard.error.failure is Failure.REFUSAL)


FAULTS = [
    ("fake-err500", Failure.SERVER),
    ("fake-err503", Failure.SERVER),
    ("fake-err529", Failure.SERVER),
    ("fake-err408", Failure.SERVER),
    ("fake-err400", Failure.INVALID),
    ("fake-err401", Failure.AUTH),
    ("fake-err403", Failure.AUTH),
    ("fake-auth", Failure.AUTH),
    ("fake-badkey", Failure.AUTH),
    ("fake-err429", Failure.RATE_LIMIT),
    ("fake-quota", Failure.QUOTA),
    ("fake-toolong", Failure.CONTEXT),
    ("fake-blocked", Failure.REFUSAL),
    ("fake-refuse", Failure.REFUSAL),
    ("fake-html", Failure.MALFORMED),
    ("fake-badjson", Failure.MALFORMED),
    ("fake-badjson4", Failure.MALFORMED),
    ("fake-cut0", Failure.CUT),
    ("fake-cut4", Failure.CUT),
    ("fake-eof4", Failure.CUT),
    ("fake-refusedconn", Failure.CONNECTION),
]


@pytest.mark.parametrize(("model", "failure"), FAULTS)
async def test_t22_a_fault_is_classified_after_exactly_one_request(
    provider: Provider, fake: FakeModels, name: str, stream: bool, model: str, failure: Failure
) -> None:
    heard = await hear(provider, ask(model), stream=stream)
    assert heard.error is not None
    assert heard.error.failure is failure
    assert fake.count() == 1
    assert KEYS[name] not in str(heard.error) + repr(heard.error)


async def test_t15_the_text_before_a_cut_is_passed_on(provider: Provider, stream: bool) -> None:
    if not stream:
        return
    for model in ("fake-n60-cut40", "fake-n60-eof40", "fake-n60-inband40", "fake-n60-badjson40"):
        heard = await hear(provider, ask(model), stream=True)
        assert heard.error is not None
        assert heard.finish is None
        assert "t40 " in heard.text
        assert "t41 " not in heard.text


@pytest.mark.parametrize("model", ["fake-inband0", "fake-inband3", "fake-inbandtimeout0", "fake-inbandtimeout3"])
async def test_t17_an_error_inside_an_answer_is_the_servers(
    provider: Provider, name: str, stream: bool, model: str
) -> None:
    heard = await hear(provider, ask(model), stream=stream)
    assert heard.error is not None
    # The Gemini SDK drops an error that comes as a whole 200 body: all that is left to see is that there is no answer.
    unseen = name == "gemini" and not stream
    assert heard.error.failure is (Failure.MALFORMED if unseen else Failure.SERVER)


async def test_t18_an_empty_answer_is_a_failure_that_says_what_it_cost(provider: Provider, stream: bool) -> None:
    for model in ("fake-empty", "fake-empty-length"):
        heard = await hear(provider, ask(model), stream=stream)
        assert heard.error is not None
        assert heard.error.failure is Failure.EMPTY
        assert heard.error.usage is not None
        assert heard.error.usage.input_tokens > 0
        assert heard.chunks == []


async def test_t20_a_failed_opening_is_raised_on_the_first_iteration(provider: Provider, stream: bool) -> None:
    if not stream:
        return
    for model, failure in (("fake-auth", Failure.AUTH), ("fake-err429-retry7", Failure.RATE_LIMIT)):
        chunks = provider.stream(ask(model))  # nothing is raised here
        with pytest.raises(Exception, match=failure.value) as caught:
            await anext(chunks)
        assert getattr(caught.value, "failure", None) is failure


async def test_t24_retry_after_is_passed_on(provider: Provider, stream: bool) -> None:
    heard = await hear(provider, ask("fake-err429-retry7"), stream=stream)
    assert heard.error is not None
    assert heard.error.retry_after == 7.0


async def test_a_model_that_is_not_there(provider: Provider, fake: FakeModels, name: str, stream: bool) -> None:
    heard = await hear(provider, ask("fake-missing"), stream=stream)
    if name in CLOUDS:
        assert heard.error is not None
        assert heard.error.failure is Failure.NOT_FOUND
        assert fake.count() == 1
    else:  # a server that serves one model under another name: test_local.py
        assert heard.error is None


async def test_nothing_listens(name: str, stream: bool) -> None:
    async with FakeModels() as gone:
        pass
    async with opened(name, gone) as provider:
        heard = await hear(provider, ask("fake-ok"), stream=stream)
    assert heard.error is not None
    assert heard.error.failure is Failure.CONNECTION


async def test_an_adapter_recovers_after_failures(provider: Provider, stream: bool) -> None:
    for model in ("fake-refusedconn", "fake-err500", "fake-cut3", "fake-badjson3"):
        await hear(provider, ask(model), stream=stream)
    assert (await hear(provider, ask("fake-n3"), stream=stream)).text == TEXT
