"""Two instances over either kind of stores, as deployed (functions-framework): what one learns, the other knows."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.identity.caller import Role
from shared.identity.revocation import REVOCATION_SECONDS
from tests.replicas.cloud import Backdrop
from tests.replicas.conftest import CHAT, ask
from tests.replicas.fleet import MENTORS, Embedded, Fleet

pytestmark = pytest.mark.replicas


@pytest.fixture(scope="module")
def fleet(backend: Embedded | Backdrop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with backend.fleet(tmp_path_factory.mktemp("two"), *MENTORS, "ops") as made:
        yield made


def say(instance: str, headers: dict[str, str], message: str) -> dict[str, Any]:
    answer = ask(instance + CHAT, headers, method="POST", body={"message": message})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_a_conversation_is_read_on_the_other_instance(fleet: Fleet) -> None:
    headers = fleet.headers("reader")
    said = say(fleet.a.url, headers, "What is a prime number?")
    page = ask(f"{fleet.b.url}/api/v1/ai/mentor/conversation/{said['conversation_id']}", headers)
    assert page.status == 200, page.body
    assert said["text"] in [message["text"] for message in json.loads(page.body)["messages"]]
    other = ask(f"{fleet.b.url}/api/v1/ai/mentor/conversation/{said['conversation_id']}", fleet.headers("stranger"))
    assert other.status in (403, 404)


def test_t32_the_same_idempotency_key_on_both_instances_gives_one_answer(fleet: Fleet) -> None:
    keyed = fleet.headers("repeater", Idempotency_Key="one-key")
    first = say(fleet.a.url, keyed, "What is a vector?")
    second = say(fleet.b.url, keyed, "What is a vector?")
    assert second["message_id"] == first["message_id"]
    assert second["text"] == first["text"]
    other = ask(fleet.b.url + CHAT, keyed, method="POST", body={"message": "Another"})
    assert other.status == 409


@pytest.mark.parametrize("role", ["learner", "admin"])
def test_t45_a_revoked_user_is_refused_by_every_instance_in_time(fleet: Fleet, role: Role) -> None:
    user = f"leaver-{role}"
    headers = fleet.headers(user, role)
    path = "/api/v1/ai/mentor/conversation/none"
    assert [ask(url + path, headers).status for url in (fleet.a.url, fleet.b.url)] == [404, 404]
    done = ask(
        fleet.ops.url + "/api/v1/ai/admin/revocations",
        fleet.headers("operator", "admin"),
        method="POST",
        body={"user_id": user, "reason": "test"},
    )
    assert done.status < 300, done.body
    until = time.monotonic() + REVOCATION_SECONDS + 5  # and what the asking takes
    while time.monotonic() < until and [ask(url + path, headers).status for url in (fleet.a.url, fleet.b.url)] != [
        401,
        401,
    ]:
        threading.Event().wait(0.1)
    assert [ask(url + path, headers).status for url in (fleet.a.url, fleet.b.url)] == [401, 401]
    assert ask(fleet.a.url + path, fleet.headers("stayer")).status == 404


def test_t71_metrics_count_the_requests_of_all_instances(fleet: Fleet) -> None:
    admin = fleet.headers("operator", "admin")

    def total() -> float:
        lines = ask(fleet.ops.url + "/metrics", admin).body.decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("ai_requests_total{"))

    before = total()
    for number, instance in enumerate((fleet.a.url, fleet.b.url, fleet.a.url)):
        say(instance, fleet.headers(f"counted-{number}"), f"Explain number {number}.")
    until = time.monotonic() + 30  # instances hand their counts in once a second
    while total() < before + 3 and time.monotonic() < until:
        threading.Event().wait(0.2)
    assert total() == before + 3
