"""gbstats_cases.jsonl: growthbook's tests of its statistics, as nested `_class` dictionaries, put to ours.

{"got": node, "expected": node, "places": decimals}. A node is a plain value, a list, {"_class": name, "_args": […], field: node, …}
or {"attr": name, "of": node}. A test of growthbook's stands for its computed result.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, Final

from scripts.evaluating.references.closeness import PLACES, Outcome, Unknown, differences, half_of, outcome
from scripts.evaluating.references.statistics import FIELDS, Statistic, statistic, together, with_theta
from scripts.evaluating.references.trials import bayesian, frequentist, mid_experiment, moments

Config = dict[str, Any]

_BASE: Final[Config] = {
    "difference_type": "relative",
    "traffic_percentage": 1.0,
    "phase_length_days": 1.0,
    "total_users": None,
    "alpha": 0.05,
    "post_stratify": False,
}
_CONFIGS: Final[Mapping[str, Config]] = {
    "BaseConfig": _BASE,
    "EffectMomentsConfig": {"difference_type": "relative"},
    "FrequentistConfig": {**_BASE, "test_value": 0.0},
    "SequentialConfig": {**_BASE, "test_value": 0.0, "sequential_tuning_parameter": 5000.0, "rho": None},
    "BayesianConfig": {**_BASE, "inverse": False, "prior_type": "relative"},
    "GaussianPrior": {"mean": 0.0, "variance": 1.0, "proper": False},
    "EffectBayesianConfig": {
        **_BASE,
        "inverse": False,
        "prior_type": "relative",
        "prior_effect": {"mean": 0.0, "variance": 1.0, "proper": False},
    },
    "MidExperimentPowerConfig": {
        "target_power": 0.8,
        "target_mde": 0.01,
        "num_goal_metrics": 1,
        "num_variations": 2,
        "prior_effect": {"mean": 0.0, "variance": 1.0, "proper": False},
        "p_value_corrected": False,
        "sequential": False,
        "sequential_tuning_parameter": 5000.0,
    },
}
"""Their fields in the order of their arguments, with the defaults."""

_RESULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Uplift": ("dist", "mean", "stddev"),
    "FrequentistTestResult": ("expected", "ci", "uplift", "errorMessage", "pValue", "pValueErrorMessage"),
    "BayesianTestResult": ("expected", "ci", "uplift", "errorMessage", "chanceToWin", "risk", "riskType"),
    "TestResult": ("expected", "ci", "uplift", "errorMessage"),
    "EffectMomentsResult": (
        "point_estimate",
        "standard_error",
        "pairwise_sample_size",
        "error_message",
        "post_stratification_applied",
    ),
    "PValueResult": ("p_value", "p_value_error_message"),
    "AdditionalSampleSizeNeededResult": (
        "additional_users",
        "scaling_factor",
        "upper_bound_achieved",
        "update_message",
        "error",
        "target_power",
    ),
    "ScalingFactorResult": ("scaling_factor", "upper_bound_achieved", "converged", "error"),
}

_TESTS: Final[Mapping[str, tuple[str, Callable[[Statistic, Statistic, Config], Mapping[str, Any]]]]] = {
    "TwoSidedTTest": ("FrequentistConfig", partial(frequentist, alternative="two-sided")),
    "OneSidedTreatmentGreaterTTest": ("FrequentistConfig", partial(frequentist, alternative="greater")),
    "OneSidedTreatmentLesserTTest": ("FrequentistConfig", partial(frequentist, alternative="less")),
    "SequentialTwoSidedTTest": ("SequentialConfig", partial(frequentist, alternative="two-sided", sequential=True)),
    "SequentialOneSidedTreatmentGreaterTTest": (
        "SequentialConfig",
        partial(frequentist, alternative="greater", sequential=True),
    ),
    "SequentialOneSidedTreatmentLesserTTest": (
        "SequentialConfig",
        partial(frequentist, alternative="less", sequential=True),
    ),
    "EffectBayesianABTest": ("EffectBayesianConfig", bayesian),
    "EffectMoments": ("EffectMomentsConfig", moments),
}


def run(case: Mapping[str, Any]) -> Outcome:
    """One case."""

    def compare() -> Iterator[str]:
        places = case.get("places")
        tolerance = half_of(PLACES if places is None else int(places))
        return differences(value(case["got"]), value(case["expected"]), tolerance)

    return outcome(str(case["id"]), compare)


def value(node: Any) -> Any:
    """What a node stands for. Raises Unknown for a class that is not here."""
    if isinstance(node, str) and node in ("inf", "-inf"):
        return inf if node == "inf" else -inf
    if isinstance(node, list):
        return [value(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    if "attr" in node and "of" in node:
        return attribute(value(node["of"]), str(node["attr"]))
    if "_class" not in node:
        return {key: value(one) for key, one in node.items()}
    arguments = [value(one) for one in node.get("_args", ())]
    fields = {key: value(one) for key, one in node.items() if key not in ("_class", "_args")}
    return construct(str(node["_class"]), arguments, fields)


def attribute(owner: Any, name: str) -> Any:
    """A field of a result or of a statistic, in either of growthbook's spellings."""
    if isinstance(owner, Statistic):
        return owner.attribute(name)
    if isinstance(owner, Mapping):
        for key, found in owner.items():
            if key.replace("_", "").lower() == name.replace("_", "").lower():
                return found
    raise Unknown(f"attribute {name}")


def construct(name: str, arguments: Sequence[Any], fields: Mapping[str, Any]) -> Any:
    """An object of one of growthbook's classes, as what ours needs of it."""
    if name in FIELDS:
        return statistic(name, _named(name, FIELDS[name], arguments, fields))
    if name in _CONFIGS:
        return {**_CONFIGS[name], **_named(name, tuple(_CONFIGS[name]), arguments, fields)}
    if name in _RESULTS:
        return _named(name, _RESULTS[name], arguments, fields)
    if name in _TESTS:
        config_name, test = _TESTS[name]
        given = _named(name, ("stats", "config"), arguments, fields)
        config = given.get("config", _CONFIGS[config_name])
        arms = _arms(given["stats"], config)
        return test(*(arms if name == "EffectMoments" else with_theta(*arms)), {**_CONFIGS[config_name], **config})
    if name == "MidExperimentPower":
        given = _named(name, ("effect_moments", "test_result", "config", "power_config"), arguments, fields)
        base, extra = given.get("config", _BASE), given.get("power_config", _CONFIGS["MidExperimentPowerConfig"])
        return mid_experiment(given["effect_moments"], given["test_result"], base, extra)
    raise Unknown(name)


def _arms(stats: Any, config: Mapping[str, Any]) -> tuple[Statistic, Statistic]:
    if config.get("post_stratify"):
        raise Unknown("post-stratification")
    if not isinstance(stats, Sequence) or not all(isinstance(row, Sequence) and len(row) == 2 for row in stats):
        raise Unknown("statistics that are no list of pairs")
    return together([row[0] for row in stats]), together([row[1] for row in stats])


def _named(name: str, order: tuple[str, ...], arguments: Sequence[Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    if len(arguments) > len(order) or not fields.keys() <= set(order):
        raise Unknown(f"arguments of {name}: {sorted(fields.keys() - set(order)) or len(arguments)}")
    return {**dict(zip(order, arguments, strict=False)), **fields}
