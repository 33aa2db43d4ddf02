"""Engineering figures: a number, of whom, in what unit, with the machine's other work meanwhile; medians over rounds. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scripts.benchmarks.quantiles import median

MENTOR = "mentor"
HELLO = "framework hello"
PASSTHROUGH = "pass-through"
UPSTREAM = "upstream alone"
SUBJECTS = (MENTOR, HELLO, PASSTHROUGH, UPSTREAM)


@dataclass(frozen=True)
class Figure:
    """One measured number. `value` is None when it could not be measured, and `note` says why."""

    name: str
    subject: str
    unit: str
    value: float | None
    noise: float | None = None
    """CPUs' worth of work that neither the server, the upstream nor the load did: above 0.2 the figure says little."""
    note: str = ""
    failed: int = 0
    """Answers of the measurement that were not whole; they are in no rate and no latency."""
    rounds: tuple[float, ...] = ()
    """The values that `value` is the median of, when there were several."""


def merge(rounds: Sequence[Iterable[Figure]]) -> list[Figure]:
    """Medians by name and subject, in the first round's order; the noise is the worst round's, notes are joined."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for figures in rounds:
        for figure in figures:
            found.setdefault((figure.name, figure.subject), []).append(figure)
    return [_one(figures) for figures in found.values()]


def _one(figures: list[Figure]) -> Figure:
    values = tuple(figure.value for figure in figures if figure.value is not None)
    noises = [figure.noise for figure in figures if figure.noise is not None]
    return replace(
        figures[0],
        value=median(values) if values else None,
        noise=max(noises) if noises else None,
        note="; ".join(dict.fromkeys(figure.note for figure in figures if figure.note)),
        failed=sum(figure.failed for figure in figures),
        rounds=values if len(figures) > 1 else (),
    )


def value(figures: Iterable[Figure], name: str, subject: str = MENTOR) -> float | None:
    """One figure's value, None when it is not there."""
    return next((figure.value for figure in figures if (figure.name, figure.subject) == (name, subject)), None)
