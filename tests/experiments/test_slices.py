"""Who is in an experiment and in which arm: disjoint, sticky, uniform, and the same on every machine."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from shared.experiments import slices
from shared.experiments.slices import MOST_SLICES, ROUNDS, NoRoom, Unwidened, arm_of, slice_of, traffic
from shared.stored.experiments import Experiment, ExperimentMetric, ExperimentVariant, RunningExperiment, Slice

GOLDEN = [None, None, "v2", None, None, None, None, "v2", None, None, "v1", None]
UNITS = [f"learner-{number}" for number in range(300)]
MANY = [f"learner-{number}" for number in range(20_000)]


def experiment(
    name: str = "e", share: float = 1.0, layer: str | None = None, weights: tuple[float, ...] = (0.5, 0.5), **more: str
) -> Experiment:
    return Experiment(
        id=name, name=name, kind="prompt", metrics=[ExperimentMetric(name="messages", kind="mean")], created_at=0,
        variants=[
            ExperimentVariant(name=f"v{place}", weight=weight, is_control=place == 0)
            for place, weight in enumerate(weights)
        ],
        target_participants=100, min_participants=10, traffic_allocation=share, duration_days=14, layer=layer,
        created_by="o", allocation=more.get("allocation", "fixed"),
    )  # fmt: skip


def opened(
    name: str = "e", share: float = 1.0, others: tuple[RunningExperiment, ...] = (), **more: object
) -> RunningExperiment:
    return slices.open_first(experiment(name, share, **more), others, f"salt-{name}", 7.0)  # type: ignore[arg-type]


def arms(running: RunningExperiment) -> dict[str, str]:
    return {unit: arm for unit in UNITS if (arm := arm_of(running, unit)) is not None}


def test_assignment_is_the_same_on_every_machine_and_for_ever() -> None:
    """Were one of these to change, learners of running experiments would move."""
    assert slices.numbers("salt-e", "learner-0") == (0.32520536604402117, 0.011944167135161554)
    running = opened(share=0.5, layer="prompts", weights=(0.2, 0.3, 0.5))
    assert [arm_of(running, unit) for unit in UNITS[:12]] == GOLDEN
    assert [slice_of(running, unit) for unit in UNITS[:4]] == [None if arm is None else 0 for arm in GOLDEN[:4]]


shares = st.integers(1, 1_000_000_000).map(lambda number: number / 1_000_000_000)


@settings(max_examples=40)
@given(st.lists(shares, min_size=1, max_size=8), shares)
def test_experiments_of_a_layer_never_share_a_unit(wanted: list[float], more: float) -> None:
    running: list[RunningExperiment] = []
    for place, share in enumerate(wanted):
        free = 1 - sum(map(traffic, running))
        if share < free - 1e-8:
            running.append(opened(f"e{place}", share, tuple(running), layer="l"))
        elif share > free + 1e-8:
            with pytest.raises(NoRoom) as refused:
                opened(f"e{place}", share, tuple(running), layer="l")
            assert refused.value.free == pytest.approx(free, abs=1e-8)
    if len(running) > 1:  # one in the middle ends, another takes its place and what is left behind
        del running[len(running) // 2]
        free = 1 - sum(map(traffic, running))
        if free > 1e-8:
            running.append(opened("late", free * 0.999, tuple(running), layer="l"))
            assert traffic(running[-1]) == pytest.approx(free * 0.999, abs=1e-8)
    ranges = sorted(one for found in running for part in found.slices for one in part.ranges)
    assert all(start < end for start, end in ranges)
    assert all(before[1] <= after[0] for before, after in pairwise(ranges))
    for unit in UNITS[:50]:
        assert sum(arm_of(one, unit) is not None for one in running) <= 1
    grown = slices.widen(opened("w", min(more, 0.5)), min(1.0, more + 0.25), running, 9.0)
    assert traffic(grown) == pytest.approx(min(1.0, more + 0.25), abs=1e-8) or more < 0.25


@settings(max_examples=40)
@given(st.lists(st.integers(1, 99), min_size=1, max_size=12, unique=True), st.sampled_from([None, "l"]))
def test_t63_widening_moves_nobody(steps: list[int], layer: str | None) -> None:
    first, *rest = sorted(steps)
    running = opened(share=first / 100, layer=layer, weights=(0.3, 0.7))
    before = arms(running)
    for step in rest:
        running = slices.widen(running, step / 100, (), 8.0)
        after = arms(running)
        assert before.items() <= after.items()
        assert traffic(running) == pytest.approx(step / 100)
        before = after
    assert RunningExperiment.model_validate_json(running.model_dump_json()) == running


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)), min_size=1, max_size=ROUNDS - 1))
def test_t63_a_bandits_rounds_move_nobody_and_keep_their_own_shares(rounds: list[tuple[float, float]]) -> None:
    running = opened(share=0.8, allocation="thompson", weights=(0.9, 0.1))
    assert traffic(running) == pytest.approx(0.1)
    assert running.slices[0].weights == [0.5, 0.5]
    before = arms(running)
    for weights in rounds:
        running = slices.open_next(running, 0.1, weights, (), 9.0)
        after = arms(running)
        assert before.items() <= after.items()
        before = after
    assert [part.weights for part in running.slices[1:]] == [list(weights) for weights in rounds]
    assert {slice_of(running, unit) for unit in UNITS} == {None, *range(len(running.slices))}


def test_narrower_is_refused_and_so_is_the_same() -> None:
    running = opened(share=0.4)
    for share in (0.1, 0.4):
        with pytest.raises(Unwidened):
            slices.widen(running, share, (), 8.0)


def test_there_is_an_end_to_widening() -> None:
    running = opened(share=0.01)
    for step in range(2, MOST_SLICES + 1):
        running = slices.widen(running, step / 100, (), 8.0)
    with pytest.raises(Unwidened, match="23 times"):
        slices.widen(running, 0.9, (), 8.0)


def test_widening_in_a_layer_takes_only_what_is_free() -> None:
    one = opened("one", 0.4, layer="l")
    other = opened("other", 0.3, (one,), layer="l")
    apart = opened("apart", 1.0, (one, other), layer="another")
    assert traffic(apart) == 1.0
    wider = slices.widen(one, 0.7, (other, apart, one), 8.0)
    assert wider.slices[1].ranges == [(0.7, 1.0)]
    with pytest.raises(NoRoom) as refused:
        slices.widen(wider, 0.75, (other, apart), 8.0)
    assert refused.value.free == 0


def test_a_bandit_starts_only_where_all_of_its_rounds_would_fit() -> None:
    one = opened("one", 0.5, layer="l")
    with pytest.raises(NoRoom):
        opened("b", 0.6, (one,), layer="l", allocation="thompson")
    assert traffic(opened("b", 0.5, (one,), layer="l", allocation="thompson")) == 0.5 / ROUNDS


def test_arms_come_in_the_shares_of_the_weights() -> None:
    running = opened(share=0.5, weights=(0.2, 0.3, 0.5))
    counts = Counter(arm_of(running, unit) for unit in MANY)
    assert chisquare([counts[None], sum(counts.values()) - counts[None]]).pvalue > 1e-4
    inside = len(MANY) - counts[None]
    expected = [inside * weight for weight in (0.2, 0.3, 0.5)]
    assert chisquare([counts["v0"], counts["v1"], counts["v2"]], expected).pvalue > 1e-4


@pytest.mark.parametrize("layers", [(None, None), ("l", "m"), ("l", None)])
def test_one_experiments_arm_says_nothing_of_anothers(layers: tuple[str | None, str | None]) -> None:
    """Nor whether somebody is in another one at all; and the arm says nothing of where in its slice a unit lies."""
    one, other = (opened(name, 0.6, layer=layer) for name, layer in zip("ab", layers, strict=True))
    seen = Counter((str(arm_of(one, unit)), str(arm_of(other, unit))) for unit in MANY)
    names = ("None", "v0", "v1")
    assert chi2_contingency([[seen[row, column] for column in names] for row in names]).pvalue > 1e-4
    pairs = [slices.numbers("salt", unit) for unit in MANY]
    places = Counter((int(first * 4), int(second * 4)) for first, second in pairs)
    assert chi2_contingency([[places[row, column] for column in range(4)] for row in range(4)]).pvalue > 1e-4


def test_all_and_nothing() -> None:
    everybody = RunningExperiment(id="e", salt="s", slices=[Slice(ranges=[(0, 1)], weights=[1])], variants=[])
    assert arm_of(everybody, "u") is None
    assert all(arm_of(opened(share=1.0), unit) is not None for unit in UNITS)
