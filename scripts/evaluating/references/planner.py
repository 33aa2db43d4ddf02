"""power_cases.jsonl: growthbook's power calculations, told in a line of text, put to ours.

{"what": "frequentistVariance(2,7,4,0.5,5,15,relative=true)", "expected": number}: a function's name, then its arguments by place or by
name. Or the middle of an experiment in words: "mid-experiment scaling factor, stat_a n=500 sum=500 ss=1500; stat_b …; relative delta
.05 alpha .05 power .8, frequentist". What is not understood is named.
"""

import re
from collections.abc import Callable, Mapping
from math import ceil, sqrt
from typing import Any, Final

from scripts.evaluating.references.closeness import PLACES, Outcome, Unknown, differences, half_of, outcome
from scripts.evaluating.references.phrases import NUMBER, Arguments, arguments, keys
from shared.experiments.moments import PAIRS, Moments
from shared.experiments.stats.bayes import Prior
from shared.experiments.stats.difference import compare, effect_variance
from shared.experiments.stats.power import (
    cutpoints,
    minimum_effect,
    planned_error,
    planned_power,
    power_of,
    remaining,
    sequential_factor,
    units_needed,
)
from shared.experiments.stats.sequential import gbstats_rho
from shared.experiments.stats.summaries import Summary, plain, summarise

_GRID: Final = 1e-5
"""growthbook looks for the least effect under a prior in steps of this."""


def run(case: Mapping[str, Any]) -> Outcome:
    """One case."""
    return outcome(str(case["id"]), lambda: differences(compute(str(case["what"])), case["expected"], half_of(PLACES)))


def compute(what: str) -> Any:
    """The figure that a line of text asks for. Raises Unknown."""
    if "mid-experiment" in what.lower() or "scaling factor" in what.lower() or "stat_a" in what:
        return _middle(what)
    for name, (order, function) in _FUNCTIONS.items():
        spoken = re.sub(r"(?<=[a-z])(?=[A-Z])", r"[\\s_-]*", name)
        found = re.search(rf"\b{spoken}\b\s*(.*)", what, re.IGNORECASE | re.DOTALL)
        if found:
            return function(arguments(found.group(1), order))
    raise Unknown(what)


def _arm(given: Arguments) -> Summary:
    if "conversionrate" in given:
        rate = given["conversionrate"]
        return plain(2, rate, rate * (1 - rate))
    variance: float = given["variance"] if "variance" in given else given["standarddeviation"] ** 2
    return plain(2, given["mean"], variance)


def _relative(given: Arguments) -> bool:
    return bool(given.get("relative", True))


def _tuning(given: Arguments) -> float | None:
    found = given.get("sequentialtuningparameter", False)
    return float(found) if found is not False and found else None


def _prior(given: Arguments) -> Prior | None:
    if not given.get("proper", False):
        return None
    prior = Prior(given.get("priormean", 0.0), given.get("priorvariance", given.get("priorsd", 0.1) ** 2))
    return prior.scaled(_size(given))


def _variance(given: Arguments) -> float:
    control = plain(given["na"], given["meana"], given["vara"])
    treatment = plain(given["nb"], given["meanb"], given["varb"])
    return effect_variance(control, treatment, relative=_relative(given))


def _standard_error(given: Arguments) -> float:
    units = _per_arm(given)
    return planned_error(_arm(given), units, given["effectsize"], relative=_relative(given))


def _per_arm(given: Arguments) -> float:
    if "npervariation" in given:
        return float(given["npervariation"])
    return float(given["n"]) / float(given.get("nvariations", 2))


def _sequential_error(given: Arguments) -> float:
    tuning = _tuning(given) or 5000.0
    return _standard_error(given) * sequential_factor(2 * _per_arm(given), alpha=given["alpha"], tuning=tuning)


def _power(given: Arguments) -> float | None:
    return planned_power(
        _arm(given),
        _per_arm(given),
        given["effectsize"],
        alpha=given.get("alpha", 0.05),
        relative=True,
        two_sided=bool(given.get("twotailed", True)),
        tuning=_tuning(given),
    )


def _bayesian_power(given: Arguments) -> float | None:
    """The effect and the prior are relative whatever is asked for."""
    size, relative = _size(given), _relative(given)
    effect, alpha = given["effectsize"] * size, given.get("alpha", 0.05)
    return planned_power(_arm(given), _per_arm(given), effect, alpha=alpha, relative=relative, prior=_prior(given))


def _least_effect(given: Arguments) -> float | None:
    alpha, power = given.get("alpha", 0.05), given.get("power", 0.8)
    arm, units = _arm(given), _per_arm(given)
    return minimum_effect(arm, units, alpha=alpha, power=power, relative=True, tuning=_tuning(given))


def _bayesian_least_effect(given: Arguments) -> float | None:
    alpha, power = given.get("alpha", 0.05), given.get("power", 0.8)
    arm, units, prior = _arm(given), _per_arm(given), _prior(given)
    found = minimum_effect(arm, units, alpha=alpha, power=power, relative=_relative(given), prior=prior)
    return found if found is None else ceil(found / _size(given) / _GRID - 1e-9) * _GRID


def _sample_size(given: Arguments) -> int | None:
    power = given.get("power", 0.8)
    alpha, tuning = given.get("alpha", 0.05), _tuning(given)
    return units_needed(
        _arm(given), given["effectsize"], alpha=alpha, power=power, relative=_relative(given), tuning=tuning
    )


def _cutpoint(given: Arguments) -> float:
    error = sqrt(given["tauhatvariance"]) if "tauhatvariance" in given else _standard_error(given)
    effect = given.get("effectsize", 0.0) * _size(given)
    above, below = cutpoints(effect, error, _prior(given), alpha=given["alpha"])
    return above if given.get("upper", True) else below


