"""Arguments as people write them: `alpha=0.05`, `alpha: .05`, `alpha .05`, or a bare number in its place."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

Arguments = dict[str, Any]

NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?"
_ALIASES: Final[Mapping[str, str]] = {
    "sd": "standarddeviation",
    "stddev": "standarddeviation",
    "std": "standarddeviation",
    "effect": "effectsize",
    "delta": "effectsize",
    "mde": "effectsize",
    "targetmde": "effectsize",
    "lift": "effectsize",
    "rate": "conversionrate",
    "p": "conversionrate",
    "ss": "sumsquares",
    "tuning": "sequentialtuningparameter",
    "sequentialtuning": "sequentialtuningparameter",
    "sequentialtesting": "sequentialtuningparameter",
    "targetpower": "power",
    "variations": "nvariations",
    "numvariations": "nvariations",
    "goalmetrics": "numgoalmetrics",
    "overridepriorliftmean": "priormean",
    "metricpriorliftmean": "priormean",
    "priorliftmean": "priormean",
    "overridepriorliftstandarddeviation": "priorsd",
    "metricpriorliftstandarddeviation": "priorsd",
    "priorliftstandarddeviation": "priorsd",
    "priorstddev": "priorsd",
    "priorstandarddeviation": "priorsd",
    "priorvar": "priorvariance",
    "var": "variance",
    "overrideproper": "proper",
    "metricproper": "proper",
}


def arguments(text: str, order: Sequence[str]) -> Arguments:
    """Numbers and words by name (`alpha=0.05`, `alpha: .05`, `alpha .05`), those without a name by their place."""
    given: Arguments = {}
    places = iter(order)
    for name, literal in re.findall(rf"(?:([A-Za-z_]\w*)\s*[=:]?\s*)?({NUMBER}|\btrue\b|\bfalse\b)", _flat(text)):
        key = _key(name) if name else next(places, "")
        if name and key in order:
            places = iter(order[order.index(key) + 1 :])
        given.setdefault(key, _literal(literal))
    return given


def _flat(text: str) -> str:
    return re.sub(r"[\"'{}()\[\]]", " ", text)


def _key(name: str) -> str:
    plain_name = name.replace("_", "").lower()
    return _ALIASES.get(plain_name, plain_name)


def _literal(text: str) -> float | bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def keys(*names: str) -> tuple[str, ...]:
    """The keys that arguments of these names are found under."""
    return tuple(_key(name) for name in names)
