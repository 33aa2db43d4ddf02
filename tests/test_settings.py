"""Settings as people write them: a blank line in `.env` is no value."""

from typing import Any

import pytest

from shared.errors import ConfigurationError
from shared.settings import Settings

OPTIONAL = [name for name, field in Settings.model_fields.items() if field.default is None]


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_blank_variable_counts_as_none(name: str) -> None:
    assert getattr(Settings.load({name.upper(): ""}), name) is None


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_AI_API_KEY", "GEMMA_4_API_KEY"])
def test_a_secret_that_nobody_has_set_yet_counts_as_none(name: str) -> None:
    assert getattr(Settings.load({name: "unset"}), name.lower()) is None


@pytest.mark.parametrize("name", ["FIRESTORE_EMULATOR_HOST", "TASKS_EMULATOR_HOST"])
@pytest.mark.parametrize(
    "wrong", ["localhost", "http://127.0.0.1:80", "a b:1", "h:0", "h:65536", "h:-1", "h:", ":1", "h:1\n", "h:٣"]
)
def test_an_emulator_is_a_host_and_a_port(name: str, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: is host:port with a port of 1 to 65535"):
        Settings.load({name: wrong})


QUEUE = "projects/p-1/locations/us-central1/queues/jobs"
TASKS = {
    "TASKS_TARGET_URL": "https://jobs.example",
    "TASKS_SERVICE_ACCOUNT": "tasks@p.example",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
    "UPSTASH_REDIS_REST_URL": "https://redis.example",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRESTORE_EMULATOR_HOST", "[::1]:65535"),
        ("TASKS_QUEUE", "Jobs-1"),
        ("TASKS_QUEUE", QUEUE),
        ("TASKS_QUEUE", QUEUE.replace("p-1", "example.com:p-1")),
        ("GCP_PROJECT_ID", "test-123-4"),
        ("GCP_PROJECT_ID", "example.com:lyo"),
        ("UPSTASH_REDIS_REST_TOKEN", "AX_a+/=.~"),
        ("CONVERSATION_RETENTION_DAYS", "3650"),
        ("ANALYTICS_RETENTION_DAYS", "3650"),
        ("CACHE_TTL_SECONDS", "31536000"),
    ],
)
def test_what_is_spelled_well_is_taken(name: str, value: str) -> None:
    found: Any = getattr(Settings.load({"UPSTASH_REDIS_REST_TOKEN": "t", **TASKS, name: value}), name.lower())
    assert str(found) == value


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("TASKS_QUEUE", wrong) for wrong in ("a b", "jobs_1", "q" * 101, "queues/jobs", QUEUE + "/", QUEUE + "\n")),
        *(("GCP_PROJECT_ID", wrong) for wrong in ("my project", "projects/p", "p:", ":p", "a:b:c", "p\n")),
        *(("UPSTASH_REDIS_REST_TOKEN", wrong) for wrong in ("to ken", "token\n", "\x00token", "tokén")),
        ("CONVERSATION_RETENTION_DAYS", "3651"),
        ("ANALYTICS_RETENTION_DAYS", "3651"),
        ("CACHE_TTL_SECONDS", "31536001"),
    ],
)
def test_what_is_misspelled_or_too_much_is_refused_by_name_and_not_shown(name: str, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: ") as caught:
        Settings.load({"UPSTASH_REDIS_REST_TOKEN": "t", **TASKS, name: wrong})
    assert wrong not in str(caught.value)
    assert "pattern" not in str(caught.value)
