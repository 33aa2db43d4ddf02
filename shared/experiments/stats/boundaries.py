"""Time-uniform boundaries by the names they have in the confseq library of the paper's first author. Pure.

`v` is the intrinsic time at which a boundary is asked for, `alpha` its crossing probability, `s` a sum; mixtures are tuned to be
tightest at intrinsic time `v_opt` for the crossing probability `alpha_opt`. ValueError names the argument that cannot be.
"""

from collections.abc import Callable, Mapping
from functools import partial
from inspect import signature
from math import exp, log
from types import MappingProxyType
from typing import Final

from shared.experiments.stats import mixtures, stitching
from shared.experiments.stats.bernoulli import bernoulli_confidence_interval, quantile_ab_p_value
from shared.experiments.stats.inputs import require_probability
from shared.experiments.stats.mixtures import (
    BetaBinomialMixture,
    GammaExponentialMixture,
    GammaPoissonMixture,
    Mixture,
    OneSidedNormalMixture,
    TwoSidedNormalMixture,
)


def normal_log_mixture(s: float, v: float, v_opt: float, alpha_opt: float = 0.05, is_one_sided: bool = True) -> float:
    """The logarithm of the normal mixture."""
    return _normal(v_opt, alpha_opt, is_one_sided).log_mixture(s, v)


def normal_mixture_bound(
    v: float, alpha: float, v_opt: float, alpha_opt: float = 0.05, is_one_sided: bool = True
) -> float:
    """The normal mixture's boundary: of a sum, or of its size where it is two-sided."""
    return _bound(_normal(v_opt, alpha_opt, is_one_sided), v, alpha)


def gamma_exponential_log_mixture(s: float, v: float, v_opt: float, c: float, alpha_opt: float = 0.05) -> float:
    """The logarithm of the gamma-exponential mixture; `c` is the sub-exponential scale."""
    return GammaExponentialMixture(v_opt, alpha_opt, c).log_mixture(s, v)


def gamma_exponential_mixture_bound(v: float, alpha: float, v_opt: float, c: float, alpha_opt: float = 0.05) -> float:
    """The gamma-exponential mixture's boundary."""
    return _bound(GammaExponentialMixture(v_opt, alpha_opt, c), v, alpha)


def gamma_poisson_log_mixture(s: float, v: float, v_opt: float, c: float, alpha_opt: float = 0.05) -> float:
    """The logarithm of the gamma-Poisson mixture; `c` is the sub-Poisson scale."""
    return GammaPoissonMixture(v_opt, alpha_opt, c).log_mixture(s, v)


def gamma_poisson_mixture_bound(v: float, alpha: float, v_opt: float, c: float, alpha_opt: float = 0.05) -> float:
    """The gamma-Poisson mixture's boundary."""
    return _bound(GammaPoissonMixture(v_opt, alpha_opt, c), v, alpha)


def beta_binomial_log_mixture(
    s: float, v: float, v_opt: float, *, g: float, h: float, alpha_opt: float = 0.05, is_one_sided: bool = True
) -> float:
    """The logarithm of the beta-binomial mixture for values between -g and h."""
    return BetaBinomialMixture(v_opt, alpha_opt, g, h, is_one_sided).log_mixture(s, v)


def beta_binomial_mixture_bound(
    v: float, alpha: float, v_opt: float, *, g: float, h: float, alpha_opt: float = 0.05, is_one_sided: bool = True
) -> float:
    """The beta-binomial mixture's boundary for values between -g and h."""
    return _bound(BetaBinomialMixture(v_opt, alpha_opt, g, h, is_one_sided), v, alpha)


def _normal(v_opt: float, alpha_opt: float, is_one_sided: bool) -> Mixture:
    return (OneSidedNormalMixture if is_one_sided else TwoSidedNormalMixture)(v_opt, alpha_opt)


def _bound(mixture: Mixture, v: float, alpha: float) -> float:
    require_probability(alpha=alpha)
    return mixture.bound(v, log(1 / alpha))


def _best_rho(tuned: Callable[[float, float], float], **arguments: float) -> float:
    """By either name of the two arguments: v or v_opt, alpha or alpha_opt."""
    named = {name.removesuffix("_opt"): value for name, value in arguments.items()}
    return tuned(named["v"], named["alpha"])


def _method(kind: type[Mixture], name: str, **arguments: float) -> float:
    """A mixture's method, with the arguments of both in one; `alpha` may stand for log_threshold."""
    if "alpha" in arguments:
        arguments["log_threshold"] = log(1 / arguments.pop("alpha"))
    made = signature(kind).parameters
    mixture = kind(**{key: value for key, value in arguments.items() if key in made})
    found: float = getattr(mixture, name)(**{key: value for key, value in arguments.items() if key not in made})
    return found


def _of_class(kind: type[Mixture]) -> dict[str, Callable[..., object]]:
    methods = {"log_superMG": "log_mixture", "s_upper_bound": "ceiling", "bound": "bound"}
    return {f"{kind.__name__}::{theirs}": partial(_method, kind, ours) for theirs, ours in methods.items()}


def _expit(l: float) -> float:  # noqa: E741 - the library's name
    return 1 / (1 + exp(-l))


def _logit(p: float) -> float:
    require_probability(p=p)
    return log(p / (1 - p))


CONFSEQ: Final[Mapping[str, Callable[..., object]]] = MappingProxyType(
    {
        found.__name__: found
        for found in (
            normal_log_mixture,
            normal_mixture_bound,
            gamma_exponential_log_mixture,
            gamma_exponential_mixture_bound,
            gamma_poisson_log_mixture,
            gamma_poisson_mixture_bound,
            beta_binomial_log_mixture,
            beta_binomial_mixture_bound,
            stitching.poly_stitching_bound,
            stitching.empirical_process_lil_bound,
            stitching.double_stitching_bound,
            bernoulli_confidence_interval,
            quantile_ab_p_value,
            mixtures.log_beta,
            mixtures.log_incomplete_beta,
        )
    }
    | {"logit": _logit, "expit": _expit}
    | {
        "TwoSidedNormalMixture::best_rho": partial(_best_rho, mixtures.two_sided_rho),
        "OneSidedNormalMixture::best_rho": partial(_best_rho, mixtures.one_sided_rho),
    }
    | _of_class(TwoSidedNormalMixture)
    | _of_class(OneSidedNormalMixture)
    | _of_class(GammaExponentialMixture)
    | _of_class(GammaPoissonMixture)
    | _of_class(BetaBinomialMixture)
    | {
        "PolyStitchingBound": stitching.poly_stitching_bound,
        "PolyStitchingBound::operator()": stitching.poly_stitching_bound,
        "EmpiricalProcessLILBound": stitching.empirical_process_lil_bound,
        "EmpiricalProcessLILBound::operator()": stitching.empirical_process_lil_bound,
        "DoubleStitchingBound": stitching.double_stitching_bound,
        "DoubleStitchingBound::operator()": stitching.double_stitching_bound,
        "QuantileABTest": quantile_ab_p_value,
        "QuantileABTest::p_value": quantile_ab_p_value,
    }
)
"""Every function and method of the library; each takes the library's argument names as keywords."""
