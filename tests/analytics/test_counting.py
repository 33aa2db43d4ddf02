"""Events into sums: what each adds, in any order, within bounds; and how many learners that makes, against counting them."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.activity.consumer import Taken
from shared.activity.events import Answered, Event, Exposed, Outcome, Rated
from shared.analytics import figures, items, rollup
from shared.analytics.counting import Activity
from shared.analytics.learner import MOST_DAYS
from shared.analytics.rollup import ITEMS
from shared.llm.catalog import Catalog, Model
from shared.stored.activity import LearnerActivity, Rollup
from tests.analytics.events import (
    DAY_0,
    Documents,
    answered,
    at,
    bodies,
    cached,
    consumed,
    count,
    days_of,
    graded,
    learner_of,
    rated,
)


def only_cell(documents: Documents, kind: str = "d:") -> tuple[str, rollup.Row]:
    (rows,) = [
        rollup.decoded(one.body)["cells"]
        for one in documents.values()
        if isinstance(one, Rollup) and one.id.startswith(kind)
    ]
    ((key, row),) = rows.items()
    return key, row


def test_an_answer_is_counted_in_its_hour_its_day_and_by_its_learner() -> None:
    documents = count([(at(0), answered(failed_attempts=2))])
    names = sorted((ref.kind.__name__, ref.id.rsplit(":", 1)[0]) for ref in documents)
    assert names == [("LearnerActivity", "u1"), ("Rollup", "d:2026-01-01"), ("Rollup", "h:2026-01-01T12")]
    for kind in ("d:", "h:"):
        key, row = only_cell(documents, kind)
        assert key == "mentor|gpt_4_mini|en"
        assert row == {
            "answers": 1, "ok": 1, "cost": 2_000_000, "cost_squares": 4_000_000, "us": 800_000, "ms_squares": 640_000,
            "input": 100, "output": 50, "failed": 2, "retried": 1, "routed": 1, "dearest": 6_000_000, "compared": 2_000_000,
        }  # fmt: skip
    assert learner_of(documents, "u1").days[DAY_0] == {
        "answers": 1, "agent:mentor": 1, "cost": 2_000_000, "us": 800_000, "sessions": 1, "session_ms": 800,
    }  # fmt: skip


def test_a_cache_hit_is_the_caches_saving_and_no_word_on_routing() -> None:
    _, row = only_cell(count([(at(0), cached(dearest=9_000_000))]))
    assert (row["saved"], row["exact"], row["cached"]) == (3_000_000, 1, 1)
    assert not row.keys() & {"dearest", "compared", "routed"}


def test_an_answer_that_models_failed_to_give_is_compared_too() -> None:
    """What was paid for nothing counts against routing, and so does what no bill came for."""
    _, row = only_cell(
        count([(at(0), answered(outcome="degraded", delivered="none", cost=900, dearest=4_000, failed_attempts=2))])
    )
    assert (row["routed"], row["dearest"], row["compared"]) == (1, 4_000, 900)
    _, row = only_cell(
        count([(at(0), answered(outcome="degraded", delivered="none", cost=0, dearest=0, failed_attempts=1))])
    )
    assert (row["routed"], row.get("dearest", 0), row.get("compared", 0)) == (1, 0, 0)
    _, row = only_cell(count([(at(0), answered(outcome="blocked", delivered="none", cost=0, dearest=0))]))
    assert "routed" not in row


def test_every_event_changes_a_document_so_that_two_folds_cannot_both_count_it() -> None:
    events: list[Event] = [
        answered(), answered(agent="summary"), rated(), Rated("u1", "r", "mentor", "m", "en", 0, 2), graded(), consumed(),
        consumed(how="stared at"), Exposed("u1", "e", "x", "a"), Outcome("u1", "o", "x", "m", 1.0),
    ]  # fmt: skip
    for event in events:
        before = count([(at(0), answered()), (at(0), graded())])
        unchanged = {ref: ref.kind.model_validate(one.model_dump()) for ref, one in before.items()}
        after = count([(at(0), event)], dict(before))
        assert bodies(after) != bodies(before)
        assert bodies(before) == bodies(unchanged), "what was found is left as it is"


def test_junk_names_make_no_new_cells() -> None:
    junk = [answered(agent=f"a{n}", delivered=f"m{n}", language=f"l{n}", outcome=f"o{n}") for n in range(50)]
    key, row = only_cell(count([(at(0), one) for one in junk]))
    assert (key, row["answers"], row["other"]) == ("other|other|other", 50, 50)
    wild = answered(cost=10**30, dearest=10**30, latency_ms=float("inf"), input_tokens=10**30, failed_attempts=10**9)
    _, row = only_cell(count([(at(0), wild), (at(0), answered(latency_ms=float("nan"), cost=-5))]))
    assert all(0 <= value < 2**63 for value in row.values())


def test_a_model_named_by_its_providers_id_is_the_same_model() -> None:
    model = Model("claude", "anthropic", "anthropic", "claude-sonnet-5-5", None)
    consumer = Activity(90, Catalog({"claude": model}))
    (day,) = [
        one
        for one in consumer.apply([(at(0), rated(model="claude-sonnet-5-5"))], {})
        if isinstance(one, Rollup) and one.id.startswith("d:")
    ]
    assert list(rollup.decoded(day.body)["cells"]) == ["mentor|claude|en"]


def test_a_rating_that_is_changed_or_taken_back_leaves_what_there_is() -> None:
    events: list[Taken] = [(at(0), answered()), (at(0), rated(rating=2))]
    events += [(at(0), rated(count=0, total=3)), (at(0), rated(count=-1, total=-5))]
    _, row = only_cell(count(events[:3]))
    assert (row["ratings"], row["rating"]) == (1, 5)
    _, row = only_cell(count(events))
    assert "ratings" not in row
    assert "rating" not in row


def test_a_check_counts_for_the_answer_before_it_and_for_a_day_only() -> None:
    events: list[Taken] = [(at(0, 9), graded()), (at(0, 10), answered()), (at(0, 11), graded(correct=True))]
    events += [(at(1, 9), graded(correct=False)), (at(1, 10.1), graded(correct=True))]
    total = figures.together(
        row for tables in days_of(count(events).values()).values() for row in figures.cells(tables).values()
    )
    assert (total["checks"], total["passed"]) == (2, 1)
    late = days_of(count([(at(0, 12), answered()), (at(0, 11), graded())], batch=1).values())[DAY_0]
    assert "checks" not in figures.together(figures.cells(late).values()), "it came before that answer"


def test_what_no_learner_did_makes_no_learner() -> None:
    events: list[Taken] = [(at(0), answered(agent="summary")), (at(0), Exposed("u1", "e", "x", "a"))]
    documents = count([*events, (at(0), Outcome("u2", "o", "x", "m", 1.0))])
    assert not [ref for ref in documents if ref.kind is LearnerActivity]
    assert figures.sums(days_of(documents.values())[DAY_0]) == {"exposed": 1, "outcomes": 1}


def life(seed: int, users: int = 12, days: int = 45) -> list[Taken]:
    """Some learners' events in the order of their moments."""
    pick = random.Random(seed)
    makers: list[Callable[[str], Event]] = [answered, cached, rated, graded, consumed]
    events: list[Taken] = []
    for user in range(users):
        first = pick.randrange(days)
        for day in range(first, days):
            if day == first or pick.random() < 0.3:
                for _ in range(pick.randint(1, 6)):
                    moment = at(day, pick.uniform(0, 24))
                    events.append((moment, pick.choice(makers)(f"u{user}")))
    return sorted(events, key=lambda taken: taken[0])


