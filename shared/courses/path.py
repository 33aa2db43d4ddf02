"""The order in which a learner takes what is missing: prerequisites, mastery, time, spaced review. Deterministic, no model. Pure.

1. Needed is every goal with all that it builds on, less what is mastered (mastery >= MASTERED).
2. Order: behind prerequisites; among those that may come next, first what the earlier goal needs, then what is closest to
   mastered, then the shorter.
3. Time: where not all fits, goals are taken as long as they fit with what they need beyond the goals already taken, the one
   that costs least first. The rest is deferred, never cut in half.
4. Review: what is mastered but faded (mastery * 2^(-days / HALF_LIFE_DAYS) < MASTERED, Settles and Meeder 2016's forgetting
   curve with a fixed half-life) is looked at again before the first step that builds on it; what was newly learned comes again
   after 1, 3 and 7 more steps as long as time is left (expanding rehearsal, Landauer and Bjork 1978). A review takes a quarter
   of the skill's time.

A skill that is partly mastered takes the part of its time that is missing, at least a quarter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from shared.courses.outline import circle

MASTERED = 0.8
HALF_LIFE_DAYS = 30.0
GAPS = (1, 3, 7)
_REVIEW = 0.25
Kind = Literal["learn", "review"]


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill (or lesson). `minutes`: what learning it from nothing takes. `mastery` 0 to 1, seen `days` ago."""

    id: str
    minutes: int
    prerequisites: tuple[str, ...] = ()
    mastery: float = 0.0
    days: float = 0.0

    @property
    def known(self) -> bool:
        """Whether it was mastered once."""
        return self.mastery >= MASTERED

    @property
    def retained(self) -> float:
        """What is left of the mastery after the days since."""
        return self.mastery * 2 ** (-self.days / HALF_LIFE_DAYS)

    @property
    def left(self) -> int:
        """Minutes that learning it still takes."""
        return max(1, ceil(self.minutes * max(_REVIEW, 1 - self.mastery)))

    @property
    def again(self) -> int:
        """Minutes of a review."""
        return max(1, ceil(self.minutes * _REVIEW))


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `unlocks`: skills of the path that build on it, in order. `goal`: the first goal it is for."""

    skill: str
    kind: Kind
    minutes: int
    goal: str
    unlocks: tuple[str, ...] = ()


@dataclass(slots=True)
class Path:
    """Steps in order; goals that were mastered already, and those for which the time is too short; minutes in all."""

    steps: list[Step] = field(default_factory=list)
    mastered: list[str] = field(default_factory=list)
    deferred: list[str] = field(default_factory=list)
    minutes: int = 0


def circular(skills: Sequence[Skill]) -> list[str]:
    """Skills that need each other in a circle: there is no path through those."""
    return circle({skill.id: skill.prerequisites for skill in skills})


def plan(skills: Sequence[Skill], goals: Sequence[str], minutes: int | None) -> Path:
    """The path. `skills` name each other by id and have no circle; ids that are no skill are passed over."""
    by_id = {skill.id: skill for skill in skills}
    wanted = [goal for goal in dict.fromkeys(goals) if goal in by_id]
    path = Path(mastered=[goal for goal in wanted if by_id[goal].known])
    open_goals = [goal for goal in wanted if not by_id[goal].known]
    needs = {goal: _needed(goal, by_id) for goal in open_goals}
    taken = _affordable(open_goals, needs, by_id, minutes)
    path.deferred = [goal for goal in open_goals if goal not in taken]
    # What is for an earlier goal comes first, as far as prerequisites let it.
    purpose: dict[str, str] = {}
    for goal in taken:
        for name in needs[goal]:
            purpose.setdefault(name, goal)
    order = _ordered(purpose, taken, by_id)
    _walk(path, order, purpose, by_id, minutes)
    return path


def sessions(steps: Sequence[Step], minutes: int) -> list[list[int]]:
    """Places of the steps by session of at most so many minutes; a longer step has a session of its own."""
    found: list[list[int]] = []
    used = 0
    for place, step in enumerate(steps):
        if not found or used + step.minutes > minutes:
            found.append([])
            used = 0
        found[-1].append(place)
        used += step.minutes
    return found


def _needed(goal: str, by_id: Mapping[str, Skill]) -> set[str]:
    """A goal and what it builds on, less what is mastered (what that builds on in turn is taken as known, too)."""
    found: set[str] = set()
    left = [goal]
    while left:
        name = left.pop()
        skill = by_id.get(name)
        if skill is None or name in found or skill.known:
            continue
        found.add(name)
        left += skill.prerequisites
    return found


def _affordable(
    goals: Sequence[str], needs: Mapping[str, set[str]], by_id: Mapping[str, Skill], minutes: int | None
) -> list[str]:
    """Those goals that fit into the time, in the order they were asked for."""
    if minutes is None:
        return list(goals)
    have: set[str] = set()
    seen: set[str] = set()
    taken: set[str] = set()
    left, used = list(goals), 0
    while left:
        # What a goal costs beyond the goals already taken: what is to be learned for it, and what has faded under that.
        extra = {goal: needs[goal] - have for goal in left}
        faded = {goal: _faded(extra[goal], by_id) - seen for goal in left}
        cost = {
            goal: sum(by_id[name].left for name in extra[goal]) + sum(by_id[name].again for name in faded[goal])
            for goal in left
        }
        best = min(left, key=lambda goal: cost[goal])  # of equals the one that was asked for first
        if used + cost[best] > minutes:
            break
        left.remove(best)
        taken.add(best)
        have |= needs[best]
        seen |= faded[best]
        used += cost[best]
    return [goal for goal in goals if goal in taken]


def _faded(names: Iterable[str], by_id: Mapping[str, Skill]) -> set[str]:
    """What these build on that was mastered once and is to be looked at again."""
    below = {other for name in names for other in by_id[name].prerequisites if other in by_id}
    return {other for other in below if by_id[other].known and by_id[other].retained < MASTERED}


def _ordered(purpose: Mapping[str, str], goals: Sequence[str], by_id: Mapping[str, Skill]) -> list[str]:
    """Each behind what it needs; see point 2 above."""
    left = dict.fromkeys(purpose)
    found: list[str] = []
    while left:
        ready = [name for name in left if not any(other in left for other in by_id[name].prerequisites)]
        best = min(
            ready,
            key=lambda name: (goals.index(purpose[name]), -by_id[name].mastery, by_id[name].minutes, name),
        )
        found.append(best)
        del left[best]
    return found


def _walk(
    path: Path, order: Sequence[str], purpose: Mapping[str, str], by_id: Mapping[str, Skill], minutes: int | None
) -> None:
    """Write the steps with the reviews between them."""
    left = None if minutes is None else minutes - sum(by_id[name].left for name in order)
    due: dict[int, list[str]] = {}
    refreshed: set[str] = set()
    for place, name in enumerate(order):
        faded = sorted(_faded((name,), by_id) - refreshed)
        for other in (*faded, *due.get(place, ())):
            # A faded foundation was counted with its goal; a repetition of what is new only fills time that is left.
            if left is not None and by_id[other].again > left:
                continue
            left = None if left is None else left - by_id[other].again
            refreshed.add(other)
            path.steps.append(
                Step(other, "review", by_id[other].again, purpose[name] if other in faded else purpose[other])
            )
        unlocks = tuple(other for other in order if name in by_id[other].prerequisites)
        path.steps.append(Step(name, "learn", by_id[name].left, purpose[name], unlocks))
        for gap in GAPS:
            due.setdefault(place + 1 + gap, []).append(name)
    path.minutes = sum(step.minutes for step in path.steps)
