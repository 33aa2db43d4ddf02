"""The OpenAI chat-completions format, as OpenAI and vLLM speak it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.fakes.models.exchange import Answer, Ask, BadAskError, Body, Problem, Tally, positive, sse, text_of
from scripts.fakes.models.faults import Fault
from scripts.fakes.models.schema import strict_refusal
from scripts.fakes.models.text import count_tokens

_ROLES = {"system", "developer", "user", "assistant", "tool"}
_REFUSAL = "I'm sorry, but I can't assist with that request."


class OpenAIWire:
    """POST …/chat/completions."""

    name = "openai"
    keepalive = b": keep-alive\n\n"
    broken = b'data: {"id": "chatcmpl-broken", "choices": [{"delta": {"con\n\n'
    break_with_usage = True

    def read(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Body) -> Ask:
        """A request. A key is not asked for: vLLM takes requests without one."""
        messages = body.get("messages")
        if not isinstance(body.get("model"), str):
            raise BadAskError("you must provide a model parameter")
        if not isinstance(messages, list) or not messages:
            raise BadAskError("Invalid 'messages': empty array. Expected an array with minimum length 1.")
        for message in messages:
            if not isinstance(message, dict) or message.get("role") not in _ROLES:
                raise BadAskError("Invalid value for 'messages[].role'.")
        users = [text_of(message.get("content")) for message in messages if message["role"] == "user"]
        options = body.get("stream_options") or {}
        if options and not body.get("stream"):
            raise BadAskError("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
        limit = body.get("max_completion_tokens", body.get("max_tokens"))
        return Ask(
            model=body["model"],
            user=users[-1] if users else "",
            input_tokens=count_tokens([text_of(message.get("content")) for message in messages]),
            stream=bool(body.get("stream")),
            limit=positive(limit, "max_tokens"),
            schema=_schema(body.get("response_format")),
            report_usage=bool(options.get("include_usage")) if body.get("stream") else True,
        )

    def headers(self, number: int) -> dict[str, str]:
        """The request id."""
        return {"x-request-id": f"req_{number:06d}", "openai-processing-ms": "1"}

    def whole(self, ask: Ask, answer: Answer, *, finished: bool = True) -> dict[str, Any]:
        """A chat.completion."""
        message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
        if _refuses_in_words(ask, answer):
            message |= {"content": None, "refusal": _REFUSAL}
        finish = _finish(ask, answer) if finished else None
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        usage = {} if answer.usage is None else {"usage": _usage(answer.usage)}
        return _head(ask, answer, "chat.completion") | {"choices": [choice]} | usage

    def opening(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """The role."""
        return [_chunk(ask, answer, {"role": "assistant", "content": "", "refusal": None})]

    def piece(self, ask: Ask, answer: Answer, index: int) -> bytes:
        """One delta."""
        return _chunk(ask, answer, {"content": answer.pieces[index]})

    def closing(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """The finish reason, the usage when asked for, and DONE."""
        frames = [_chunk(ask, answer, {"refusal": _REFUSAL})] if _refuses_in_words(ask, answer) else []
        frames.append(_chunk(ask, answer, {}, _finish(ask, answer)))
        if answer.usage is not None and ask.report_usage:
            frames.append(self.usage(ask, answer))
        return [*frames, sse("[DONE]")]

    def usage(self, ask: Ask, answer: Answer) -> bytes:
        """A chunk without choices."""
        usage = None if answer.usage is None else _usage(answer.usage)
        return sse(_head(ask, answer, "chat.completion.chunk") | {"choices": [], "usage": usage})

    def problem(self, fault: Fault, ask: Ask, detail: str = "") -> Problem:
        """`{"error": {"message", "type", "param", "code"}}`."""
        status, message, kind, code = _problem(fault, ask)
        error = {"message": detail or message, "type": kind, "param": None, "code": code}
        return Problem(fault.status or status, {"error": error})

    def inband(self, fault: Fault, ask: Ask) -> bytes:
        """The error as a data event."""
        return sse(self.problem(fault, ask).body)


def _schema(wanted: Any) -> Mapping[str, Any] | None:
    if not isinstance(wanted, dict) or wanted.get("type", "text") == "text":
        return None
    if wanted.get("type") == "json_object":
        return {"type": "object", "properties": {"answer": {"type": "string"}}}
    spec = wanted.get("json_schema")
    if not isinstance(spec, dict) or not spec.get("name") or not isinstance(spec.get("schema"), dict):
        raise BadAskError("Missing required parameter: 'response_format.json_schema'.")
    schema: Mapping[str, Any] = spec["schema"]
    refusal = strict_refusal(schema, all_required=True) if spec.get("strict") else None
    if refusal:
        raise BadAskError(f"Invalid schema for response_format '{spec['name']}': {refusal}")
    return schema


def _refuses_in_words(ask: Ask, answer: Answer) -> bool:
    """Under a schema a refusal comes in its own field with finish_reason "stop"; else as finish_reason "content_filter"."""
    return answer.finish == "refusal" and ask.schema is not None


def _finish(ask: Ask, answer: Answer) -> str:
    if answer.finish == "refusal":
        return "stop" if _refuses_in_words(ask, answer) else "content_filter"
    return answer.finish


def _head(ask: Ask, answer: Answer, kind: str) -> dict[str, Any]:
    made = {"id": f"chatcmpl-{answer.id}", "object": kind, "created": answer.created, "model": ask.model}
    return made | {"service_tier": "default", "system_fingerprint": "fp_fake"}


def _chunk(ask: Ask, answer: Answer, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    usage = {"usage": None} if ask.report_usage else {}
    return sse(_head(ask, answer, "chat.completion.chunk") | {"choices": [choice]} | usage)


def _usage(tally: Tally) -> dict[str, Any]:
    return {
        "prompt_tokens": tally.input,
        "completion_tokens": tally.output,
        "total_tokens": tally.input + tally.output,
        "prompt_tokens_details": {"cached_tokens": tally.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": tally.thinking, "audio_tokens": 0},
    }


def _problem(fault: Fault, ask: Ask) -> tuple[int, str, str, str | None]:
    """Status, message, type, code."""
    invalid = "invalid_request_error"
    match fault.cause:
        case "quota":
            message = (
                "You exceeded your current quota, please check your plan and billing details. For more information on "
                "this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
            )
            return 429, message, "insufficient_quota", "insufficient_quota"
        case "auth" | "badkey":
            message = "Incorrect API key provided: fake****. You can find your API key at https://platform.openai.com/account/api-keys."
            return 401, message, invalid, "invalid_api_key"
        case "toolong":
            message = (
                f"This model's maximum context length is 8192 tokens. However, your messages resulted in "
                f"{max(ask.input_tokens, 8193)} tokens. Please reduce the length of the messages."
            )
            return 400, message, invalid, "context_length_exceeded"
        case "missing":
            return (
                404,
                f"The model `{ask.model}` does not exist or you do not have access to it.",
                invalid,
                "model_not_found",
            )
        case "blocked":
            return (
                400,
                "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
                invalid,
                "invalid_prompt",
            )
        case "timeout":
            # Some compatible servers type a time-out of theirs as an invalid request; only the code tells.
            return 408, "stream error: stream disconnected before completion", invalid, "request_timeout"
        case None:
            return _problem_of_status(fault.status or 500, ask)


def _problem_of_status(status: int, ask: Ask) -> tuple[int, str, str, str | None]:
    invalid = "invalid_request_error"
    match status:
        case 401:
            return status, "Incorrect API key provided.", invalid, "invalid_api_key"
        case 403:
            return (
                status,
                "You are not allowed to sample from this model.",
                invalid,
                "unsupported_country_region_territory",
            )
        case 404:
            return (
                status,
                f"The model `{ask.model}` does not exist or you do not have access to it.",
                invalid,
                "model_not_found",
            )
        case 429:
            message = f"Rate limit reached for {ask.model} on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s."
            return status, message, "requests", "rate_limit_exceeded"
        case 503:
            return status, "The engine is currently overloaded, please try again later.", "server_error", None
        case _ if status >= 500:
            return (
                status,
                "The server had an error while processing your request. Sorry about that!",
                "server_error",
                None,
            )
        case _:
            return status, "The request was refused.", invalid, None