@given(st.integers(0, 10**6), st.randoms())
@settings(max_examples=25)
def test_any_order_and_any_batches_give_the_same(seed: int, shuffle: random.Random) -> None:
    events = [taken for taken in life(seed, 4, 2) if type(taken[1]).__name__ != "Graded"]  # which ask what came before
    expected = settled(count(events, batch=len(events) or 1))
    shuffle.shuffle(events)
    assert settled(count(events, batch=3)) == expected


def settled(documents: Documents) -> tuple[dict[str, str], dict[int, str]]:
    """All that is told, whichever document tells it of a day."""
    apart = {name: body for name, body in bodies(documents).items() if ":d:" not in name}
    return apart, {day: rollup.encoded(tables) for day, tables in days_of(documents.values()).items()}


@given(st.integers(0, 10**6), st.integers(1, 40))
@settings(max_examples=25)
def test_different_learners_of_any_period_are_those_that_counting_them_gives(seed: int, length: int) -> None:
    events = life(seed)
    late = events[-20:]
    random.Random(seed).shuffle(late)  # told late, some past midnight
    days = days_of(count([*events[:-20], *late]).values())
    seen = {(rollup.day_of(moment), event.unit) for moment, event in events}
    for last in range(DAY_0 + 5, DAY_0 + 45, 7):
        first = last - length + 1
        expected = {unit for day, unit in seen if first <= day <= last}
        # Before the first day of all there is nothing to be read either.
        assert figures.different(days, max(first, DAY_0), last) == len(expected)


def test_who_comes_back_after_1_7_and_30_days_is_counted_on_that_day_however_late_it_is_told() -> None:
    told = [(at(day), answered()) for day in (3, 4, 10, 11, 33)]
    for order in (told, told[::-1], [told[2], told[0], told[4], told[3], told[1]]):
        days = days_of(count(order, batch=1).values())
        back = {
            day - DAY_0: {name for name in row if name.startswith(("back", "first", "gap"))}
            for day, tables in days.items()
            if (row := {name: value for name, value in figures.people(tables).items() if value})
        }
        assert back == {
            3: {"first"}, 4: {"gap:1", "back:1"}, 10: {"gap:6", "back:7"}, 11: {"gap:1"}, 33: {"gap:22", "back:30"}
        }  # fmt: skip
        assert all(figures.people(tables)["active"] == 1 for tables in days.values())


