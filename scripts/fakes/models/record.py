"""What the fake remembers: calls, counts, scripts. Everything is bounded."""

import asyncio
import hashlib
import json
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.fakes.models.faults import Fault, UnknownFaultError, parse_words

CALLS_KEPT = 1_000
MODELS_KEPT = 1_000
STEPS_KEPT = 10_000
_BODY_KEPT = 256 * 1024
_SECRETS = {"authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie", "proxy-authorization"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in. Values of secret headers and of `?key=` are replaced by the start of their SHA-256."""

    number: int
    at: float
    """By the server's clock, seconds."""
    format: str
    path: str
    model: str
    stream: bool
    headers: dict[str, str]
    body: dict[str, Any]

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Step:
    """One scripted call: its fault, and the text it answers with (None: the fault's own)."""

    fault: Fault
    text: str | None = None


@dataclass(slots=True)
class Record:
    """The memory of one server."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    by_model: Counter[str] = field(default_factory=Counter)
    scripts: dict[str, deque[Step]] = field(default_factory=dict)
    awake: dict[str, asyncio.Event] = field(default_factory=dict)
    requests: int = 0
    open: int = 0
    closed_early: int = 0
    tokens_sent: int = 0

    def note(self, call: Call) -> None:
        """Remember and count a call; beyond `MODELS_KEPT` names, models are counted under "(other)"."""
        self.calls.append(call)
        known = call.model in self.by_model or len(self.by_model) < MODELS_KEPT
        self.by_model[call.model if known else "(other)"] += 1

    def script(self, model: str, steps: Iterable[str | Mapping[str, Any]]) -> None:
        """Queue steps behind those already queued for `model`. Raises UnknownFaultError for a word outside the grammar."""
        queued = [_step(step) for step in steps]
        if len(queued) > STEPS_KEPT or (model not in self.scripts and len(self.scripts) >= MODELS_KEPT):
            raise UnknownFaultError("the script is too long, or too many models have one")
        self.scripts.setdefault(model, deque(maxlen=STEPS_KEPT)).extend(queued)

    def next_step(self, model: str) -> Step | None:
        """The next scripted step of `model`, else of "*", else None."""
        for name in (model, "*"):
            if steps := self.scripts.get(name):
                return steps.popleft()
        return None

    async def waking(self, model: str, seconds: float) -> None:
        """Wait until the model is awake: so long after its first call, or when `wake` says so."""
        if model not in self.awake and len(self.awake) < MODELS_KEPT:
            self.awake[model] = asyncio.Event()
            asyncio.get_running_loop().call_later(seconds, self.awake[model].set)
        if model in self.awake:
            await self.awake[model].wait()

    def wake(self, model: str) -> None:
        """The model is awake from now on."""
        self.awake.setdefault(model, asyncio.Event()).set()

    def reset(self) -> None:
        """Forget calls, counts, scripts and who is awake; answers that are open stay counted as open."""
        self.calls.clear()
        self.by_model.clear()
        self.scripts.clear()
        self.awake.clear()
        self.requests = self.closed_early = self.tokens_sent = 0

    def stats(self) -> dict[str, Any]:
        """Counts as JSON."""
        counts = {"requests": self.requests, "by_model": dict(self.by_model), "open": self.open}
        return counts | {"closed_early": self.closed_early, "tokens_sent": self.tokens_sent}


def _step(step: str | Mapping[str, Any]) -> Step:
    if isinstance(step, str):
        return Step(parse_words(step))
    text = step.get("text")
    if set(step) - {"fault", "text"} or not isinstance(text, str | None):
        raise UnknownFaultError(f"a step is a fault word or an object of `fault` and `text`: {step!r}")
    return Step(parse_words(str(step.get("fault", "ok"))), text)


def redact(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers in lower case, the secret ones as `sha256:<first eight hex digits of the value's hash>`."""
    return {name.lower(): fingerprint(value) if name.lower() in _SECRETS else value for name, value in headers.items()}


def fingerprint(secret: str) -> str:
    """How a secret is shown: enough to tell two keys apart, useless as a key."""
    return f"sha256:{hashlib.sha256(secret.encode()).hexdigest()[:8]}"


def kept_body(body: Any, size: int) -> dict[str, Any]:
    """The body as it is remembered: whole up to 256 KiB, only its size beyond."""
    if size > _BODY_KEPT:
        return {"too_large_to_keep": size}
    return body if isinstance(body, dict) else {"not_an_object": json.dumps(body)[:200]}
