"""The interpreter of published cases: what is right counts, what is wrong or unknown is named; and the replay of looks."""

import json
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from scripts.evaluating import Report, Request, Unfit
from scripts.evaluating.experiments import evaluate
from scripts.evaluating.references import looks, planner
from scripts.evaluating.references.gbstats import value
from shared.experiments.stats.bayes import Prior
from shared.experiments.stats.power import planned_power
from shared.experiments.stats.summaries import plain


def mean(n: int, total: float, squares: float) -> dict[str, Any]:
    return {"_class": "SampleMeanStatistic", "n": n, "sum": total, "sum_squares": squares}


ARMS = [[mean(100, 1000.0, 12475.0), mean(100, 1100.0, 14575.0)]]
"""Means 10 and 11, both with a variance of 25 and 100 units."""
ABSOLUTE = {"_class": "FrequentistConfig", "difference_type": "absolute"}
ERROR = (50 / 100) ** 0.5


def measured(folder: Path, **files: list[dict[str, Any]]) -> Report:
    for name, rows in files.items():
        (folder / f"{name}_cases.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return evaluate(Request(folder))


def case(name: str, got: Any, expected: Any, places: int | None = 5) -> dict[str, Any]:
    return {"id": name, "got": got, "expected": expected, "places": places}


def test_what_is_right_counts_and_what_is_not_is_named(tmp_path: Path) -> None:
    test = {"_class": "TwoSidedTTest", "_args": [ARMS, ABSOLUTE]}
    result = {"_class": "FrequentistTestResult", "expected": 1.0, "errorMessage": None}
    uplift = {"_class": "Uplift", "_args": ["normal", 1.0, round(ERROR, 5)]}
    report = measured(
        tmp_path,
        gbstats=[
            case("right", test, {**result, "uplift": uplift}),
            case("a field", {"attr": "p_value", "of": test}, round(2 * stats.t.sf(1 / ERROR, 198), 5)),
            case("nearly", test, {**result, "expected": 1.000006}),
            case("another message", test, {**result, "errorMessage": "ZERO_NEGATIVE_VARIANCE"}),
            case("missing", test, {**result, "surprise": 1}),
            case("strange", {"_class": "OrthogonalABTest", "_args": [ARMS]}, {}),
            case("stratified", {"_class": "TwoSidedTTest", "_args": [ARMS, {**ABSOLUTE, "post_stratify": True}]}, {}),
        ],
        srm=[
            {"id": "same", "observed": [5, 5], "expected_pct": [50, 50], "relation": "eq", "p_value": 1, "tol": None},
            {"id": "none", "observed": [], "expected_pct": [], "relation": "nan", "p_value": None, "tol": None},
            {"id": "less", "observed": [5, 5], "expected_pct": [50, 50], "relation": "lt", "p_value": 0.5, "tol": None},
            {"id": "what", "observed": [5, 5], "expected_pct": [50, 50], "relation": "odd", "p_value": 1, "tol": None},
        ],
        confseq=[{"id": "no", "fn": "unheard_of", "args": {}, "expected": 1, "tol": 1e-5}],
    )
    assert report.fields["cases"] == 12
    assert report.fields["within_tolerance"] == 4
    wrong = ["nearly", "another message", "missing", "strange", "stratified", "no", "less", "what"]
    assert report.fields["failed"] == wrong
    assert report.fields["gbstats_within_tolerance"] == 2
    assert any("OrthogonalABTest" in note for note in report.notes)


def test_places_are_those_of_the_case(tmp_path: Path) -> None:
    got = {"attr": "expected", "of": {"_class": "TwoSidedTTest", "stats": ARMS, "config": ABSOLUTE}}
    report = measured(
        tmp_path, gbstats=[case("two", got, 1.004, 2), case("three", got, 1.004, 3), case("none", got, 1.0, None)]
    )
    assert report.fields["failed"] == ["three"]


def test_what_is_expected_may_be_computed_too(tmp_path: Path) -> None:
    greater = {"attr": "pValue", "of": {"_class": "OneSidedTreatmentGreaterTTest", "_args": [ARMS]}}
    lesser = {"attr": "pValue", "of": {"_class": "OneSidedTreatmentLesserTTest", "_args": [ARMS]}}
    assert measured(tmp_path, gbstats=[case("other", greater, lesser)]).fields["failed"] == ["other"]
    assert value(greater) == pytest.approx(1 - value(lesser))


def test_strata_are_added_up() -> None:
    halves = [[mean(50, 500.0, 6000.0), mean(50, 550.0, 7000.0)], [mean(50, 500.0, 6475.0), mean(50, 550.0, 7575.0)]]
    whole, parts = ({"_class": "TwoSidedTTest", "_args": [arms, ABSOLUTE]} for arms in (ARMS, halves))
    assert value(parts) == value(whole)


def test_always_valid_tests_are_wider() -> None:
    fixed = value({"_class": "TwoSidedTTest", "_args": [ARMS, ABSOLUTE]})
    valid = value({"_class": "SequentialTwoSidedTTest", "_args": [ARMS, {**ABSOLUTE, "_class": "SequentialConfig"}]})
    assert valid["ci"][0] < fixed["ci"][0] < fixed["ci"][1] < valid["ci"][1]
    assert valid["pValue"] > fixed["pValue"]


def test_without_variance_there_is_their_empty_result() -> None:
    flat = [[mean(10, 10.0, 10.0), mean(10, 20.0, 40.0)]]
    found = value({"_class": "EffectBayesianABTest", "_args": [flat]})
    assert (found["errorMessage"], found["chanceToWin"], found["ci"]) == ("ZERO_NEGATIVE_VARIANCE", 0.5, [0, 0])


def test_numbers_on_a_days_traffic() -> None:
    config = {
        **ABSOLUTE,
        "difference_type": "scaled",
        "total_users": 700,
        "phase_length_days": 7,
        "traffic_percentage": 0.5,
    }
    found = value({"_class": "TwoSidedTTest", "_args": [ARMS, config]})
    assert found["expected"] == pytest.approx(200)
    assert value({"_class": "TwoSidedTTest", "_args": [ARMS, {**config, "phase_length_days": 0}]})["expected"] == 0


def test_power_is_asked_for_in_words() -> None:
    expected = planned_power(plain(2, 10.0, 25.0), 500, 0.05, alpha=0.1, relative=True)
    for what in (
        "powerEstFrequentist(mean=10, standardDeviation=5, effectSize=.05, n=1000, nVariations=2, alpha=.1)",
        "powerEstFrequentist({type: 'mean', mean: 10, standardDeviation: 5, effectSize: 5%}, 1000, 2, 0.1, true, false)",
        "powerEstFrequentist mean 10 sd 5 effect 0.05 n 1000 variations 2 alpha 0.1",
    ):
        assert planner.compute(what) == pytest.approx(expected), what
    leaning = "powerEstBayesian(mean=10, sd=5, effectSize=.05, alpha=.1, nPerVariation=500, proper=true, priorMean=.02, priorSd=.1)"
    own = planned_power(plain(2, 10.0, 25.0), 500, 0.05, alpha=0.1, relative=True, prior=Prior(0.02, 0.01))
    assert planner.compute(leaning) == pytest.approx(own)
    assert planner.compute("frequentist_variance(1, 2, 10, 3, 4, 30, relative=false)") == pytest.approx(0.2)


def test_the_middle_of_an_experiment_in_words() -> None:
    words = "mid-experiment scaling factor, stat_a n=100 sum=1000 ss=12475; stat_b n=100 sum=1100 ss=14575; {} delta {} alpha .05 power .8, {}"
    fixed = planner.compute(words.format("absolute", "1", "frequentist"))
    assert fixed == pytest.approx((2.8016 * ERROR) ** 2 - 1, rel=1e-3)
    assert planner.compute(words.format("absolute", "1", "sequential")) > fixed
    assert planner.compute(words.format("relative", ".1", "frequentist")) > fixed
    assert planner.compute(words.format("absolute", "1", "bayesian prior mean .5 variance .25")) < fixed


def test_what_is_not_understood_is_named(tmp_path: Path) -> None:
    rows = [{"id": "who knows", "what": "the answer to everything", "expected": 42}]
    assert measured(tmp_path, power=rows).fields["failed"] == ["who knows"]


HEADER = ",".join(looks.COLUMNS)


def test_looks_are_replayed(tmp_path: Path) -> None:
    grown = [f"e,1,1,{day},{1000 * day},{1000 * day},1.0,1.5,1.0,1.0" for day in (3, 1, 2)]
    nothing = [f"e,1,2,{day},{1000 * day},{1000 * day},1.0,1.0,1.0,1.0" for day in (1, 2, 3)]
    fleeting = ["f,1,1,1,1000,1000,1.0,1.1,1.0,1.0", "f,1,1,2,2000,2000,1.0,1.0,1.0,1.0"]
    empty = ["g,1,1,1,1000,2000,1.0,1.1,,"]
    rows = [HEADER, *grown, *nothing, *fleeting, *empty]
    (tmp_path / "asos.csv").write_text("\n".join(rows))
    fields = evaluate(Request(tmp_path)).fields
    assert fields["asos_series"] == 3
    assert fields["asos_fixed_at_end"] == pytest.approx(1 / 3)
    assert fields["asos_fixed_at_any_look"] == pytest.approx(2 / 3)
    assert fields["asos_fixed_gone_at_end"] == pytest.approx(1 / 3)
    assert fields["asos_valid_at_any_look"] == pytest.approx(1 / 3)
    assert fields["asos_valid_first_days"] == 1
    assert fields["asos_srm_alarms"] == 1
    assert fields["asos_gbstats_finds_of_fixed_at_end"] == 1


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "asos.csv").write_text("experiment_id\n1\n")
    with pytest.raises(Unfit, match="variant_id"):
        evaluate(Request(tmp_path))
