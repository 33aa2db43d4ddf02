"""One unit in one experiment: what its events come to, in whatever order and however often they come. Pure.

A unit is counted from its first exposure on (the earliest by the server's clock), in the variant of that exposure for ever: one that
is seen in another variant later has `moved` and stays where it was (intention to treat). What it did in the PRE_DAYS before is its
covariate: of what the product measures, where its learner's days are known (`past`), those before the exposure's day. Values of
before an exposure, or of a unit that has none yet, wait in `before`: an exposure that comes in late makes outcomes of those that
happened after it.

Bounds: `before` keeps MOST_BEFORE values. Beyond, those older than a day are put together by metric and UTC day, since exposures come
in minutes after they happened, and then the oldest are dropped. Values of a quantile cannot be put together. What is dropped, and
what was put together around an exposure that came in later still, is `late`. `seen` says what is done about ids. A unit's part of
quantiles has BUCKETS buckets in all metrics together, the lowest in one. A body stays below 64 KB.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.activity.events import Answered, Event, Exposed, Outcome, beside_of
from shared.experiments import sketch
from shared.experiments.exact import SCALE, Vector, whole
from shared.experiments.past import COVERED
from shared.experiments.rules import Cell, Rules
from shared.experiments.seen import Seen, hashed
from shared.experiments.sketch import Histogram
from shared.experiments.values import RETURNED, exposed_to, values
from shared.stored.experiments import MetricKind

PRE_DAYS: Final = 28
"""UTC days before that of the exposure."""
EARLY_DAYS: Final = 3
"""UTC days, that of the exposure included, in which a unit's values of the primary metric are early ones."""
MOST_BEFORE: Final = 256
BUCKETS: Final = 1500
MODELS: Final = 16
"""Names of models kept of a unit; answers of others stand under `other`."""
_DAY: Final = 86_400.0
_NONE: Final = (0, 0)

Entry = tuple[float, str, int, int, int, float]
"""Some values of a metric, mostly one: when the latest was, the metric, their numerators' and denominators' sums in billionths, how
many there are, and when the earliest was."""
Taking = Literal["counted", "known", "late", "outside"]


@dataclass(slots=True)
class Unit:
    """`met`: the first exposure by variant. `where`: the cell it is counted in. `sums`: numerator and denominator by metric, in
    billionths, from the exposure on; `early`: those of the primary metric by UTC day. `spread`: quantile metrics' values.
    `past`: the same from the days before the exposure's (None: nothing is known of them).
    `last_day`: the UTC day of the last answer, as a number since 1970. `converted`: values of the primary metric that count.
    `delivered`: answers that its variant could steer, by model. `late`: values that were left out.
    """

    met: dict[str, float] = field(default_factory=dict)
    where: Cell | None = None
    delivered: dict[str, int] = field(default_factory=dict)
    sums: dict[str, tuple[int, int]] = field(default_factory=dict)
    early: dict[int, tuple[int, int]] = field(default_factory=dict)
    spread: dict[str, Histogram] = field(default_factory=dict)
    before: list[Entry] = field(default_factory=list)
    past: dict[str, tuple[int, int]] | None = None
    last_day: int = 0
    converted: int = 0
    late: int = 0
    seen: Seen = field(default_factory=Seen)

    @property
    def first(self) -> float | None:
        """The first exposure; None where there is none yet."""
        return min(self.met.values(), default=None)


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit that was exposed adds to the sums of its cell, as of now: it does not change with the unit. `early` and `late` are None for a quantile metric."""

    cell: Cell
    treated: bool
    moved: bool
    converted: int
    delivered: Mapping[str, int]
    vectors: Mapping[str, Vector]
    early: Vector | None
    late: Vector | None
    spread: Mapping[str, Mapping[int, int]]


def take(unit: Unit, name: str, came: float, event: Event, rules: Rules) -> Taking:
    """Let an event of this unit (its id is `name`) count that came in at `came`; changes `unit`.

    `counted`; or `known` for one that was there before, `late` for one that may have been, `outside` for what happened after the end.
    ValueError for a value that is no number or too large; nothing has changed then.
    """
    at = event.at if isinstance(event, Outcome) and event.at is not None else came
    if not rules.takes(came) or (rules.ended_at is not None and at > rules.ended_at):
        return "outside"
    given: list[Entry] = [(at, *_exact(found, rules), 1, at) for found in values(event, rules.metrics)]
    variant = exposed_to(event, rules.id)
    if variant is not None and variant in rules.prefers:
        _meet(unit, name, variant, at, rules)
    if isinstance(event, Exposed):  # nothing to add, so nothing to remember: an app may ask for its variant all day
        return "counted"
    beside = rules.id in beside_of(event)
    if beside and not given and not (isinstance(event, Answered) and RETURNED in rules.metrics):
        return "counted"
    if at <= unit.seen.horizon:
        unit.late += 1
        return "late"
    metric = event.metric if isinstance(event, Outcome) else ""
    known = hashed(type(event).__name__, metric, event.id)
    if known in unit.seen.known:
        return "known"
    unit.seen.add(known, at)
    if isinstance(event, Answered):
        unit.last_day = max(unit.last_day, day_of(at))
    if isinstance(event, Answered) and not beside:
        model = event.delivered if event.delivered in unit.delivered or len(unit.delivered) < MODELS else "other"
        unit.delivered[model] = unit.delivered.get(model, 0) + 1
    for entry in given:
        _count(unit, entry, came, rules)
    return "counted"


def part(unit: Unit, rules: Rules) -> Part | None:
    """What a unit adds to the sums; None for one that was not exposed."""
    first = unit.first
    if first is None or unit.where is None:
        return None
    past = dict(unit.past or {})
    for at, metric, num, den, _, _ in unit.before:
        days = PRE_DAYS if unit.past is None or metric not in COVERED else 0
        if (day_of(first) - days) * _DAY <= at < first:
            past[metric] = _plus(past.get(metric, _NONE), num, den)
    sums = dict(unit.sums)
    if RETURNED in rules.metrics:
        sums[RETURNED] = (SCALE if unit.last_day > day_of(first) else 0, SCALE)
    kinds: dict[str, MetricKind] = {name: metric.kind for name, metric in rules.metrics.items()}
    vectors = {
        name: _vector(kind, sums.get(name, _NONE), past.get(name, _NONE))
        for name, kind in kinds.items()
        if kind != "quantile"
    }
    primary, ends = rules.primary, kinds[rules.primary] == "quantile"
    early = (sum(pair[0] for pair in unit.early.values()), sum(pair[1] for pair in unit.early.values()))
    late = _plus(unit.sums.get(primary, _NONE), -early[0], -early[1])
    prefers = rules.prefers.get(unit.where[0])
    return Part(
        cell=unit.where,
        treated=prefers is None or prefers in unit.delivered,
        moved=len(unit.met) > 1,
        converted=unit.converted,
        delivered=dict(unit.delivered),
        vectors=vectors,
        early=None if ends else _vector(kinds[primary], early, past.get(primary, _NONE)),
        late=None if ends else _vector(kinds[primary], late, past.get(primary, _NONE)),
        spread={name: dict(spread) for name, spread in unit.spread.items()},
    )


def day_of(at: float) -> int:
    """The UTC day of a moment, as a number since 1970."""
    return int(at // _DAY)


def _meet(unit: Unit, name: str, variant: str, at: float, rules: Rules) -> None:
    """An exposure: where it is the earliest, the unit's sums begin there."""
    if at >= unit.met.get(variant, float("inf")):
        return
    unit.met[variant] = at
    first, earliest = min((moment, one) for one, moment in unit.met.items())
    if unit.where is not None and (first, earliest) != (at, variant):
        return
    unit.where = rules.cell(name, earliest, first)
    unit.early = {day: pair for day, pair in unit.early.items() if day < day_of(first) + EARLY_DAYS}
    waiting, unit.before = unit.before, [entry for entry in unit.before if entry[0] < first]
    for entry in waiting:
        at, _, _, _, count, began = entry
        if began >= first:
            _count(unit, entry, began, rules)
        elif at >= first:  # some of them were before and some after, and nobody can tell how many
            unit.late += count


