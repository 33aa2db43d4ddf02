"""The OpenAI chat format, as far as `local.py` (any compatible server) and `openai.py` (the SDK) share it."""

from typing import Any

import orjson

from shared.llm.failures import classify
from shared.llm.providers.wire import Tally, whole
from shared.llm.types import Chunk, Completion, Failure, Finish, ProviderError, Schema, Usage

BROKEN = (ValueError, TypeError, AttributeError, KeyError, IndexError)
"""What reading JSON of another shape runs into."""

_LINE_LIMIT = 1 << 20  # bytes of one line of a stream; a token takes a few hundred

_FINISH: dict[str, Finish] = {"length": "length", "max_tokens": "length", "content_filter": "refusal"}


def finish_of(reason: str | None, *, refused: bool) -> Finish | None:
    """Our word for a `finish_reason`; None while there is none, and for an answer the server itself broke off.

    A refusal under a schema comes with "stop" and its words in a field of their own. Raises SERVER for vLLM's "error".
    """
    if reason is None or reason == "abort":
        return None
    if reason == "error":
        raise ProviderError(Failure.SERVER, "finish_reason error", status=200)
    return "refusal" if refused else _FINISH.get(reason, "stop")


def response_format(schema: Schema, *, strict: bool) -> dict[str, Any]:
    """The `response_format` that asks for JSON of that schema."""
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.name, "strict": strict, "schema": dict(schema.body)},
    }


def completion_of(raw: bytes, key: str | None) -> Completion:
    """A `chat.completion` body. Raises ProviderError for errors inside it and for anything else."""
    try:
        body = orjson.loads(raw)
        if body.get("error") or body.get("object") == "error":
            raise classify(200, body, secrets=(key,))
        choice = body["choices"][0]
        message = choice["message"]
        refusal = message.get("refusal")
        finish = finish_of(choice.get("finish_reason"), refused=bool(refusal))
        return whole(message.get("content") or refusal or "", finish, usage_of(body.get("usage")))
    except BROKEN as error:
        raise malformed(error) from None


class Reading:
    """The bytes of one stream, taken as they come. `error` is raised by the reader after the text before it is out."""

    __slots__ = ("_key", "_refused", "_tail", "done", "error", "events", "tally")

    def __init__(self, key: str | None) -> None:
        self._key = key
        self._tail = b""
        self._refused = False
        self.done = False
        self.events = 0
        self.error: ProviderError | None = None
        self.tally = Tally()

    def feed(self, data: bytes) -> Chunk | None:
        """One chunk for all the events in `data`."""
        lines = (self._tail + data).split(b"\n")
        self._tail = lines.pop()
        texts: list[str] = []
        finish: Finish | None = None
        usage: Usage | None = None
        try:
            if len(self._tail) > _LINE_LIMIT:
                raise ValueError
            for line in lines:
                if not line.startswith(b"data:"):
                    continue  # a blank line, a comment, `event:`
                payload = line[5:].strip()
                if payload == b"[DONE]":
                    self.done = True
                    break
                text, reason, report = self._event(orjson.loads(payload))
                self.events += 1
                if text:
                    texts.append(text)
                finish = reason or finish
                usage = report or usage
        except ProviderError as error:
            self.error = error
        except BROKEN as error:
            self.error = malformed(error)
        chunk = self.tally.take("".join(texts), finish, usage)
        if self.error is not None:
            self.error.usage = self.tally.usage
        return chunk

    def _event(self, event: dict[str, Any]) -> tuple[str, Finish | None, Usage | None]:
        if "error" in event or event.get("object") == "error":
            raise classify(200, event, secrets=(self._key,))
        text, finish = "", None
        choices = event.get("choices")
        if choices:
            delta = choices[0].get("delta") or {}
            text = delta.get("content") or ""
            refusal = delta.get("refusal")
            if refusal:
                self._refused = True
                text += refusal
            reason = choices[0].get("finish_reason")
            if reason is not None:
                finish = finish_of(reason, refused=self._refused)
        report = event.get("usage")
        return text, finish, usage_of(report) if report else None


def usage_of(report: dict[str, Any] | None) -> Usage | None:
    """`prompt_tokens` includes the cached ones. An explicit zero is a report, an absent one is not."""
    if not report:
        return None
    details = report.get("prompt_tokens_details") or {}
    tokens = report.get("prompt_tokens")
    if tokens is None:
        return None
    return Usage(tokens, details.get("cached_tokens") or 0, report.get("completion_tokens") or 0)


def malformed(error: Exception) -> ProviderError:
    """MALFORMED, naming what the reading ran into and nothing of what was read."""
    return ProviderError(Failure.MALFORMED, f"not the chat format: {type(error).__name__}", status=200)
