"""What a request gets: the variants of its learner where they are targeted at it, and what was promoted."""

from itertools import product
from typing import Any

import pytest

from shared.documents import LiveConfig, Profile
from shared.experiments import catalogue
from shared.experiments.assign import NOTHING, assign, choose
from shared.experiments.context import PLATFORMS, Context, level_of, platform_of
from shared.experiments.slices import arm_of
from shared.experiments.steer import AS_IT_IS
from shared.stored.experiments import Promotion, RunningExperiment, RunningVariant, Slice, Targeting

HERE = Context("en", "ios", "beginner", ("mentor",))


def running(name: str = "e", targeting: Targeting | None = None, **changes: object) -> RunningExperiment:
    changes = changes or {"instruction": "Briefly."}
    variants = [RunningVariant(name="a", weight=0.5), RunningVariant(name="b", weight=0.5, **changes)]
    everybody = Slice(ranges=[(0.0, 1.0)], weights=[0.5, 0.5])
    return RunningExperiment(
        id=name, salt=f"s{name}", slices=[everybody], variants=variants, targeting=targeting or Targeting()
    )


def promoted(name: str, **changes: object) -> Promotion:
    variant = RunningVariant(name="w", weight=1, **changes)
    return Promotion(experiment_id=name, variant=variant, at=1, by="o")


def unit_of(experiment: RunningExperiment, arm: str) -> str:
    return next(unit for unit in (f"u{n}" for n in range(100)) if arm_of(experiment, unit) == arm)


@pytest.mark.parametrize(
    ("targeting", "there"),
    [
        (Targeting(), True),
        (Targeting(languages=["de", "en"], platforms=["ios"], levels=["beginner"], agents=["mentor"]), True),
        (Targeting(languages=["de"]), False),
        (Targeting(platforms=["web", "other"]), False),
        (Targeting(levels=["advanced"]), False),
        (Targeting(agents=["feed"]), False),
    ],
)
def test_a_request_that_is_not_targeted_is_in_no_arm(targeting: Targeting, there: bool) -> None:
    for unit in ("u1", "u2", "u3"):
        assert bool(assign(unit, [running(targeting=targeting)], HERE)) is there


def test_an_unknown_level_is_none_that_is_targeted() -> None:
    everyone = Targeting(levels=["beginner", "intermediate", "advanced"])
    assert assign("u1", [running(targeting=everyone)], Context("en")) == ()


def test_where_no_agent_is_named_whichever_is_targeted_may_be_meant() -> None:
    aimed = running(targeting=Targeting(agents=["feed"]))
    assert assign("u1", [aimed], Context("en", agents=None))
    assert assign("u1", [aimed], Context("en", agents=("mentor", "feed")))
    assert not assign("u1", [aimed], Context("en", agents=("mentor", "curriculum")))


@pytest.mark.parametrize(
    ("changes", "agents", "met"),
    [
        ({"instruction": "Briefly."}, ("mentor",), True),
        ({"prefer_model": "claude"}, ("curriculum",), True),
        ({"live": {"cache_ttl_seconds": 5}}, ("mentor",), True),
        ({"algorithm": "challenge"}, ("mentor",), False),
        ({"algorithm": "challenge"}, ("feed",), True),
        ({"name": "b"}, ("mentor", "feed"), False),
        ({"name": "b"}, None, True),
    ],
)
def test_a_unit_meets_its_variant_where_that_changes_something(
    changes: dict[str, Any], agents: tuple[str, ...] | None, met: bool
) -> None:
    arms = [RunningVariant(name="a", weight=0.5), RunningVariant(**{"name": "b", "weight": 0.5, **changes})]
    experiment = running().model_copy(update={"variants": arms})
    found = choose(
        LiveConfig(id="live", experiments=[experiment]), "u1", lambda: Context("en", agents=agents), testing=True
    )
    arm = {"e": arm_of(experiment, "u1")}
    assert (found.arms, found.beside) == ((arm, {}) if met else ({}, arm))


def test_t63_targeting_decides_where_an_arm_matters_and_never_which_it_is() -> None:
    experiment = running(targeting=Targeting(platforms=["ios", "web"]))
    for unit in ("u1", "u2", "u3", "u4"):
        seen = {
            one.variant
            for language, platform, level in product(("en", "de"), ("ios", "web", "android"), (None, "advanced"))
            for one in assign(unit, [experiment], Context(language, platform, level, ("mentor",)))
        }
        assert seen == {arm_of(experiment, unit)}


