"""The way from draft to decided: which steps are allowed, what they leave, and that nobody loses a race."""

from typing import Any

import pytest

from shared.agents.experiments import ExperimentChange
from shared.documents import LiveConfig
from shared.errors import Conflict, InvalidRequest
from shared.experiments import lifecycle
from shared.experiments.slices import arm_of, traffic
from shared.stored.experiments import Decision, Experiment
from tests.experiments.drafts import CONFIGURED, DEFAULTS, draft, started

MODELS = [
    {"name": "own", "config": {"model": "gemma_4_on_device"}, "is_control": True},
    {"name": "paid", "config": {"model": "gpt_4_mini"}},
]


def by_models(**changes: Any) -> dict[str, Any]:
    return {"experiment_type": "model_selection", "variants": MODELS, **changes}


def start(experiment: Experiment, live: LiveConfig, configured: Any = CONFIGURED) -> lifecycle.Changed:
    return lifecycle.start(experiment, live, configured=configured, salt="s", by="bob", now=3_000.0, why="")


def stop(experiment: Experiment, live: LiveConfig, winner: str | None = None, **changes: Any) -> lifecycle.Changed:
    given = {"by": "bob", "now": 9_000.0, "why": "", "promote": False, **changes}
    return lifecycle.stop(experiment, live, winner=winner, **given)


def revise(experiment: Experiment, live: LiveConfig, **changes: Any) -> lifecycle.Changed:
    change = ExperimentChange.model_validate(changes)
    return lifecycle.revise(experiment, live, change, DEFAULTS, by="bob", now=5_000.0)


def win(variant: str = "on", kind: Any = "win") -> Decision:
    return Decision(at=7_000.0, by="monitor", kind=kind, variant=variant, sentence="Keep it.")


def test_starting_puts_the_arms_into_live_config() -> None:
    experiment, live = started(**by_models(traffic_allocation=0.25))
    assert (experiment.state, experiment.started_at, live.version, live.updated_by) == ("running", 2_000.0, 1, "ada")
    assert live.experiments == [experiment.running]
    assert [arm.prefer_model for arm in live.experiments[0].variants] == ["gemma_4_on_device", "gpt_4_mini"]
    assert traffic(live.experiments[0]) == 0.25
    (step,) = experiment.transitions
    assert (step.by, step.before, step.after, step.why, step.at) == ("ada", "draft", "running", "go", 2_000.0)


@pytest.mark.parametrize("state", ["running", "stopped", "decided"])
def test_only_a_draft_can_be_started(state: str) -> None:
    experiment, live = started()
    if state != "running":
        experiment, live = stop(experiment, live, "on" if state == "decided" else None)
    with pytest.raises(Conflict, match=f"It is {state}"):
        start(experiment, live)


def test_a_model_that_cannot_be_asked_is_refused_at_the_start() -> None:
    experiment = draft(**by_models())
    with pytest.raises(
        Conflict, match=r"paid asks gpt_4_mini, which is not configured here\. Configured: gemma_4_on_device"
    ):
        start(experiment, LiveConfig(id="live"), ["gemma_4_on_device"])
    with pytest.raises(Conflict, match="switched off"):
        start(experiment, LiveConfig(id="live", disabled_models=["gpt_4_mini"]))


def test_a_full_layer_says_how_much_is_free() -> None:
    _, live = started("exp_1", layer="models", traffic_allocation=0.7)
    with pytest.raises(Conflict, match=r"only 0\.3 of the traffic of layer models is free"):
        started("exp_2", live, layer="models", traffic_allocation=0.5)
    second, live = started("exp_2", live, layer="models", traffic_allocation=0.3)
    assert second.running is not None
    both = [unit for unit in map(str, range(3_000)) if all(arm_of(one, unit) for one in live.experiments)]
    assert not both


def test_fifty_run_and_no_more() -> None:
    live = LiveConfig(id="live")
    for number in range(lifecycle.MOST_RUNNING):
        _, live = started(f"exp_{number}", live)
    with pytest.raises(Conflict, match="50 experiments run"):
        started("exp_50", live)


