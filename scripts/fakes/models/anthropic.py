"""The Anthropic messages format. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scripts.fakes.models.exchange import (
    Answer,
    Ask,
    BadAskError,
    Body,
    NoKeyError,
    Problem,
    Tally,
    positive,
    sse,
    text_of,
)
from scripts.fakes.models.faults import Fault
from scripts.fakes.models.schema import strict_refusal
from scripts.fakes.models.text import count_tokens

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_STOP = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}


class AnthropicWire:
    """POST …/v1/messages."""

    name = "anthropic"
    keepalive = sse({"type": "ping"}, "ping")
    broken = b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "del\n\n'
    break_with_usage = False

    def read(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Body) -> Ask:
        """A request; the key may come as `x-api-key` or as `Authorization: Bearer`."""
        if not headers.get("x-api-key") and not headers.get("Authorization"):
            raise NoKeyError("x-api-key header is required")
        if not headers.get("anthropic-version"):
            raise BadAskError("anthropic-version: header is required")
        for name in ("model", "max_tokens", "messages"):
            if name not in body:
                raise BadAskError(f"{name}: Field required")
        messages = _messages(body["messages"])
        _check_sampling(body, headers["anthropic-version"])
        users = [text_of(message.get("content")) for message in messages if message["role"] == "user"]
        tool, schema = _wanted(body)
        return Ask(
            model=str(body["model"]),
            user=users[-1] if users else "",
            input_tokens=count_tokens(
                [text_of(body.get("system")), *(text_of(one.get("content")) for one in messages)]
            ),
            stream=bool(body.get("stream")),
            limit=positive(body["max_tokens"], "max_tokens"),
            schema=schema,
            tool=tool,
        )

    def headers(self, number: int) -> dict[str, str]:
        """The request id."""
        return {"request-id": f"req_{number:06d}"}

    def whole(self, ask: Ask, answer: Answer, *, finished: bool = True) -> dict[str, Any]:
        """A message."""
        made = _message(ask, answer, [_block(answer)] if answer.pieces else [])
        if finished:
            made |= _stop(answer)
        if answer.usage is not None:
            made["usage"] = _usage(answer.usage)
        return made

    def opening(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """message_start with the input's usage, the opening of the block, a ping."""
        message = _message(ask, answer, [])
        if answer.usage is not None:
            # The first event already counts one token of output, unless the fake reports zero on purpose.
            message["usage"] = _usage(answer.usage) | {"output_tokens": min(1, answer.usage.output)}
        frames = [sse({"type": "message_start", "message": message}, "message_start")]
        if answer.pieces:
            block = _block(answer)
            block["input" if block["type"] == "tool_use" else "text"] = {} if block["type"] == "tool_use" else ""
            start = {"type": "content_block_start", "index": 0, "content_block": block}
            frames.append(sse(start, "content_block_start"))
        return [*frames, self.keepalive]

    def piece(self, ask: Ask, answer: Answer, index: int) -> bytes:
        """One delta of the text, or of the tool's input."""
        text = answer.pieces[index]
        tool = _tool_input(answer) is not None
        delta = {"type": "input_json_delta", "partial_json": text} if tool else {"type": "text_delta", "text": text}
        return sse({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")

    def closing(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """The end of the block, the stop reason with the usage, message_stop."""
        frames = []
        if answer.pieces:
            frames.append(sse({"type": "content_block_stop", "index": 0}, "content_block_stop"))
        delta: dict[str, Any] = {"type": "message_delta", "delta": _stop(answer)}
        if answer.usage is not None:
            delta["usage"] = _usage(answer.usage)
        return [*frames, sse(delta, "message_delta"), sse({"type": "message_stop"}, "message_stop")]

    def usage(self, ask: Ask, answer: Answer) -> bytes:
        """A message_delta that stops nothing."""
        usage = {} if answer.usage is None else {"usage": _usage(answer.usage)}
        return sse(
            {"type": "message_delta", "delta": {"stop_reason": None, "stop_sequence": None}} | usage, "message_delta"
        )

    def problem(self, fault: Fault, ask: Ask, detail: str = "") -> Problem:
        """`{"type": "error", "error": {"type", "message"}, "request_id"}`."""
        status, message = _problem(fault, ask)
        status = fault.status or status
        kind = _KINDS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        error = {"type": kind, "message": detail or message}
        return Problem(status, {"type": "error", "error": error, "request_id": "req_fake"})

    def inband(self, fault: Fault, ask: Ask) -> bytes:
        """An error event."""
        return sse(self.problem(fault, ask).body, "error")


def _check_sampling(body: Body, version: str) -> None:
    """Since API version 2026-10-21 (anthropic 2.x sends it) sampling parameters are refused, even at their defaults."""
    for name in ("temperature", "top_p", "top_k"):
        if name in body and version >= "2026-10-21":
            raise BadAskError(f"{name}: Extra inputs are not permitted")
    temperature = body.get("temperature", 1)
    if not isinstance(temperature, int | float) or not 0 <= temperature <= 1:
        raise BadAskError("temperature: range: 0..1")


def _messages(messages: Any) -> list[dict[str, Any]]:
    if not isinstance(messages, list) or not messages:
        raise BadAskError("messages: at least one message is required")
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("user", "assistant"):
            raise BadAskError(
                f'messages: Unexpected role "{role}". The Messages API accepts a top-level `system` parameter.'
            )
    return messages


def _wanted(body: Body) -> tuple[str | None, Mapping[str, Any] | None]:
    """The forced tool, if any, and the schema that the answer must fit."""
    choice = body.get("tool_choice") or {}
    if choice.get("type") == "tool":
        for tool in body.get("tools") or ():
            if tool.get("name") == choice.get("name"):
                return str(tool["name"]), tool.get("input_schema") or {"type": "object"}
        raise BadAskError(f"Tool '{choice.get('name')}' not found in provided tools")
    output = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    schema = output.get("schema")
    if schema is None:
        return None, None
    if output.get("type") != "json_schema":
        raise BadAskError("output_config.format.type: Input should be 'json_schema'")
    if refusal := strict_refusal(schema, all_required=False):
        raise BadAskError(f"output_config.format.schema: {refusal}")
    return None, schema


def _tool_input(answer: Answer) -> dict[str, Any] | None:
    """The input of the forced tool; {} while it is cut short by the limit; None when the answer is text."""
    if answer.tool is None:
        return None
    try:
        value = json.loads(answer.text)
    except json.JSONDecodeError:
        return {} if answer.finish == "length" else None
    return value if isinstance(value, dict) else None


def _block(answer: Answer) -> dict[str, Any]:
    given = _tool_input(answer)
    if given is None:
        return {"type": "text", "text": answer.text}
    return {"type": "tool_use", "id": f"toolu_{answer.id}", "name": answer.tool, "input": given}


def _message(ask: Ask, answer: Answer, content: list[dict[str, Any]]) -> dict[str, Any]:
    made = {"id": f"msg_{answer.id}", "type": "message", "role": "assistant", "model": ask.model, "content": content}
    return made | {"stop_reason": None, "stop_sequence": None}


def _stop(answer: Answer) -> dict[str, Any]:
    reason = _STOP[answer.finish]
    if reason == "end_turn" and answer.pieces and _tool_input(answer) is not None:
        reason = "tool_use"
    details = {"type": "refusal", "category": None, "explanation": None} if reason == "refusal" else None
    return {"stop_reason": reason, "stop_sequence": None, "stop_details": details}


def _usage(tally: Tally) -> dict[str, Any]:
    """Anthropic's `input_tokens` leaves out what was read from the cache."""
    return {
        "input_tokens": tally.input - tally.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": tally.cached,
        "output_tokens": tally.output,
        "service_tier": "standard",
    }


def _problem(fault: Fault, ask: Ask) -> tuple[int, str]:
    match fault.cause:
        case "quota":
            # Recorded from the real service: used-up credit is a 400 of type invalid_request_error; only the text tells.
            message = (
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
                "purchase credits."
            )
            return 400, message
        case "auth" | "badkey":
            return 401, "invalid x-api-key"
        case "toolong":
            return 400, f"prompt is too long: {max(ask.input_tokens, 200_001)} tokens > 200000 maximum"
        case "missing":
            return 404, f"model: {ask.model}"
        case "blocked":
            return 400, "Output blocked by content filtering policy"
        case "timeout":
            return 408, "request_timeout"
        case None:
            return _problem_of_status(fault.status or 500)


def _problem_of_status(status: int) -> tuple[int, str]:
    match status:
        case 401:
            return status, "invalid x-api-key"
        case 402:
            return status, "Your organization's billing does not allow this request."
        case 403:
            return status, "Your API key does not have permission to use the specified resource."
        case 429:
            return status, "This request would exceed your organization's rate limit of 50 requests per minute."
        case 529:
            return status, "Overloaded"
        case _:
            return status, "Internal server error" if status >= 500 else "The request was refused."
