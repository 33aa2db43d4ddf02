"""The end of a process: what is pending is finished, and every connection that was opened is let go of, in this order."""

from collections.abc import Mapping
from typing import Any


async def close(built: Mapping[str, Any]) -> None:
    """End the parts of a runtime that were built, by their names."""
    if "lives" in built:
        await built["lives"].drain(5)
    if "answers" in built:
        await built["answers"].settled()
    if "runner" in built:
        await built["runner"].stop()
    for name in ("warmth", "limits", "metrics", "fleet", "identity", "settlements", "tracer"):
        if name in built:
            await built[name].close()
    for provider in built.get("providers", {}).values():
        await provider.close()
    for name in ("queue", "local_queue", "coordination", "store", "database"):
        if name in built:
            await built[name].close()
