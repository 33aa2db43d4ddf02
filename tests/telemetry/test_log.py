import json
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from shared import log
from shared.errors import StoreError
from shared.output import Output
from shared.settings import Settings
from shared.telemetry.trace import Tracer

SECRET = 'canary-"secret"-\u00e9-0123456789'
EMAIL = "canary.learner@example.org"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"
KEY = "sk-canary0123456789abcdef"
logger = log.get("shared.test")


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    root = logging.getLogger()
    before = root.level, list(root.handlers), dict(log._hidden)
    log.configure(Settings(environment="test", auth_mode="local", openai_api_key=SECRET), function="mentor")
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    log._hidden.clear()
    log._hidden.update(before[2])
    log._labels.clear()
    for name in log._OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_line_has_what_cloud_logging_reads(capfd: pytest.CaptureFixture[str]) -> None:
    token = log.request_id.set("req-1")
    log.event(logger, "mentor.answered", model="gpt_4_mini", latency_ms=12.5, tokens=3, cached=False, why=None)
    log.request_id.reset(token)
    (line,) = lines(capfd)
    moment = datetime.fromisoformat(line.pop("time"))
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 5
    assert line == {
        "severity": "INFO",
        "message": "mentor.answered",
        "logger": "shared.test",
        "request_id": "req-1",
        "logging.googleapis.com/labels": {"function": "mentor", "environment": "test"},
        "model": "gpt_4_mini",
        "latency_ms": 12.5,
        "tokens": 3,
        "cached": False,
        "why": None,
    }