def _size(given: Arguments) -> float:
    """What relative effects are multiplied by."""
    if _relative(given):
        return 1.0
    return abs(float(given["conversionrate"] if "conversionrate" in given else given["mean"]))


def _middle(what: str) -> float | None:
    """The factor of units still needed, from two arms' sums."""
    parts = re.split(r"stat_[ab]\b", what)
    if len(parts) != 3:
        raise Unknown(what)
    arms = [arguments(part.split(";")[0], ("n", "sum", "sumsquares")) for part in parts[1:]]
    rest = parts[2].partition(";")[2] or parts[2]
    settings, words = arguments(f"{parts[0]} {rest}", ()), what.lower()
    control, treatment = (summarise("mean", _moments(arm)) for arm in arms)
    relative = "absolute" not in words
    effect = compare(control, treatment, relative=relative, alpha=0.05)
    target, alpha = settings["effectsize"], settings.get("alpha", 0.05)
    metrics, variations = int(settings.get("numgoalmetrics", 1)), int(settings.get("nvariations", 2))
    sequential = "sequential" in words and "non-sequential" not in words
    bayesian = "bayesian" in words or "prior" in words
    return remaining(
        effect,
        target,
        alpha=alpha,
        power=settings.get("power", 0.8),
        tests=(variations - 1) * metrics if "corrected" in words else 1,
        metrics=metrics,
        tuning=(_tuning(settings) or 5000.0) if sequential else None,
        prior=_prior_inkeys(settings, words) if bayesian else None,
    ).factor


def _prior_inkeys(settings: Arguments, words: str) -> Prior | None:
    """Of "prior mean .1 variance .3": proper where its variance is named, unless it is called improper or flat."""
    if re.search(r"improper|flat|proper\W+false", words):
        return None
    found = re.search(rf"prior.*?mean\W*({NUMBER})", words)
    mean = float(found.group(1)) if found else settings.get("priormean", 0.0)
    variance = settings.get("priorvariance", settings.get("variance"))
    if variance is None:
        spread = settings.get("priorsd", settings.get("standarddeviation"))
        variance = None if spread is None else spread**2
    return None if variance is None else Prior(mean, variance)


def _moments(arm: Arguments) -> Moments:
    products = tuple(arm["sumsquares"] if pair == (0, 0) else 0.0 for pair in PAIRS)
    return Moments(int(arm["n"]), (arm["sum"], 0.0, 0.0, 0.0), products)


_FUNCTIONS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Arguments], Any]]]] = {
    "frequentistVariance": (keys("var_a", "mean_a", "n_a", "var_b", "mean_b", "n_b", "relative"), _variance),
    "sequentialPowerStandardError": (
        keys("mean", "standardDeviation", "effectSize", "n", "nVariations", "alpha", "tuning", "relative"),
        _sequential_error,
    ),
    "sequentialPowerSequentialVariance": (
        keys("variance", "n", "alpha", "tuning"),
        lambda given: (
            given["variance"]
            * sequential_factor(given["n"], alpha=given["alpha"], tuning=given["sequentialtuningparameter"]) ** 2
        ),
    ),
    "powerStandardError": (
        keys("mean", "standardDeviation", "effectSize", "nPerVariation", "relative"),
        _standard_error,
    ),
    "powerEstFrequentist": (
        keys("mean", "standardDeviation", "effectSize", "n", "nVariations", "alpha", "twoTailed", "sequentialTesting"),
        _power,
    ),
    "powerFrequentist": (
        keys("effectSize", "standardError", "alpha", "twoTailed"),
        lambda given: power_of(
            given["effectsize"],
            given["standarderror"],
            alpha=given.get("alpha", 0.05),
            two_sided=bool(given.get("twotailed", True)),
        ),
    ),
    "powerEstBayesian": (
        keys("mean", "standardDeviation", "effectSize", "alpha", "nPerVariation", "relative"),
        _bayesian_power,
    ),
    "findMdeFrequentist": (
        keys("mean", "standardDeviation", "power", "n", "nVariations", "alpha", "sequentialTesting"),
        _least_effect,
    ),
    "findMdeBayesian": (
        keys("mean", "standardDeviation", "alpha", "power", "nPerVariation", "relative"),
        _bayesian_least_effect,
    ),
    "calculateCutpoint": (
        keys(
            "alpha",
            "upper",
            "proper",
            "tauHatVariance",
            "posteriorPrecision",
            "priorMean",
            "priorVariance",
            "effectSize",
        ),
        _cutpoint,
    ),
    "getCutpoint": (
        keys("mean", "standardDeviation", "effectSize", "alpha", "nPerVariation", "relative", "upper"),
        _cutpoint,
    ),
    "calculatePriorMean": (
        keys("priorMeanRel", "mean", "relative"),
        lambda given: Prior(given["priormeanrel"], 1.0).scaled(_size(given)).mean,
    ),
    "calculatePriorVariance": (
        keys("priorVarianceRel", "mean", "relative"),
        lambda given: Prior(0.0, given["priorvariancerel"]).scaled(_size(given)).variance,
    ),
    "sequentialRho": (
        keys("alpha", "tuning"),
        lambda given: gbstats_rho(given["alpha"], given["sequentialtuningparameter"]),
    ),
    "sampleSize": (keys("mean", "standardDeviation", "effectSize", "alpha", "power"), _sample_size),
}
"""growthbook's functions with their arguments in order, a metric's mean, standard deviation and effect taken for the metric."""
