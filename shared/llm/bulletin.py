"""The one value in which instances tell each other how the own server is, and what this instance saw in it last.

While the shared state cannot be reached each instance goes on by what it knows itself.
"""

from collections.abc import Callable, Mapping

from shared.coordination import Coordination
from shared.errors import LyoError
from shared.llm.standing import Standing, decode, encode
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)


class Bulletin:
    """The standing under `key`. `clock` gives Unix seconds; `instance` names this one among the others."""

    def __init__(self, key: str, coordination: Coordination, clock: Callable[[], float], instance: str) -> None:
        self.key = key
        self._coordination = coordination
        self._clock = clock
        self._instance = instance
        self._decoded: tuple[bytes | None, Standing | None] = (None, None)
        self.seen: Standing | None = None
        """What stood there last; nothing when it stood empty, and before the first look."""
        self.seen_at = 0.0
        self.changed_at: float | None = None
        """Unix seconds at which this instance noticed its last change; None before the first look."""
        self.changes = 0
        """Counts what this instance posted, so that a view kept for a moment can be told from an old one."""

    @property
    def current(self) -> Standing | None:
        """What was seen last, if it still holds by this instance's own clock."""
        return self.seen if self.seen is not None and self.seen.until > self._clock() else None

    @property
    def ready(self) -> bool:
        """Whether it is known to answer."""
        return self.current is not None and self.current.state == "ready"

    def found(self, values: Mapping[str, bytes]) -> Standing | None:
        """What a look found. Every message looks, and it says the same for seconds: it is decoded when it changes."""
        raw = values.get(self.key)
        if raw != self._decoded[0]:
            self._decoded = raw, decode(raw)
        return self._decoded[1]

    def saw(self, values: Mapping[str, bytes]) -> None:
        """Remember what a look found."""
        self._keep(self.found(values))

    def own(self) -> dict[str, bytes]:
        """What this instance knows by itself, as a look would have found it."""
        current = self.current
        return {} if current is None else {self.key: encode(current)}

    async def read(self) -> None:
        """Look. Raises StoreError."""
        self.saw(await self._coordination.get_many([self.key]))

    async def claim(self, lease: float, *, anew: bool) -> bool:
        """Take or renew the lease on waking it, for `lease` seconds. False when another instance has it, or when the
        server is ready already, unless it is to be proven `anew` (to begin with; a renewal never says so)."""
        now, current = self._clock(), self.current
        ours = current is not None and current.state == "warming" and current.by == self._instance
        since = current.since if ours and current is not None else now
        wanted = Standing("warming", since, now + lease, self._instance)
        try:
            raw = (await self._coordination.get_many([self.key])).get(self.key)
            held = decode(raw)
            if held is not None and (not anew if held.state == "ready" else held.by != self._instance):
                self._keep(held)
                return False
            if not await self._coordination.swap(self.key, raw, encode(wanted), lease):
                return False
        except LyoError as error:
            event(_log, "warmth.unshared", error=error.code)  # this instance wakes it for itself, unless it need not
            if self.ready and not anew:
                return False
        self._keep(wanted)
        return True

    async def let_go(self) -> None:
        """Give the lease back, so that another may take over at once."""
        held = self.seen
        if held is None or held.state != "warming" or held.by != self._instance:
            return
        self._keep(None)
        try:
            await self._coordination.swap(self.key, encode(held), None, 0)
        except LyoError as error:
            event(_log, "warmth.unshared", error=error.code)  # the lease runs out by itself

    async def post_ready(self, seconds: float) -> None:
        """It has answered: say so to all, for so long from now."""
        now = self._clock()
        since = self.seen.since if self.seen is not None and self.ready else now
        standing = Standing("ready", since, now + seconds, self._instance)
        try:
            await self._coordination.put(self.key, encode(standing), seconds)
        except LyoError as error:
            event(_log, "warmth.unshared", error=error.code)
        self._keep(standing)  # behind the others' word, or the next look would take it back
        self.changes += 1

    def _keep(self, standing: Standing | None) -> None:
        now = self._clock()
        before = None if self.seen is None else self.seen.state
        if self.changed_at is None or before != (None if standing is None else standing.state):
            self.changed_at = now
        self.seen, self.seen_at = standing, now
