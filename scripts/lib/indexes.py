"""`python -m scripts.lib.indexes [FILE]`: writes terraform/firestore.json out of shared/documents.py. See scripts/indexes.

The file says for each collection:

    composite   one index for each query shape: the shape's fields and then `id`, by which ties are ordered. Also for
                shapes of one field: no index that Firestore makes on its own ends in our `id`.
    single      fields whose own ascending index stays; of all others (`*`) the automatic indexes are switched off. They
                would cost a write each, hold long texts, and of growing values be a hot spot that nobody asked for.
    ttl         the timestamp that Firestore's TTL policy deletes by
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.documents import DOCUMENTS, Document
from shared.store.firestore_values import TTL

FILE = Path(__file__).resolve().parents[2] / "terraform" / "firestore.json"
_ORDERS = {False: "ASCENDING", True: "DESCENDING"}


def described(kinds: Sequence[type[Document]] = DOCUMENTS) -> dict[str, Any]:
    """What the file says, as data."""
    return {
        "written_by": "scripts/indexes, out of shared/documents.py",
        "collections": {kind.collection: _collection(kind) for kind in kinds},
    }


def rendered() -> str:
    """What the file says, as text: an index a line, so that a change is easy to see."""
    found = described()
    lines = [f'  "written_by": {json.dumps(found["written_by"])},', '  "collections": {']
    blocks = [
        f"    {json.dumps(name)}: {{\n"
        f'      "ttl": {json.dumps(collection["ttl"])},\n'
        f'      "single": {json.dumps(collection["single"])},\n'
        f'      "composite": {_rows(collection["composite"])}\n'
        "    }"
        for name, collection in found["collections"].items()
    ]
    return "\n".join(("{", *lines, ",\n".join(blocks), "  }", "}")) + "\n"


def _rows(rows: Sequence[Any]) -> str:
    return "[\n" + ",\n".join(f"        {json.dumps(row)}" for row in rows) + "\n      ]" if rows else "[]"


def _collection(kind: type[Document]) -> dict[str, Any]:
    return {
        "composite": [_composite(shape) for shape in (*kind.indexes, *kind.sums)],
        "single": ["expires_at"],
        "ttl": TTL,
    }


def _composite(shape: tuple[str, ...]) -> list[dict[str, str]]:
    """The index of one shape: only its last field can be descending, and `id` goes the same way."""
    descending = shape[-1].startswith("-")
    last = [shape[-1].removeprefix("-"), "id"]
    fields = [(field, False) for field in shape[:-1]] + [(field, descending) for field in last]
    return [{"field_path": field, "order": _ORDERS[down]} for field, down in fields]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(
        prog="scripts/indexes", description="Write what Terraform makes Firestore's indexes of."
    )
    parser.add_argument("file", type=Path, nargs="?", default=FILE)
    file = parser.parse_args().file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(rendered(), encoding="utf-8")


if __name__ == "__main__":
    main()
