"""growthbook's tests of an effect, computed by ours and put into the fields of theirs.

Their conventions are kept here and not in ours: an effect of which nothing is known is 0 with an interval of [0, 0], and a control
mean of zero leaves absolute effects without a result too.
"""

from collections.abc import Mapping
from typing import Any, Final

from scripts.evaluating.references.closeness import Unknown
from scripts.evaluating.references.statistics import Statistic
from shared.experiments.stats.bayes import Prior, posterior
from shared.experiments.stats.difference import Alternative, Effect, compare, scaled, uninformative
from shared.experiments.stats.power import remaining
from shared.experiments.stats.sequential import asymptotic_interval, gbstats_p, gbstats_rho

NO_VARIANCE: Final = "ZERO_NEGATIVE_VARIANCE"
NO_BASELINE: Final = "ZERO_NEGATIVE_BASELINE_VARIATION"
NO_SCALE: Final = "ZERO_SCALED_VARIATION_WEIGHT"
NO_UNITS: Final = "NO_UNITS_IN_VARIATION"
ALPHA_TOO_LARGE: Final = "ALPHA_GREATER_THAN_0.5_FOR_SEQUENTIAL_ONE_SIDED_TEST"
NOT_SCALABLE: Final = "For scaled impact the statistic must be of type ProportionStatistic, SampleMeanStatistic, or RegressionAdjustedStatistic"

Fields = dict[str, Any]


def moments(control: Statistic, treatment: Statistic, config: Mapping[str, Any]) -> Fields:
    """EffectMomentsResult."""
    effect = _effect(control, treatment, config)
    return {
        "point_estimate": effect.estimate,
        "standard_error": effect.standard_error,
        "pairwise_sample_size": 0 if effect.message else effect.units,
        "error_message": effect.message,
        "post_stratification_applied": False,
    }


def frequentist(
    control: Statistic,
    treatment: Statistic,
    config: Mapping[str, Any],
    *,
    alternative: Alternative,
    sequential: bool = False,
) -> Fields:
    """FrequentistTestResult of a fixed-horizon test, or of an always-valid one."""
    effect = _effect(control, treatment, config, alternative=alternative)
    if effect.message is not None:
        return _nothing(effect.message)
    if sequential and alternative != "two-sided" and config["alpha"] >= 0.5:
        return {**_nothing(None), "pValueErrorMessage": ALPHA_TOO_LARGE}
    p_value: float | None = effect.p_value
    interval = effect.interval
    if sequential:
        interval, p_value = _always_valid(effect, config, alternative)
    found = _per_day({**_shown(effect), "ci": interval}, control, treatment, config)
    if found["errorMessage"] is not None:
        return _nothing(found["errorMessage"] + ("." if found["errorMessage"] == NOT_SCALABLE else ""))
    return {**found, "pValue": p_value, "pValueErrorMessage": None}


def bayesian(control: Statistic, treatment: Statistic, config: Mapping[str, Any]) -> Fields:
    """BayesianTestResult."""
    relative = config["difference_type"] == "relative"
    kind = "relative" if relative else "absolute"
    effect = _effect(control, treatment, config)
    prior = _prior(config["prior_effect"])
    if prior is not None and not relative and config["prior_type"] == "relative":
        prior = prior.scaled(abs(control.summary.baseline)) if control.summary.baseline else None
    found = posterior(effect, prior, alpha=config["alpha"], better="down" if config["inverse"] else "up")
    uplift = {"dist": "normal", "mean": found.mean, "stddev": found.sd}
    shown: Fields = {"expected": found.mean, "ci": found.interval, "uplift": uplift, "errorMessage": found.message}
    if found.message is None:
        shown = _per_day(shown, control, treatment, config)
    if shown["errorMessage"] is not None:
        return {**_nothing(shown["errorMessage"]), "chanceToWin": 0.5, "risk": [0, 0], "riskType": kind}
    return {**shown, "chanceToWin": found.chance, "risk": list(found.loss), "riskType": kind}


