"""The base of everything that is stored; `shared.documents` has them all."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Base of all stored documents. `id` is the key within `collection`; times are Unix seconds (UTC)."""

    # An older instance must read what a newer one wrote. A class that is never used is never built: cold starts count.
    model_config = ConfigDict(extra="ignore", defer_build=True)

    collection: ClassVar[str]
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = ()
    sums: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """What may be added up: equality fields, then the field. Firestore has an index for each; SQLite reads through, because an
    index costs every write and only a lost counter is ever counted again."""

    id: str
    expires_at: float | None = None