@pytest.mark.parametrize(
    ("project", "name"), [("lyo-test", "projects/lyo-test/traces/"), (None, "")], ids=["project", "no-project"]
)
def test_a_line_names_its_trace_as_cloud_logging_reads_it(
    project: str | None, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """https://docs.cloud.google.com/logging/docs/structured-logging#special-payload-fields"""
    log.configure(Settings(environment="test", auth_mode="local", gcp_project_id=project))
    trace_id, span_id = "06796866738c859f2f19b7cfb3214824", "000000000000004a"
    header = f"00-{trace_id}-{span_id}-01".encode()
    with Tracer().request({b"traceparent": header}, service="mentor", method="GET", route="/x"):
        log.event(logger, "inside")
        logger.warning("by the standard call")
    log.event(logger, "outside")
    inside, standard, outside = lines(capfd)
    for line in (inside, standard):
        assert line["logging.googleapis.com/trace"] == name + trace_id
        assert line["logging.googleapis.com/spanId"] == span_id
        assert line["logging.googleapis.com/trace_sampled"] is True
    assert not {"logging.googleapis.com/trace", "logging.googleapis.com/spanId"} & set(outside)


@pytest.mark.parametrize(
    ("level", "severity"),
    [(10, "DEBUG"), (20, "INFO"), (30, "WARNING"), (40, "ERROR"), (50, "CRITICAL"), (35, "WARNING"), (5, "DEFAULT")],
)
def test_every_level_is_a_severity_that_cloud_logging_knows(
    level: int, severity: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """LogSeverity has no others; an unknown word would be filed as DEFAULT, whatever it meant."""
    log.LineHandler().emit(logging.LogRecord("lib", level, __file__, 1, "said", (), None))
    assert lines(capfd)[0]["severity"] == severity


def test_standard_calls_end_in_the_same_lines(capfd: pytest.CaptureFixture[str]) -> None:
    logger.warning("%s of %d", "part", 2)
    wrong = logging.LogRecord("shared.test", logging.WARNING, __file__, 1, "wrong %d", ("x",), None)
    log.LineHandler().emit(wrong)  # pytest's own handler would raise on it
    first, second = lines(capfd)
    assert (first["severity"], first["message"]) == ("WARNING", "part of 2")
    assert second["message"].startswith("unformattable")


def test_levels(capfd: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings(environment="test", auth_mode="local", log_level="DEBUG"))
    log.event(logger, "fine", level=logging.DEBUG)
    logging.getLogger("openai").debug("Request options: %s", {"messages": "my homework"})
    logging.getLogger("openai").warning("slow")
    assert [line["message"] for line in lines(capfd)] == ["fine", "slow"]
    log.configure(Settings(environment="test", auth_mode="local", log_level="ERROR"))
    log.event(logger, "quiet")
    logger.warning("quiet")
    logger.error("loud")
    assert [line["message"] for line in lines(capfd)] == ["loud"]


def test_t46_canaries_are_in_no_line_whichever_way_they_come(capfd: pytest.CaptureFixture[str]) -> None:
    canaries = f"{SECRET} {EMAIL} {JWT} {KEY} Bearer {JWT}"
    log.event(logger, "one", user_id=EMAIL, detail=canaries, request_id=EMAIL, job_id=KEY)
    log.event(logger, "two", nested={"list": [canaries, {"deep": canaries}], EMAIL: 1}, model=KEY, provider=JWT)
    log.event(logger, "three", error=StoreError(canaries), path=OSError(2, canaries))
    logger.error("four %s", canaries)
    try:
        try:
            raise StoreError(canaries)
        except StoreError as error:
            raise RuntimeError(canaries) from error
    except RuntimeError:
        logger.exception("five")
    token = log.request_id.set(EMAIL)
    log.event(logger, "six", level=logging.ERROR)
    log.request_id.reset(token)
    out = capfd.readouterr().out
    assert len(out.splitlines()) == 6
    for canary in (SECRET, json.dumps(SECRET)[1:-1], SECRET.encode().decode("latin-1"), EMAIL, JWT, KEY, "canary"):
        assert canary not in out, canary


def test_a_secret_that_looks_like_a_word_is_hidden_too(capfd: pytest.CaptureFixture[str]) -> None:
    log.hide("plainpassword")
    log.hide("short")  # too short to be one: it would blank out ordinary words
    log.event(logger, "tried", model="plainpassword", job_id="plainpassword", word="short")
    (line,) = lines(capfd)
    assert (line["model"], line["job_id"], line["word"]) == ("[hidden]", "[hidden]", "short")


def test_a_learners_words_are_withheld(capfd: pytest.CaptureFixture[str]) -> None:
    log.event(logger, "answered", question="my homework", inner={"content": "my homework"})
    (line,) = lines(capfd)
    assert line["question"] == "[withheld]"
    assert line["inner"] == {"content": "[withheld]"}


class Body(BaseModel):
    number: int


def test_an_exception_that_quotes_its_input_shows_its_type_and_place_only(capfd: pytest.CaptureFixture[str]) -> None:
    for wrong in (lambda: Body.model_validate({"number": "my homework"}), lambda: int("my homework")):
        try:
            wrong()
        except ValueError:
            logger.exception("failed")
    out = capfd.readouterr().out
    assert "homework" not in out.replace('int(\\"my homework\\")', "").replace('{\\"number\\": \\"my homework\\"}', "")
    first, second = (json.loads(line) for line in out.splitlines())
    assert first["stack_trace"].startswith("Traceback (most recent call last):\n")
    assert first["stack_trace"].endswith("\nValidationError")
    assert "test_log.py" in second["stack_trace"]
    assert second["stack_trace"].endswith("\nValueError")


def test_our_own_errors_say_what_happened(capfd: pytest.CaptureFixture[str]) -> None:
    log.event(logger, "failed", error=StoreError("the file is locked"))
    assert lines(capfd)[0]["error"] == "StoreError: the file is locked"


def test_values_that_are_no_json_do_not_break_the_line(capfd: pytest.CaptureFixture[str]) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    log.event(
        logger,
        "odd",
        thing=object(),
        big=2**70,
        nan=float("nan"),
        lone="\ud800",
        cycle=cycle,
        raw=b"bytes",
        when=datetime(2026, 1, 1, tzinfo=UTC),
    )
    (line,) = lines(capfd)
    assert line["thing"] == "<object>"
    assert line["raw"] == "<bytes>"
    assert line["message"] == "odd"
    assert line["when"].startswith("2026-01-01")


def test_a_fixed_name_wins_over_a_field(capfd: pytest.CaptureFixture[str]) -> None:
    log.event(logger, "kept", severity="CRITICAL", time="never")
    (line,) = lines(capfd)
    assert line["severity"] == "INFO"
    assert line["time"] != "never"


def test_a_long_text_is_cut_after_its_secrets_are_gone(capfd: pytest.CaptureFixture[str]) -> None:
    log.event(logger, "long", detail="x " * 1996 + SECRET + "y" * 100_000)
    out = capfd.readouterr().out
    assert len(out) < 6000
    assert "canary" not in out


def test_a_reader_who_stops_reading_stops_nobody() -> None:
    reader, writer = os.pipe()
    output = Output(writer, log._output._tell)
    line = b"x" * 1000 + b"\n"
    started = time.monotonic()
    for _ in range(80):  # a pipe holds 64 KiB
        output.write(line)
        if output.dropped:
            break
    assert output.dropped
    assert time.monotonic() - started < 30
    before = output.dropped
    os.set_blocking(reader, False)
    os.read(reader, 1 << 20)
    output.write(b"after\n")
    told, after = os.read(reader, 1 << 20).splitlines()
    assert json.loads(told)["message"] == "log.dropped"
    assert json.loads(told)["lines"] == before
    assert after == b"after"
    os.close(reader)
    output.write(line)  # nobody is there any more
    os.close(writer)
    output.write(line)
