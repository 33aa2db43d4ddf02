"""Progress bars on standard error, so that standard output holds the tables alone."""

import sys
import time

_WIDTH = 30
_AT_MOST_EVERY = 0.1  # seconds; a terminal needs no more, and drawing costs the measurement


class Progress:
    """One bar for one part of the work, of `total` steps. Off a terminal only its beginning and its end are told."""

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = max(total, 1)
        self._steps = 0
        self._drawn = 0.0
        self._began = time.monotonic()
        self._live = sys.stderr.isatty()
        if not self._live:
            print(f"{title} ...", file=sys.stderr, flush=True)

    def step(self, label: str) -> None:
        """One step is over."""
        self._steps += 1
        now = time.monotonic()
        if self._live and now - self._drawn >= _AT_MOST_EVERY:
            self._drawn = now
            self._draw(label)

    def end(self) -> None:
        """The part is over."""
        seconds = time.monotonic() - self._began
        if self._live:
            self._steps = self._total
            self._draw(f"{seconds:.0f} s")
            print(file=sys.stderr, flush=True)
        else:
            print(f"{self._title}: {seconds:.0f} s", file=sys.stderr, flush=True)

    def _draw(self, label: str) -> None:
        full = min(_WIDTH * self._steps // self._total, _WIDTH)
        bar = "#" * full + "." * (_WIDTH - full)
        # \x1b[K clears what a longer label left behind.
        print(f"\r{self._title:28.28} [{bar}] {label[:40]}\x1b[K", end="", file=sys.stderr, flush=True)
