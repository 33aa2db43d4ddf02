"""The trials of `scripts/peeking`: experiments that are looked at all the time, by the product's functions and by gbstats'."""

import io
import json
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from scripts.benchmarks.peeking_data import EVERY, Population, looks, moments
from shared.experiments.stats.effects import Compared, Terms, band, held_against, summary, weight_of

_AT_ONCE = 25
"""Experiments that one worker makes in one piece."""
Stops = list[int | None]
"""By experiment: units at the first look at which 0 was excluded."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is simulated: `runs` experiments of `units` units with a true `effect`, at level `alpha`."""

    population: Population
    units: int
    runs: int
    alpha: float
    seed: int
    effect: float = 0.0
    gbstats: str = ""
    """The Python that has it; empty: ours alone."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """First stops by the always-valid band of the absolute and of the relative effect, by the fixed-horizon test at any look, by
    that at the end, and by gbstats."""

    absolute: Stops
    relative: Stops
    peeked: Stops
    final: Stops
    gbstats: Stops

    def __add__(self, other: "Stopped") -> "Stopped":
        """Those of both."""
        return Stopped(
            self.absolute + other.absolute,
            self.relative + other.relative,
            self.peeked + other.peeked,
            self.final + other.final,
            self.gbstats + other.gbstats,
        )


def trial(setting: Setting, pool: Executor, step: Callable[[], None]) -> Stopped:
    """All experiments of a setting."""
    pieces = [(first, min(_AT_ONCE, setting.runs - first)) for first in range(0, setting.runs, _AT_ONCE)]
    found = Stopped([], [], [], [], [])
    for piece in pool.map(partial(_piece, setting), pieces):
        found += piece
        step()
    return found


def pieces(runs: int) -> int:
    """How many steps `trial` takes."""
    return -(-runs // _AT_ONCE)


def _piece(setting: Setting, piece: tuple[int, int]) -> Stopped:
    first, count = piece
    random = np.random.default_rng([setting.seed, first])
    sums = np.stack([looks(setting.population, random, setting.units, setting.effect) for _ in range(count)])
    found = [_looked_at(setting, experiment) for experiment in sums.tolist()]
    return Stopped(
        [absolute for absolute, _, _, _ in found],
        [relative for _, relative, _, _ in found],
        [peeked for _, _, peeked, _ in found],
        [final for _, _, _, final in found],
        _by_gbstats(setting, sums[..., [0, 1, 3]]) if setting.gbstats else [],
    )


def _looked_at(
    setting: Setting, experiment: Sequence[Sequence[list[float]]]
) -> tuple[int | None, int | None, int | None, int | None]:
    """First stops. The relative band is for experiments without an effect. Looks that can change nothing are left out."""
    absolute = relative = peeked = final = None
    for number, (control, treatment) in enumerate(experiment, start=1):
        last, units = number == len(experiment), number * EVERY
        if not last and None not in (absolute, peeked, relative if setting.effect == 0 else units):
            continue
        compared = _compared(setting, control, treatment)
        if peeked is None or last:
            significant = compared.absolute.p_value <= setting.alpha
            peeked = units if significant and peeked is None else peeked
            final = units if significant and last else None
        if absolute is None and _excluded(setting, compared, relative=False):
            absolute = units
        if setting.effect == 0 and relative is None and _excluded(setting, compared, relative=True):
            relative = units
    return absolute, relative, peeked, final


def _compared(setting: Setting, *arms: list[float]) -> Compared:
    """As the product holds a metric's arms against each other (`measuring`)."""
    kind, sums = setting.population.kind, [moments(arm) for arm in arms]
    control, treatment = (summary(kind, one) for one in sums)
    return replace(held_against(control, treatment, setting.alpha), least=min(weight_of(kind, one) for one in sums))


def _excluded(setting: Setting, compared: Compared, *, relative: bool) -> bool:
    found = band(compared, setting.alpha, Terms(setting.alpha, setting.alpha, setting.units), relative=relative)
    return found.low > 0 or found.high < 0


def _by_gbstats(setting: Setting, sums: np.ndarray) -> Stops:
    given = io.BytesIO()
    np.save(given, sums)
    command = [
        setting.gbstats,
        "-I",
        "scripts/benchmarks/peeking_gbstats.py",
        str(setting.alpha),
        setting.population.kind,
    ]
    told = subprocess.run(command, input=given.getvalue(), stdout=subprocess.PIPE, check=True).stdout
    return [None if look is None else (look + 1) * EVERY for look in json.loads(told)]
