"""What is kept of requests that came with an Idempotency-Key. Times are Unix seconds."""

from typing import ClassVar, Literal

from shared.stored.document import Document


class Exchange(Document):
    """One request under its Idempotency-Key: that it runs, then its answer, so that a retry gets the same bytes.

    Written when an execution begins and when it ends; between the two its version does not change, so whoever holds that
    version is the only one whose answer can be stored.
    """

    collection: ClassVar[str] = "exchanges"

    fingerprint: str
    state: Literal["running", "done"] = "running"
    run: str
    """The execution: new for every try. Empty: the last one ended without an answer to keep, and the key is free."""
    instance: str
    """The process that runs it."""
    lease_until: float
    """It runs at least until then, longer when its ExchangeLease says so; after that anybody may begin it anew."""
    created_at: float
    answer: bool = False
    """A model's answer: it can be shown as JSON and as a stream, however it was asked for first."""
    status: int = 0
    media_type: str = ""
    body: str = ""
    """The answer; for a stream the data of its `done` event."""
    base: int = 0
    meta: str = ""
    texts: str = ""
    """For a stream: its event ids less their number, the data of `meta`, and the texts of all `delta` events as one JSON
    array (one string, because the items of a stored array would be indexed one by one)."""


class ExchangeLease(Document):
    """How long an execution that lasts is still believed in. Its id is the execution's; its owner rewrites it as it runs."""

    collection: ClassVar[str] = "exchange_leases"

    until: float
