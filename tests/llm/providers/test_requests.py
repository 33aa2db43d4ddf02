"""What each adapter puts on the wire, and what it does not."""

import subprocess
import sys
from typing import Any

import pytest
from opentelemetry import propagate
from opentelemetry.propagators.textmap import TextMapPropagator, default_setter

from scripts.fakes.models import FakeModels
from scripts.fakes.models.record import fingerprint
from shared.llm.providers.openai import OpenAI
from shared.llm.providers.wire import is_strict
from shared.llm.types import Message, Request, Schema
from tests.architecture.sources import ROOT
from tests.llm.providers.adapters import CLOUDS, KEYS, NAMES, SCHEMA, ask, hear, opened

TALK = Request(
    "fake-ok",
    (
        Message("system", "Be kind."),
        Message("user", "What is 2+2?"),
        Message("assistant", "What do you think?"),
        Message("user", "Four?"),
        Message("system", "Answer briefly."),
    ),
    max_output_tokens=77,
    temperature=0.3,
)


async def sent(name: str, fake: FakeModels, request: Request, *, stream: bool = False) -> dict[str, Any]:
    async with opened(name, fake) as provider:
        heard = await hear(provider, request, stream=stream)
    assert heard.error is None
    return fake.calls[-1].body


@pytest.mark.parametrize("stream", [False, True])
async def test_the_local_request(fake: FakeModels, stream: bool) -> None:
    body = await sent("local", fake, TALK, stream=stream)
    streaming = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    assert body == streaming | {
        "model": "fake-ok",
        "messages": [{"role": message.role, "content": message.content} for message in TALK.messages],
        "max_tokens": 77,
        "temperature": 0.3,
    }


async def test_the_openai_request(fake: FakeModels) -> None:
    body = await sent("openai", fake, TALK, stream=True)
    assert body["max_completion_tokens"] == 77
    assert "max_tokens" not in body
    assert body["stream_options"] == {"include_usage": True}
    assert body["temperature"] == 0.3


@pytest.mark.parametrize(
    "model", ["gpt-5-mini", "gpt-6-luna", "gpt-6.1-sol", "o4-mini", "ft:gpt-5-nano:acme::1", "gpt-10"]
)
async def test_reasoning_models_get_no_temperature(fake: FakeModels, model: str) -> None:
    assert "temperature" not in await sent("openai", fake, ask(model))


@pytest.mark.parametrize("model", ["gpt-4.1-mini", "gpt-4o", "ft:gpt-4o-mini:acme::1"])
async def test_other_models_get_it(fake: FakeModels, model: str) -> None:
    assert (await sent("openai", fake, ask(model)))["temperature"] == 0.3


async def test_the_anthropic_request(fake: FakeModels) -> None:
    body = await sent("anthropic", fake, TALK)
    assert body["system"] == "Be kind.\n\nAnswer briefly."
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["max_tokens"] == 77
    assert "temperature" not in body


async def test_the_gemini_request(fake: FakeModels) -> None:
    body = await sent("gemini", fake, TALK)
    assert body["systemInstruction"]["parts"] == [{"text": "Be kind.\n\nAnswer briefly."}]
    assert [content["role"] for content in body["contents"]] == ["user", "model", "user"]
    assert body["generationConfig"]["maxOutputTokens"] == 77
    assert body["generationConfig"]["temperature"] == 0.3