def test_live_config_stays_small_enough_to_be_read_every_two_seconds() -> None:
    long = [
        {"name": f"v{number}", "config": {"instruction": "長" * 2_000}, "is_control": number == 0}
        for number in range(8)
    ]
    live = LiveConfig(id="live")
    for number in range(8):
        _, live = started(f"exp_{number}", live, experiment_type="prompt", variants=long)
    with pytest.raises(Conflict, match="400000 is the most"):
        started("exp_8", live, experiment_type="prompt", variants=long)
    assert len(live.model_dump_json().encode()) < 500_000
    experiment, live = stop(draft("exp_0").model_copy(update={"state": "running"}), live)
    assert experiment.state == "stopped"


def test_stopping_takes_it_out_and_once_more_changes_nothing() -> None:
    experiment, live = started()
    ended, after = stop(experiment, live, why="enough")
    assert (ended.state, ended.ended_at, after.experiments, after.version) == ("stopped", 9_000.0, [], 2)
    assert ended.transitions[-1].why == "enough"
    again, same = stop(ended, after)
    assert again is ended
    assert same is after


def test_what_is_decided_stays_decided() -> None:
    ended, live = stop(*started(), "on", why="clearly better")
    assert ended.decision is not None
    assert (ended.state, ended.decision.kind, ended.decision.variant) == ("decided", "operator", "on")
    assert (ended.decision.by, ended.decision.sentence, ended.decision.promoted) == ("bob", "clearly better", False)
    for winner in (None, "off", "on"):
        with pytest.raises(Conflict, match="stays decided"):
            stop(ended, live, winner)
    with pytest.raises(Conflict):
        lifecycle.conclude(ended, live, win(), 9_500.0)


def test_a_stopped_one_can_be_decided_later() -> None:
    ended, live = stop(*started())
    decided, after = stop(ended, live, "off", now=9_900.0)
    assert (decided.state, decided.ended_at) == ("decided", 9_000.0)
    assert after is live


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"winner": "maybe"}, "there are off, on"), ({"winner": None, "promote": True}, "needs a winner")],
)
def test_a_stop_that_makes_no_sense_is_refused(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(Conflict, match=says):
        stop(*started(), **asked)


def test_a_draft_is_given_up_by_stopping_it() -> None:
    live = LiveConfig(id="live")
    ended, after = stop(draft(), live)
    assert ended.state == "stopped"
    assert after is live
    with pytest.raises(Conflict, match="never ran"):
        stop(draft(), live, "on")


def test_a_promoted_winner_is_for_everybody_until_it_is_taken_back() -> None:
    experiment, live = started(**by_models(targeting={"languages": ["de"]}))
    ended, promoted = stop(experiment, live, "paid", promote=True)
    (promotion,) = promoted.promotions
    assert (promotion.experiment_id, promotion.by, promotion.at) == ("exp_1", "bob", 9_000.0)
    assert (promotion.variant.prefer_model, promotion.targeting.languages) == ("gpt_4_mini", ["de"])
    assert (promoted.experiments, promoted.version) == ([], live.version + 1)
    back, after = lifecycle.roll_back(ended, promoted, by="eve", now=9_500.0, why="angry mails")
    assert back.decision is not None
    assert (back.state, back.decision.promoted, back.decision.rolled_back_at) == ("decided", True, 9_500.0)
    assert (after.promotions, after.version) == ([], promoted.version + 1)
    assert "angry mails" in back.transitions[-1].why
    assert lifecycle.roll_back(back, after, by="eve", now=9_600.0, why="") == (back, after)
    with pytest.raises(Conflict, match="nothing to be taken back"):
        lifecycle.roll_back(stop(*started(), "on")[0], live, by="eve", now=1.0, why="")


@pytest.mark.parametrize(
    ("auto", "kind", "promoted"), [(True, "win", True), (False, "win", False), (True, "harm", False)]
)
def test_only_a_win_is_promoted_and_only_where_that_is_allowed(auto: bool, kind: str, promoted: bool) -> None:
    experiment, live = started(auto_promote=auto)
    ended, after = lifecycle.conclude(experiment, live, win(kind=kind), 7_000.0)
    assert ended.decision is not None
    assert (ended.state, ended.decision.promoted, bool(after.promotions)) == ("decided", promoted, promoted)
    assert (ended.transitions[-1].by, ended.transitions[-1].why) == ("monitor", "Keep it.")


def test_traffic_is_only_widened_and_moves_nobody() -> None:
    experiment, live = started(traffic_allocation=0.2)
    before = live.experiments[0]
    wider, after = revise(experiment, live, traffic_allocation=0.5)
    assert (wider.traffic_allocation, after.version) == (0.5, live.version + 1)
    assert after.experiments == [wider.running]
    units = [str(number) for number in range(4_000)]
    was = {unit: arm for unit in units if (arm := arm_of(before, unit)) is not None}
    assert was == {unit: arm_of(after.experiments[0], unit) for unit in was}
    assert sum(arm_of(after.experiments[0], unit) is not None for unit in units) == pytest.approx(2_000, rel=0.1)
    assert "0.2 to 0.5" in wider.transitions[-1].why
    with pytest.raises(Conflict, match="only be widened"):
        revise(wider, after, traffic_allocation=0.3)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"variants": [{"name": "off", "is_control": True}, {"name": "on"}, {"name": "blue"}]}, "weights and configs"),
        ({"metrics": {"primary_metric": "messages"}}, "metrics cannot be changed: it is running"),
        ({"alpha": 0.2}, "alpha cannot be changed: it is running, and the error rate"),
        ({"name": "Tips"}, "only traffic_allocation, duration_days, description"),
        ({"experiment_type": "prompt"}, "experiment_type cannot"),
        ({"targeting": {"languages": ["de"]}}, "targeting cannot"),
        ({"layer": "a"}, "layer cannot"),
        ({"duration_days": 7}, "only become longer"),
        ({"auto_stop": False, "auto_promote": True}, "auto_promote needs auto_stop"),
    ],
)
def test_what_is_fixed_while_it_runs_is_refused_with_the_reason(changes: dict[str, Any], says: str) -> None:
    experiment, live = started()
    with pytest.raises(Conflict, match=says):
        revise(experiment, live, **changes)