def test_what_the_app_calls_itself() -> None:
    told = {None: "other", "": "other", "iOS": "ios", " android ": "android", "web": "web", "fridge": "other"}
    assert {header: platform_of(header) for header in told} == told
    assert {*PLATFORMS, "other"} == set(catalogue.PLATFORMS)


def test_a_level_comes_of_the_difficulty_a_learner_prefers() -> None:
    found = [level_of(Profile(id="u", difficulty_preference=one)) for one in (0, 0.33, 1 / 3, 0.5, 2 / 3, 1)]
    assert found == ["beginner", "beginner", "intermediate", "intermediate", "advanced", "advanced"]
    assert level_of(None) is level_of(Profile(id="u")) is None
    assert set(found) == set(catalogue.LEVELS)


def test_without_experiments_and_promotions_nothing_is_worked_out() -> None:
    def unasked() -> Context:
        raise AssertionError("there is nothing to choose")

    assert choose(LiveConfig(id="live"), "u1", unasked, testing=True) is NOTHING
    assert choose(LiveConfig(id="live", experiments=[running()]), "u1", unasked, testing=False) is NOTHING


def test_a_promotion_changes_what_everybody_gets_and_is_no_arm() -> None:
    live = LiveConfig(id="live", promotions=[promoted("p", prefer_model="claude", instruction="Be brief.")])
    for testing in (True, False):
        chosen = choose(live, "u1", lambda: HERE, testing=testing)
        assert chosen.experiments == ()
        assert (chosen.steering.prefer_model, chosen.steering.instruction) == ("claude", "Be brief.")


def test_a_promotion_is_only_for_those_it_was_found_for() -> None:
    only = promoted("p", prefer_model="claude").model_copy(update={"targeting": Targeting(languages=["de"])})
    live = LiveConfig(id="live", promotions=[only])
    assert choose(live, "u1", lambda: HERE, testing=True).steering.prefer_model is None
    assert choose(live, "u1", lambda: Context("de"), testing=True).steering.prefer_model == "claude"


def test_a_running_experiment_holds_over_promotions_and_a_later_promotion_over_an_earlier() -> None:
    experiment = running(prefer_model="gpt_4", algorithm="explore", instruction="Ask more.")
    earlier = promoted("p1", prefer_model="claude", algorithm="challenge", instruction="Be brief.")
    live = LiveConfig(
        id="live", experiments=[experiment], promotions=[earlier, promoted("p2", prefer_model="gpt_4_mini")]
    )
    told = {arm: choose(live, unit_of(experiment, arm), lambda: HERE, testing=True) for arm in "ab"}
    assert told["b"].arms == {"e": "b"}
    steered = told["b"].steering
    assert (steered.prefer_model, steered.algorithm, steered.instruction) == (
        "gpt_4",
        "explore",
        "Be brief.\n\nAsk more.",
    )
    control = told["a"].steering
    assert (control.prefer_model, control.algorithm, control.instruction) == ("gpt_4_mini", "challenge", "Be brief.")


ELSEWHERE = [
    (Targeting(levels=["advanced"]), True),
    (Targeting(platforms=["web"]), True),
    (Targeting(languages=["de"], agents=["mentor"]), True),
    (Targeting(languages=["de"], agents=["feed"]), False),
    (Targeting(agents=["feed"]), False),
    (Targeting(languages=["en"], agents=["mentor"]), False),
]


@pytest.mark.parametrize(("targeting", "beside"), ELSEWHERE)
def test_who_is_in_elsewhere_is_known_to_be_and_gets_nothing_of_it(targeting: Targeting, beside: bool) -> None:
    experiment = running(targeting=targeting, prefer_model="gpt_4")
    live = LiveConfig(id="live", experiments=[experiment])
    for arm in "ab":
        chosen = choose(live, unit_of(experiment, arm), lambda: HERE, testing=True)
        assert chosen.beside == ({"e": arm} if beside else {})
        if beside:
            assert (chosen.arms, chosen.steering) == ({}, AS_IT_IS)


def test_who_is_in_nowhere_is_not_in_beside_either() -> None:
    none = running(targeting=Targeting(levels=["advanced"])).model_copy(
        update={"slices": [Slice(ranges=[(0.0, 1e-9)], weights=[0.5, 0.5])]}
    )
    assert choose(LiveConfig(id="live", experiments=[none]), "u1", lambda: HERE, testing=True).beside == {}
