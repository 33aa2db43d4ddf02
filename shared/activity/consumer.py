"""What counts events: which documents it needs for some of them, and what those look like afterwards. Pure.

A consumer decides by nothing but its arguments: after a race the same events are given to it again with the documents as they are
then. Events come oldest first, in no promised order otherwise, all of one place.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from shared.activity.events import Event
from shared.documents import Document
from shared.store import Ref

Taken = tuple[float, Event]
"""When the server took an event in (Unix seconds), and the event."""
Found = Mapping[Ref, Document | None]
"""The documents that were asked for, as they are stored, those that an earlier consumer changes as it leaves them; None for each that
is not there."""
Tally = Mapping[tuple[str, ...], int]
"""What a metric's counter is to go up by, by labels."""


class Consumer(Protocol):
    """Counts events in documents of its own: no two consumers change documents of the same collection.

    Consumers are asked in their order. One that reads what an earlier one changes sees these events counted there, and has to do
    with those that come after the moment it asks about: how events are cut into batches must not show.
    """

    def refs(self, events: Sequence[Taken]) -> Sequence[Ref]:
        """The documents that `apply` has to see of these events, and of any part of them."""

    def apply(self, events: Sequence[Taken], found: Found) -> Sequence[Document]:
        """The documents that change, each as it is then. Those of `found` are left as they are."""


@runtime_checkable
class Telling(Protocol):
    """A consumer that says what it has counted, for the metrics."""

    def tally(self, found: Found, changed: Sequence[Document]) -> Tally:
        """What was counted between `found` and the documents that `apply` gave for it."""
