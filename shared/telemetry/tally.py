"""Whether the failure of the request at hand was counted where it happened, so that the edge does not count it again."""

from contextvars import ContextVar
from typing import Final


class Tally:
    """One request's. Tasks that the request begins find the same one."""

    __slots__ = ("counted",)

    def __init__(self) -> None:
        self.counted = False


_tally: Final[ContextVar[Tally | None]] = ContextVar("tally", default=None)


def begin() -> Tally:
    """A new request's tally."""
    tally = Tally()
    _tally.set(tally)
    return tally


def mark() -> None:
    """The request's failure is counted. Nothing outside a request."""
    tally = _tally.get()
    if tally is not None:
        tally.counted = True
