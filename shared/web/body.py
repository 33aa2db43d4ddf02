"""Bodies and queries: read within a limit, parsed into a declared type, refused by naming every field that does not fit."""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Union, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError
from starlette.types import Receive

from shared.errors import CallerError, InvalidRequest, PayloadTooLarge

MOST_QUERY_FIELDS: Final = 50
_LONGEST_NAME: Final = 100


class NotJson(CallerError):
    """The body is no JSON at all."""

    status = 400
    code = "not_json"
    title = "Body is not JSON"


class ClientGone(Exception):
    """The caller hung up before the body was complete: there is nobody to answer."""


async def read_body(receive: Receive, declared: bytes | None, limit: int) -> bytes:
    """The whole body. Raises PayloadTooLarge by what Content-Length declares, or as soon as more than `limit` bytes came."""
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    pieces = [body]
    size = len(body)
    while message["type"] == "http.request" and size <= limit and message.get("more_body", False):
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
    if message["type"] == "http.disconnect":
        raise ClientGone
    if size > limit:
        raise _too_large(limit)
    return body if len(pieces) == 1 else b"".join(pieces)


def parse_body(adapter: TypeAdapter[Any], raw: bytes) -> Any:
    """The declared type. Raises NotJson (400) or InvalidRequest (422) with each field's path.

    No body at all is None where the declared type takes None.
    """
    if not raw:
        try:
            return adapter.validate_python(None)
        except ValidationError:
            raise NotJson("A JSON body is needed.") from None
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        if any(item["type"] == "json_invalid" for item in found):
            raise NotJson("The body is not JSON.") from None
        raise _invalid(error) from None


def meaning(adapter: TypeAdapter[Any], body: Any) -> bytes:
    """What a parsed body asks for, however it was written: the same for other spaces, another order, defaults left out.

    Whether it is to be streamed is left out: that is about the way of the answer, which may change under its key.
    """
    return adapter.dump_json(body, exclude={"stream"} if isinstance(body, BaseModel) else None)


def parse_query(adapter: TypeAdapter[Any], query_string: bytes) -> Any:
    """The declared type from a query string; a name given several times becomes a list. Raises InvalidRequest (422)."""
    try:
        return adapter.validate_python(read_query(query_string))
    except ValidationError as error:
        raise _invalid(error) from None


def read_query(query_string: bytes) -> Mapping[str, str | list[str]]:
    """Names and values of a query string. Raises InvalidRequest when there are more than MOST_QUERY_FIELDS."""
    try:
        pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_QUERY_FIELDS)
    except ValueError:
        raise InvalidRequest("The query has too many fields.") from None
    found: dict[str, str | list[str]] = {}
    for name, value in pairs:
        known = found.get(name)
        if known is None:
            found[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            found[name] = [known, value]
    return found


def require_closed(declared: Any) -> None:
    """Raise TypeError unless every model in a declared type refuses unknown fields.

    A body that takes anything would let `api_base` and its like through unseen, so such a route is not even registered.
    """
    for model in set(models_of(declared)):
        if not issubclass(model, RootModel) and model.model_config.get("extra") != "forbid":
            raise TypeError(f'{model.__qualname__} is part of a request body and needs extra="forbid"')


def models_of(declared: Any, seen: set[type] | None = None) -> Iterator[type[BaseModel]]:
    """Every pydantic model inside a type: in unions, containers, annotations and nested models."""
    seen = set() if seen is None else seen
    if isinstance(declared, type) and get_origin(declared) is None:
        if not issubclass(declared, BaseModel) or declared in seen:
            return
        seen.add(declared)
        yield declared
        for field in declared.model_fields.values():
            yield from models_of(field.annotation, seen)
        return
    for part in get_args(declared):
        yield from models_of(part, seen)


def names_user(declared: Any) -> bool:
    """Whether a body of this type says `user_id` itself, or in the elements of a list."""
    if get_origin(declared) is Annotated:
        return names_user(get_args(declared)[0])
    if get_origin(declared) in (Union, types.UnionType, list):
        return any(names_user(part) for part in get_args(declared))
    if not isinstance(declared, type) or not issubclass(declared, BaseModel):
        return False
    if issubclass(declared, RootModel):
        return names_user(declared.model_fields["root"].annotation)
    return "user_id" in declared.model_fields


def users_named(body: Any) -> Iterator[str]:
    """The user ids a body names, itself or in the elements of a list."""
    inner = body.root if isinstance(body, RootModel) else body
    for item in inner if isinstance(inner, list) else (inner,):
        named = getattr(item, "user_id", None)
        if named is not None:
            yield str(named)


def _invalid(error: ValidationError) -> InvalidRequest:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    fields = [
        (".".join(str(part)[:_LONGEST_NAME] for part in item["loc"]) or "body", _words(item["type"], item["msg"]))
        for item in found
    ]
    shown = ", ".join(dict.fromkeys(name for name, _ in fields[:5]))
    return InvalidRequest(f"These fields do not fit: {shown}.", fields=fields)


def _words(kind: str, message: str) -> str:
    return "Unknown field" if kind == "extra_forbidden" else message.removeprefix("Value error, ")


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"A body may have {limit} bytes.")
