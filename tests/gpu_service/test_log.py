"""Lines that Cloud Logging parses, and that nobody can write into."""

import json
import logging
import logging.config
import sys
from pathlib import Path

import pytest

from gpu_service import arguments
from gpu_service.log import Lines, correlation

TRACE = "0af7651916cd43dd8448eb211c80319c"


def record(message: str, **more: object) -> dict[str, object]:
    """What the formatter makes of a record."""
    made = logging.LogRecord("vllm.engine", logging.WARNING, __file__, 1, message, None, None)
    made.__dict__.update(more)
    text = Lines().format(made)
    assert "\n" not in text
    parsed = json.loads(text)
    assert isinstance(parsed, dict)
    return parsed


def test_a_record_is_one_object() -> None:
    found = record('two\nlines, "quoted"', fields={"path": "/v1/models"})
    assert (found["severity"], found["logger"], found["path"]) == ("WARNING", "vllm.engine", "/v1/models")
    assert found["message"] == 'two\nlines, "quoted"'


def test_an_exception_is_in_the_line() -> None:
    try:
        raise RuntimeError("the engine died")
    except RuntimeError:
        found = record("failed", exc_info=sys.exc_info())
    assert "RuntimeError: the engine died" in str(found["stack_trace"])


def test_the_trace_links_where_the_project_is_known() -> None:
    headers = [(b"traceparent", f"00-{TRACE}-b7ad6b7169203331-00".encode()), (b"x-request-id", b"req-1")]
    assert correlation(headers, "school") == {
        "logging.googleapis.com/trace": f"projects/school/traces/{TRACE}",
        "logging.googleapis.com/spanId": "b7ad6b7169203331",
        "logging.googleapis.com/trace_sampled": False,
        "request_id": "req-1",
    }
    assert correlation(headers, "")["logging.googleapis.com/trace"] == TRACE


@pytest.mark.parametrize(
    "header",
    [
        (b"x-request-id", b"a b"),
        (b"x-request-id", b"x" * 65),
        (b"x-request-id", b"\xff"),
        (b"traceparent", b"00-zz"),
        (b"traceparent", b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01"),
    ],
)
def test_what_is_no_id_is_left_out(header: tuple[bytes, bytes]) -> None:
    assert correlation([header], "school") == {}


def test_the_engine_s_logging_is_ours(capfd: pytest.CaptureFixture[str]) -> None:
    """In a process of its own: it configures all logging there is."""
    import subprocess

    code = "import json,logging,logging.config,sys;logging.config.dictConfig(json.load(open(sys.argv[1])));"
    code += "[logging.getLogger(n).warning('hello') for n in ('vllm.x','uvicorn.error','gpu_service','other')]"
    command = [sys.executable, "-c", code, str(arguments.LOGGING)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True, timeout=60
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["logger"] for line in lines] == ["vllm.x", "uvicorn.error", "gpu_service", "other"]
