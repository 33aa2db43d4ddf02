"""Whatever an experiment's sums are, there is an analysis of them."""

import json
from math import inf, nan

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.agents.experiment_analysis import Analysis
from shared.experiments import sketch
from shared.experiments.analysis import analyse
from shared.experiments.decision import decide
from shared.experiments.moments import Moments
from shared.experiments.totals import Cell, Totals
from shared.stored.experiments import Experiment, ExperimentMetric
from tests.experiments.arranged import DAY, experiment, moments, normal, totals

NUMBERS = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 1e-9, 1e12, -1e12]), st.floats(-1e12, 1e12), st.floats(0, 10))
UNITS = st.lists(st.tuples(NUMBERS, st.one_of(st.just(1.0), NUMBERS), NUMBERS, NUMBERS), max_size=6)
WILD = st.one_of(NUMBERS, st.sampled_from([inf, -inf, nan, 1e-300, 1e200, -1e308, 5e-324]))


@st.composite
def sums(draw: st.DrawFn) -> Moments:
    """Of units, sometimes of very many of each kind; or numbers that no units can have."""
    if draw(st.integers(0, 4)) == 0:
        return Moments(draw(st.integers(0, 10**9)), draw(st.tuples(*[WILD] * 4)), draw(st.tuples(*[WILD] * 10)))
    units = draw(UNITS)
    if not units:
        return Moments()
    one = moments(*zip(*units, strict=True))
    times = draw(st.sampled_from([1, 1, 30, 10**6]))
    return Moments(one.n * times, tuple(x * times for x in one.sums), tuple(x * times for x in one.products))


@st.composite
def seen(draw: st.DrawFn) -> tuple[Experiment, Totals, float]:
    kinds = draw(st.lists(st.sampled_from(["mean", "proportion", "ratio", "quantile"]), min_size=1, max_size=3))
    metrics = [
        ExperimentMetric(
            name=f"m{place}",
            kind=kind,
            better=draw(st.sampled_from(["up", "down"])),
            quantile=draw(st.sampled_from([0.5, 0.99])) if kind == "quantile" else None,
            learning=draw(st.booleans()),
            rating=draw(st.booleans()),
            margin=draw(st.sampled_from([0.0, 0.1])),
        )
        for place, kind in enumerate(kinds)
    ]
    arms = draw(st.sampled_from([("a", "b"), ("a", "b", "c")]))
    bandit = draw(st.booleans())
    slices = [[1 / len(arms)] * len(arms), [1.0] + [0.0] * (len(arms) - 1)] if bandit else []
    asked = experiment(
        *metrics,
        arms=arms,
        slices=slices,
        allocation="thompson" if bandit else "fixed",
        guardrails=["m1"] if draw(st.booleans()) else [],
        minimum_effect=draw(st.sampled_from([0.0, 0.05])),
        started_at=draw(st.sampled_from([None, 0.0])),
        target_participants=draw(st.sampled_from([1, 10_000])),
    )
    keys = st.tuples(st.sampled_from([*arms, "unknown"]), st.integers(0, 2), st.integers(0, 2))
    cells = draw(
        st.dictionaries(
            keys,
            st.builds(
                Cell,
                units=st.integers(0, 10**9),
                treated=st.integers(0, 10**9),
                delivered=st.dictionaries(st.sampled_from(["m", "none"]), st.integers(0, 9)),
                metrics=st.dictionaries(st.sampled_from([one.name for one in metrics]), sums()),
                early=sums(),
                late=sums(),
            ),
            max_size=6,
        )
    )
    histogram = st.dictionaries(
        st.sampled_from([sketch.ZERO, -2083, 0, 1, 500, 2777]), st.integers(1, 10**6), max_size=3
    )
    histograms = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(arms), st.sampled_from([one.name for one in metrics])),
            st.lists(histogram, max_size=4).map(tuple),
        )
    )
    when = draw(st.sampled_from([0.0, 1.0, 2 * DAY, 1e6, 1e12]))
    return asked, Totals(cells, histograms, 1, 1, draw(st.sampled_from([None, 0.0, when]))), when


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(seen())
@example((experiment(), totals({"control": {"score": normal(2, 0, 1)}, "treatment": {"score": normal(2, 0, 1)}}), DAY))
def test_whatever_comes_in_there_is_an_answer(case: tuple[Experiment, Totals, float]) -> None:
    asked, found, now = case
    analysis = analyse(asked, found, now)
    told = json.loads(analysis.model_dump_json(), parse_constant=pytest.fail)
    assert Analysis.model_validate(told) == analysis
    assert analysis.verdict.sentence
    for metric in analysis.metrics:
        for effect in metric.effects:
            assert effect.message or effect.p_value is not None
            assert (effect.effect.absolute is None) == (effect.p_value is None)
    decide(asked, analysis, now)
