"""What happens before any model is asked: safety, the plan, the cache and the one read that serves them all."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.documents import LiveConfig
from shared.language.texts import text
from shared.llm import budget, cache, routing, screening, steered, tokens
from shared.llm.admission import Admission
from shared.llm.answers import AnswerCache
from shared.llm.attempt import Run
from shared.llm.cache import Entry
from shared.llm.call import Answer, Call
from shared.llm.catalog import Catalog, Model
from shared.llm.complexity import measure
from shared.llm.stop import Stop
from shared.llm.types import Usage
from shared.llm.warmth import Warmth
from shared.optimization.levels import Base, Knobs, knobs
from shared.safety import VERSION as POLICY
from shared.safety.support import help_text
from shared.safety.verdict import ALLOW, Verdict

_AT_ONCE = 8_000  # characters
VIEW_SECONDS = 0.01
"""How old a request's view of the breakers may be; another instance's failure is heeded after this long."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What applies where LiveConfig says nothing."""

    base: Base
    local_fallback: bool
    zone: str
    ledger_seconds: float
    """How long ledger rows are kept."""


class Opening:
    """Begins a run and answers it without a model where that is right."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        admission: Admission,
        answers: AnswerCache,
        warmth: Warmth,
        live: Callable[[], Awaitable[LiveConfig]],
        defaults: Defaults,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._catalog = catalog
        self._admission = admission
        self._answers = answers
        self._warmth = warmth
        self._live = live
        self._defaults = defaults
        self._clock = clock
        self._monotonic = monotonic
        self._configs: dict[tuple[str, str, int], str] = {}
        self._knobs: tuple[LiveConfig | None, Knobs] = (None, knobs(defaults.base, ()))
        self._days: tuple[int, dict[str, str]] = (-1, {})
        self._view: tuple[float, tuple[tuple[Model, ...], int], dict[str, bytes]] | None = None

    async def run(self, call: Call, stop: Stop, *, stream: bool) -> Run:
        """The call's running state."""
        now, zone = self._clock(), self._defaults.zone
        live = await self._live()
        if self._knobs[0] is not live:
            self._knobs = (live, knobs(self._defaults.base, (steered.settings(live),)))
        # The same for all whose call is as it is.
        holding = self._knobs[1] if not call.steering.places else steered.holding(self._defaults.base, live, call)
        call = steered.applied(call, holding)
        return Run(
            call,
            self._monotonic(),
            now,
            holding,
            self._fingerprint(call, live),
            stop,
            stream=stream,
            day=self._day(now, zone),
            learner_day=self._day(now, budget.zone_of(call.time_zone, zone)),
            keep_until=now + self._defaults.ledger_seconds,
        )

    async def answer(self, run: Run) -> Answer | None:
        """An answer that needs no model, or None with the plan made and the shared state read."""
        call = run.call
        # Long texts take a tenth of a second to judge, in which others are served.
        long = len(call.question) + sum(map(len, call.documents)) > _AT_ONCE
        verdict = await asyncio.to_thread(screening.asked, call) if long else screening.asked(call)
        if verdict.action != "allow":
            # Help comes first, whatever a model might say; never a bare refusal.
            said = help_text(call.understood) if verdict.action == "support" else text("blocked", call.understood)
            return self._plain(run, said, "template", f"safety: {verdict.action}", verdict=verdict)
        ttl = run.knobs.cache_ttl_seconds
        if call.cacheable and ttl > 0:
            run.cache_key = self._key(run)
            near = self._answers.near(run.cache_key)
            if near is not None and (hit := self._hit(run, near, judged_here=True)) is not None:
                return hit
        self._plan(run, self._warmth.away)
        models = run.plan.models if run.plan else ()
        far = run.cache_key if call.shareable else None  # one learner's own entries stay in this process
        if far is None and models and models[0].free:
            await self._breaker_states(run, models)
            self._heed(run)
            return None
        await self._admission.look(run, models, far)
        self._heed(run)
        raw = None if far is None else run.values.get(far)
        entry = self._answers.far(run.cache_key, raw, ttl) if raw is not None and run.cache_key else None
        hit = None if entry is None else self._hit(run, entry, judged_here=False)
        if hit is None and entry is not None and run.cache_key:
            self._answers.drop(run.cache_key)  # it came to this process unjudged
        return hit

    async def _breaker_states(self, run: Run, models: tuple[Model, ...]) -> None:
        """Read the models' breakers, at most VIEW_SECONDS old and never older than this instance's own changes: under load
        one read serves several requests. Taking a half-open place still needs the store's word (compare and swap)."""
        now, name = self._monotonic(), (models, self._admission.changes)
        if self._view is None or self._view[1] != name or now - self._view[0] > VIEW_SECONDS:
            await self._admission.look(run, models, None)
            self._view = (now, name, run.values)
        run.values = dict(self._view[2])

    def _heed(self, run: Run) -> None:
        """Where the look says that a model sleeps: have it woken, and make a plan anew that did not have it last.

        One that is not in the plan at all (operators have disabled it) is left alone: being awake costs money.
        """
        model = self._warmth.asleep(run.values)
        if model is None or run.plan is None or model not in run.plan.models:
            return
        self._warmth.rouse()
        if model is not run.plan.models[-1]:
            self._plan(run, (model.name,))

    async def file(self, run: Run, answer: Answer) -> None:
        """Keep a new answer for the next time, if it may be kept, and settle what the run owes: together where there is both."""
        ttl, value = run.knobs.cache_ttl_seconds, None
        strange = bool(run.attempts) and "other_language" in run.attempts[-1].flags
        fresh = answer.cache == "none" and not answer.degraded and answer.finish == "stop" and not strange
        key = run.cache_key if fresh else None
        if key is not None and cache.storable(answer.text, "stop", blocked=answer.verdict.action != "allow"):
            entry = Entry(answer.text, answer.model, answer.provider, answer.usage, answer.cost_nano_usd)
            self._answers.put(key, entry, ttl)
            value = cache.encode(entry) if run.call.shareable else None
        values = {} if key is None or value is None else {key: value}
        if not run.owed:  # no round trip to go with: in a moment, together with other answers
            for name, encoded in values.items():
                self._answers.share(name, encoded, ttl)
            values = {}
        await self._admission.close_out(run, values, ttl)

    def _plan(self, run: Run, asleep: Collection[str]) -> None:
        call = run.call
        run.complexity = measure(call.question)
        run.plan = routing.plan(
            run.complexity,
            self._catalog,
            threshold=run.knobs.complexity_threshold,
            prompt_tokens=tokens.estimate_prompt(call.messages) + call.max_output_tokens,
            today=datetime.fromtimestamp(run.now, UTC).date(),
            prefer=_preferred(call),
            disabled=run.knobs.disabled_models,
            local_fallback=self._defaults.local_fallback,
            asleep=asleep,
        )
        if run.knobs.level != "balanced":
            run.plan = replace(run.plan, reason=f"{run.plan.reason}; optimisation level {run.knobs.level}")

    def _key(self, run: Run) -> str:
        call = run.call
        return cache.key(
            scope="shared" if call.shareable else f"learner:{call.user_id}",
            agent=call.agent,
            version=run.config,
            language=call.language,
            messages=call.messages,
            max_output_tokens=call.max_output_tokens,
            temperature=call.temperature,
            schema=call.schema,
            prefer=_preferred(call),
        )

    def _hit(self, run: Run, entry: Entry, *, judged_here: bool) -> Answer | None:
        """The cached answer, unless it would not be let through today."""
        if not screening.may_still_be_shown(run.call, entry.text, judged_here=judged_here):
            return None
        run.found = entry
        return self._plain(run, entry.text, entry.provider, "exact cache", model=entry.model, hit=True)

    def _plain(
        self,
        run: Run,
        text: str,
        provider: str,
        reason: str,
        *,
        model: str | None = None,
        hit: bool = False,
        verdict: Verdict = ALLOW,
    ) -> Answer:
        return Answer(
            text=text,
            finish="stop",
            model=model or provider,
            provider=provider,
            reason=reason,
            complexity=run.complexity.score,
            attempts=(),
            cache="exact" if hit else "none",
            degraded=False,
            config=run.config,
            usage=Usage(),
            cost_nano_usd=0,
            latency_ms=round((self._monotonic() - run.started) * 1000, 3),
            verdict=verdict,
            experiments=run.call.experiments,
        )

    def _fingerprint(self, call: Call, live: LiveConfig) -> str:
        """The envelope's `config`: changes whenever prompt, policy or live configuration does."""
        name = (call.agent, call.version, live.version)
        known = self._configs.get(name)
        if known is None:
            digest = hashlib.sha256(f"{call.agent}|{call.version}|{POLICY}|{live.model_dump_json()}".encode())
            if len(self._configs) > 64:
                self._configs.clear()
            known = self._configs[name] = "sha256:" + digest.hexdigest()[:16]
        return known

    def _day(self, now: float, zone: str) -> str:
        """A zone's day; worked out once a minute, since no zone's day begins between minutes."""
        minute = int(now // 60)
        if self._days[0] != minute:
            self._days = (minute, {})
        found = self._days[1].get(zone)
        if found is None:
            found = self._days[1][zone] = budget.day(now, zone)
        return found


def _preferred(call: Call) -> str | None:
    """The model that is asked first: an experiment's choice, else the agent's."""
    return call.steering.prefer_model or call.prefer_model
