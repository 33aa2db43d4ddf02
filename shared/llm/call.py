"""What goes into the gateway and what comes out: one Call in, Deltas and one Answer out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.experiments.steer import AS_IT_IS, Steering
from shared.language.names import direction
from shared.llm.types import Finish, Message, Schema, Usage
from shared.safety.verdict import ALLOW, Verdict
from shared.store import Write
from shared.stored.experiments import RunningVariant

Outcome = Literal["ok", "error", "timeout", "open", "refused", "over_budget"]
CacheKind = Literal["none", "exact", "semantic"]


Guard = Callable[[str, str], Verdict]
"""A sentence that is about to be shown, and what of the answer was shown before it: may it be?"""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An experiment this learner is in, the variant that applies, and what that changes."""

    experiment_id: str
    variant: str
    changes: RunningVariant | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One question to the models, as an agent asks it.

    `question` is the learner's own text: it is what safety and complexity look at. `version` names prompt and policy;
    it is part of the cache key. `shareable` is the agent's word that nothing of the learner is in the prompt.

    `check` says what is wrong with an answer of the schema's form, in words a model can act on; it gets one round to mend that.
    `floor` is the agent's own answer of that form without any model. `guard` judges what is about to be shown, as safety does:
    it sees one sentence with what was said before it. `documents` are texts of the caller's in the prompt: screened before it.
    """

    agent: str
    user_id: str
    request_id: str
    message_id: str
    messages: tuple[Message, ...]
    question: str
    language: str
    version: str
    max_output_tokens: int
    temperature: float = 0.7
    schema: Schema | None = None
    check: Callable[[str], Sequence[str]] | None = None
    floor: Callable[[], str] | None = None
    guard: Guard | None = None
    documents: tuple[str, ...] = ()
    prefer_model: str | None = None
    shareable: bool = False
    cacheable: bool = True
    wanted: str = ""
    """The learner's own language, where it is not the one that is answered in: help and refusals are in it."""
    notice: str = ""
    """What the learner is to be told beside the answer, such as that it is not in the language they wanted."""
    time_zone: str | None = None
    daily_cost_limit: float | None = None
    experiments: tuple[Assignment, ...] = ()
    steering: Steering = AS_IT_IS
    """What is to be different for this call: its variants and what was promoted."""
    beside: dict[str, str] = field(default_factory=dict)
    """Its learner's variants of experiments that this call is not targeted by (`shared.activity.events`)."""

    @property
    def understood(self) -> str:
        """The language in which the learner is told what the product itself has to say."""
        return self.wanted or self.language


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer's text, in order."""

    text: str


@dataclass(frozen=True, slots=True)
class AttemptReport:
    """One entry of the envelope's `route.attempts`."""

    model: str
    outcome: Outcome
    latency_ms: float
    cost_nano_usd: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of every call that gives the learner something. `finish` is "stopped" when the learner stopped it."""

    text: str
    finish: Finish | Literal["stopped"]
    model: str
    provider: str
    reason: str
    complexity: float
    attempts: tuple[AttemptReport, ...]
    cache: CacheKind
    degraded: bool
    config: str
    usage: Usage
    cost_nano_usd: int
    latency_ms: float
    verdict: Verdict = ALLOW
    experiments: tuple[Assignment, ...] = field(default=())

    @property
    def outcome(self) -> str:
        """The metrics' word for what the learner got."""
        if self.verdict.action != "allow":
            return "support" if self.verdict.action == "support" else "blocked"
        if self.cache != "none":
            return "cached"
        if self.finish == "stopped":
            return "stopped"
        return "degraded" if self.degraded else "ok"

    def envelope(self, call: Call) -> dict[str, Any]:
        """The fields every generated answer carries (contract section 3), as plain JSON values."""
        return {
            "request_id": call.request_id,
            "language": call.language,
            "direction": direction(call.language),
            "notice": call.notice,
            "model": self.model,
            "provider": self.provider,
            "route": {
                "reason": self.reason,
                "complexity": self.complexity,
                "attempts": [
                    {
                        "model": attempt.model,
                        "outcome": attempt.outcome,
                        "latency_ms": attempt.latency_ms,
                        "cost_usd": attempt.cost_nano_usd / 1e9,
                    }
                    for attempt in self.attempts
                ],
            },
            "cache": self.cache,
            "degraded": self.degraded,
            "finish": self.finish,
            "config": self.config,
            "usage": {
                "input_tokens": self.usage.input_tokens,
                "cached_input_tokens": self.usage.cached_input_tokens,
                "output_tokens": self.usage.output_tokens,
            },
            "cost_usd": self.cost_nano_usd / 1e9,
            "latency_ms": self.latency_ms,
            "experiments": [{"experiment_id": a.experiment_id, "variant": a.variant} for a in self.experiments],
            "safety": {"verdict": self.verdict.action, "categories": list(self.verdict.categories)},
        }


Keep = Callable[[Answer], Sequence[Write]]
"""What the agent wants stored together with the ledger rows, once the answer is known."""


Again = Callable[[Answer], Awaitable[Sequence[Write]]]
"""The same after a race was lost: read anew what is there. May raise what the caller is to hear instead of the answer."""


def keep_nothing(_: Answer) -> Sequence[Write]:
    """For calls that leave nothing but their ledger rows."""
    return ()