def test_what_may_change_while_it_runs_does() -> None:
    experiment, live = started()
    same = {
        "name": "Hints",
        "alpha": 0.05,
        "metrics": {"primary_metric": "score", "definitions": [{"name": "score", "kind": "mean"}]},
    }
    after, config = revise(
        experiment, live, duration_days=20, description="Longer", auto_stop=True, auto_promote=True, **same
    )
    assert (after.duration_days, after.description, after.auto_promote) == (20, "Longer", True)
    assert config is live
    assert after.transitions[-1].why == "Changed: description, duration_days, auto_promote."
    assert revise(after, config, **same)[0] is after
    with pytest.raises(InvalidRequest):
        revise(after, config, duration_days=None)


def test_of_what_is_over_only_the_description_changes() -> None:
    ended, live = stop(*started())
    assert revise(ended, live, description="Why we did it")[0].description == "Why we did it"
    with pytest.raises(Conflict, match="only description"):
        revise(ended, live, duration_days=30)


def test_a_bandits_rounds_open_its_traffic_and_nobody_else_does() -> None:
    experiment, live = started(allocation="thompson", traffic_allocation=0.8)
    assert traffic(live.experiments[0]) == pytest.approx(0.1)
    after, config = lifecycle.open_round(experiment, live, [0.2, 0.8], 5_000.0)
    assert config.experiments == [after.running]
    assert after.running is not None
    assert traffic(after.running) == pytest.approx(0.2)
    assert after.running.slices[1].weights == [0.2, 0.8]
    assert after.transitions[-1].why == "Round 2 of 8: off 20%, on 80%."
    with pytest.raises(Conflict, match="rounds open its traffic"):
        revise(after, config, traffic_allocation=0.9)


def test_a_long_course_keeps_its_beginning_and_its_end() -> None:
    experiment, live = started()
    for number in range(lifecycle.MOST_TRANSITIONS + 50):
        experiment, live = revise(experiment, live, description=str(number))
    assert len(experiment.transitions) == lifecycle.MOST_TRANSITIONS
    assert (experiment.transitions[0].before, experiment.transitions[-1].after) == ("draft", "running")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Model Performance Comparison", "model_performance_comparison"),
        ("Größe: XL!", "gr_e_xl"),
        ("実験", "experiment"),
    ],
)
def test_a_name_becomes_a_label(name: str, label: str) -> None:
    assert lifecycle.slug(name) == label
