"""Finding the route of a request: a dictionary for plain paths, expressions for those with parameters."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.types import Scope

from shared.web.route import Operation, pattern_of

_NONE: Final[Mapping[str, str]] = {}
Methods = dict[str, Operation]


class Table:
    """The routes of one function. A plain path wins over one with parameters, whatever was declared first."""

    def __init__(self) -> None:
        self._plain: dict[str, Methods] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], Methods]] = {}
        self._operations: list[Operation] = []

    @property
    def operations(self) -> tuple[Operation, ...]:
        """In the order of their declaration."""
        return tuple(self._operations)

    def add(self, operation: Operation) -> None:
        """Serve an operation on all forms of its path. Raises TypeError when one is taken."""
        for path in operation.served:
            pattern = pattern_of(path)
            if pattern is None:
                methods = self._plain.setdefault(path, {})
            else:
                methods = self._patterns.setdefault(pattern.pattern, (pattern, {}))[1]
            if operation.method in methods:
                raise TypeError(f"{operation.method} {path} is declared twice")
            methods[operation.method] = operation
            if operation.method == "GET":
                methods.setdefault("HEAD", operation)
        self._operations.append(operation)

    def find(self, scope: Scope) -> tuple[Operation | Methods | None, Mapping[str, str]]:
        """The operation with its path parameters; the path's methods when only they do not fit; else None."""
        path: str = scope["path"]
        if root := scope.get("root_path"):
            path = path.removeprefix(root)  # mounted under another application
        methods = self._plain.get(path)
        if methods is not None and scope["method"] in methods:
            return methods[scope["method"]], _NONE
        for pattern, others in self._patterns.values():
            if (match := pattern.match(path)) is not None:
                if scope["method"] in others:
                    return others[scope["method"]], match.groupdict()
                methods = others if methods is None else {**others, **methods}
        return methods, _NONE
