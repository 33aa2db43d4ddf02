"""What the product itself says to learners, in their language: one JSON file per language in `learner_texts`.

What is said in a crisis stands in `shared.safety.support`, the words of the last floor beside the template provider.
"""

import json
from functools import cache
from pathlib import Path

from shared.language.direction import isolated
from shared.language.names import LANGUAGES

_HERE = Path(__file__).parent
_PROBLEMS = {
    "rate_limited": "rate_limited",
    "interrupted": "interrupted",
    "unavailable": "unavailable",
    "overloaded": "unavailable",
    "no_answer": "unavailable",
    "internal": "retry",
}
"""Error code -> the text that tells a learner of it. What only the app can mend has none."""


def text(key: str, language: str, **values: str) -> str:
    """The text of that key in `language`, in English for any that is none of the twelve.

    `values` take the places of the text's `{names}`, isolated where directions would mix. Raises KeyError for an unknown key
    and for a place without a value.
    """
    shown = _load(language if language in LANGUAGES else "en")[key]
    parts = shown.split("{")
    for number, part in enumerate(parts[1:], 1):
        name, _, rest = part.partition("}")
        parts[number] = isolated(values[name], language) + rest
    return "".join(parts)


def named(code: str, language: str) -> str:
    """The name of one of the twelve in another of them, as it stands in a sentence (`anglais`, 英語)."""
    return _names()[language][code]


def language_off(wanted: str, given: str) -> str:
    """The notice that an answer comes in `given` because `wanted` is switched off; in `wanted`, which the learner reads."""
    return text("language_off", wanted, wanted=named(wanted, wanted), given=named(given, wanted))


def problem_text(code: str, language: str) -> str | None:
    """What to tell a learner of an error (`shared.errors`); None where it is the app's own to mend."""
    key = _PROBLEMS.get(code)
    return None if key is None else text(key, language)


@cache  # bounded by the number of languages
def _load(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((_HERE / "learner_texts" / f"{language}.json").read_text(encoding="utf-8"))
    return found


@cache  # one file
def _names() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((_HERE / "language_names.json").read_text(encoding="utf-8"))
    return found
