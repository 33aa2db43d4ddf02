"""Prompts out of JSONL files of any common shape."""

import json
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

FIELDS = ("message", "question", "prompt", "text")


def texts(path: Path) -> Iterator[str]:
    """The prompts of one file, in order; each distinct question once, since a file may repeat it."""
    seen: set[str] = set()
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            text = _text(json.loads(line))
            if text is None:
                sys.exit(f"{path}:{number}: no {', '.join(FIELDS)} or turns")
            if text not in seen:
                seen.add(text)
                yield text


def non_latin(text: str) -> bool:
    """Whether a letter of the text is outside the Latin script."""
    return any(c.isalpha() and not unicodedata.name(c, "LATIN").startswith("LATIN") for c in text)


def _text(record: dict[str, object]) -> str | None:
    for field in FIELDS:
        value = record.get(field)
        if isinstance(value, str) and value.strip():
            return value
    turns = record.get("turns")
    return turns[0] if isinstance(turns, list) and turns and isinstance(turns[0], str) else None
