"""A product for tests: real stores in a temporary directory, real adapters, the fake model server behind every wire."""

import contextlib
import uuid
from pathlib import Path
from typing import Any

from scripts.fakes.models import FakeModels
from shared.documents import LedgerEntry
from shared.errors import LyoError
from shared.llm.call import Answer, Call, Delta
from shared.llm.catalog import Catalog, Model
from shared.llm.prices import Price, Rate
from shared.llm.stop import Reason, Stop
from shared.llm.types import Message
from shared.runtime import Runtime
from shared.settings import Settings
from shared.store import Where

FREE = Price((Rate(0, 0, 0, 0),), context=100_000, max_output=8_000, as_of="2026-01-01", self_hosted=True)
PAID = Price((Rate(0, 1_000, 100, 4_000),), context=100_000, max_output=8_000, as_of="2026-01-01")
"""1 USD per million input tokens, 0.10 cached, 4 USD output."""

WIRES = {
    "gemma_4_on_device": ("gemma", "local", FREE),
    "gpt_4_mini": ("openai", "openai", PAID),
    "gpt_4": ("openai", "openai", PAID),
    "gemma_4_cloud": ("gemma", "gemma_cloud", PAID),
    "claude": ("anthropic", "anthropic", PAID),
    "gemini_flash": ("gemini", "gemini", PAID),
}


class Product:
    """Makes runtimes; `models` maps stable names to the fake model ids that pick their faults."""

    def __init__(self, fake: FakeModels, data_dir: Path, stack: contextlib.AsyncExitStack) -> None:
        self.fake = fake
        self.data_dir = data_dir
        self._stack = stack

    def settings(self, **changes: Any) -> Settings:
        """Settings with every provider pointed at the fake server."""
        values: dict[str, Any] = {
            "auth_mode": "local",
            "environment": "test",
            "data_dir": self.data_dir,
            "local_infer_url": self.fake.openai_url,
            "gemma_4_cloud_endpoint": self.fake.openai_url,
            "openai_api_key": "sk-canary-openai-0001",
            "openai_base_url": self.fake.openai_url,
            "anthropic_api_key": "sk-ant-canary-0002",
            "anthropic_base_url": self.fake.anthropic_url,
            "google_ai_api_key": "AIza-canary-0003",
            "google_gemini_base_url": self.fake.gemini_url,
            "ai_first_token_deadline": 5.0,
            "ai_between_tokens_deadline": 5.0,
            "ai_total_deadline": 30.0,
            "rate_limit_ip_per_minute": 1_000_000,
            "rate_limit_user_per_minute": 1_000_000,
            "rate_limit_endpoint_per_minute": 1_000_000,
        }
        return Settings(**(values | changes))

    def runtime(
        self, models: dict[str, str] | None = None, prices: dict[str, Price | None] | None = None, **changes: Any
    ) -> Runtime:
        """A runtime of its own (as another process would have) over the shared data directory."""
        chosen = {"gemma_4_on_device": "fake-ok"} if models is None else models
        found = {}
        for name, model_id in chosen.items():
            provider, wire, price = WIRES[name]
            found[name] = Model(name, provider, wire, model_id, (prices or {}).get(name, price))  # type: ignore[arg-type]
        runtime = Runtime(self.settings(**changes), catalog=Catalog(found))
        self._stack.push_async_callback(runtime.close)
        return runtime


def call(message: str = "What is a prime number?", **changes: Any) -> Call:
    """A gateway call of learner u1."""
    fields: dict[str, Any] = {
        "agent": "mentor",
        "user_id": "u1",
        "request_id": f"r_{uuid.uuid4().hex}",
        "message_id": f"m_{uuid.uuid4().hex}",
        "messages": (Message("system", "Teach."), Message("user", message)),
        "question": message,
        "language": "en",
        "version": "test-1",
        "max_output_tokens": 100,
        "shareable": True,
    }
    return Call(**(fields | changes))


class Streamed:
    """What one gateway stream gave."""

    def __init__(self) -> None:
        self.deltas: list[str] = []
        self.answer: Answer | None = None
        self.error: LyoError | None = None

    @property
    def text(self) -> str:
        """The joined deltas."""
        return "".join(self.deltas)


async def streamed(
    runtime: Runtime,
    question: Call,
    stop: Stop | None = None,
    leave_after: int | None = None,
    reason: Reason = "left",
) -> Streamed:
    """Read a whole gateway stream; `leave_after` deltas the caller leaves, or stops it (and the rest is read as the pump would)."""
    result, switch = Streamed(), stop or Stop()
    try:
        async with contextlib.aclosing(runtime.gateway.stream(question, switch)) as events:
            async for event in events:
                if isinstance(event, Delta):
                    result.deltas.append(event.text)
                    if leave_after is not None and len(result.deltas) == leave_after:
                        switch.request(reason)
                else:
                    result.answer = event
    except LyoError as error:
        result.error = error
    return result


async def rows(runtime: Runtime, question: Call) -> list[LedgerEntry]:
    """The ledger rows of one request, by attempt."""
    return await runtime.store.query(LedgerEntry, Where("request_id", "==", question.request_id), order="attempt")