def test_half_an_hours_silence_ends_a_session() -> None:
    begun = at(0, 12)
    moments = [0, 10 * 60, 39 * 60, 70 * 60, 100 * 60]
    events: list[Taken] = [(begun + seconds, answered(latency_ms=60_000.0)) for seconds in moments]
    for order in (events, events[::-1]):
        day = days_of(count(order, batch=2).values())[DAY_0]
        row = figures.people(day)
        # 31 minutes between two answers, but the second was asked for 30 minutes after the first had come.
        assert (row["sessions"], row["session_ms"]) == (1, 101 * 60_000)
    events = [(begun, answered(latency_ms=0.0)), (begun + 1801, answered(latency_ms=0.0))]
    assert figures.people(days_of(count(events).values())[DAY_0])["sessions"] == 2


def test_a_session_past_midnight_belongs_to_the_day_it_began() -> None:
    events: list[Taken] = [(at(0, 23.9), answered(latency_ms=0.0)), (at(1, 0.1), answered(latency_ms=0.0))]
    for order in (events, events[::-1]):
        days = days_of(count(order, batch=1).values())
        rows = [{k: v for k, v in figures.people(days[DAY_0 + day]).items() if v} for day in (0, 1)]
        assert (rows[0]["sessions"], rows[0]["session_ms"]) == (1, 12 * 60_000)
        assert "sessions" not in rows[1]
        assert rows[1]["active"] == 1


def test_a_learners_document_stays_small_and_old_days_are_left_out() -> None:
    agents = ["mentor", "curriculum", "curation", "feed", "sentiment", "animation"]
    events: list[Taken] = [
        (at(day, hour), answered(agent=agents[hour % 6], cost=10**12))
        for day in range(MOST_DAYS + 30)
        for hour in range(0, 24, 2)
    ]
    documents = count(events, retention=3650, batch=500)
    learner = learner_of(documents, "u1")
    assert len(learner.days) == MOST_DAYS
    assert learner.first == DAY_0
    assert len(bodies(documents)["LearnerActivity:u1"]) < 100_000
    before = bodies(documents)["LearnerActivity:u1"]
    assert bodies(count([(at(3), answered())], documents))["LearnerActivity:u1"] == before, (
        "a day that is no longer kept"
    )


def test_a_days_items_are_bounded_and_say_what_they_may_have_missed() -> None:
    pick = random.Random(5)
    events: list[Taken] = []
    for number in range(3 * ITEMS):
        events += [(at(0), consumed(item=f"rare{number}", how="dismissed"))]
        events += [(at(0), consumed(item=f"busy{pick.randrange(5)}", how="completed"))]
    events += [(at(0), consumed(item="x" * 500)), (at(0), consumed(item=""))]
    tables = days_of(count(events).values())[DAY_0]
    rows = tables["items"]
    assert len(rows) == ITEMS
    true = {f"busy{n}": sum(getattr(e, "item", "") == f"busy{n}" for _, e in events) for n in range(5)}
    for item, number in true.items():
        assert rows[item]["completed"] <= number <= rows[item]["completed"] + rows[item].get("missed", 0)
    assert figures.sums(tables)["dismissed"] == 3 * ITEMS, "the sums miss nothing"


def test_an_item_that_comes_when_there_is_no_room_takes_over_the_least_busy_ones_count() -> None:
    tables: rollup.Tables = {}
    for item in ("a", "a", "b", "c", "c", "c"):
        items.count(tables, item, {"opened": 1}, room=2)
    assert tables["items"] == {"a": {"opened": 2}, "c": {"opened": 3, "missed": 1}}
    items.count(tables, "b", {"opened": 1}, room=2)
    assert tables["items"]["b"] == {"opened": 1, "missed": 2}, "of which it had one indeed"
    items.keep_busiest(tables, 1)
    assert list(tables["items"]) == ["c"]


def test_a_busy_days_documents_stay_below_what_a_store_takes() -> None:
    pick = random.Random(1)
    agents, models = (
        ["mentor", "curriculum", "curation", "feed", "sentiment"],
        ["gpt_4", "gpt_4_mini", "claude", "cache"],
    )
    events: list[Taken] = []
    for _ in range(6_000):
        one = answered(
            agent=pick.choice(agents),
            delivered=pick.choice(models),
            language=pick.choice(["en", "es", "de", "ar", "hi", "zh"]),
            latency_ms=pick.lognormvariate(7, 1),
        )
        events.append((at(0, pick.uniform(0, 24)), one))
    documents = count(events, batch=500)
    assert max(len(body) for body in bodies(documents).values()) < 200_000
    assert isinstance(events[0][1], Answered)