async def test_schemas_go_out_in_each_vendors_own_way(fake: FakeModels) -> None:
    for name in ("local", "openai"):
        spec = (await sent(name, fake, ask("fake-ok", schema=SCHEMA)))["response_format"]["json_schema"]
        assert spec == {"name": "lesson", "strict": True, "schema": dict(SCHEMA.body)}
    anthropic = (await sent("anthropic", fake, ask("fake-ok", schema=SCHEMA)))["output_config"]["format"]
    assert anthropic["type"] == "json_schema"
    assert anthropic["schema"]["required"] == ["title", "minutes"]
    gemini = (await sent("gemini", fake, ask("fake-ok", schema=SCHEMA)))["generationConfig"]
    assert gemini["responseMimeType"] == "application/json"
    assert gemini["responseJsonSchema"]["required"] == ["title", "minutes"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_schema_with_an_optional_part_is_not_refused(fake: FakeModels, name: str) -> None:
    loose = Schema(
        "loose",
        {
            "type": "object",
            "properties": {"a": {"type": "string", "maxLength": 9}, "b": {"type": "integer", "minimum": 1}},
            "required": ["a"],
        },
    )
    if name == "local":
        return  # sent strict on purpose: the servers there guide the decoding and take any schema
    body = await sent(name, fake, ask("fake-ok", schema=loose))
    if name == "openai":
        assert body["response_format"]["json_schema"]["strict"] is False


def test_strictness_is_looked_for_everywhere() -> None:
    assert is_strict(SCHEMA.body)
    assert not is_strict({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False})
    inner: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": True}
    for place in ({"items": inner}, {"anyOf": [inner]}, {"$defs": {"x": inner}}):
        outer = {"type": "object", "properties": {"a": place}, "required": ["a"], "additionalProperties": False}
        assert not is_strict(outer), place


@pytest.mark.parametrize("name", NAMES)
async def test_t41_only_the_local_server_is_sent_the_salt(fake: FakeModels, name: str) -> None:
    body = await sent(name, fake, ask("fake-ok", salt="learner-7"))
    assert body.get("cache_salt") == ("learner-7" if name == "local" else None)


@pytest.mark.parametrize("name", NAMES)
async def test_no_other_key_is_taken_from_the_environment(
    fake: FakeModels, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable in (
        "OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GOOGLE_API_KEY",
        "GEMINI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL",
    ):  # fmt: skip
        monkeypatch.setenv(variable, "http://127.0.0.1:9/stray")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    await sent(name, fake, ask("fake-ok"))
    headers = fake.calls[-1].headers
    expected = {fingerprint(KEYS[name]), fingerprint(f"Bearer {KEYS[name]}")}
    assert {value for value in headers.values() if value.startswith("sha256:")} <= expected
    assert "v1beta1" not in fake.calls[-1].path  # that is Vertex AI


async def test_keys_are_not_in_what_is_printed() -> None:
    assert KEYS["openai"] not in repr(OpenAI(KEYS["openai"]))


@pytest.mark.parametrize("module", ["local", "openai", "anthropic", "gemini"])
def test_an_sdk_is_imported_by_the_first_call_and_not_before(module: str) -> None:
    heavy = ("openai", "anthropic", "google.genai", "aiohttp", "httpx", "httpx2")
    code = f"import sys, shared.llm.providers.{module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_the_local_adapter_never_imports_an_sdk() -> None:
    code = """
import asyncio, sys
from scripts.fakes.models import FakeModels
from shared.llm.providers.local import OpenAICompatible
from shared.llm.types import Message, Request
async def main():
    async with FakeModels() as fake:
        provider = OpenAICompatible(fake.openai_url)
        await provider.complete(Request("fake-ok", (Message("user", "hi"),), 9))
        await provider.close()
asyncio.run(main())
print([m for m in ("openai", "anthropic", "google.genai") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class Tracking(TextMapPropagator):
    """What an application with tracing would have installed: it marks every request it is asked to mark."""

    def inject(self, carrier: Any, context: Any = None, setter: Any = default_setter) -> None:
        setter.set(carrier, "x-tracking", "canary")

    def extract(self, carrier: Any, context: Any = None, getter: Any = None) -> Any:
        return context

    @property
    def fields(self) -> set[str]:
        return {"x-tracking"}


@pytest.mark.parametrize("name", CLOUDS)
async def test_the_sdks_send_no_telemetry(fake: FakeModels, name: str) -> None:
    before = propagate.get_global_textmap()
    propagate.set_global_textmap(Tracking())
    try:
        await sent(name, fake, ask("fake-ok"))
    finally:
        propagate.set_global_textmap(before)
    assert "x-tracking" not in fake.calls[-1].headers
