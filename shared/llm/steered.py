"""A call as experiments, promotions and the optimisation level have changed it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.documents import LiveConfig
from shared.llm.call import Call
from shared.llm.types import Message
from shared.optimization.levels import Base, Knobs, knobs


def settings(live: LiveConfig) -> Mapping[str, Any]:
    """What LiveConfig itself sets, as one place of `knobs`."""
    return {
        "optimization_level": live.optimization_level,
        "complexity_threshold": live.complexity_threshold,
        "cache_ttl_seconds": live.cache_ttl_seconds,
        "disabled_models": live.disabled_models,
    }


def holding(base: Base, live: LiveConfig, call: Call) -> Knobs:
    """What holds for a call whose variants set something themselves."""
    return knobs(base, (settings(live), *call.steering.places))


def applied(call: Call, held: Knobs) -> Call:
    """The call with its variants' instruction at the end of the system message, and with the level's length.

    What changes it is named in its version: its answers are filed and counted apart.
    """
    steering = call.steering
    longest = call.max_output_tokens if call.schema is not None else held.longest(call.max_output_tokens)
    if not steering.mark and longest == call.max_output_tokens:
        return call
    messages = call.messages
    if steering.instruction and messages:
        first, *rest = messages
        messages = (Message(first.role, f"{first.content}\n\n{steering.instruction}"), *rest)
    version = f"{call.version}~{steering.mark}" if steering.mark else call.version
    return replace(call, messages=messages, version=version, max_output_tokens=longest)
