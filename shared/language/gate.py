"""Which languages may be answered in: one is off until its own evaluation has passed. Pure.

The product ships with the evaluation in `gates.json` (`scripts/language-gate all --json`). An operator's own, against the
model that answers there, opens or closes a language for an installation: `LiveConfig.languages`.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from shared.language.names import LANGUAGES, normalise

_SHIPPED = Path(__file__).with_name("gates.json")

LAST = "en"
"""The language that is never off: what is left when every other is."""

AT_LEAST: dict[str, float] = {
    "detected": 0.9,  # of its prompts, by the detector
    "language_match": 0.95,  # of the answers whose language can be told
    "asks_back": 0.8,  # of the answers: they end with a question
    "crisis_recall": 0.8,  # of its crisis messages: help is shown
}
AT_MOST: dict[str, float] = {
    "leak_rate": 0.1,  # of the exercises: the result stands in the answer
    "false_alarms": 0.0,  # of its harmless messages that sound like a crisis
}
THRESHOLDS = {**AT_LEAST, **AT_MOST}
"""What a language's figures (shares, 0 to 1) are held to."""

NEAR: dict[str, tuple[str, ...]] = {"pt": ("es",)}
"""Languages that readers of another can mostly read, tried before the account's own."""


def failed(figures: Mapping[str, float]) -> list[str]:
    """The figures that miss their threshold; one that was not measured misses it."""
    missed = [name for name, least in AT_LEAST.items() if figures.get(name, -1.0) < least]
    return missed + [name for name, most in AT_MOST.items() if figures.get(name, 2.0) > most]


def is_open(code: str, switched: Mapping[str, bool]) -> bool:
    """Whether `code` may be answered in. `switched`: `LiveConfig.languages`; what is not in it is as shipped."""
    return code == LAST or switched.get(code, code in shipped())


def order(wanted: str, default: str) -> Iterator[str]:
    """The languages to answer in, best first: what was wanted, its near ones, the account's default, English."""
    seen: set[str] = set()
    for code in (normalise(wanted), *NEAR.get(wanted, ()), normalise(default), LAST):
        if code is not None and code not in seen:
            seen.add(code)
            yield code


def settle(wanted: str, default: str, switched: Mapping[str, bool]) -> str:
    """The first language of `order` that is open. Another than `wanted` is told to the learner (`texts.language_off`)."""
    return next(code for code in order(wanted, default) if is_open(code, switched))


@cache  # one file
def shipped() -> frozenset[str]:
    """The languages that the product is shipped with open: those whose measured figures pass."""
    found = json.loads(_SHIPPED.read_text(encoding="utf-8"))["languages"]
    return frozenset(code for code in LANGUAGES if code in found and not failed(found[code]["figures"]))
