"""Shared state behind a line that a test can cut: while it is cut, whatever is asked ends as StoreError."""

from collections.abc import Callable
from typing import Any, cast

from shared.coordination import Coordination
from shared.errors import StoreError


class Severed:
    """A real coordination until `cut` is set. `asked` counts what was asked while it was."""

    def __init__(self, coordination: Coordination) -> None:
        self._coordination = coordination
        self.cut = False
        self.asked = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._coordination, name)

        async def through(*arguments: Any, **named: Any) -> Any:
            if self.cut and name != "close":
                self.asked += 1
                raise StoreError("the line is cut")
            return await method(*arguments, **named)

        return through


def severed(coordination: Coordination) -> tuple[Severed, Coordination]:
    """The line, twice: as what a test cuts and as what the product uses."""
    line = Severed(coordination)
    return line, cast(Coordination, line)
