"""A value that fits a JSON schema, and the refusals that strict schema modes really give. Pure.

Covers what structured-output modes cover: types (also Gemini's upper-case ones), properties, items, enum, const,
anyOf/oneOf/allOf, $ref into $defs, bounds on numbers, lengths and item counts, nullable, the common formats. `pattern` is
not honoured.
"""

import math
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_MAX_DEPTH = 12

_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1M",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "learner@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
}


def fit(schema: Schema, name: str = "value") -> Any:
    """A small value that fits; strings carry the name of their property so that a reader can tell them apart."""
    return _fit(schema, schema, name, 0)


def _resolve(schema: Schema, root: Schema) -> Schema:
    """Follow a local `$ref` (`#/$defs/Name`); other references stay as they are."""
    for _ in range(_MAX_DEPTH):
        ref = schema.get("$ref")
        if not isinstance(ref, str) or not ref.startswith("#"):
            break
        target: Any = root
        for part in ref.lstrip("#/").split("/") if ref != "#" else ():
            target = target[part]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind.lower()
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _fit(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    schema = _resolve(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            branches = [_resolve(one, root) for one in schema[key]]
            # Deep inside a recursive schema the branch that ends it is taken.
            ends = [one for one in branches if one.get("type") == "null"]
            solid = [one for one in branches if one.get("type") != "null"]
            chosen = (ends or solid) if depth >= _MAX_DEPTH // 2 else (solid or ends)
            return _fit(chosen[0], root, name, depth + 1)
    if schema.get("allOf"):
        merged: dict[str, Any] = {}
        for one in schema["allOf"]:
            part = _resolve(one, root)
            merged = {**merged, **part, "properties": {**merged.get("properties", {}), **part.get("properties", {})}}
        return _fit({key: value for key, value in merged.items() if value != {}}, root, name, depth + 1)
    return _of_kind(schema, root, name, depth)


def _of_kind(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    match _kind(schema):
        case "object":
            return _object(schema, root, depth)
        case "array":
            return _array(schema, root, name, depth)
        case "integer":
            return math.ceil(_number(schema, 1))
        case "number":
            return _number(schema, 0.5)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _string(schema, name)


def _object(schema: Schema, root: Schema, depth: int) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    properties = schema.get("properties", {})
    if depth > _MAX_DEPTH:
        properties = {key: value for key, value in properties.items() if key in required}
    if depth > 2 * _MAX_DEPTH:
        return {}
    return {key: _fit(value, root, key, depth + 1) for key, value in properties.items()}


def _array(schema: Schema, root: Schema, name: str, depth: int) -> list[Any]:
    least = int(schema.get("minItems", 0))
    count = max(least, 0 if depth >= _MAX_DEPTH // 2 else 1)
    count = min(count, int(schema.get("maxItems", count)))
    heads = [_fit(one, root, name, depth + 1) for one in schema.get("prefixItems", ())]
    rest = schema.get("items")
    if not isinstance(rest, Mapping):
        return heads
    tail = [_fit(rest, root, f"{name} {i + 1}", depth + 1) for i in range(max(0, count - len(heads)))]
    return heads + tail


def _number(schema: Schema, default: float) -> float:
    low = schema.get("minimum")
    high = schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    below = schema.get("exclusiveMaximum")
    if isinstance(above, int | float):
        top = high if below is None else below
        return above + (min(1, (top - above) / 2) if isinstance(top, int | float) else 1)
    if isinstance(low, int | float) and default < low:
        return float(low)
    if isinstance(below, int | float) and default >= below:
        return float(below - 1)
    if isinstance(high, int | float) and default > high:
        return float(high)
    return default


def _string(schema: Schema, name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    text = f"A fitting {name.replace('_', ' ')}."
    least = int(schema.get("minLength", 0))
    while len(text) < least:
        text += f" More {name.replace('_', ' ')}."
    return text[: int(schema.get("maxLength", len(text)))]


def strict_refusal(schema: Schema, *, all_required: bool, at: str = "") -> str | None:
    """Why a strict mode refuses the schema, None when it takes it: every object closed (and, for OpenAI, all required)."""
    where = f"In context=({at})"
    if _kind(schema) == "object" and "properties" in schema:
        if schema.get("additionalProperties") is not False:
            return f"{where}, 'additionalProperties' is required to be supplied and to be false."
        absent = [key for key in schema["properties"] if key not in schema.get("required", ())]
        if all_required and absent:
            return f"{where}, 'required' must include every key in properties. Missing '{absent[0]}'."
    below: list[tuple[str, Any]] = []
    for key in ("properties", "$defs"):
        below += [(f"'{key}', '{name}'", one) for name, one in schema.get(key, {}).items()]
    for key in ("anyOf", "oneOf", "allOf"):
        below += [(f"'{key}', '{i}'", one) for i, one in enumerate(schema.get(key, ()))]
    if isinstance(schema.get("items"), Mapping):
        below.append(("'items'", schema["items"]))
    for name, one in below:
        found = strict_refusal(one, all_required=all_required, at=f"{at}, {name}" if at else name)
        if found:
            return found
    return None