def _count(unit: Unit, entry: Entry, came: float, rules: Rules) -> None:
    """Values to the sums, or to those that wait."""
    at, name, num, den, count, _ = entry
    first = unit.first
    if first is None or at < first:
        unit.before.append(entry)
        if len(unit.before) > MOST_BEFORE:
            _shorten(unit, came, rules)
        return
    unit.converted += count * (name == rules.primary)
    if rules.metrics[name].kind == "quantile":
        spread = sketch.merge(unit.spread.setdefault(name, {}), {sketch.bucket(num / SCALE): 1})
        metrics = sum(metric.kind == "quantile" for metric in rules.metrics.values())
        sketch.collapse(spread, BUCKETS // metrics)
        return
    unit.sums[name] = _plus(unit.sums.get(name, _NONE), num, den)
    day = day_of(at)
    if name == rules.primary and day < day_of(first) + EARLY_DAYS:
        unit.early[day] = _plus(unit.early.get(day, _NONE), num, den)


def _exact(found: tuple[str, float, float], rules: Rules) -> tuple[str, int, int]:
    name, num, den = found
    if rules.metrics[name].kind == "proportion":
        return name, SCALE if whole(num) > 0 else 0, SCALE
    return name, whole(num), whole(den)


def _shorten(unit: Unit, came: float, rules: Rules) -> None:
    """Fewer values that wait, at a moment at which exposures of a day ago have come in."""
    left: list[Entry] = []
    together: dict[tuple[str, int], Entry] = {}
    for entry in sorted(unit.before):
        at, name, num, den, count, began = entry
        if at >= came - _DAY or rules.metrics[name].kind == "quantile":
            left.append(entry)
            continue
        held = together.get((name, day_of(at)), (at, name, 0, 0, 0, began))
        together[name, day_of(at)] = (at, name, held[2] + num, held[3] + den, held[4] + count, min(held[5], began))
    ordered = sorted([*together.values(), *left])
    unit.late += sum(entry[4] for entry in ordered[:-MOST_BEFORE])
    unit.before = ordered[-MOST_BEFORE:]


def _vector(kind: MetricKind, after: tuple[int, int], before: tuple[int, int]) -> Vector:
    if kind == "ratio":
        return *after, *before
    if kind == "proportion":
        return SCALE * (after[0] > 0), SCALE, SCALE * (before[0] > 0), SCALE
    return after[0], SCALE, before[0], SCALE


def _plus(pair: tuple[int, int], num: int, den: int) -> tuple[int, int]:
    return pair[0] + num, pair[1] + den
