"""srm_cases.jsonl and confseq_cases.jsonl: cases of one function and its arguments.

{"observed": […], "expected_pct": […], "relation": eq|lt|gt|close|nan, "p_value": number, "tol": number} (lukasvermeer/srm) and
{"fn": name, "args": {…}, "expected": number or list, "tol": number} (gostevehoward/confseq).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scripts.evaluating.references.closeness import PLACES, Outcome, Unknown, differences, half_of, outcome
from shared.experiments.stats.boundaries import CONFSEQ
from shared.experiments.stats.srm import mismatch

_EXACT: Final = 1e-12
"""What rounding may leave of an equality."""


def ratio(case: Mapping[str, Any]) -> Outcome:
    """One case of a sample ratio."""
    return outcome(str(case["id"]), lambda: _related(case))


def boundary(case: Mapping[str, Any]) -> Outcome:
    """One case of an always-valid boundary."""

    def compare() -> Iterator[str]:
        name = str(case["fn"])
        if name not in CONFSEQ:
            raise Unknown(name)
        tolerance = case.get("tol")
        found = CONFSEQ[name](**case["args"])
        return differences(found, case["expected"], half_of(PLACES) if tolerance is None else tolerance)

    return outcome(str(case["id"]), compare)


def _related(case: Mapping[str, Any]) -> Iterator[str]:
    found = mismatch(_numbers(case["observed"]), _numbers(case["expected_pct"]), whole=True)
    relation: str = case["relation"]
    wanted: Any = case.get("p_value")
    if relation == "nan":
        right = found is None
    elif found is None:
        right = False
    elif relation == "eq":
        right = abs(found - wanted) <= _EXACT
    elif relation == "lt":
        right = found < wanted
    elif relation == "gt":
        right = found > wanted
    elif relation == "close":
        tolerance = case.get("tol")
        right = abs(found - wanted) <= (half_of(PLACES) if tolerance is None else tolerance)
    else:
        raise Unknown(f"relation {relation}")
    if not right:
        yield f"it is {found}, not {relation} {wanted}"


def _numbers(values: Any) -> list[float]:
    """As they are; what is no number at all as one that is not, and what is no list as an empty one."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        return []
    return [float(one) if isinstance(one, int | float) else float("nan") for one in values]
