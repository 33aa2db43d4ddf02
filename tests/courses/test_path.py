"""Learning paths: order, mastery, time, review."""

from hypothesis import given
from hypothesis import strategies as st

from shared.courses.path import MASTERED, Skill, circular, plan, sessions

CHAIN = [Skill("a", 30), Skill("b", 30, ("a",)), Skill("c", 30, ("b",))]


def learned(path: object) -> list[str]:
    return [step.skill for step in path.steps if step.kind == "learn"]  # type: ignore[attr-defined]


def test_what_is_mastered_is_left_out_with_what_it_builds_on() -> None:
    path = plan([Skill("a", 30), Skill("b", 30, ("a",), mastery=0.9), Skill("c", 30, ("b",))], ["c"], None)
    assert learned(path) == ["c"]
    assert plan([Skill("a", 30, mastery=MASTERED)], ["a"], None).mastered == ["a"]


def test_half_known_takes_half_the_time_and_comes_before_what_is_unknown() -> None:
    path = plan([Skill("x", 40), Skill("y", 40, mastery=0.5), Skill("z", 10, ("x", "y"))], ["z"], None)
    assert [(step.skill, step.minutes) for step in path.steps if step.kind == "learn"] == [
        ("y", 20),
        ("x", 40),
        ("z", 10),
    ]


def test_what_faded_is_reviewed_before_what_builds_on_it_and_once() -> None:
    skills = [Skill("old", 40, mastery=0.95, days=60), Skill("x", 20, ("old",)), Skill("y", 20, ("old",))]
    path = plan(skills, ["x", "y"], None)
    assert [(step.skill, step.kind) for step in path.steps][:3] == [("old", "review"), ("x", "learn"), ("y", "learn")]
    assert sum(step.skill == "old" for step in path.steps) == 1
    fresh = plan([Skill("old", 40, mastery=0.95, days=1), *skills[1:]], ["x"], None)
    assert [step.kind for step in fresh.steps] == ["learn"]


def test_what_is_new_comes_again_at_growing_distances() -> None:
    chain = [Skill(f"s{n}", 10, (f"s{n - 1}",) if n else ()) for n in range(10)]
    path = plan(chain, ["s9"], None)
    order = [(step.skill, step.kind) for step in path.steps]
    first = [place for place, (skill, kind) in enumerate(order) if skill == "s0" and kind == "review"]
    between = [sum(kind == "learn" for _, kind in order[:place]) for place in first]
    assert between == [2, 4, 8]


def test_goals_that_do_not_fit_are_deferred_whole_the_cheapest_first() -> None:
    path = plan([*CHAIN, Skill("quick", 20)], ["c", "quick"], 60)
    assert (learned(path), path.deferred) == (["quick"], ["c"])
    assert plan(CHAIN, ["c"], 90).deferred == []
    assert plan(CHAIN, ["c"], 89).deferred == ["c"]


def test_sessions_hold_whole_steps() -> None:
    path = plan(CHAIN, ["c"], 90)
    assert sessions(path.steps, 60) == [[0, 1], [2]]
    assert sessions(path.steps, 10) == [[0], [1], [2]]


def test_a_circle_is_found() -> None:
    assert circular([Skill("a", 1, ("b",)), Skill("b", 1, ("a",))])
    assert circular(CHAIN) == []


skills = st.integers(1, 12).flatmap(
    lambda count: st.tuples(
        *(
            st.builds(
                lambda place, minutes, needs, mastery, days: Skill(
                    f"s{place}", minutes, tuple(f"s{n}" for n in sorted(needs) if n < place), mastery, days
                ),
                st.just(place),
                st.integers(1, 100),
                st.sets(st.integers(0, 11), max_size=3),
                st.floats(0, 1),
                st.floats(0, 200),
            )
            for place in range(count)
        )
    )
)


@given(skills, st.one_of(st.none(), st.integers(1, 600)))
def test_every_path_is_in_order_within_its_time_and_complete(made: tuple[Skill, ...], minutes: int | None) -> None:
    by_id = {skill.id: skill for skill in made}
    path = plan(made, list(by_id), minutes)
    assert path == plan(made, list(by_id), minutes)
    done: set[str] = set()
    for step in path.steps:
        if step.kind == "learn":
            assert step.skill not in done
            assert all(other in done or by_id[other].known for other in by_id[step.skill].prerequisites)
            done.add(step.skill)
        else:
            assert step.skill in done or by_id[step.skill].known
    assert minutes is None or path.minutes <= minutes
    assert path.minutes == sum(step.minutes for step in path.steps)
    assert set(path.deferred) | set(path.mastered) | done == set(by_id)
