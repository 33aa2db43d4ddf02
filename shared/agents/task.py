"""What an agent wants of a model: a prompt, the form of the answer, what is right in it, and what is said without any model. Pure.

task = Task(agent="curation", …, schema=structured(Tags, name="tags"), check=problems(Tags, consistent), floor=lambda: …)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from shared.llm.types import Message, Schema

M = TypeVar("M", bound=BaseModel)

_UNTAKEN = frozenset(
    [
        "title",
        "default",
        "examples",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "format",
        "discriminator",
    ]
)
"""Keywords that at least one vendor's strict mode refuses. What they say is held by `problems`, and told in the prompt."""


@dataclass(frozen=True, slots=True)
class Task:
    """One request of an agent. `question` is the caller's own words: safety and complexity look at it.

    `check` gives what is wrong with an answer's text, in words a model can act on; nothing where it fits. `floor` is an answer of
    the same form made without any model; without one the caller hears 503. `documents` are texts of the caller's in the prompt.
    """

    agent: str
    version: str
    messages: tuple[Message, ...]
    question: str
    max_output_tokens: int
    temperature: float = 0.3
    schema: Schema | None = None
    check: Callable[[str], Sequence[str]] | None = None
    floor: Callable[[], str] | None = None
    shareable: bool = False
    documents: tuple[str, ...] = ()
    prefer_model: str | None = None


def structured(model: type[BaseModel], *, name: str) -> Schema:
    """The model's JSON schema as every vendor's strict mode takes it: references resolved, all fields required, no others.

    Limits on values go out of it: see `problems`. Raises ValueError for a model that refers to itself.
    """
    body = model.model_json_schema()
    return Schema(name, _strict(body, body.get("$defs", {}), ()))


def problems(model: type[M], more: Callable[[M], Sequence[str]] | None = None) -> Callable[[str], list[str]]:
    """A `Task.check`: what the model finds wrong with the text, field by field; where it fits, what `more` finds."""

    def check(text: str) -> list[str]:
        try:
            found = model.model_validate_json(text)
        except ValidationError as error:
            return [
                f"{'.'.join(str(part) for part in detail['loc']) or 'the answer'}: {detail['msg']}"
                for detail in error.errors(include_url=False, include_context=False, include_input=False)
            ]
        return [] if more is None else list(more(found))

    return check


def as_text(model: BaseModel) -> str:
    """The JSON text of a model: what a `floor` gives."""
    return orjson.dumps(model.model_dump(mode="json")).decode()


def _strict(node: Any, definitions: dict[str, Any], inside: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_strict(item, definitions, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        if name in inside:
            raise ValueError(f"{name} refers to itself")
        return _strict(definitions[name], definitions, (*inside, name))
    if "oneOf" in node:
        node = {**node, "anyOf": node["oneOf"]}
    kept = {
        key: _properties(value, definitions, inside) if key == "properties" else _strict(value, definitions, inside)
        for key, value in node.items()
        if key not in _UNTAKEN and key not in ("$defs", "oneOf")
    }
    if "const" in kept:
        kept["enum"] = [kept.pop("const")]
    if kept.get("type") == "object" and "properties" in kept:
        kept["required"] = list(kept["properties"])
        kept["additionalProperties"] = False
    return kept


def _properties(fields: dict[str, Any], definitions: dict[str, Any], inside: tuple[str, ...]) -> dict[str, Any]:
    # Names of fields are not keywords: a field may well be called `title`.
    return {name: _strict(value, definitions, inside) for name, value in fields.items()}
