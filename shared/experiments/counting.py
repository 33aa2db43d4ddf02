"""Events to experiments' sums: the consumer that keeps units and shards. Pure.

An experiment's definition is read with its units and shards, so that an event is counted by what the experiment is at that moment:
weights, variants and metrics do not change while it runs, and its end holds at once. Events of an experiment that is not known, not
running or ended more than a day ago are left out.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from shared import log
from shared.activity.consumer import Found, Taken, Tally
from shared.activity.events import beside_of
from shared.documents import Document
from shared.experiments import shards, unit_body
from shared.experiments.past import past
from shared.experiments.rules import Rules, rules_of
from shared.experiments.shards import Shard, shard_id, shard_of, unit_id
from shared.experiments.unit import PRE_DAYS, Unit, day_of, part, take
from shared.experiments.values import experiments_of, exposed_to
from shared.store import Ref
from shared.stored.activity import LearnerActivity
from shared.stored.experiments import Experiment, ExperimentShard, ExperimentUnit

KEPT: Final = 400 * 86_400.0
"""Seconds that a unit is kept after its last event: longer than any experiment runs."""
WAITS: Final = (PRE_DAYS + 2) * 86_400.0
"""The same of one that has met no variant: its values would be no covariate any more."""
EXPOSED: Final = "ai_experiments_total"
CONVERTED: Final = "ai_experiment_conversions_total"

_log = log.get(__name__)
_Grouped = dict[tuple[str, str], list[Taken]]


class Counting:
    """The experiments' consumer (`shared.activity.consumer`)."""

    def refs(self, events: Sequence[Taken]) -> list[Ref]:
        """Of each experiment that the events name: its definition, the units' documents, their shards', and what learners did before who were exposed.

        The last are documents of `shared.analytics.counting`, which has to count these events first: then it does not matter how
        they were cut into batches, since only days before that of the exposure are looked at.
        """
        found: dict[Ref, None] = {}
        for (experiment, unit), some in _grouped(events).items():
            found[Ref(Experiment, experiment)] = None
            found[Ref(ExperimentUnit, unit_id(experiment, unit))] = None
            found[Ref(ExperimentShard, shard_id(experiment, shard_of(unit)))] = None
            if any(exposed_to(event, experiment) is not None for _, event in some):
                found[Ref(LearnerActivity, unit)] = None
        return list(found)

    def apply(self, events: Sequence[Taken], found: Found) -> list[Document]:
        """The units and shards that change. ValueError for an event with a value that cannot be."""
        rules: dict[str, Rules | None] = {}
        open_: dict[Ref, Shard] = {}
        changed: dict[Ref, Shard] = {}
        units: list[Document] = []
        left_out: Counter[str] = Counter()
        for (experiment, name), some in _grouped(events).items():
            if experiment not in rules:
                rules[experiment] = _rules(found.get(Ref(Experiment, experiment)))
            of = rules[experiment]
            if of is None:
                left_out["unknown"] += len(some)
                continue
            where = Ref(ExperimentShard, shard_id(experiment, shard_of(name)))
            shard = open_[where] = open_.get(where) or Shard(_body(found.get(where)))
            who = _Who(
                name, found.get(Ref(ExperimentUnit, unit_id(experiment, name))), found.get(Ref(LearnerActivity, name))
            )
            unit, touched = _counted(who, some, of, shard, left_out)
            units += [] if unit is None else [unit]
            if touched:
                changed[where] = shard
        if left_out:
            log.event(_log, "events.left_out", **left_out)
        return units + [_stored(where, shard) for where, shard in changed.items()]

    def tally(self, found: Found, changed: Sequence[Document]) -> Tally:
        """Units exposed for the first time and values of the primary metric: (metric, experiment's name, variant)."""
        told: Counter[tuple[str, ...]] = Counter()
        for document in changed:
            if not isinstance(document, ExperimentShard):
                continue
            experiment = found.get(Ref(Experiment, document.id.rpartition(":")[0]))
            if not isinstance(experiment, Experiment):
                continue
            before = shards.counted(_body(found.get(Ref(ExperimentShard, document.id))))
            for variant, (units, values) in shards.counted(document.body).items():
                had = before.get(variant, (0, 0))
                # A unit that turns out to belong to another variant is taken away from one: a counter only goes up.
                told[EXPOSED, experiment.name, variant] += max(0, units - had[0])
                told[CONVERTED, experiment.name, variant] += max(0, values - had[1])
        return +told


class _Who(NamedTuple):
    """A unit's id, what is stored of it, and of what its learner did."""

    name: str
    held: Document | None
    activity: Document | None


def _counted(
    who: _Who, events: Sequence[Taken], rules: Rules, shard: Shard, left_out: Counter[str]
) -> tuple[Document | None, bool]:
    """A unit's document after its events (None: it is as it was), its change put into the shard; whether that has changed."""
    name, held, activity = who
    unit = unit_body.decoded(held.body) if isinstance(held, ExperimentUnit) else Unit()
    before, first = part(unit, rules), unit.first
    late = unit.late if first is not None else 0
    was = unit_body.encoded(unit)
    met: list[float] = []
    for came, event in events:
        how = take(unit, name, came, event, rules)
        if how != "outside" and exposed_to(event, rules.id) in rules.prefers:
            met.append(came)
        if how != "counted":
            left_out[how] += 1
    if unit.first is not None and unit.first != first and isinstance(activity, LearnerActivity):
        unit.past = past(activity.body, rules.metrics, day_of(unit.first), PRE_DAYS)
    # Of a unit that has met no variant nothing is in the sums, so nothing is missing there either.
    touched = shard.note(unit.late - late if unit.first is not None else 0, met)
    body = unit_body.encoded(unit)
    if body == was:
        return None, touched
    if (after := part(unit, rules)) != before:
        shard.change(before, after)
        touched = True
    expires_at = max(came for came, _ in events) + (WAITS if unit.first is None else KEPT)
    return ExperimentUnit(id=unit_id(rules.id, name), body=body, expires_at=expires_at), touched


def _grouped(events: Sequence[Taken]) -> _Grouped:
    found: _Grouped = {}
    for taken in events:
        for experiment in (*experiments_of(taken[1]), *beside_of(taken[1])):
            found.setdefault((experiment, taken[1].unit), []).append(taken)
    return found


def _rules(found: Document | None) -> Rules | None:
    return rules_of(found) if isinstance(found, Experiment) else None


def _body(found: Document | None) -> str:
    return found.body if isinstance(found, ExperimentShard) else ""


def _stored(where: Ref, shard: Shard) -> ExperimentShard:
    return ExperimentShard(id=where.id, body=shard.encoded())
