"""What variants come to for one call: which model first, what is added to the prompt, which settings hold, how a feed is ordered. Pure.

What was promoted applies first and to everybody it is targeted at, then what a unit's own variants say: of two that name a model,
an algorithm or a setting the later one holds. Instructions are added to each other, so that an experiment's control is how things
are for everybody.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared.stored.experiments import RunningVariant


@dataclass(frozen=True, slots=True)
class Steering:
    """What is to be different. `places` are settings by LiveConfig's names, one mapping a variant (`shared.optimization.levels`).

    `mark` tells instruction and settings from others: it is part of the prompt's version, and of what answers are filed under.
    Empty where there are none.
    """

    prefer_model: str | None = None
    instruction: str = ""
    places: tuple[Mapping[str, Any], ...] = ()
    algorithm: str | None = None
    mark: str = ""

    @property
    def languages(self) -> dict[str, bool]:
        """The languages that these variants open or close."""
        return {code: is_open for place in self.places for code, is_open in (place.get("languages") or {}).items()}


AS_IT_IS: Final = Steering()


def steering(variants: Sequence[RunningVariant]) -> Steering:
    """What these variants come to, the least important first."""
    if not variants:
        return AS_IT_IS
    model: str | None = None
    algorithm: str | None = None
    said: list[str] = []
    places: list[Mapping[str, Any]] = []
    for variant in variants:
        model = variant.prefer_model or model
        algorithm = variant.algorithm or algorithm
        if variant.instruction:
            said.append(variant.instruction)
        if variant.live:
            places.append(variant.live)
    if not (model or algorithm or said or places):
        return AS_IT_IS
    mark = ""
    if said or places:
        told = orjson.dumps([said, places], option=orjson.OPT_SORT_KEYS)
        mark = hashlib.blake2b(told, digest_size=6).hexdigest()
    return Steering(model, "\n\n".join(said), tuple(places), algorithm, mark)
