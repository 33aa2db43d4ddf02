"""Looking at an experiment all the time must not make it decide wrongly, and pleasant must not pass for instructive."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.experiments.analysis import analyse
from shared.experiments.decision import decide
from shared.experiments.moments import PAIRS, Moments
from shared.experiments.totals import Totals
from shared.stored.experiments import Decision, Experiment
from tests.experiments.arranged import DAY, LEARNT, RATING, SCORE, SLOWNESS, cell, experiment

STEP = 50
LOOKS = 20
RUNS = 150
Units = NDArray[np.floating[Any]]


def growing(num: Units, den: Units) -> list[Moments]:
    """The sums of the first 25, 50, … units: half of every STEP are an arm's."""
    ends = np.arange(STEP // 2, len(num) + 1, STEP // 2) - 1
    four = [num, den, np.zeros_like(num), np.ones_like(num)]
    sums = np.stack([np.cumsum(one)[ends] for one in four], axis=1)
    products = np.stack([np.cumsum(four[a] * four[b])[ends] for a, b in PAIRS], axis=1)
    return [
        Moments((place + 1) * STEP // 2, tuple(map(float, sums[place])), tuple(map(float, products[place])))
        for place in range(len(ends))
    ]


def ratings(random: np.random.Generator, units: int, mean: float) -> tuple[Units, Units]:
    """Some ratings a unit, whose own level differs from others'."""
    count = random.poisson(2.0, units) + 1.0
    return count * random.normal(mean, 0.8, units), count


def answers(random: np.random.Generator, units: int, share: float) -> tuple[Units, Units]:
    """Exercises a unit, and how many of them were right."""
    count = random.poisson(8.0, units) + 1
    return random.binomial(count, random.beta(20 * share, 20 * (1 - share), units)).astype(float), count.astype(float)


def seconds(random: np.random.Generator, units: int, mean: float) -> tuple[Units, Units]:
    """Answers a unit, and how long they took in all."""
    count = random.poisson(3.0, units) + 1.0
    return count * random.lognormal(np.log(mean), 0.5, units), count


MAKE = {"user_satisfaction": (ratings, 4.0), "next_item_correctness": (answers, 0.6), "response_time": (seconds, 2.0)}


def looks(
    asked: Experiment, random: np.random.Generator, lift: dict[str, float], count: int = LOOKS
) -> Iterator[tuple[Totals, float]]:
    """What is known after every STEP units, when an hour has gone by since the last look; `lift` is the treatment's, by metric."""
    series = {
        variant.name: {
            metric.name: growing(
                *MAKE[metric.name][0](
                    random,
                    count * STEP // 2,
                    MAKE[metric.name][1] * (1 + (0 if variant.is_control else lift.get(metric.name, 0.0))),
                )
            )
            for metric in asked.metrics
        }
        for variant in asked.variants
    }
    for place in range(count):
        cells = {
            (name, 0, 0): cell({metric: sums[place] for metric, sums in metrics.items()})
            for name, metrics in series.items()
        }
        yield Totals(cells, first_exposure=0.0), DAY + 3_600.0 * place


def decided(
    asked: Experiment, random: np.random.Generator, lift: dict[str, float], count: int = LOOKS
) -> Decision | None:
    """The first decision of all looks."""
    for sums, now in looks(asked, random, lift, count):
        found = decide(asked, analyse(asked, sums, now), now)
        if found is not None:
            return found
    return None


def test_t61_equal_variants_are_stopped_wrongly_no_more_often_than_alpha_though_looked_at_all_the_time() -> None:
    """A win and harm are both wrong. Whoever stops at the first p value below alpha is wrong several times as often."""
    asked = experiment(SLOWNESS, minimum_effect=0.0, target_participants=STEP * LOOKS)
    random = np.random.default_rng(61)
    stopped = peeked = 0
    for _ in range(RUNS):
        wrong = below = False
        for sums, now in looks(asked, random, {}):
            analysis = analyse(asked, sums, now)
            found = decide(asked, analysis, now)
            wrong = wrong or (found is not None and found.kind in ("win", "harm"))
            below = below or (analysis.metrics[0].effects[0].p_value or 1.0) < asked.alpha
        stopped, peeked = stopped + wrong, peeked + below
    assert stopped <= RUNS * asked.alpha
    assert peeked > 3 * RUNS * asked.alpha


@pytest.mark.parametrize("seed", range(12))
def test_t64_what_wins_ratings_and_loses_learning_is_never_promoted(seed: int) -> None:
    asked = experiment(RATING, LEARNT.model_copy(update={"margin": 0.02}), target_participants=3_000, auto_promote=True)
    found = decided(asked, np.random.default_rng(seed), {"user_satisfaction": 0.15, "next_item_correctness": -0.12}, 60)
    assert found is not None
    assert (found.kind, found.variant) == ("harm", "control")
    assert "next item correctness" in found.sentence


def test_t64_nor_is_it_when_a_guardrail_agrees_before_the_learning_is_known() -> None:
    """What was learnt comes in late: for weeks nothing is known but that the answers are liked, and as fast as before."""
    asked = experiment(RATING, LEARNT, SLOWNESS, guardrails=["response_time"], target_participants=3_000)
    for sums, now in looks(asked, np.random.default_rng(1), {"user_satisfaction": 0.2}, 40):
        known = {
            key: cell({name: one for name, one in part.metrics.items() if name != LEARNT.name}, units=part.units)
            for key, part in sums.cells.items()
        }
        analysis = analyse(asked, Totals(known, first_exposure=0.0), now)
        assert decide(asked, analysis, now) is None
    satisfaction, _, slowness = (metric.effects[0] for metric in analysis.metrics)
    assert satisfaction.always_valid.low is not None
    assert satisfaction.always_valid.low > 0
    assert slowness.harm is not None
    assert slowness.harm.kept
    assert "ratings" in analysis.verdict.sentence or "next item correctness" in analysis.verdict.sentence


FAST = {"response_time": -0.15}


@pytest.mark.parametrize("seed", range(6))
def test_t64_what_is_better_by_a_metric_that_is_no_rating_and_loses_learning_is_never_promoted(seed: int) -> None:
    strict = LEARNT.model_copy(update={"margin": 0.02})
    asked = experiment(SLOWNESS, strict, target_participants=3_000, auto_promote=True)
    found = decided(asked, np.random.default_rng(seed), {**FAST, LEARNT.name: -0.05}, 60)
    assert found is None or found.kind == "harm"


def test_t64_learning_is_waited_for_whatever_is_better() -> None:
    asked = experiment(SLOWNESS, LEARNT, target_participants=3_000, auto_promote=True)
    for sums, now in looks(asked, np.random.default_rng(1), FAST, 40):
        known = {
            key: cell({name: one for name, one in part.metrics.items() if name != LEARNT.name}, units=part.units)
            for key, part in sums.cells.items()
        }
        analysis = analyse(asked, Totals(known, first_exposure=0.0), now)
        assert decide(asked, analysis, now) is None
    assert (analysis.metrics[0].effects[0].always_valid.high or 0.0) < 0
    assert "nothing can be said of next item correctness yet" in analysis.verdict.sentence
    found = decided(asked, np.random.default_rng(1), FAST, 60)
    assert found is not None
    assert (found.kind, found.variant) == ("win", "treatment")


def test_t64_liked_and_no_worse_to_learn_with_wins() -> None:
    asked = experiment(RATING, LEARNT, target_participants=3_000)
    found = decided(asked, np.random.default_rng(2), {"user_satisfaction": 0.15, "next_item_correctness": 0.03}, 60)
    assert found is not None
    assert (found.kind, found.variant) == ("win", "treatment")
    assert found.sentence.startswith("Keep treatment: user satisfaction is 1")
    assert "next item correctness is no worse" in found.sentence


def test_a_metric_that_is_no_rating_wins_by_itself() -> None:
    asked = experiment(SCORE)
    sums = Totals(
        {
            (name, 0, 0): cell({"score": growing(*ratings(np.random.default_rng(3), 500, mean))[-1]})
            for name, mean in (("control", 4.0), ("treatment", 5.0))
        }
    )
    found = decide(asked, analyse(asked, sums, 2 * DAY), 2 * DAY)
    assert found is not None
    assert found.kind == "win"
