"""A day's sums are what counting all its feedback anew gives, whatever was changed and taken back in which order."""

import random
from typing import Any

import pytest

from shared.learning.sums import cell, changed, merged, place, sums
from shared.stored.feedback import FLAGS, Feedback


def feedback(name: str, **fields: Any) -> Feedback:
    common: dict[str, Any] = {
        "user_id": "u1", "request_id": f"r{name}", "answered_at": 1_800_000_000.0, "updated_at": 0.0, "agent": "mentor",
        "model": "m1", "provider": "gemma", "language": "en", "attempts": 2, "failed_attempts": 1, "cost_nano_usd": 1000,
        "latency_ms": 250.0,
    }  # fmt: skip
    return Feedback(id=name, **(common | fields))


def anything(chance: random.Random, name: str) -> Feedback:
    return feedback(
        name,
        agent=chance.choice(["mentor", "feed"]),
        language=chance.choice(["en", "ar"]),
        rating=chance.choice([None, 1, 2, 3, 4, 5]),
        comment=chance.choice([None, "c"]),
        flags=chance.sample(FLAGS, chance.randint(0, 2)),
        quality=chance.choice([{}, {"accuracy": 0.5, "clarity": 1.0}]),
    )


@pytest.mark.parametrize("seed", range(5))
def test_sums_follow_every_change(seed: int) -> None:
    chance = random.Random(seed)
    cells: dict[str, dict[str, float]] = {}
    now: dict[str, Feedback] = {}
    for _ in range(400):
        name = f"m{chance.randint(0, 30)}"
        known = now.get(name)
        after = anything(chance, name) if known is None else known.model_copy(
            update={field: getattr(anything(chance, name), field) for field in ("rating", "comment", "flags", "quality")}
        )  # fmt: skip
        cells = changed(cells, known, after)
        now[name] = after
    anew: dict[str, list[dict[str, float]]] = {}
    for one in now.values():
        if sums(one):
            anew.setdefault(cell(one), []).append(sums(one))
    assert cells.keys() == anew.keys()
    for key, many in anew.items():
        assert cells[key] == pytest.approx(merged(many))


def test_what_is_taken_back_leaves_nothing() -> None:
    one = feedback("a", rating=2, comment="no", flags=["wrong"], quality={"safety": 0.1}, latency_ms=0.1 + 0.2)
    before = changed({}, None, feedback("b", rating=5, latency_ms=0.7))
    there = changed(before, None, one)
    gone = changed(there, one, one.model_copy(update={"rating": None, "comment": None, "flags": [], "quality": {}}))
    assert gone.keys() == before.keys()
    assert gone["mentor|m1|en"] == pytest.approx(before["mentor|m1|en"])
    assert changed(changed({}, None, one), one, None) == {}


def test_feedback_counts_on_its_answers_day_in_one_of_its_parts() -> None:
    days = {place(feedback(f"m{number}")).split(":")[0] for number in range(50)}
    parts = {place(feedback(f"m{number}")).split(":")[1] for number in range(200)}
    assert days == {"2027-01-15"}
    assert len(parts) == 8
