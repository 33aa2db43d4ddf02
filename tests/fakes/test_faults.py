"""The grammar of faults, the words, the fitting values: pure."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from scripts.fakes.models.faults import Fault, UnknownFaultError, choose, parse, parse_words, without_word
from scripts.fakes.models.schema import fit, strict_refusal
from scripts.fakes.models.text import pieces, split


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fake-ok", {}),
        ("fake-n60-cut40", {"tokens": 60, "stop": "cut", "stop_after": 40}),
        ("fake-cut40-n60", {"tokens": 60, "stop": "cut", "stop_after": 40}),
        ("fake-200ms", {"latency": 0.2}),
        ("fake-1.5ms-pace2.5ms", {"latency": 0.0015, "pace": 0.0025}),
        ("fake-slowfirst2s", {"first": 2.0}),
        ("fake-cold90s", {"cold": 90.0}),
        ("fake-err500", {"status": 500}),
        ("fake-err429-retry7", {"status": 429, "retry_after": 7.0}),
        ("fake-quota", {"cause": "quota"}),
        ("fake-auth", {"cause": "auth"}),
        ("fake-badkey", {"cause": "badkey"}),
        ("fake-toolong", {"cause": "toolong"}),
        ("fake-missing", {"cause": "missing"}),
        ("fake-blocked", {"cause": "blocked"}),
        ("fake-eof3", {"stop": "eof", "stop_after": 3}),
        ("fake-stall0", {"stop": "stall", "stop_after": 0}),
        ("fake-inband", {"stop": "inband", "stop_after": 0}),
        ("fake-inband4", {"stop": "inband", "stop_after": 4}),
        ("fake-inbandtimeout1", {"stop": "inband", "stop_after": 1, "cause": "timeout"}),
        ("fake-badjson", {"stop": "badjson"}),
        ("fake-silent", {"instead": "silent"}),
        ("fake-html", {"instead": "html"}),
        ("fake-refusedconn", {"instead": "refusedconn"}),
        ("fake-empty", {"tokens": 0}),
        ("fake-length", {"finish": "length"}),
        ("fake-refuse", {"finish": "refusal"}),
        ("fake-refuse3", {"finish": "refusal", "refuse_after": 3}),
        ("fake-usage0", {"usage": "zero"}),
        ("fake-nousage", {"usage": "none"}),
        ("fake-usagebig", {"usage": "big"}),
        ("fake-cached64-think9", {"cached": 64, "thinking": 9}),
        ("fake-notjson-echo-chars3", {"prose": True, "echo": True, "chars": 3}),
    ],
)
def test_every_word_is_read(name: str, expected: dict[str, object]) -> None:
    words = len(name.split("-")) - 1
    assert parse(name) == Fault(**expected, known=words)  # type: ignore[arg-type]


def test_names_may_carry_prefixes_and_labels() -> None:
    fault = parse("models/fake-primary-err503")
    assert fault is not None
    assert (fault.status, fault.labels, fault.known) == (503, ("primary",), 1)


@pytest.mark.parametrize("text", ["gpt-6-mini", "", "unfake-err500", "a-fake-err500", "fake", "fakes are fun"])
def test_other_names_are_no_faults(text: str) -> None:
    assert parse(text) is None


def test_the_message_wins_over_the_model_when_it_names_a_behaviour() -> None:
    assert choose("fake-err500", "Please use fake-cut3.").stop == "cut"
    assert choose("fake-err500", "What is fake-news?").status == 500
    assert choose("gemini-flash", "hello") == Fault()
    assert without_word("Say hello fake-echo") == "Say hello"


@pytest.mark.parametrize("words", ["err50", "nonsense", "ok nonsense", "cutt5", "", "ok-", "fake-ok!"])
def test_a_script_refuses_what_the_grammar_does_not_know(words: str) -> None:
    with pytest.raises(UnknownFaultError):
        parse_words(words)


def test_a_script_takes_words_with_and_without_the_prefix() -> None:
    assert parse_words("n5-cut2") == parse_words("fake-n5-cut2") == parse("fake-n5-cut2")


@given(st.text(max_size=200))
def test_any_text_can_be_parsed(text: str) -> None:
    fault = parse("fake-" + text)
    assert fault is None or (fault.tokens <= 100_000 and fault.latency <= 600)


def test_tokens_are_distinguishable_and_bounded_in_number() -> None:
    made = pieces(60)
    assert len(set(made)) == len(made) == 60
    assert made[0].startswith("Here is an answer in small steps: t1 ")
    assert made[-1].startswith("t60 ")
    assert made[-1].endswith(".")
    assert pieces(0) == ()


@given(st.text(max_size=100), st.integers(0, 5))
def test_splitting_loses_nothing(text: str, chars: int) -> None:
    assert "".join(split(text, chars)) == text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=30, max_length=40)
    difficulty: Literal["easy", "hard"]
    minutes: int = Field(gt=4, lt=9)
    weight: float = Field(ge=2.5)
    note: str | None


class _Course(BaseModel):
    model_config = ConfigDict(extra="forbid")
    parts: list[_Part] = Field(min_length=3, max_length=5)
    ratio: float = Field(gt=0, le=1)
    open: bool
    below: "_Course | None"


def test_a_value_fits_its_schema() -> None:
    course = _Course.model_validate(fit(_Course.model_json_schema()))
    assert len(course.parts) == 3


def test_gemini_style_types_are_known() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {"n": {"type": "INTEGER"}, "l": {"type": "ARRAY", "items": {"type": "STRING"}}},
    }
    assert fit(schema) == {"n": 1, "l": ["A fitting l 1."]}


def test_strict_modes_refuse_open_objects_and_optional_keys() -> None:
    closed = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    assert strict_refusal({"type": "object", "properties": {"a": {}}}, all_required=False)
    assert strict_refusal(closed, all_required=False) is None
    assert "Missing 'a'" in (strict_refusal(closed, all_required=True) or "")
    nested = {"type": "array", "items": {"type": "object", "properties": {"a": {}}}}
    assert "'items'" in (strict_refusal(nested, all_required=False) or "")
