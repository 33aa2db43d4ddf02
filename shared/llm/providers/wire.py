"""What the providers share: the account of what an answer has said so far, and the words for what breaks on the way."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shared.llm.failures import scrub
from shared.llm.types import Chunk, Completion, Failure, Finish, ProviderError, Request, Usage

CONNECT_TIMEOUT = 5.0
"""Seconds for connecting to a vendor's cloud, TLS included. All other deadlines are the gateway's."""

_DEPTH = 32


class Tally:
    """What a stream has said so far; decides which pieces are passed on and what its end means.

    Nothing is passed on before the first text. Without any, the finish is no finish: an empty 200 is no answer (EMPTY),
    an empty refusal is the provider's refusal (REFUSAL). Both are raised at the end and carry the usage reported by then.
    """

    __slots__ = ("_told", "finish", "said", "usage")

    def __init__(self) -> None:
        self.said = False
        self.finish: Finish | None = None
        self.usage: Usage | None = None
        self._told = False

    def take(self, text: str, finish: Finish | None = None, usage: Usage | None = None) -> Chunk | None:
        """The chunk to pass on, None when there is nothing in it."""
        if text and not self.said and not text.isspace():
            self.said = True
        if finish is not None:
            self.finish = finish
        if usage is not None:
            self.usage = usage
        told = None
        if self.said and self.finish is not None and not self._told:
            self._told = True
            told = self.finish
        if not text and told is None and (usage is None or not self.said):
            return None
        return Chunk(text, told, usage)

    def end(self, *, protocol: bool = True) -> None:
        """The stream is over. Raises unless it was a whole answer; `protocol` is False when nothing of it was an event."""
        if self.finish is None:
            raise self._nothing(Failure.CUT if protocol else Failure.MALFORMED)
        if not self.said:
            raise self._nothing(Failure.REFUSAL if self.finish == "refusal" else Failure.EMPTY)

    def _nothing(self, failure: Failure) -> ProviderError:
        detail = {
            Failure.CUT: "the answer ended without a finish",
            Failure.MALFORMED: "200 with something that is not the protocol",
            Failure.REFUSAL: "refused without a word",
        }.get(failure, "200 without content")
        return ProviderError(failure, detail, status=200, usage=self.usage)


def whole(text: str, finish: Finish | None, usage: Usage | None) -> Completion:
    """A completion by the same rules as a stream. Raises EMPTY, REFUSAL, or CUT when the provider named no finish."""
    tally = Tally()
    tally.take(text, finish, usage)
    tally.end()
    assert tally.finish is not None  # or `end` has raised CUT
    return Completion(text, tally.finish, usage)


def prompt(request: Request) -> tuple[str, list[tuple[str, str]]]:
    """The system text, and the other messages as (role, content), for vendors that keep the two apart."""
    system = "\n\n".join(message.content for message in request.messages if message.role == "system")
    return system, [(message.role, message.content) for message in request.messages if message.role != "system"]


def is_strict(schema: object, depth: int = _DEPTH) -> bool:
    """Whether every object in a JSON schema is closed and requires all of its properties.

    OpenAI answers 400 to `strict: true` for any other schema, however good it is.
    """
    if depth == 0:
        return False
    if isinstance(schema, (list, tuple)):
        return all(is_strict(entry, depth - 1) for entry in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        names = set(properties) if isinstance(properties, Mapping) else set()
        if schema.get("additionalProperties") is not False or names != set(schema.get("required") or ()):
            return False
        return all(is_strict(value, depth - 1) for value in (properties or {}).values()) and _inner(schema, depth)
    return _inner(schema, depth)


def _inner(schema: Mapping[str, Any], depth: int) -> bool:
    definitions = schema.get("$defs")
    parts = [schema.get(name) for name in ("items", "prefixItems", "anyOf", "allOf", "oneOf")]
    if isinstance(definitions, Mapping):
        parts.extend(definitions.values())
    return all(is_strict(part, depth - 1) for part in parts)


# ---------------------------------------------------------------------------------------------- what breaks


def lost(error: BaseException, *, begun: bool, secrets: tuple[str | None, ...] = ()) -> ProviderError | None:
    """CONNECTION (or CUT, once an answer had begun) when a lost connection is at the root of `error`; else None.

    The SDKs wrap what aiohttp raises, and not all of them by its right name: the openai transport calls a refused
    connection a time-out. So the chain of causes is followed to the end.
    """
    import aiohttp

    link: BaseException | None = error
    found: BaseException | None = None
    for _ in range(_DEPTH):
        if link is None:
            break
        if isinstance(link, aiohttp.ClientResponseError):
            return ProviderError(Failure.MALFORMED, f"no HTTP answer: {type(link).__name__}")
        if isinstance(link, (aiohttp.ClientError, OSError)):
            found = link
            begun = begun or isinstance(link, aiohttp.ClientPayloadError)
        # Never __context__: there stands what the gateway was handling when it turned to us, another model's failure.
        link = link.__cause__
    if found is None:
        return None
    detail = scrub(f"{type(found).__name__}: {found}", *secrets)
    return ProviderError(Failure.CUT if begun else Failure.CONNECTION, detail)


class Exchange:
    """One call through an SDK: whether an answer has begun, what it said so far, and its HTTP response where we hold it."""

    __slots__ = ("begun", "response", "tally")

    def __init__(self) -> None:
        self.begun = False
        self.response: Any = None
        self.tally = Tally()


@contextmanager
def translated(exchange: Exchange, *secrets: str | None) -> Iterator[None]:
    """Turn what an SDK lets out besides its own status errors into ProviderError, without the original behind it.

    The original is dropped on purpose: its text may hold the key or the learner's words, and a log prints causes.
    A connection lost after the finish is no error: all was said.
    """
    try:
        yield
    except ProviderError as error:
        if error.usage is None:
            error.usage = exchange.tally.usage
        raise
    except Exception as error:  # noqa: BLE001 - for what is not the protocol the SDKs raise whatever their parsing runs into
        # (JSONDecodeError, UnicodeDecodeError, TypeError, AttributeError, pydantic errors, their own classes).
        found = lost(error, begun=exchange.begun, secrets=secrets)
        if found is None:
            found = ProviderError(Failure.MALFORMED, f"not the protocol: {type(error).__name__}")
        elif found.failure is Failure.CUT and exchange.tally.finish is not None:
            exchange.tally.end()
            return
        found.usage = exchange.tally.usage
        raise found from None
