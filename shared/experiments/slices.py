"""Which part of the traffic an experiment has, and which arm a unit of it gets: two numbers out of a hash. Pure.

A unit's first number decides whether it is in: it lies in one of the ranges of the experiment's slices. It is the layer's own where
there is a layer, so that experiments of one layer, whose ranges are disjoint, share no unit. The second is the experiment's own:
it picks the arm by the slice's weights. Nothing is stored of a unit and nothing read. A slice never changes once it is opened and
ranges never overlap, so whoever is in stays in, with the same arm, however often traffic is widened.

    running = open_first(experiment, others, salt, now)
    running = widen(running, 0.5, others, now)

Numbers are made of 53 bits of BLAKE2b, uniform in [0, 1) and the same on every machine.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from shared.stored.experiments import Experiment, RunningExperiment, RunningVariant, Slice

MOST_SLICES: Final = 24
ROUNDS: Final = 8
"""Parts in which a bandit's traffic is opened: each with the shares that those before it speak for."""
_DIGITS: Final = 9
"""Ranges end at whole billionths of the traffic: sums of theirs are told from each other with a tolerance of half of one."""
_NOTHING: Final = 0.5e-9

Range = tuple[float, float]


class NoRoom(ValueError):
    """There is not so much traffic left. `free`: what is, as a share of all."""

    def __init__(self, free: float) -> None:
        super().__init__(f"only {free:.4g} of the traffic is free")
        self.free = free


class Unwidened(ValueError):
    """A slice may not be added: the text says why."""


def numbers(salt: str, unit: str) -> tuple[float, float]:
    """Two independent uniform numbers in [0, 1) that depend on nothing but the arguments."""
    digest = hashlib.blake2b(f"{salt}\x00{unit}".encode(), digest_size=16).digest()
    return (int.from_bytes(digest[:8]) >> 11) / 2**53, (int.from_bytes(digest[8:]) >> 11) / 2**53


def slice_of(running: RunningExperiment, unit: str) -> int | None:
    """The place of the slice that a unit is in, whatever the experiment is targeted at; None: it is in none."""
    return _place(running, unit)[0]


def arm_of(running: RunningExperiment, unit: str) -> str | None:
    """The name of the variant that a unit gets, whatever the experiment is targeted at; None: it is not in."""
    found = variant_of(running, unit)
    return None if found is None else found.name


def variant_of(running: RunningExperiment, unit: str) -> RunningVariant | None:
    """The variant itself."""
    place, number = _place(running, unit)
    if place is None or not running.variants:
        return None
    weights = running.slices[place].weights
    left = number * sum(weights)
    for variant, weight in zip(running.variants, weights, strict=False):
        left -= weight
        if left < 0:
            return variant
    return running.variants[-1]


def traffic(running: RunningExperiment) -> float:
    """The share of all units that is in."""
    return round(sum(map(_length, _taken([running]))), _DIGITS)


def open_first(
    experiment: Experiment,
    others: Sequence[RunningExperiment],
    salt: str,
    now: float,
    variants: Sequence[RunningVariant] | None = None,
) -> RunningExperiment:
    """An experiment as it starts: with all its traffic in one slice; a bandit with one part in ROUNDS, in equal shares.

    `others` are those that run, this one left out. `variants` say what the arms change; without them they change nothing.
    Raises NoRoom where the layer has less left than the experiment is to have in all: a bandit's later parts must fit too,
    though nothing keeps them for it.
    """
    arms = list(variants or (RunningVariant(name=one.name, weight=one.weight) for one in experiment.variants))
    running = RunningExperiment(
        id=experiment.id, salt=salt, layer=experiment.layer, slices=[], variants=arms, targeting=experiment.targeting
    )
    wanted, weights = experiment.traffic_allocation, [variant.weight for variant in arms]
    room = _free(running, others)
    if experiment.allocation == "thompson":
        _cut(room, wanted)
        wanted, weights = wanted / ROUNDS, [1 / len(arms)] * len(arms)
    return _with(running, _cut(room, wanted), weights, now)


def widen(running: RunningExperiment, to: float, others: Sequence[RunningExperiment], now: float) -> RunningExperiment:
    """The same experiment with a share `to` of the traffic: a slice more, with the weights of the last one.

    Raises Unwidened where that is not more than it has, NoRoom where there is not so much.
    """
    has = traffic(running)
    if to < has - _NOTHING:
        raise Unwidened(f"traffic can only be widened: who is in stays in (it has {has:.4g})")
    if to <= has + _NOTHING:
        raise Unwidened(f"it has that much already ({has:.4g})")
    return open_next(running, to - has, running.slices[-1].weights, others, now)


def open_next(
    running: RunningExperiment,
    share: float,
    weights: Sequence[float],
    others: Sequence[RunningExperiment],
    now: float,
) -> RunningExperiment:
    """The same experiment with `share` more of the traffic, whose units get the arms by `weights`. Raises NoRoom and Unwidened."""
    if len(running.slices) >= MOST_SLICES:
        raise Unwidened(f"traffic has been widened {MOST_SLICES - 1} times, and no more can be kept")
    if len(weights) != len(running.variants) or min(weights, default=0) < 0 or sum(weights) <= 0:
        raise ValueError("weights: one for each variant, none below 0, not all 0")
    return _with(running, _cut(_free(running, others), share), list(weights), now)


def _with(running: RunningExperiment, ranges: list[Range], weights: Sequence[float], now: float) -> RunningExperiment:
    added = Slice(ranges=ranges, weights=list(weights), opened_at=now)
    return running.model_copy(update={"slices": [*running.slices, added]})


def _place(running: RunningExperiment, unit: str) -> tuple[int | None, float]:
    """The slice a unit is in, and its number for the arms."""
    number, arm = numbers(running.salt, unit)
    if running.layer is not None:
        number = numbers(f"layer\x00{running.layer}", unit)[0]
    for place, part in enumerate(running.slices):
        for start, end in part.ranges:
            if start <= number < end:
                return place, arm
    return None, arm


def _free(running: RunningExperiment, others: Iterable[RunningExperiment]) -> list[Range]:
    """What nobody has of the numbers that decide who is in `running`, in order."""
    same = [one for one in others if one.id != running.id and one.layer is not None and one.layer == running.layer]
    room, at = [], 0.0
    for start, end in sorted(_taken([running, *same])):
        if start - at > _NOTHING:
            room.append((at, start))
        at = max(at, end)
    if 1.0 - at > _NOTHING:
        room.append((at, 1.0))
    return room


def _cut(room: Sequence[Range], share: float) -> list[Range]:
    """The first part of the room that is `share` long. Raises NoRoom."""
    if share <= _NOTHING:
        raise ValueError("a share of the traffic is above 0")
    free = sum(map(_length, room))
    if share > free + _NOTHING:
        raise NoRoom(round(free, _DIGITS))
    ranges: list[Range] = []
    for start, end in room:
        stop = end if share >= end - start - _NOTHING else round(start + share, _DIGITS)
        ranges.append((start, stop))
        share -= stop - start
        if share <= _NOTHING:
            break
    return ranges


def _taken(many: Iterable[RunningExperiment]) -> list[Range]:
    return [one for running in many for part in running.slices for one in part.ranges]


def _length(one: Range) -> float:
    return one[1] - one[0]
