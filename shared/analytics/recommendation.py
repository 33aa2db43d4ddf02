"""Which model to ask first, from what is known of each one's answers. Pure.

Every model is held against the routing default, criterion by criterion, each with an interval of the difference: quality by
the ratings and by the checks after such answers (the worse of both words counts, so a rating alone recommends nothing that the
checks speak against), cost by Welch's interval, speed by the medians' own intervals. All intervals together hold with 95 %
(Bonferroni). A model that is measurably worse in quality, or whose calls fail measurably more often, is never recommended.
What cannot be measured is no reason for a change.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.agents.analytics import Priority
from shared.agents.analytics_performance import RecommendationEvidence
from shared.agents.feedback import FleetPeriod
from shared.analytics import figures, histogram, rollup, trends
from shared.analytics.rollup import Row, Tables
from shared.learning import intervals
from shared.learning.intervals import Interval

ENOUGH: Final = 30
"""Answers that either model must have given before their cost and speed are compared; ratings or checks before their quality is."""
Word = Literal["better", "worse", "no measurable difference", "too little"]
Criterion = Literal["quality", "cost", "speed", "reliability"]
Words = Mapping[Criterion, Word]
CRITERIA: Final[tuple[Criterion, ...]] = ("quality", "cost", "speed", "reliability")
_BY_THE_MODEL: Final = frozenset({"ok", "stopped", "interrupted"})
"""Ends of answers whose label names the model that was asked."""
CAUTION: Final = (
    "These answers were not given at random: routing sends harder prompts to other models, so part of a difference may be "
    "the prompts'. An experiment of type model_selection tells them apart."
)


@dataclass(frozen=True, slots=True)
class Known:
    """A model's answers to one agent's learners: their sums and their times; and of all its calls how many failed, and of how many."""

    model: str
    row: Row
    times: Mapping[int, int]
    failed: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The model, whether figures speak for it, and why."""

    model: str | None
    evidence: bool
    reason: str


def known(
    tables: Tables, calls: Mapping[str, tuple[int, int]], models: Sequence[str], of: tuple[str, str | None]
) -> list[Known]:
    """What is known of each of these models, `of` an agent and a language (None: all). Times are not told apart by language.

    `calls`: how many calls failed, and of how many, by model, where that is known.
    """
    asked = figures.cells(tables, *of)
    found: list[Known] = []
    for name in models:
        row = figures.together(one for (_, model, _), one in asked.items() if model == name)
        times = rollup.buckets([tables.get("times", {}).get(f"{of[0]}|{name}", {})])
        found.append(Known(name, row, times, calls.get(name, (0, 0))))
    return found


