"""Effects that wear off."""

import numpy as np
import pytest
from scipy import stats

from shared.experiments.analysis import analyse
from shared.experiments.moments import Moments
from shared.experiments.totals import Cell, Totals
from shared.stored.experiments import ExperimentMetric
from tests.experiments.arranged import DAY, experiment, moments, normal


def phased(early: float, late: float, units: int = 1_000) -> Totals:
    """A treatment with these relative effects on a mean of 4."""
    whole = normal(units, 4, 1)
    return Totals(
        {
            ("control", 0, 0): Cell(units, units, metrics={"score": whole}, early=whole, late=whole),
            ("treatment", 0, 0): Cell(
                units,
                units,
                metrics={"score": whole},
                early=normal(units, 4 * (1 + early), 1),
                late=normal(units, 4 * (1 + late), 1),
            ),
        }
    )


def test_an_effect_that_wears_off_is_seen() -> None:
    analysis = analyse(experiment(), phased(0.15, 0.01), 9 * DAY)
    found = analysis.novelty.variants[0]
    assert found.early.effect == pytest.approx(0.15)
    assert found.late.effect == pytest.approx(0.01)
    assert found.difference == pytest.approx(-0.14)
    assert found.changing
    assert any("changes with time" in warning for warning in analysis.warnings)


def test_one_that_stays_is_not() -> None:
    found = analyse(experiment(), phased(0.10, 0.11), 9 * DAY).novelty.variants[0]
    assert found.p_value is not None
    assert found.p_value > 0.3
    assert not found.changing
    halves = [((one.high or 0.0) - (one.low or 0.0)) / 2 for one in (found.early, found.late)]
    spread = sum(half**2 for half in halves) ** 0.5 / stats.t.ppf(0.975, 2_000)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(0.01 / spread), rel=0.01)


def test_the_test_is_cautious_where_units_are_like_themselves() -> None:
    """No change, and units whose early and late numbers go together: seldom said to change."""
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(300):
        cells = {}
        for name in ("control", "treatment"):
            own = random.normal(4, 1, 400)
            early, late = (moments(own + random.normal(0, 0.5, 400)) for _ in range(2))
            cells[name, 0, 0] = Cell(400, 400, metrics={"score": early}, early=early, late=late)
        found = analyse(experiment(), Totals(cells), DAY).novelty.variants[0]
        assert found.p_value is not None
        alarms += found.p_value < 0.05
    assert alarms < 15


def test_effects_are_shown_by_cohort_and_not_under_a_bandit() -> None:
    cells = {
        (name, 0, cohort): Cell(200, 200, metrics={"score": normal(200, mean, 1)})
        for cohort, better in enumerate((4.8, 4.0))
        for name, mean in (("control", 4.0), ("treatment", better))
    }
    cohorts = analyse(experiment(), Totals(cells), DAY).novelty.cohorts
    assert [(one.cohort, one.units) for one in cohorts] == [(0, 400), (1, 400)]
    assert [one.effect for one in cohorts] == pytest.approx([0.2, 0.0])
    assert analyse(experiment(allocation="thompson"), Totals(cells), DAY).novelty.cohorts == []


def test_what_has_no_late_days_yet_says_so() -> None:
    early = normal(100, 4, 1)
    cells = {
        (name, 0, 0): Cell(100, 100, metrics={"score": early}, early=early, late=Moments())
        for name in ("control", "treatment")
    }
    assert analyse(experiment(), Totals(cells), DAY).novelty.variants[0].message == "no units in control"
    quantile = experiment(ExperimentMetric(name="p95", kind="quantile", quantile=0.95))
    assert "quantile" in (analyse(quantile, Totals(cells), DAY).novelty.message or "")
