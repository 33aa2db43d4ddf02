"""How documents look in Firestore: their names, their fields, and values as protocol buffers.

A document's name starts with a hash of its id: ids are made in the order of time, and names in that order would all be
written to the same end of Firestore's key space. The id itself is a field, which queries order ties by.

Beside the model's own fields a document has `ttl`, its `expires_at` as a timestamp for Firestore's TTL policy, and
`stamp`, a random number of the commit that wrote it: what proves after a lost connection that a commit was applied.
"""

import math
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from shared.documents import Document
from shared.errors import StoreError

TTL = "ttl"
STAMP = "stamp"
RESERVED = frozenset({TTL, STAMP})
_NESTED = "[]"
"""Firestore has no list directly in a list: the inner one is the only entry of a map, under this key."""
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, where Firestore's timestamps end."""
_FIRST_MOMENT = 1e-6
"""What an expiry of 0 or before is kept as: 0 stands for none."""
_LONGEST = 1000
"""Bytes of an id that fit into a name, with room for what is escaped; Firestore's limit is 1500."""


def name(kind: type[Document], id: str) -> str:  # noqa: A002 - a document's key is called id everywhere
    """The document's path below the database: `collection/hash~id`. StoreError for an id that is not Unicode text."""
    try:
        raw = id.encode()
    except UnicodeEncodeError as error:
        raise StoreError(f"an id of {kind.collection} is not Unicode text") from error
    key = id.replace("%", "%25").replace("/", "%2F") if len(raw) <= _LONGEST / 3 else blake2b(raw).hexdigest()
    return f"{kind.collection}/{blake2b(raw, digest_size=2).hexdigest()}~{key}"


def fill(fields: Any, document: Document, stamp: int) -> None:
    """Write a document's fields, with those of our own, into a message's map. ValueError for a number beyond 64 bits."""
    values = document.model_dump(mode="json")
    expires_at = values.pop("expires_at")
    if expires_at is not None:
        fields["expires_at"].double_value = max(expires_at, _FIRST_MOMENT)
        fields[TTL].timestamp_value.seconds = math.ceil(min(max(expires_at, 0), _LAST_SECOND))
    fields[STAMP].integer_value = stamp
    for field, value in values.items():
        write(fields[field], value)


def write(target: Any, value: object) -> None:
    """Set a value message to JSON-like data."""
    match value:
        case str():
            target.string_value = value
        case bool():
            target.boolean_value = value
        case int():
            target.integer_value = value
        case float():
            target.double_value = value
        case None:
            target.null_value = 0
        case Mapping():
            target.map_value.SetInParent()
            for key, item in value.items():
                write(target.map_value.fields[key], item)
        case list():
            target.array_value.SetInParent()
            for item in value:
                write(target.array_value.values.add(), {_NESTED: item} if isinstance(item, list) else item)
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON")


def read(value: Any) -> Any:
    """The data in a value message; None for what we never write."""
    match value.WhichOneof("value_type"):
        case "string_value" | "boolean_value" | "integer_value" | "double_value" as which:
            return getattr(value, which)
        case "map_value":
            return {key: read(item) for key, item in value.map_value.fields.items()}
        case "array_value":
            return [_unnest(read(item)) for item in value.array_value.values]
        case _:
            return None


def _unnest(item: Any) -> Any:
    return item[_NESTED] if type(item) is dict and item.keys() == {_NESTED} else item


def expiry(fields: Any) -> float | None:
    """The `expires_at` in a message's map of fields."""
    return number(fields["expires_at"]) if "expires_at" in fields else None


def number(value: Any) -> float | None:
    """An expiry; 0 is none, left by an `Add` that looked."""
    return value.double_value or value.integer_value or None


def model(kind: type[Document], fields: Any) -> Any:
    """The document in a message's map of fields."""
    values = {field: read(value) for field, value in fields.items() if field not in RESERVED}
    values["expires_at"] = values.get("expires_at") or None
    return kind.model_validate(values)
