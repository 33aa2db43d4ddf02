"""The own server, and the one real prompt that proves that it can answer learners."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shared.llm.catalog import Model
from shared.llm.types import Failure, Message, Provider, ProviderError, Request

_FROZEN = 1.5
"""A wait that took so much longer than was asked for says that we were asleep, and nothing of the server."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds."""

    idle: float = 300.0
    """So long after its last answer a server that scales to zero counts as awake."""
    lease: float = 30.0
    """How long whoever is waking it may be silent before another takes over."""
    ask: float = 120.0
    """One ask of a server that is not there: the platform holds it while it starts one. One that fell silent is asked every
    `interval` instead, since a call that hangs in it may hang for ever."""
    give_up: float = 900.0
    """After this the next message has to begin anew."""
    patience: float = 2.0
    """How long after the wake-up began a request waits that nobody else can answer. A server that only was not asked for
    a while answers well within; a cold start takes minutes, and nobody is kept waiting for that."""
    silence: float = 3.0
    """A server in traffic that says nothing for so long is probed…"""
    probe: float = 7.0
    """…and is out of traffic when it has not answered after this."""
    wanted: float = 60.0
    """One that is always there is probed in the background for so long after a learner last wanted it."""

    @property
    def interval(self) -> float:
        """Within this traffic leaves a server that has stopped; nor is it probed more often, by all instances together."""
        return self.silence + self.probe


@dataclass(frozen=True, slots=True)
class Reply:
    """`answered`: it has generated. `failed`: it has not, and should have. `unclear`: this says nothing either way."""

    verdict: Literal["answered", "failed", "unclear"]
    failure: Failure | None = None
    retry_after: float | None = None
    """Seconds it asks to be left alone."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server behind `model`. `scales`: it goes away when nobody asks it."""

    model: Model
    provider: Callable[[str], Provider]
    scales: bool
    pace: Pace
    monotonic: Callable[[], float]

    async def knock(self, seconds: float) -> Reply:
        """Ask for one token and wait so long for it. Through the adapter learners' prompts take, so any server will do."""
        request = Request(self.model.model_id, (Message("user", "Say: ok"),), max_output_tokens=1, temperature=0.0)
        began = self.monotonic()
        try:
            async with asyncio.timeout(seconds):
                await self.provider(self.model.wire).complete(request)
        except TimeoutError:
            # Cloud Run takes our CPU away between requests: when it is back the clock has run and nothing was read.
            frozen = self.monotonic() - began > _FROZEN * seconds
            return Reply("unclear" if frozen else "failed", Failure.TIMEOUT)
        except ProviderError as error:
            return Reply(_verdict(error), error.failure, error.retry_after)
        return Reply("answered")


def _verdict(error: ProviderError) -> Literal["answered", "failed", "unclear"]:
    if error.failure is Failure.REFUSAL:
        return "answered"
    if error.failure is Failure.EMPTY and error.usage is not None and error.usage.sound and error.usage.output_tokens:
        return "answered"  # the one token was blank, or a mark that the server keeps to itself
    return "unclear" if error.failure is Failure.BUSY else "failed"
