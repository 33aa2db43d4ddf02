"""SIGTERM to the process: what is under way ends, what comes is sent away, then the engine is stopped in its own way."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.processes import Answer, environment, fetch, free_port

BODY = b'{"model":"tiny","messages":[],"max_tokens":%d,"stream":true}'
SECONDS = 60


@contextmanager
def process(drain: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The engine's process with the front, answering."""
    port = free_port()
    command = [sys.executable, "-m", "tests.gpu_service.engine", str(port), drain]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as started:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url)
            yield started, url
        finally:
            started.kill()


def wait_for(url: str) -> None:
    """Until it answers."""
    limit = time.monotonic() + SECONDS
    while True:
        try:
            assert fetch(url + "/health").status == 200
        except OSError:
            assert time.monotonic() < limit, "it did not start"
            threading.Event().wait(0.05)
        else:
            return


class Caller(threading.Thread):
    """Reads a stream of so many pieces to its end."""

    def __init__(self, url: str, pieces: int) -> None:
        super().__init__(daemon=True)
        self.url, self.pieces = url, pieces
        self.answer: Answer | None = None
        self.cut = False

    def run(self) -> None:
        headers = {"Content-Type": "application/json"}
        chat = self.url + "/v1/chat/completions"
        try:
            self.answer = fetch(chat, method="POST", headers=headers, body=BODY % self.pieces, timeout=SECONDS)
        except http.client.IncompleteRead:
            self.cut = True


def until_in_flight(url: str) -> None:
    """Until the front has that call."""
    limit = time.monotonic() + SECONDS
    while b"ai_gpu_service_in_flight 1" not in fetch(url + "/metrics").body:
        assert time.monotonic() < limit
        threading.Event().wait(0.02)


def test_a_stream_in_flight_is_whole_and_newcomers_are_sent_elsewhere() -> None:
    with process(drain="30") as (server, url):
        caller = Caller(url, pieces=150)  # 3 s at least
        caller.start()
        until_in_flight(url)
        os.kill(server.pid, signal.SIGTERM)
        seen = [fetch(url + path) for path in ("/health", "/v1/models")]
        late = fetch(url + "/v1/chat/completions", method="POST", body=BODY % 1)
        caller.join(SECONDS)
        output, _ = server.communicate(timeout=SECONDS)
    assert caller.answer is not None
    assert caller.answer.body.count(b"content") == 150
    assert caller.answer.body.endswith(b"data: [DONE]\n\n")
    assert [answer.status for answer in (*seen, late)] == [503, 503, 503]
    assert late.headers["connection"] == "close"
    assert int(late.headers["retry-after"]) >= 1
    # Its own order, to its end: not a kill.
    assert (server.returncode, output) == (0, "stopped in order\n")


@pytest.mark.parametrize("again", [False, True], ids=["limit", "second-signal"])
def test_a_stream_without_end_does_not_keep_it(again: bool) -> None:
    with process(drain="60" if again else "0.3") as (server, url):
        caller = Caller(url, pieces=1_000_000)
        caller.start()
        until_in_flight(url)
        os.kill(server.pid, signal.SIGTERM)
        if again:
            assert fetch(url + "/health").status == 503
            os.kill(server.pid, signal.SIGTERM)
        output, _ = server.communicate(timeout=SECONDS - 20)  # less than the drain would take
        caller.join(SECONDS)
    assert caller.cut  # never mistaken for a whole answer
    assert (server.returncode, output) == (0, "stopped in order\n")


def test_an_idle_server_stops_at_once() -> None:
    with process(drain="60") as (server, _):
        os.kill(server.pid, signal.SIGTERM)
        assert server.wait(SECONDS - 20) == 0
