"""A running experiment and its events, for tests of counting."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.activity.consumer import Taken
from shared.activity.events import Answered, Consumed, Event, Exposed, Graded, Outcome, Rated
from shared.documents import Document
from shared.experiments.counting import Counting
from shared.store import Ref
from shared.stored.experiments import (
    Experiment,
    ExperimentMetric,
    ExperimentVariant,
    RunningExperiment,
    RunningVariant,
    Slice,
)

START = 1_800_000_000.0
DAY = 86_400.0
METRICS = (
    ExperimentMetric(name="score", kind="mean"),
    ExperimentMetric(name="bought", kind="proportion"),
    ExperimentMetric(name="rate", kind="ratio"),
    ExperimentMetric(name="size", kind="quantile", quantile=0.5),
    ExperimentMetric(name="next_item_correctness", kind="ratio", learning=True),
    ExperimentMetric(name="user_satisfaction", kind="ratio", rating=True),
    ExperimentMetric(name="completion_rate", kind="ratio"),
    ExperimentMetric(name="response_time", kind="ratio", better="down"),
    ExperimentMetric(name="p95_response_time", kind="quantile", quantile=0.95, better="down"),
    ExperimentMetric(name="returned", kind="proportion"),
)


def experiment(name: str = "e1", *, metrics: Sequence[ExperimentMetric] = METRICS, **changed: object) -> Experiment:
    """One that has been running since START with two variants, `a` and `b` (which asks for the model m2)."""
    arms = [RunningVariant(name="a", weight=0.5), RunningVariant(name="b", weight=0.5, prefer_model="m2")]
    slices = [Slice(ranges=[(0.0, 0.5)], weights=[0.5, 0.5]), Slice(ranges=[(0.5, 1.0)], weights=[0.2, 0.8])]
    made = Experiment(
        id=name, name=f"Experiment {name}", kind="model_selection", state="running",
        variants=[ExperimentVariant(name="a", weight=0.5, is_control=True), ExperimentVariant(name="b", weight=0.5)],
        metrics=list(metrics), target_participants=100, min_participants=10, traffic_allocation=1, duration_days=16,
        running=RunningExperiment(id=name, salt=f"s-{name}", slices=slices, variants=arms),
        created_at=START, created_by="t", started_at=START,
    )  # fmt: skip
    return made.model_copy(update=changed)


def answered(unit: str, name: str, variant: str | None = "a", *, delivered: str = "m1", ms: float = 1500) -> Answered:
    arms = {} if variant is None else {"e1": variant}
    return Answered(unit=unit, id=name, agent="mentor", delivered=delivered, outcome="ok", language="en", arms=arms, latency_ms=ms)  # fmt: skip


def exposed(unit: str, name: str = "x", variant: str = "a") -> Exposed:
    return Exposed(unit=unit, id=name, experiment="e1", variant=variant)


def outcome(unit: str, name: str, value: float, metric: str = "score", *, at: float | None = None, den: float = 1) -> Outcome:  # fmt: skip
    return Outcome(unit=unit, id=name, experiment="e1", metric=metric, value=value, den=den, at=at)


def graded(unit: str, name: str, correct: bool, **changed: Any) -> Graded:
    return Graded(unit=unit, id=name, correct=correct, **({"arms": {"e1": "a"}} | changed))


def rated(unit: str, name: str, total: int, count: int = 1) -> Rated:
    return Rated(unit=unit, id=name, agent="mentor", model="m1", language="en", count=count, total=total, arms={"e1": "a"})  # fmt: skip


def consumed(unit: str, name: str, how: str) -> Consumed:
    return Consumed(unit=unit, id=name, item="i", how=how, arms={"e1": "a"})


class Kept:
    """The documents that a consumer keeps, in memory, as the fold would have it keep them."""

    def __init__(self, *documents: Document) -> None:
        self.documents: dict[Ref, Document] = {Ref(type(one), one.id): one for one in documents}
        self.told: dict[tuple[str, ...], int] = {}

    def count(self, events: Iterable[tuple[float, Event]]) -> list[Document]:
        """One batch."""
        batch: list[Taken] = list(events)
        consumer = Counting()
        found = {ref: self.documents.get(ref) for ref in consumer.refs(batch)}
        changed = consumer.apply(batch, found)
        for key, count in consumer.tally(found, changed).items():
            self.told[key] = self.told.get(key, 0) + count
        for document in changed:
            assert Ref(type(document), document.id) in found
            self.documents[Ref(type(document), document.id)] = document
        return list(changed)

    def bodies(self, kind: type[Document]) -> dict[str, str]:
        return {ref.id: one.body for ref, one in self.documents.items() if ref.kind is kind}  # type: ignore[attr-defined]