def calls(period: FleetPeriod | None, names: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """Failed calls and all calls by stable name (`names`, by the model's id), of what the fleet did in a period."""
    if period is None:
        return {}
    failed: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for one in period.calls:
        failed[names.get(one.model, one.model)] += sum(one.failed.values())
    for found in period.traffic:
        given = sum(count for outcome, count in found.outcomes.items() if outcome in _BY_THE_MODEL)
        whole[names.get(found.model, found.model)] += given
    return {model: (failed[model], failed[model] + whole[model]) for model in {*failed, *whole}}


def choose(models: Sequence[Known], default: str | None, priority: Priority) -> Choice:
    """The model to ask first. The default stays where nothing measurable speaks for another."""
    base = next((one for one in models if one.model == default), None)
    if base is None:
        return Choice(None, False, "No model is configured here, so there is none to recommend.")
    if _n(base, "answers") < ENOUGH:
        few = f"it has given {_n(base, 'answers')} of the {ENOUGH} answers that it takes to hold others against it"
        return Choice(base.model, False, f"No evidence yet: {base.model} is the routing default, and {few}.")
    words = compared(models, base)
    able = [one for one in models if one is not base and _is_gain(words[one.model], priority)]
    able.sort(key=lambda one: _rank(one, words[one.model], priority))
    if not able:
        judged = any(word != "too little" for found in words.values() for word in found.values())
        why = "no other is measurably better" if judged else "there is too little of any other to hold against it"
        within = "" if priority == "balanced" else f" in {priority}"
        return Choice(base.model, judged, f"{base.model} is the routing default, and {why}{within}.")
    best = able[0]
    gains = [name for name in CRITERIA if words[best.model][name] == "better"]
    told = "; ".join(_figures(name, best, base) for name in gains)
    reason = (
        f"{best.model} is measurably better than the routing default {base.model} in {' and '.join(gains)}: {told}."
    )
    if "quality" not in gains:
        reason += f" Quality: {words[best.model]['quality']}."
    return Choice(best.model, True, reason)


def compared(models: Sequence[Known], base: Known) -> dict[str, Words]:
    """Every other model against `base`, by criterion."""
    others = [one for one in models if one is not base]
    each = 1 - 0.05 / max(1, len(CRITERIA) * len(others))
    return {one.model: _against(one, base, each) for one in others}


def evidence(one: Known, words: Words) -> RecommendationEvidence:
    """What is known of a model, as it is shown."""
    answers = _n(one, "answers")
    return RecommendationEvidence(
        model=one.model,
        answers=answers,
        rating=figures.rating(one.row),
        correct=figures.correct(one.row),
        failed_calls=figures.share(*one.failed),
        cost_per_answer_usd=figures.mean(figures.cost(one.row), 9),
        latency_ms_p50=figures.quantile(one.times, 0.5),
        latency_ms_p95=figures.milliseconds(one.times, 0.95),
        against_default=dict(words),
    )


def _against(one: Known, base: Known, each: float) -> Words:
    return {
        "quality": _quality(one, base, each),
        "cost": _cost(one, base, each),
        "speed": _speed(one, base, each),
        "reliability": _reliability(one, base, each),
    }


def _is_gain(words: Words, priority: Priority) -> bool:
    """Better in what is asked for, and never measurably worse in quality or reliability."""
    if "worse" in (words["quality"], words["reliability"]):
        return False
    if priority == "balanced":
        return "better" in words.values() and "worse" not in words.values()
    return words[priority] == "better"


def _rank(one: Known, words: Words, priority: Priority) -> tuple[float, ...]:
    gains = -float(sum(word == "better" for word in words.values()))
    cost = figures.cost(one.row)
    dear = cost.value if cost.n else 0.0
    rated = figures.rating(one.row).low or 0.0
    slow = histogram.quantile(one.times, 0.5) or 0.0
    return {
        "balanced": (gains, -rated, dear),
        "quality": (-rated, dear),
        "cost": (dear, -rated),
        "speed": (slow, -rated),
    }[priority]


def _quality(one: Known, base: Known, each: float) -> Word:
    """Of ratings and checks: worse where either says so, better where one does and the other does not deny it."""
    words: set[Word] = set()
    a, b = figures.share_of_scale(base.row), figures.share_of_scale(one.row)
    if a is not None and b is not None and min(a[1], b[1]) >= ENOUGH:
        words.add(_word(intervals.share_difference(a, b, each)))
    before, after = (
        (min(found.row.get("passed", 0), _n(found, "checks")), _n(found, "checks")) for found in (base, one)
    )
    if min(before[1], after[1]) >= ENOUGH:
        words.add(_word(intervals.share_difference(before, after, each)))
    order: tuple[Word, ...] = ("worse", "better", "no measurable difference")
    return next((word for word in order if word in words), "too little")


def _cost(one: Known, base: Known, each: float) -> Word:
    if min(_n(one, "answers"), _n(base, "answers")) < ENOUGH:
        return "too little"
    low, high = trends.welch(figures.cost(base.row), figures.cost(one.row), confidence=each)
    return _word((-high, -low))


def _speed(one: Known, base: Known, each: float) -> Word:
    if min(sum(one.times.values()), sum(base.times.values())) < ENOUGH:
        return "too little"
    mine = histogram.quantile_interval(one.times, 0.5, each)
    other = histogram.quantile_interval(base.times, 0.5, each)
    if mine is None or other is None:
        return "too little"
    return _word((other[0] - mine[1], other[1] - mine[0]))


def _reliability(one: Known, base: Known, each: float) -> Word:
    """Of their calls for all agents: whether fewer fail."""
    if min(one.failed[1], base.failed[1]) < ENOUGH:
        return "too little"
    low, high = intervals.share_difference(base.failed, one.failed, each)
    return _word((-high, -low))


def _word(interval: Interval) -> Word:
    """Of an interval of a difference that is better the higher it is."""
    low, high = interval
    return "better" if low > 0 else "worse" if high < 0 else "no measurable difference"


def _figures(criterion: Criterion, best: Known, base: Known) -> str:
    if criterion == "reliability":
        return f"{best.failed[0]} of {best.failed[1]} calls failed instead of {base.failed[0]} of {base.failed[1]}"
    if criterion == "cost":
        return f"{figures.cost(best.row).value:.6f} instead of {figures.cost(base.row).value:.6f} USD an answer"
    if criterion == "speed":
        mine, other = (histogram.quantile(one.times, 0.5) or 0.0 for one in (best, base))
        return f"half of its answers within {mine:.0f} ms instead of {other:.0f}"
    rated, before = figures.rating(best.row), figures.rating(base.row)
    if rated.value is None or before.value is None:
        return "more checks are passed after its answers"
    return f"rated {rated.value:.2f} ({rated.n}) instead of {before.value:.2f} ({before.n})"


def _n(one: Known, name: str) -> int:
    return one.row.get(name, 0)
