"""One call's running state: what was tried, with what outcome and bill. Plain data the gateway fills in."""

from dataclasses import dataclass, field
from typing import Literal

from shared.coordination import Hold
from shared.llm import budget, tokens
from shared.llm.cache import Entry
from shared.llm.call import AttemptReport, Call, Outcome
from shared.llm.catalog import Model
from shared.llm.complexity import Complexity
from shared.llm.holdback import Holdback
from shared.llm.routing import Plan
from shared.llm.settlement import Bill
from shared.llm.stop import Stop
from shared.llm.types import Failure, Finish, Message, ProviderError, Usage
from shared.optimization.levels import Knobs

Ending = Literal[
    "ok",
    "stopped",
    "left",
    "cut",
    "abandoned",
    "open",
    "asleep",
    "busy",
    "over_budget",
    "unpriced",
    "unguarded",
    "withheld",
]


@dataclass(slots=True)
class Attempt:
    """One model's turn. `ending` is None while it runs and after an `error`."""

    model: Model
    number: int
    started: float
    hold: Hold | None = None
    called: bool = False
    ending: Ending | None = None
    error: ProviderError | None = None
    finish: Finish | None = None
    usage: Usage | None = None
    text: list[str] = field(default_factory=list)
    first_token_ms: float | None = None
    latency_ms: float = 0.0
    cost: int = 0
    usage_source: Literal["provider", "estimate", "none"] = "none"
    flags: list[str] = field(default_factory=list)
    asked: tuple[Message, ...] | None = None
    """What it is asked with, where that is not the call's own prompt: an answer that has to be mended."""
    problems: tuple[str, ...] = ()
    """What the agent's check found wrong with a whole answer."""
    probes: tuple[str, ...] = ()
    """Breaker scopes whose single half-open place this attempt holds."""
    charged: bool = False
    settled: bool = False

    @property
    def said(self) -> str:
        """The text so far."""
        return "".join(self.text)

    @property
    def busy(self) -> bool:
        """Whether it found no place at its provider, so that nothing was asked."""
        return self.ending == "busy"

    @property
    def outcome(self) -> Outcome:
        """The envelope's word for how it went."""
        if self.error is not None:
            if self.error.failure is Failure.TIMEOUT:
                return "timeout"
            return "refused" if self.error.failure in (Failure.REFUSAL, Failure.INVALID, Failure.CONTEXT) else "error"
        match self.ending:
            case "open" | "over_budget":
                return self.ending
            case "busy" | "asleep":
                return "open"
            case "unpriced" | "unguarded" | "withheld":
                return "refused"
            case "ok" | "stopped" | "left":
                return "ok"
            case _:
                return "error"

    def charge(self, call: Call) -> None:
        """Work out usage and cost. A provider's report counts as it is, zeros included; else what was said is estimated."""
        price = self.model.price
        if self.charged or price is None or not self.called:
            return
        self.charged = True
        if self.usage is None and self.error is not None:
            self.usage = self.error.usage
        if self.usage is not None and not self.usage.sound:
            self.usage = None
            self.flags.append("usage_malformed")
        if self.usage is not None:
            self.usage_source = "provider"
        elif self.text or self.ending in ("ok", "stopped", "left"):
            prompt = tokens.estimate_prompt(self.asked or call.messages)
            self.usage = Usage(prompt, 0, tokens.estimate(self.said))
            self.usage_source = "estimate"
        if self.error is not None and self.error.failure is Failure.TIMEOUT and self.usage is None:
            self.flags.append("unknown_bill")
        if price.assumed:
            self.flags.append("price_assumed")
        if price.self_hosted:
            self.flags.append("self_hosted")
        if self.usage is None:
            return
        self.cost = price.cost(self.usage)
        if self.hold is not None:
            self.cost, implausible = budget.bill(price, self.usage, self.hold.amount)
            if implausible:
                self.flags.append("usage_implausible")

    def report(self) -> AttemptReport:
        """As the envelope shows it."""
        return AttemptReport(self.model.model_id, self.outcome, self.latency_ms, self.cost)


@dataclass(slots=True)
class Run:
    """Everything one call has gathered on its way."""

    call: Call
    started: float
    now: float
    knobs: Knobs
    config: str
    stop: Stop
    stream: bool
    day: str
    learner_day: str
    keep_until: float
    """When the ledger rows of this run expire (Unix seconds)."""
    values: dict[str, bytes] = field(default_factory=dict)
    cache_key: str | None = None
    complexity: Complexity = field(default_factory=lambda: Complexity(0.0, ()))
    plan: Plan | None = None
    attempts: list[Attempt] = field(default_factory=list)
    ahead: "tuple[Model, Hold | None] | None" = None
    """The first model's hold, asked for together with the first look at the shared state; None in it: refused."""
    owed: dict[str, Bill] = field(default_factory=dict)
    """Bills by hold: to be settled once their rows are in the ledger."""
    unreached: bool = False
    """The shared state did not answer this run's first look: it is not waited for again."""
    shown: Holdback | None = None
    """What of the answer went to the learner, where sentences are judged on their way."""
    mended: bool = False
    """A model was asked to mend its answer: it is done once a run."""
    found: Entry | None = None
    """The cached answer that was given."""
    recorded: bool = False
    unstored: bool = False
    """The store did not take its end, for as long as it was tried."""

    def reports(self) -> tuple[AttemptReport, ...]:
        """All attempts as the envelope shows them."""
        return tuple(attempt.report() for attempt in self.attempts)
