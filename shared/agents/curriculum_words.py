"""The words that course plans are made of where no model answers, and what a learner is told of an answer, in twelve languages."""

import json
import re
from functools import cache
from pathlib import Path

_PLACE = re.compile(r"\{(\w+)\}")
_TEXTS = Path(__file__).with_name("curriculum_texts.json")


def word(key: str, language: str, **values: object) -> str:
    """One text (English for a language that is none of the twelve), with `{name}` replaced; braces in values stay as they are."""
    texts = _load()
    text = texts.get(language, texts["en"])[key]
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), text)


@cache
def _load() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_TEXTS.read_text(encoding="utf-8"))
    return found
