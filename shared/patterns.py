"""Regular expressions that are compiled when they are first used, not when their module is imported.

Compiling is slow (a large one takes milliseconds) and most messages never need most patterns: a cold start should not
wait for them.
"""

import re
from collections.abc import Callable, Iterator


class LazyPattern:
    """The methods of `re.Pattern[str]` that are used here. `source` may be a function, when making the text is work too."""

    __slots__ = ("_compiled", "_source")

    def __init__(self, source: str | Callable[[], str]) -> None:
        self._source = source
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        """The pattern itself."""
        if self._compiled is None:
            self._compiled = re.compile(self._source if isinstance(self._source, str) else self._source())
        return self._compiled

    def search(self, text: str) -> re.Match[str] | None:
        """The first match anywhere."""
        return self.compiled.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """A match of the whole text."""
        return self.compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches."""
        return self.compiled.finditer(text)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with every match replaced."""
        return self.compiled.sub(replacement, text)
