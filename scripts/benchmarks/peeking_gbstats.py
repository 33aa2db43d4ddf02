"""gbstats' sequential test over the looks of simulated experiments. Runs in .venv-gbstats, for which it imports nothing of ours.

Standard input: a NumPy file of shape (experiments, looks, 2 arms, 3): units, sum, sum of squares. Standard output: JSON, for each
experiment the first look at which the interval excludes 0, or null.
"""

import io
import json
import sys

import numpy as np
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest  # type: ignore[import-not-found]
from gbstats.models.statistics import ProportionStatistic, SampleMeanStatistic  # type: ignore[import-not-found]


def main() -> None:
    alpha, kind = float(sys.argv[1]), sys.argv[2]
    config = SequentialConfig(difference_type="absolute", alpha=alpha)
    sums = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    print(json.dumps([_first(experiment.tolist(), kind, config) for experiment in sums]))


def _first(looks: list[list[list[float]]], kind: str, config: SequentialConfig) -> int | None:
    for number, (control, treatment) in enumerate(looks):
        if min(control[0], treatment[0]) < 2:
            continue
        result = SequentialTwoSidedTTest(
            _statistic(control, kind), _statistic(treatment, kind), config
        ).compute_result()
        if result.error_message is None and (result.ci[0] > 0 or result.ci[1] < 0):
            return number
    return None


def _statistic(arm: list[float], kind: str) -> ProportionStatistic | SampleMeanStatistic:
    n, total, squares = arm
    if kind == "proportion":
        return ProportionStatistic(sum=total, n=int(n))
    return SampleMeanStatistic(sum=total, sum_squares=squares, n=int(n))


if __name__ == "__main__":
    main()