def mid_experiment(
    effect: Mapping[str, Any], result: Mapping[str, Any], config: Mapping[str, Any], power: Mapping[str, Any]
) -> Fields:
    """AdditionalSampleSizeNeededResult and ScalingFactorResult in one, from an EffectMomentsResult and a test's result."""
    message = result.get("errorMessage") or effect.get("error_message")
    relative = config["difference_type"] == "relative"
    known = uninformative(str(message), relative=relative)
    if message is None:
        estimate, error = effect["point_estimate"], effect["standard_error"]
        known = Effect(estimate, error, 1.0, (estimate, estimate), 1.0, relative, effect["pairwise_sample_size"], 0.0)
    metrics = power["num_goal_metrics"]
    found = remaining(
        known,
        power["target_mde"],
        alpha=config["alpha"],
        power=power["target_power"],
        tests=(power["num_variations"] - 1) * metrics if power["p_value_corrected"] else 1,
        metrics=metrics,
        tuning=power["sequential_tuning_parameter"] if power["sequential"] else None,
        prior=_prior(power["prior_effect"]),
    )
    none = found.factor is None
    update = "unsuccessful" if none else "successful"
    return {
        "additional_users": (0 if message else None) if not found.units else found.units,
        "scaling_factor": found.factor,
        "upper_bound_achieved": none and message is None,
        "update_message": update,
        "error": (message or "could not find upper bound for scaling factor") if none else None,
        "target_power": power["target_power"],
        "converged": not none,
        "power": found.power,
    }


def _effect(
    control: Statistic,
    treatment: Statistic,
    config: Mapping[str, Any],
    *,
    alternative: Alternative = "two-sided",
) -> Effect:
    relative = config["difference_type"] == "relative"
    own, other = control.summary, treatment.summary
    alpha, null = config.get("alpha", 0.05), config.get("test_value", 0.0)
    found = compare(own, other, relative=relative, alpha=alpha, alternative=alternative, null=null)
    if found.message is not None:
        return uninformative(NO_VARIANCE, relative=relative)
    return uninformative(NO_BASELINE, relative=relative) if own.mean == 0 or own.baseline == 0 else found


def _always_valid(
    effect: Effect, config: Mapping[str, Any], alternative: Alternative
) -> tuple[tuple[float, float], float]:
    alpha, rho = config["alpha"], config["rho"]
    if rho is None:
        rho = gbstats_rho(alpha, config["sequential_tuning_parameter"], alternative)
    error, units = effect.standard_error, effect.units
    interval = asymptotic_interval(effect.estimate, error, units, alpha=alpha, rho=rho, alternative=alternative)
    null = config["test_value"] if alternative == "two-sided" else 0.0
    return interval, gbstats_p(effect.estimate - null, error, units, rho=rho, alternative=alternative)


def _prior(given: Mapping[str, Any] | None) -> Prior | None:
    return Prior(given["mean"], given["variance"]) if given and given["proper"] else None


def _shown(effect: Effect) -> Fields:
    uplift = {"dist": "normal", "mean": effect.estimate, "stddev": effect.standard_error}
    return {"expected": effect.estimate, "ci": effect.interval, "uplift": uplift, "errorMessage": effect.message}


def _nothing(message: str | None) -> Fields:
    uplift = {"dist": "normal", "mean": 0, "stddev": 0}
    shown = {"expected": 0, "ci": [0, 0], "uplift": uplift, "errorMessage": message}
    return {**shown, "pValue": 1, "pValueErrorMessage": None}


def _per_day(shown: Fields, control: Statistic, treatment: Statistic, config: Mapping[str, Any]) -> Fields:
    """The effect on a day's traffic, where that is asked for."""
    if config["difference_type"] != "scaled":
        return shown
    if not config["traffic_percentage"] or not config["phase_length_days"]:
        return {**shown, "errorMessage": NO_SCALE}
    if any(arm.ratio or arm.quantile is not None for arm in (control, treatment)):
        return {**shown, "errorMessage": NOT_SCALABLE}
    if not config["total_users"]:
        return {**shown, "errorMessage": NO_UNITS}
    factor = config["total_users"] / (config["traffic_percentage"] * config["phase_length_days"])
    uplift = shown["uplift"]
    whole = Effect(uplift["mean"], uplift["stddev"], 1.0, tuple(shown["ci"]), 1.0, False, 0, 0.0)
    if any(not isinstance(end, float | int) for end in shown["ci"]):
        raise Unknown("an interval without numbers")
    return {**shown, **_shown(scaled(whole, factor))}
