"""What a variant's `config` changes, checked to the last key: a key that steers nothing would make an experiment of nothing. Pure.

    {"model": "gemma_4_cloud"}                          the model that is asked first, by its stable name
    {"prompt": {"instruction": "…"}}, {"instruction": "…"}   added to the agent's own prompt; `version` beside it is a label
    {"optimization_level": "aggressive"}                `shared.optimization.levels`
    {"live": {"cache_ttl_seconds": 60}}                 any LiveConfig field that steers answers
    {"algorithm": "explore"}                            how the learner's feed is put in order (`shared.feed.algorithms`)
    {"anything": …}                                     of a `feature`: the app's own flags, which it reads from `assign`

Which of them an experiment takes depends on its type. {} leaves everything as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from pydantic import ValidationError

from shared.documents import LiveConfig
from shared.experiments.catalogue import OPTIMIZATION_LEVELS
from shared.feed.algorithms import ALGORITHMS
from shared.language.names import LANGUAGES
from shared.llm.catalog import MODELS
from shared.stored.experiments import Kind, RunningVariant

LONGEST_INSTRUCTION: Final = 2_000
LONGEST_LABEL: Final = 64
LARGEST: Final = 4_096
"""Bytes of a config as JSON, its instruction left out."""
_FIXED: Final = {"id", "expires_at", "version", "experiments", "promotions", "updated_at", "updated_by"}
LIVE: Final = tuple(name for name in LiveConfig.model_fields if name not in _FIXED)
"""LiveConfig's fields that a variant may set for its units."""

TAKES: Final[Mapping[Kind, tuple[str, ...]]] = {
    "model_selection": ("model",),
    "prompt": ("prompt", "instruction"),
    "personalization": ("algorithm",),
    "optimization": ("optimization_level", "live", "model"),
    "feature": ("model", "prompt", "instruction", "optimization_level", "live", "algorithm"),
}
"""The keys that steer, by the experiment's type; a `feature` takes any other key besides, as a flag of the app's."""

Fault = tuple[str, str]
"""A field's path, and what is wrong with it."""


@dataclass(slots=True)
class _Read:
    """What was found so far."""

    prefer_model: str | None = None
    instruction: str = ""
    live: dict[str, Any] = field(default_factory=dict)
    algorithm: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: str, text: str) -> None:
        self.faults.append((path, text))


def steering(name: str, weight: float, kind: Kind, config: Mapping[str, Any]) -> tuple[RunningVariant, list[Fault]]:
    """A variant as it runs, and what is wrong with its config (paths begin behind `config`); with faults it steers nothing."""
    read = _Read()
    for key, given in config.items():
        if key in TAKES[kind]:
            _READERS[key](read, key, given)
        elif kind != "feature":
            read.fault(
                key[:100], f"A {kind} experiment takes {_or(TAKES[kind])} here, or {{}} for leaving all as it is"
            )
    if not read.faults:
        _bound(read, config)
    if read.faults:
        return RunningVariant(name=name, weight=weight), read.faults
    found = RunningVariant(
        name=name,
        weight=weight,
        prefer_model=read.prefer_model,
        instruction=read.instruction,
        live=read.live,
        algorithm=read.algorithm,
    )
    return found, []


def flags(kind: Kind, config: Mapping[str, Any]) -> dict[str, Any]:
    """What of a config is the app's own to do. The rest steers this server: an operator's instruction is no learner's to read."""
    return {key: value for key, value in config.items() if key not in TAKES[kind]}


def _model(read: _Read, key: str, given: Any) -> None:
    if not isinstance(given, str) or given not in MODELS:
        read.fault(key, f"{_shown(given)} is no model of the catalogue; known: {', '.join(MODELS)}")
    else:
        read.prefer_model = given


def _prompt(read: _Read, key: str, given: Any) -> None:
    if not isinstance(given, dict) or "instruction" not in given:
        read.fault(key, 'Needs {"instruction": "…"}')
        return
    for name, value in given.items():
        if name == "instruction":
            _instruction(read, f"{key}.instruction", value)
        elif name != "version" or not isinstance(value, str | int) or len(str(value)) > LONGEST_LABEL:
            text = f"A prompt has an instruction, and a version as a label of {LONGEST_LABEL} characters at most"
            read.fault(f"{key}.{name[:100]}", text)


def _instruction(read: _Read, key: str, given: Any) -> None:
    text = given.strip() if isinstance(given, str) else ""
    if not text or len(text) > LONGEST_INSTRUCTION:
        read.fault(key, f"Needs a text of 1 to {LONGEST_INSTRUCTION} characters")
    elif read.instruction:
        read.fault(key, "There is an instruction already: give it once")
    else:
        read.instruction = text


def _level(read: _Read, key: str, given: Any) -> None:
    if given not in OPTIMIZATION_LEVELS:
        read.fault(key, f"{_shown(given)} is no optimisation level; known: {', '.join(OPTIMIZATION_LEVELS)}")
    elif "optimization_level" in read.live:
        read.fault(key, "There is a level already: give it once")
    else:
        read.live["optimization_level"] = given


def _live(read: _Read, key: str, given: Any) -> None:
    if not isinstance(given, dict) or not given:
        read.fault(key, f'Needs {{"field": value}}; fields: {", ".join(LIVE)}')
        return
    known = {name: value for name, value in given.items() if name in LIVE}
    for name in given.keys() - known.keys():
        read.fault(f"{key}.{name[:100]}", f"A variant cannot set this; it can set {', '.join(LIVE)}")
    try:
        checked = LiveConfig.model_validate({"id": "live", **known}).model_dump(include=set(known))
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False, include_context=False):
            read.fault(".".join([key, *map(str, item["loc"])]), item["msg"])
        return
    for name in checked.get("disabled_models") or ():
        if name not in MODELS:
            read.fault(f"{key}.disabled_models", f"{_shown(name)} is no model; known: {', '.join(MODELS)}")
    for name in checked.get("languages") or ():
        if name not in LANGUAGES:
            read.fault(f"{key}.languages", f"{_shown(name)} is no language; known: {', '.join(LANGUAGES)}")
    if "optimization_level" in checked and "optimization_level" in read.live:
        read.fault(f"{key}.optimization_level", "There is a level already: give it once")
    read.live.update(checked)


def _algorithm(read: _Read, key: str, given: Any) -> None:
    if not isinstance(given, str) or given not in ALGORITHMS:
        read.fault(key, f"{_shown(given)} is no way to put the feed in order; known: {', '.join(ALGORITHMS)}")
    else:
        read.algorithm = given


_READERS: Final = {
    "model": _model,
    "prompt": _prompt,
    "instruction": _instruction,
    "optimization_level": _level,
    "live": _live,
    "algorithm": _algorithm,
}


def _bound(read: _Read, config: Mapping[str, Any]) -> None:
    rest = {key: value for key, value in config.items() if key not in ("prompt", "instruction")}
    try:
        text = orjson.dumps(rest)
    except TypeError:  # a number of more than 64 bits, or lists in lists without end
        read.fault("", "Holds what no store can keep: a number of more than 64 bits, or too many levels")
        return
    if orjson.loads(text) != rest:
        read.fault("", "Holds a number that is none")
    elif len(text) > LARGEST:
        read.fault("", f"Has more than {LARGEST} bytes as JSON")


def _or(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _shown(given: Any) -> str:
    return repr(given) if not isinstance(given, str) else repr(given[:60])
