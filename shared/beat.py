"""A common beat for what goes over a network in the background, so that it goes together.

Limits, counters and stops each look every so often. Waiting for the same multiples of the loop's clock puts what they send
into the same turn of the loop, where the adapter makes one round trip of it.
"""

LOCAL_SECONDS = 0.2
REMOTE_SECONDS = 1.0
"""How often instances tell each other what can wait: over the embedded file, and over a network."""


def pause(now: float, every: float) -> float:
    """Seconds from `now` (the loop's clock) to the next multiple of `every`."""
    return every - now % every
