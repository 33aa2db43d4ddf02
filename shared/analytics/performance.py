"""The last hours as performance figures, by agent and model. Pure."""

from collections.abc import Callable, Mapping

from shared.agents.analytics_performance import PerformanceCell, PerformanceTimes
from shared.analytics import figures
from shared.analytics.rollup import Row, Tables

ALL = "all"


def cell_of(tables: Tables, agent: str = ALL, model: str = ALL) -> PerformanceCell:
    """The answers of an agent by a model, or of all agents that learners ask."""
    asked = figures.cells(tables)
    row = figures.together(
        found for (one, other, _), found in asked.items() if agent in (ALL, one) and model in (ALL, other)
    )
    agents = {one for one, _, _ in asked}
    answers = row.get("answers", 0)
    return PerformanceCell(
        agent=agent,
        model=model,
        answers=answers,
        outcomes=figures.outcomes(row),
        times=_times(tables, row, lambda one, other: one in agents and agent in (ALL, one) and model in (ALL, other)),
        degraded=figures.share(row.get("degraded", 0), answers),
        cached=figures.share(row.get("exact", 0) + row.get("semantic", 0), answers),
        failed_attempts=row.get("failed", 0),
        cost_usd=figures.usd(row.get("cost", 0)),
        cost_per_answer_usd=figures.mean(figures.cost(row), 9),
    )


def cells(tables: Tables) -> list[PerformanceCell]:
    """One for each agent and model that has answered."""
    pairs = sorted({(agent, model) for (agent, model, _), row in figures.cells(tables).items() if row.get("answers")})
    return [cell_of(tables, agent, model) for agent, model in pairs]


def busiest(spans: Mapping[int, Tables]) -> int | None:
    """The hour with the most answers, the first of several; None where there was none."""
    counted = {span: _answers(tables) for span, tables in spans.items()}
    most = max(counted.values(), default=0)
    return min((span for span, count in counted.items() if count == most), default=None) if most else None


def by_agent(tables: Tables) -> dict[str, int]:
    """Answers that learners asked for, by agent."""
    return figures.counts(figures.grouped(figures.cells(tables), lambda key: key[0]))


def _answers(tables: Tables) -> int:
    return figures.together(figures.cells(tables).values()).get("answers", 0)


def _times(tables: Tables, row: Row, wanted: Callable[[str, str], bool]) -> PerformanceTimes:
    whole, first = (figures.times(tables, table, wanted) for table in ("times", "firsts"))
    sample = figures.latency(row)
    return PerformanceTimes(
        mean=round(sample.value, 1) if sample.n else None,
        p50=figures.milliseconds(whole, 0.5),
        p95=figures.milliseconds(whole, 0.95),
        p99=figures.milliseconds(whole, 0.99),
        first_token_p50=figures.milliseconds(first, 0.5),
        first_token_p95=figures.milliseconds(first, 0.95),
    )
