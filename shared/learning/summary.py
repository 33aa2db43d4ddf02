"""Sums to figures, and one period against the one before. Pure.

A report compares the mean rating and the share of flagged answers of every agent and model. Its intervals hold together at
CONFIDENCE (Bonferroni over the comparisons that are made), so that a report with forty rows does not find two changes by chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.agents.feedback import FeedbackCell, FeedbackChange, FeedbackEstimate, FeedbackProblem
from shared.learning import intervals
from shared.learning.intervals import Interval, Sample
from shared.learning.sums import SEPARATOR, Sums, merged
from shared.stored.feedback import FLAGS

CONFIDENCE: Final = 0.95
ENOUGH: Final = 10
"""Ratings, or answers with feedback, in each period: fewer say nothing about a change."""
PROBLEMS: Final = 5
NOTHING: Final = FeedbackEstimate(value=None, low=None, high=None)

Verdict = Literal["better", "worse", "no measurable change"]
Key = tuple[str, str]
"""Agent and model."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sums are looked at."""

    agent: str | None = None
    model: str | None = None
    language: str | None = None
    by_language: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes of a report, the confidence of each one's interval, and the sentence that sums them up."""

    changes: tuple[FeedbackChange, ...]
    each: float
    verdict: str


def gathered(cells: Mapping[str, Sums], wanted: Wanted = Wanted()) -> dict[tuple[str, str, str | None], Sums]:
    """Sums by agent, model and, where wanted, language."""
    found: dict[tuple[str, str, str | None], list[Sums]] = {}
    for key, sums in cells.items():
        agent, model, language = key.split(SEPARATOR)
        if wanted.agent in (None, agent) and wanted.model in (None, model) and wanted.language in (None, language):
            found.setdefault((agent, model, language if wanted.by_language else None), []).append(sums)
    order = sorted(found, key=lambda key: (key[0], key[1], key[2] or ""))
    return {key: merged(found[key]) for key in order}


def figures(agent: str, model: str, language: str | None, sums: Sums) -> FeedbackCell:
    """The figures of some sums."""
    answers, assessed = round(sums.get("answers", 0)), sums.get("assessed", 0)
    sample = ratings(sums)
    return FeedbackCell(
        agent=agent,
        model=model,
        language=language,
        answers=answers,
        ratings=sample.n,
        rating=_estimate(sample.mean, intervals.mean(sample)) if sample.n else NOTHING,
        flagged=_share(sums.get("flagged", 0), answers),
        flags={flag: round(sums.get(f"flag_{flag}", 0)) for flag in FLAGS},
        comments=round(sums.get("comments", 0)),
        corrections=round(sums.get("corrections", 0)),
        assessed=round(assessed),
        quality=round(sums.get("quality", 0) / assessed, 4) if assessed else None,
        attempts=_per(sums, "attempts"),
        failed_attempts=_per(sums, "failed"),
        cost_usd=round(_per(sums, "cost_nano_usd", 3) / 1e9, 9),
        latency_ms=_per(sums, "latency_ms", 1),
    )


def ratings(sums: Sums) -> Sample:
    """The sample that the ratings are."""
    return Sample(round(sums.get("ratings", 0)), sums.get("rating", 0), sums.get("rating_squares", 0))


def compared(before: Mapping[str, Sums], after: Mapping[str, Sums]) -> Comparison:
    """Every agent and model that had feedback in either period."""
    old = {(agent, model): sums for (agent, model, _), sums in gathered(before).items()}
    new = {(agent, model): sums for (agent, model, _), sums in gathered(after).items()}
    keys = sorted({*old, *new})
    tests = sum(_enough(old.get(key, {}), new.get(key, {}), name) for key in keys for name in ("ratings", "answers"))
    each = 1 - (1 - CONFIDENCE) / max(1, tests)
    changes = [change for key in keys for change in _changes(key, old.get(key, {}), new.get(key, {}), each)]
    return Comparison(tuple(changes), each, _sentence(changes))


def problems(cells: Mapping[str, Sums]) -> list[FeedbackProblem]:
    """What learners flag most often, by the lower end of its share's interval: one flag of one answer is no problem yet."""
    found = [
        FeedbackProblem(agent=agent, model=model, flag=flag, answers=count, share=_share(count, sums.get("answers", 0)))
        for (agent, model, _), sums in gathered(cells).items()
        for flag in FLAGS
        if (count := round(sums.get(f"flag_{flag}", 0)))
    ]
    found.sort(key=lambda problem: (-(problem.share.low or 0.0), problem.agent, problem.model, problem.flag))
    return found[:PROBLEMS]


def _changes(key: Key, old: Sums, new: Sums, each: float) -> list[FeedbackChange]:
    a, b = ratings(old), ratings(new)
    rated: Interval | None = None
    if _enough(old, new, "ratings"):
        rated = intervals.mean_difference(a, b, each)
    before, after = (old.get("flagged", 0), old.get("answers", 0)), (new.get("flagged", 0), new.get("answers", 0))
    flagged: Interval | None = None
    if _enough(old, new, "answers"):
        flagged = intervals.share_difference(before, after, each)
    return [
        _change(key, "rating", (a.mean if a.n else None, b.mean if b.n else None), (a.n, b.n), rated),
        _change(
            key,
            "flagged",
            tuple(count / n if n else None for count, n in (before, after)),  # type: ignore[arg-type]  # of two
            (round(before[1]), round(after[1])),
            flagged,
        ),
    ]


def _change(
    key: Key,
    metric: Literal["rating", "flagged"],
    values: tuple[float | None, float | None],
    sizes: tuple[int, int],
    interval: Interval | None,
) -> FeedbackChange:
    before, after = values
    difference = None if before is None or after is None else after - before
    low, high = interval or (None, None)
    return FeedbackChange(
        agent=key[0],
        model=key[1],
        metric=metric,
        before=_rounded(before),
        after=_rounded(after),
        difference=FeedbackEstimate(value=_rounded(difference), low=_rounded(low), high=_rounded(high)),
        n_before=sizes[0],
        n_after=sizes[1],
        verdict="too little feedback" if interval is None else _verdict(interval, good_is_up=metric == "rating"),
    )


def _verdict(interval: Interval, *, good_is_up: bool) -> Verdict:
    low, high = interval
    if low <= 0 <= high:
        return "no measurable change"
    return "better" if (low > 0) is good_is_up else "worse"


def _sentence(changes: Sequence[FeedbackChange]) -> str:
    judged = [change for change in changes if change.verdict != "too little feedback"]
    if not judged:
        return "Too little feedback in one of the two periods to say anything."
    told = [
        f"{change.agent} by {change.model} is {change.verdict} ({change.metric}: {change.before:.2f} to {change.after:.2f})"
        for change in judged
        if change.verdict in ("better", "worse")
    ]
    return "; ".join(told) + "." if told else "No measurable change."


def _enough(old: Sums, new: Sums, name: str) -> bool:
    return min(old.get(name, 0), new.get(name, 0)) >= ENOUGH


def _share(count: float, n: float) -> FeedbackEstimate:
    return _estimate(count / n, intervals.share(count, n)) if n else NOTHING


def _estimate(value: float, interval: Interval) -> FeedbackEstimate:
    return FeedbackEstimate(value=_rounded(value), low=_rounded(interval[0]), high=_rounded(interval[1]))


def _per(sums: Sums, name: str, digits: int = 4) -> float:
    answers = sums.get("answers", 0)
    return round(sums.get(name, 0) / answers, digits) if answers else 0.0


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
