"""A commit as Firestore takes it: the message, and what may be done with it when its answer is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.documents import Document
from shared.errors import AlreadyExists, StaleVersion, StoreError
from shared.store import Add, Create, Delete, Put, Write
from shared.store import firestore_values as values
from shared.store.firestore_link import Link

LARGEST = 1_048_576
"""Bytes of a document; Firestore counts a little differently, hence it is asked first."""


class Stamp(NamedTuple):
    """A version: when Firestore last changed the document, and its expiry, after which nothing is at this version."""

    seconds: int
    nanos: int
    expires_at: float | None


GONE = Stamp(0, 0, 0.0)
"""What a Delete left: expired from the beginning, so that no Put finds it."""


@dataclass(slots=True)
class Plan:
    """One commit. `names` are the full document names, write by write."""

    request: Any
    writes: Sequence[Write]
    stamp: int
    names: list[str] = field(default_factory=list)
    guards: set[str] = field(default_factory=set)
    """Documents written under a precondition and left in place: their stamp proves that the commit was applied."""
    adds: bool = False
    creates: list[str] = field(default_factory=list)
    """Names of the documents that must not exist."""
    expects: bool = False
    """Whether a document must be at a version."""

    @property
    def repeatable(self) -> bool:
        """Whether it can be sent again when nobody knows whether it was applied: an addition is not to count twice."""
        return bool(self.guards) or not self.adds

    def versions(self, results: Sequence[Any]) -> list[Stamp]:
        """The version each write left, from the answer's write results."""
        return [self._version(write, result) for write, result in zip(self.writes, results, strict=True)]

    def recovered(self, found: Mapping[str, Any]) -> list[Stamp] | None:
        """The same from the documents as they are now (by name), when one of them proves that this was applied."""
        proof = next((name for name in self.guards if name in found and self._wrote(found[name])), None)
        if proof is None:
            return None
        when = found[proof].update_time
        return [self._left(write, name, found, when) for write, name in zip(self.writes, self.names, strict=True)]

    def stale_adds(self, versions: Sequence[Stamp], now: float) -> list[int]:
        """Which additions went into a document that had expired, and is still what this commit left."""
        last = {name: number for number, name in enumerate(self.names) if not isinstance(self.writes[number], Add)}
        return [
            number
            for number, (write, version) in enumerate(zip(self.writes, versions, strict=True))
            if isinstance(write, Add)
            and version.expires_at is not None
            and version.expires_at <= now
            and last.get(self.names[number], -1) < number
        ]

    def too_large(self) -> str | None:
        """What to say of the largest document when it is beyond Firestore's limit, or near it."""
        size, write = max(
            (
                (message.update.ByteSize(), write)
                for message, write in zip(self.request.writes, self.writes, strict=True)
            ),
            key=lambda pair: pair[0],
        )
        if size < LARGEST * 0.9:
            return None
        return f"a document of {_kind(write).collection} has {size} bytes; Firestore takes {LARGEST}"

    def _wrote(self, document: Any) -> bool:
        return bool(document.fields[values.STAMP].integer_value == self.stamp)

    def _version(self, write: Write, result: Any) -> Stamp:
        if isinstance(write, Delete):
            return GONE
        if isinstance(write, Add):
            return _stamp(result.update_time, values.number(result.transform_results[0]))
        return _stamp(result.update_time, write.document.expires_at)

    def _left(self, write: Write, name: str, found: Mapping[str, Any], when: Any) -> Stamp:
        if isinstance(write, Delete):
            return GONE
        if isinstance(write, Add):
            return _stamp(when, values.expiry(found[name].fields) if name in found else None)
        return _stamp(when, write.document.expires_at)


def plan(link: Link, writes: Sequence[Write], now: float, stamp: int) -> Plan:
    """The commit of these writes. Raises AlreadyExists or StaleVersion for what is refused without asking."""
    made = Plan(link.request("Commit"), writes, stamp)
    before: dict[str, str] = {}
    for write in writes:
        kind = _kind(write)
        name = f"{link.documents}/{values.name(kind, _id(write))}"
        made.names.append(name)
        message = made.request.writes.add()
        try:
            _fill(message, name, write, stamp)
        except (ValueError, TypeError) as error:
            raise StoreError(f"a document of {kind.collection} cannot be stored: {error}") from error
        if isinstance(write, Create):
            _expect_nothing(message, before.get(name), kind)
        elif isinstance(write, Put | Delete) and write.expect is not None:
            _expect(message, write.expect, name in before, now, kind)
            made.expects = True
        made.adds = made.adds or isinstance(write, Add)
        if message.HasField("current_document"):
            made.guards.add(name)
            if isinstance(write, Create):
                made.creates.append(name)
        if isinstance(write, Delete):
            made.guards.discard(name)
        before[name] = "gone" if isinstance(write, Delete) else "there"
    return made


def _fill(message: Any, name: str, write: Write, stamp: int) -> None:
    if isinstance(write, Create | Put):
        message.update.name = name
        values.fill(message.update.fields, write.document, stamp)
    elif isinstance(write, Delete):
        message.delete = name
    else:
        message.update.name = name
        message.update.fields["id"].string_value = write.id
        message.update_mask.field_paths.append("id")
        # Nothing is added to the expiry: its value comes back, without a reading.
        for changed, delta in {"expires_at": 0, **write.deltas}.items():
            values.write(message.update_transforms.add(field_path=changed).increment, delta)


def _expect_nothing(message: Any, before: str | None, kind: type[Document]) -> None:
    if before == "there":
        raise AlreadyExists(f"a document of {kind.collection} has this id")
    if before is None:
        message.current_document.exists = False


def _expect(message: Any, version: object, touched: bool, now: float, kind: type[Document]) -> None:
    if touched or not isinstance(version, Stamp) or (version.expires_at is not None and version.expires_at <= now):
        raise StaleVersion(f"the document of {kind.collection} is not at this version")
    message.current_document.update_time.seconds = version.seconds
    message.current_document.update_time.nanos = version.nanos


def version(document: Any) -> Stamp:
    """The version of a document as it was read."""
    return _stamp(document.update_time, values.expiry(document.fields))


def _stamp(update_time: Any, expires_at: float | None) -> Stamp:
    return Stamp(update_time.seconds, update_time.nanos, expires_at)


def _kind(write: Write) -> type[Document]:
    return type(write.document) if isinstance(write, Create | Put) else write.kind


def _id(write: Write) -> str:
    return write.document.id if isinstance(write, Create | Put) else write.id
