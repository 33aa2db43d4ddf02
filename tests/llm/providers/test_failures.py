"""Classification, waiting and hiding: pure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.llm.failures import (
    COUNTS,
    MAX_RETRY_AFTER,
    RETRY_SAME,
    classify,
    fate,
    retry_after,
    scrub,
)
from shared.llm.types import Failure, ProviderError

NOW = 1_795_000_000.0


def openai(code: str | None, message: str = "", kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic(kind: str, message: str = "", code: str | None = None) -> dict[str, Any]:
    details = {"details": {"error_code": code}} if code else {}
    return {"type": "error", "error": {"type": kind, "message": message} | details, "request_id": "req_1"}


def gemini(code: int, status: str, message: str = "", *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}


def violation(quota: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]}


PLAN = "You exceeded your current quota, please check your plan and billing details."

CASES: list[tuple[str, int, Any, Failure]] = [
    ("openai bad key", 401, openai("invalid_api_key"), Failure.AUTH),
    ("openai no money", 429, openai("insufficient_quota", PLAN, "insufficient_quota"), Failure.QUOTA),
    ("openai too fast", 429, openai("rate_limit_exceeded", "Limit 3, Used 3", "requests"), Failure.RATE_LIMIT),
    ("openai long", 400, openai("context_length_exceeded", "maximum context length is 8192"), Failure.CONTEXT),
    ("openai model", 404, openai("model_not_found"), Failure.NOT_FOUND),
    ("openai model of others", 403, openai("model_not_found"), Failure.NOT_FOUND),
    ("openai region", 403, openai("unsupported_country_region_territory"), Failure.AUTH),
    ("openai policy", 400, openai("content_policy_violation"), Failure.REFUSAL),
    ("openai field", 400, openai("unsupported_parameter", "Unsupported parameter: 'max_tokens'"), Failure.INVALID),
    ("openai 500", 500, openai("server_error"), Failure.SERVER),
    ("anthropic key", 401, anthropic("authentication_error", "invalid x-api-key"), Failure.AUTH),
    ("anthropic credit", 400, anthropic("invalid_request_error", "Your credit balance is too low"), Failure.QUOTA),
    ("anthropic billing", 402, anthropic("billing_error"), Failure.QUOTA),
    ("anthropic spend", 429, anthropic("rate_limit_error", "", "enforced_spend_limit_reached"), Failure.QUOTA),
    ("anthropic ramp", 429, anthropic("rate_limit_error", "", "ramp_limit_exceeded"), Failure.RATE_LIMIT),
    ("anthropic rate", 429, anthropic("rate_limit_error", "exceed your organization's rate limit"), Failure.RATE_LIMIT),
    ("anthropic long", 400, anthropic("invalid_request_error", "prompt is too long: 9 tokens > 8"), Failure.CONTEXT),
    ("anthropic large", 413, anthropic("request_too_large"), Failure.CONTEXT),
    ("anthropic model", 404, anthropic("not_found_error", "model: claude-9"), Failure.NOT_FOUND),
    ("anthropic busy", 529, anthropic("overloaded_error", "Overloaded"), Failure.SERVER),
    ("gemini bad key", 400, gemini(400, "INVALID_ARGUMENT", "", {"reason": "API_KEY_INVALID"}), Failure.AUTH),
    ("gemini denied", 403, gemini(403, "PERMISSION_DENIED"), Failure.AUTH),
    ("gemini day", 429, gemini(429, "RESOURCE_EXHAUSTED", PLAN, violation("GenerateRequestsPerDayPerProject")), Failure.QUOTA),
    ("gemini plan", 429, gemini(429, "RESOURCE_EXHAUSTED", PLAN), Failure.QUOTA),
    ("gemini minute", 429, gemini(429, "RESOURCE_EXHAUSTED", PLAN, violation("GenerateRequestsPerMinutePerProject")), Failure.RATE_LIMIT),
    ("gemini model day", 429, gemini(429, "RESOURCE_EXHAUSTED", PLAN, violation("GenerateRequestsPerDayPerProjectPerModel")), Failure.RATE_LIMIT),
    ("gemini long", 400, gemini(400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8)."), Failure.CONTEXT),
    ("gemini busy", 503, gemini(503, "UNAVAILABLE", "The model is overloaded."), Failure.SERVER),
    ("gemini late", 504, gemini(504, "DEADLINE_EXCEEDED"), Failure.SERVER),
    ("vllm long", 400, {"object": "error", "message": "This model's maximum context length is 1024 tokens.", "code": 400}, Failure.CONTEXT),
    ("vllm model", 404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}, Failure.NOT_FOUND),
    ("ollama model", 404, {"error": "model 'x' not found"}, Failure.NOT_FOUND),
    ("fastapi", 422, {"detail": [{"loc": ["body"], "msg": "extra"}]}, Failure.INVALID),
    ("proxy html", 502, "<html>bad gateway</html>", Failure.SERVER),
    ("proxy html 400", 400, "<html>context length billing</html>", Failure.INVALID),
    ("nothing", 500, None, Failure.SERVER),
    ("a redirect", 307, "", Failure.MALFORMED),
    ("t17 inside, by code only", 200, openai("request_timeout", "stream error"), Failure.SERVER),
    ("t17 the code beats the words", 200, openai("request_timeout", "prompt is too long to finish in time"), Failure.SERVER),
    ("inside, invalid", 200, openai(None, "odd"), Failure.SERVER),
    ("inside, 400 in the body", 200, {"error": {"code": 400, "message": "odd"}}, Failure.SERVER),
    ("inside, overloaded", 200, anthropic("overloaded_error", "Overloaded"), Failure.SERVER),
    ("inside, rate", 200, anthropic("rate_limit_error"), Failure.RATE_LIMIT),
    ("inside, gemini rate", 200, gemini(429, "RESOURCE_EXHAUSTED"), Failure.RATE_LIMIT),
    ("inside, money", 200, openai("insufficient_quota"), Failure.QUOTA),
    ("inside, long", 200, openai("context_length_exceeded"), Failure.CONTEXT),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "failure"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_a_vendor_says_is_understood(status: int, body: Any, failure: Failure) -> None:
    error = classify(status, body)
    assert (error.failure, error.status) == (failure, status)


@pytest.mark.parametrize(
    "words", ["my billing homework", "your credit balance is 5 USD", "check your plan", "api key not valid"]
)
def test_words_of_a_learner_in_a_400_do_not_close_the_account(words: str) -> None:
    error = classify(400, openai(None, f"Invalid value: '{words}'"))
    assert fate(error.failure) == "model"


def test_t25_what_shares_the_fate() -> None:
    assert {failure for failure in Failure if fate(failure) == "account"} == {Failure.AUTH, Failure.QUOTA}
    assert {failure for failure in Failure if fate(failure) == "endpoint"} == {Failure.CONNECTION}


def test_the_sets() -> None:
    assert {Failure.CONNECTION, Failure.SERVER} == RETRY_SAME
    about_one = {Failure.INVALID, Failure.CONTEXT, Failure.REFUSAL, Failure.EMPTY, Failure.UNFIT, Failure.BUSY}
    assert set(Failure) - COUNTS == about_one


@given(st.integers(100, 599), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "code", "type", "message", "details", "violations", "quotaId", "status", "detail", "reason"]), inner)))  # fmt: skip
def test_any_body_gives_an_error_and_never_raises(status: int, body: Any) -> None:
    assert isinstance(classify(status, body, headers={"retry-after": str(body)}, now=NOW), ProviderError)


# ---------------------------------------------------------------------------------------------- waiting


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "inf"}, MAX_RETRY_AFTER),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:10 GMT"}, 30.0),
        ({"retry-after": "Wed, 18 Nov 2020 11:07:10 GMT"}, 0.0),
    ],
)
def test_t24_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    now = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC
    assert retry_after(headers, now) == seconds


def test_geminis_own_delay_counts_when_there_is_no_header() -> None:
    body = gemini(
        429, "RESOURCE_EXHAUSTED", "", {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
    )
    assert classify(429, body).retry_after == 34.5
    assert classify(429, body, headers={"retry-after": "2"}).retry_after == 2.0


# ---------------------------------------------------------------------------------------------- hiding


@pytest.mark.parametrize(
    "leak",
    [
        "my-own-secret", "sk-proj-AbCd1234efgh", "sk-ant-api03-xyz_123", "sk-abc***wxyz", "AIzaSyD-canary_0001", "Bearer abc.def",
        "https://host/v1?key=canary", "learner.canary+x@school.example.org", "eyJhbGciOi.eyJzdWIi.c2lnbmF0",
    ],
)  # fmt: skip
def test_t46_keys_and_addresses_are_taken_out(leak: str) -> None:
    error = classify(400, openai(None, f"Incorrect: {leak}, try again"), secrets=("my-own-secret", None))
    assert leak.removeprefix("https://host/v1?key=") not in str(error)
    assert "try again" in str(error)


def test_details_are_short() -> None:
    assert len(scrub("word " * 10_000)) <= 300


def test_t46_a_key_at_the_cut_of_a_long_text_does_not_show() -> None:
    key = "canary-" + "k" * 60
    assert "canary" not in scrub("x" * 1170 + key, key)
