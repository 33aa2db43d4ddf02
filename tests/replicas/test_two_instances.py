"""Two instances over one data directory, as deployed (functions-framework): what one learns, the other knows."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared.identity import local
from shared.identity.caller import Role
from shared.identity.revocation import REVOCATION_SECONDS
from tests.processes import Answer, fetch, function

pytestmark = pytest.mark.replicas

CHAT = "/api/v1/ai/mentor/chat"


@dataclass(frozen=True)
class Fleet:
    """Two mentors and one ops, with the folder they share."""

    a: str
    b: str
    ops: str
    data: Path

    def token(self, sub: str, role: Role = "learner") -> str:
        """A token that every instance accepts."""
        return local.mint(local.read_or_create_secret(self.data), sub, role, 3600)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    data = tmp_path_factory.mktemp("data")
    with (
        function("mentor", DATA_DIR=str(data)) as a,
        function("mentor", DATA_DIR=str(data)) as b,
        function("ops", DATA_DIR=str(data)) as ops,
    ):
        yield Fleet(a.url, b.url, ops.url, data)


def ask(url: str, token: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
    sent = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return fetch(url, method=method, headers={"Authorization": f"Bearer {token}", **named}, body=sent)


def say(instance: str, token: str, message: str, **headers: str) -> dict[str, Any]:
    answer = ask(instance + CHAT, token, method="POST", body={"message": message}, **headers)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_a_conversation_is_read_on_the_other_instance(fleet: Fleet) -> None:
    token = fleet.token("reader")
    said = say(fleet.a, token, "What is a prime number?")
    page = ask(f"{fleet.b}/api/v1/ai/mentor/conversation/{said['conversation_id']}", token)
    assert page.status == 200, page.body
    assert said["text"] in [message["text"] for message in json.loads(page.body)["messages"]]
    other = ask(f"{fleet.b}/api/v1/ai/mentor/conversation/{said['conversation_id']}", fleet.token("stranger"))
    assert other.status in (403, 404)


def test_t32_the_same_idempotency_key_on_both_instances_gives_one_answer(fleet: Fleet) -> None:
    token = fleet.token("repeater")
    first = say(fleet.a, token, "What is a vector?", Idempotency_Key="one-key")
    second = say(fleet.b, token, "What is a vector?", Idempotency_Key="one-key")
    assert second["message_id"] == first["message_id"]
    assert second["text"] == first["text"]
    other = ask(fleet.b + CHAT, token, method="POST", body={"message": "Another"}, Idempotency_Key="one-key")
    assert other.status == 409


@pytest.mark.parametrize("role", ["learner", "admin"])
def test_t45_a_revoked_user_is_refused_by_every_instance_in_time(fleet: Fleet, role: Role) -> None:
    user = f"leaver-{role}"
    token = fleet.token(user, role)
    path = "/api/v1/ai/mentor/conversation/none"
    assert [ask(url + path, token).status for url in (fleet.a, fleet.b)] == [404, 404]
    done = ask(
        fleet.ops + "/api/v1/ai/admin/revocations",
        fleet.token("operator", "admin"),
        method="POST",
        body={"user_id": user, "reason": "test"},
    )
    assert done.status < 300, done.body
    until = time.monotonic() + REVOCATION_SECONDS + 1
    while time.monotonic() < until and [ask(url + path, token).status for url in (fleet.a, fleet.b)] != [401, 401]:
        threading.Event().wait(0.1)
    assert [ask(url + path, token).status for url in (fleet.a, fleet.b)] == [401, 401]
    assert ask(fleet.a + path, fleet.token("stayer")).status == 404


def test_t71_metrics_count_the_requests_of_all_instances(fleet: Fleet) -> None:
    admin = fleet.token("operator", "admin")

    def total() -> float:
        lines = ask(fleet.ops + "/metrics", admin).body.decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("ai_requests_total{"))

    before = total()
    for number, instance in enumerate((fleet.a, fleet.b, fleet.a)):
        say(instance, fleet.token(f"counted-{number}"), f"Explain number {number}.")
    until = time.monotonic() + 5  # instances hand their counts in once a second
    while total() < before + 3 and time.monotonic() < until:
        threading.Event().wait(0.2)
    assert total() == before + 3
