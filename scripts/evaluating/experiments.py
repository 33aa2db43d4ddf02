"""How far the statistics of experiments are those of others: `scripts/evaluate experiments --data DIR`.

gbstats_cases.jsonl   growthbook's tests of t tests, always-valid tests, CUPED, ratios, quantiles and the Bayesian view
confseq_cases.jsonl   Howard et al.'s uniform boundaries
power_cases.jsonl     growthbook's power calculations
srm_cases.jsonl       lukasvermeer/srm's sample ratio mismatches
asos.csv              looks at real experiments: decisions at the end, at any look, always valid, and sample ratio mismatches

A case counts when it is within its own tolerance, or within half of the fifth decimal where it has none.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from scripts.evaluating import Report, Request
from scripts.evaluating.reading import lines, table
from scripts.evaluating.references import gbstats, looks, planner, simple
from scripts.evaluating.references.closeness import Outcome

CASES: Final[Mapping[str, Callable[[Mapping[str, Any]], Outcome]]] = {
    "gbstats": gbstats.run,
    "confseq": simple.boundary,
    "power": planner.run,
    "srm": simple.ratio,
}


def evaluate(request: Request) -> Report:
    """Measure on what is there."""
    report = Report(("measure", "value", "n"))
    outcomes: list[Outcome] = []
    for name, run in CASES.items():
        for path in request.files(f"{name}_cases.jsonl"):
            found = [run(case) for case in lines(path)]
            right = sum(one.why is None for one in found)
            report.add(
                {f"{name}_cases": len(found), f"{name}_within_tolerance": right},
                f"{name}: within tolerance",
                right,
                len(found),
            )
            outcomes += found
    if outcomes:
        failed = [one for one in outcomes if one.why is not None]
        right = len(outcomes) - len(failed)
        fields = {"cases": len(outcomes), "within_tolerance": right, "failed": [one.name for one in failed]}
        report.add(fields, "all: within tolerance", right, len(outcomes))
        report.notes += [f"not reproduced: {one.name}: {one.why}" for one in failed]
    for path in request.files("asos.csv"):
        for name, value, count in looks.measure(table(path, *looks.COLUMNS)):
            report.add({name: value}, name.replace("_", " "), value, count)
    return report
