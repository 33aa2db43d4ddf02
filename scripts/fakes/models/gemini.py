"""The Gemini generateContent format, of the developer API and of Vertex AI. Pure."""

import re
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
from scripts.fakes.models.text import count_tokens

_PATH = re.compile(r"/(?:models|endpoints|tunedModels)/([^/:]+):(generateContent|streamGenerateContent)$")
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"}
_TYPE = "type.googleapis.com/google.rpc"


class GeminiWire:
    """POST …/models/{model}:generateContent and :streamGenerateContent?alt=sse."""

    name = "gemini"
    # A blank line: Google's own SDK takes any other line without `data:` for the JSON of an error.
    keepalive = b"\r\n"
    broken = b'data: {"candidates": [{"content": {"par\r\n\r\n'
    break_with_usage = False

    def read(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Body) -> Ask:
        """A request; the key comes as `x-goog-api-key`, as `?key=`, or (Vertex AI) as `Authorization: Bearer`."""
        if not (headers.get("x-goog-api-key") or headers.get("Authorization") or query.get("key")):
            raise NoKeyError("Method doesn't allow unregistered callers (callers without established identity).")
        match = _PATH.search(path)
        contents = body.get("contents")
        if match is None or not isinstance(contents, list) or not contents:
            raise BadAskError("* GenerateContentRequest.contents: contents is not specified")
        if any(not isinstance(one, dict) or one.get("role", "user") not in ("user", "model") for one in contents):
            raise BadAskError("Please use a valid role: user, model.")
        stream = match[2] == "streamGenerateContent"
        if stream and query.get("alt") != "sse":
            raise BadAskError("this fake streams with alt=sse only")
        config = body.get("generationConfig") or {}
        users = [text_of(one.get("parts")) for one in contents if one.get("role", "user") == "user"]
        system = text_of((body.get("systemInstruction") or {}).get("parts"))
        return Ask(
            model=match[1],
            user=users[-1] if users else "",
            input_tokens=count_tokens([system, *(text_of(one.get("parts")) for one in contents)]),
            stream=stream,
            limit=positive(config.get("maxOutputTokens"), "max_output_tokens"),
            schema=_schema(config),
        )

    def headers(self, number: int) -> dict[str, str]:
        """None of interest."""
        return {"server-timing": "gfet4t7; dur=1"}

    def whole(self, ask: Ask, answer: Answer, *, finished: bool = True) -> dict[str, Any]:
        """A GenerateContentResponse."""
        return _response(ask, answer, answer.text or None, len(answer.pieces), finish=finished)

    def opening(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """Gemini opens with the first piece."""
        return []

    def piece(self, ask: Ask, answer: Answer, index: int) -> bytes:
        """One chunk; each carries the usage so far."""
        return _sse(_response(ask, answer, answer.pieces[index], index + 1, finish=False))

    def closing(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """The chunk with the finish reason and the final usage: the last, there is no other mark of the end."""
        return [_sse(_response(ask, answer, "" if answer.pieces else None, len(answer.pieces), finish=True))]

    def usage(self, ask: Ask, answer: Answer) -> bytes:
        """A chunk without candidates."""
        response = _response(ask, answer, None, len(answer.pieces), finish=False)
        return _sse({key: value for key, value in response.items() if key != "candidates"})

    def problem(self, fault: Fault, ask: Ask, detail: str = "") -> Problem:
        """`{"error": {"code", "message", "status", "details"}}`; a blocked prompt is a 200 without candidates."""
        if fault.cause == "blocked" and fault.status is None and fault.stop is None:
            feedback = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": ask.model}
            usage = {"promptTokenCount": ask.input_tokens, "totalTokenCount": ask.input_tokens}
            return Problem(200, feedback | {"usageMetadata": usage})
        code, message, details = _problem(fault, ask)
        code = fault.status or code
        if fault.retry_after is not None:
            details = [*details, {"@type": f"{_TYPE}.RetryInfo", "retryDelay": f"{fault.retry_after:g}s"}]
        status = _STATUS.get(code, "INTERNAL" if code >= 500 else "FAILED_PRECONDITION")
        error = {"code": code, "message": detail or message, "status": status}
        return Problem(code, {"error": error | ({"details": details} if details else {})})

    def inband(self, fault: Fault, ask: Ask) -> bytes:
        """The error as a chunk."""
        return _sse(self.problem(fault, ask).body)


def _sse(data: Mapping[str, Any]) -> bytes:
    return sse(data).replace(b"\n\n", b"\r\n\r\n")


def _schema(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    schema = config.get("responseJsonSchema") or config.get("_responseJsonSchema") or config.get("responseSchema")
    if config.get("responseMimeType") != "application/json":
        if schema is not None:
            raise BadAskError("Response schema is only supported with response mime type application/json.")
        return None
    return schema or {"type": "object", "properties": {"answer": {"type": "string"}}}


def _response(ask: Ask, answer: Answer, text: str | None, sent: int, *, finish: bool) -> dict[str, Any]:
    """A response or a chunk; `sent` pieces are counted as output so far. `text` None: content without parts."""
    content: dict[str, Any] = {"role": "model"}
    if text is not None:
        content = {"parts": [{"text": text}], "role": "model"}
    candidate: dict[str, Any] = {"content": content, "index": 0}
    if finish:
        candidate["finishReason"] = _FINISH[answer.finish]
    if finish and answer.finish == "refusal":
        rating = {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}
        candidate["safetyRatings"] = [rating]
    made: dict[str, Any] = {"candidates": [candidate]}
    if answer.usage is not None:
        # Whatever was planned, no more is counted than was sent (absurd and zero counts stay as they are).
        unsent = len(answer.pieces) - sent
        made["usageMetadata"] = _usage(answer.usage, unsent if answer.usage.output >= unsent else 0)
    return made | {"modelVersion": ask.model, "responseId": f"fake{answer.id}"}


def _usage(tally: Tally, unsent: int) -> dict[str, Any]:
    """Gemini leaves thoughts out of `candidatesTokenCount` and zero counts out of the object, but not the prompt's."""
    candidates = tally.output - tally.thinking - unsent
    made = {"promptTokenCount": tally.input, "candidatesTokenCount": candidates}
    made["totalTokenCount"] = tally.input + candidates + tally.thinking
    if tally.cached:
        made["cachedContentTokenCount"] = tally.cached
    if tally.thinking:
        made["thoughtsTokenCount"] = tally.thinking
    return made


def _quota_failure(quota: str, model: str | None) -> dict[str, Any]:
    violation: dict[str, Any] = {"quotaMetric": "generativelanguage.googleapis.com/generate_content", "quotaId": quota}
    if model is not None:
        violation["quotaDimensions"] = {"location": "global", "model": model}
    return {"@type": f"{_TYPE}.QuotaFailure", "violations": [violation]}


def _info(reason: str) -> dict[str, Any]:
    return {"@type": f"{_TYPE}.ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def _problem(fault: Fault, ask: Ask) -> tuple[int, str, list[dict[str, Any]]]:
    match fault.cause:
        case "quota":
            message = (
                "You exceeded your current quota, please check your plan and billing details. For more information on "
                "this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
            )
            return 429, message, [_quota_failure("GenerateRequestsPerDayPerProject", None)]
        case "auth":
            message = (
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                "valid authentication credential."
            )
            return 401, message, [_info("ACCESS_TOKEN_TYPE_UNSUPPORTED")]
        case "badkey":
            # Recorded from the real service: a bad API key is a 400; only the reason tells.
            return 400, "API key not valid. Please pass a valid API key.", [_info("API_KEY_INVALID")]
        case "toolong":
            return 400, "The input token count exceeds the maximum number of tokens allowed 1048576.", []
        case "missing":
            message = (
                f"models/{ask.model} is not found for API version v1beta, or is not supported for generateContent. Call "
                "ListModels to see the list of available models and their supported methods."
            )
            return 404, message, []
        case "blocked":
            return 400, "The prompt was blocked.", []
        case "timeout":
            return 504, "Deadline expired before operation could complete. (request_timeout)", []
        case None:
            return _problem_of_status(fault.status or 500, ask)


def _problem_of_status(status: int, ask: Ask) -> tuple[int, str, list[dict[str, Any]]]:
    match status:
        case 401:
            return status, "Request had invalid authentication credentials.", [_info("CREDENTIALS_MISSING")]
        case 403:
            return status, "Permission denied: Consumer has been suspended.", [_info("CONSUMER_SUSPENDED")]
        case 404:
            return status, f"models/{ask.model} is not found for API version v1beta.", []
        case 429:
            # The service says "quota" for a limit per minute and model, too; the quotaId tells them apart.
            failure = _quota_failure("GenerateRequestsPerMinutePerProjectPerModel", ask.model)
            return status, "Resource has been exhausted (e.g. check quota).", [failure]
        case 503:
            return status, "The model is overloaded. Please try again later.", []
        case _:
            return status, "An internal error has occurred." if status >= 500 else "The request was refused.", []
