"""What stands beside the gateway, put together from a runtime's parts: breakers, adapters, the own server's standing."""

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from shared.llm.breaker import Policy
from shared.llm.breakers import Breakers
from shared.llm.bulletin import Bulletin
from shared.llm.knock import Pace, Server
from shared.llm.warmth import Warmth

if TYPE_CHECKING:
    from shared.llm.types import Provider
    from shared.runtime import Runtime

OWN = "local"
"""The wire of the own server."""


def breakers(runtime: "Runtime") -> Breakers:
    """Circuit breakers of every configured model and account."""
    scopes = [scope for model in runtime.catalog.models.values() for scope in (model.group, model.scope)]
    return Breakers(runtime.coordination, Policy(), runtime.clock, scopes)


def provider(runtime: "Runtime", wire: str) -> "Provider":
    """The adapter of one wire."""
    from shared.llm.providers import build

    def identity(audience: str) -> Callable[[], Awaitable[str]]:
        from shared.identity.outbound import IdentityTokens

        return IdentityTokens(audience, runtime.settings.gce_metadata_host, runtime.clock).header

    return build(wire, runtime.settings, identity)


def warmth(runtime: "Runtime", pace: Pace | None = None) -> Warmth:
    """The standing of the own server, if there is one."""
    settings = runtime.settings
    model = next((model for model in runtime.catalog.models.values() if model.wire == OWN), None)
    server = None
    if model is not None:
        server = Server(
            model,
            runtime.provider,
            scales=settings.local_infer_scales_to_zero,
            pace=pace or Pace(idle=settings.local_infer_idle_seconds),
            monotonic=time.monotonic,
        )
    bulletin = Bulletin(f"warmth:{OWN}", runtime.coordination, runtime.clock, runtime.instance)
    return Warmth(server, bulletin, runtime.breakers, runtime.clock)
