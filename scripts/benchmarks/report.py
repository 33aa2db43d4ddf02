"""What a run came to: tables for people, one JSON object for machines. Pure. The page is page.py."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scripts.benchmarks.figures import SUBJECTS, Figure
from scripts.benchmarks.kpi import Row
from scripts.benchmarks.memory import Soak
from scripts.benchmarks.peers import Peers
from scripts.benchmarks.trend import sparkline

NOISY = 0.2
"""From so many CPUs' worth of other work on a figure is marked: it says more about the machine than about the product."""
_MARK = "~"


@dataclass
class Report:
    """One run of the suite. `machine` describes where it ran, `trouble` is what went wrong besides a missed target."""

    at: str
    mode: str
    machine: dict[str, str]
    kpis: list[Row] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    soak: Soak | None = None
    peers: Peers | None = None
    trouble: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether any target was missed or anything else went wrong; what was not measured does not fail."""
        return bool(self.trouble) or any(row.verdict == "fail" for row in self.kpis)


def as_json(report: Report) -> dict[str, Any]:
    """The whole run; numbers unrounded."""
    kpis = [
        {
            "name": row.kpi.name,
            "target": row.kpi.target,
            "unit": row.kpi.unit,
            "value": row.value,
            "verdict": row.verdict,
            "note": row.note,
            "noise_cpus": row.noise,
        }
        for row in report.kpis
    ]
    return {
        "at": report.at,
        "mode": report.mode,
        "machine": report.machine,
        "failed": report.failed,
        "trouble": report.trouble,
        "kpis": kpis,
        "figures": [asdict(figure) for figure in report.figures],
        "soak": asdict(report.soak) if report.soak else None,
        "peers": asdict(report.peers) if report.peers else None,
    }


def as_text(report: Report) -> str:
    """The tables, with what went wrong at the end."""
    parts = [", ".join(f"{name} {text}" for name, text in report.machine.items())]
    if report.kpis:
        parts.append(grid(kpi_cells(report.kpis)))
    if report.figures:
        parts.append(grid(figure_cells(report.figures)))
        parts.append(legend(report.figures))
    if report.soak and report.soak.samples:
        parts.append(soak_line(report.soak))
    if report.peers:
        parts.append(report.peers.table)
    if report.trouble:
        parts.append("\n".join(f"WRONG: {line}" for line in report.trouble))
    return "\n\n".join(parts)


def kpi_cells(rows: Iterable[Row]) -> list[list[str]]:
    """The KPI table's cells, its head first."""
    cells = [["KPI", "target", "measured", "verdict", "other work", "how"]]
    for row in rows:
        measured = "" if row.value is None else f"{number(row.value)} {row.kpi.unit}".strip()
        cells.append([row.kpi.name, row.kpi.target, measured, row.verdict, noise(row.noise), row.note])
    return cells


def figure_cells(figures: Sequence[Figure]) -> list[list[str]]:
    """One line for each figure, one column for each subject that has any."""
    subjects = [subject for subject in SUBJECTS if any(figure.subject == subject for figure in figures)]
    found = {(figure.name, figure.subject): figure for figure in figures}
    cells = [["engineering figure", "unit", *subjects]]
    for name, unit in dict.fromkeys((figure.name, figure.unit) for figure in figures):
        cells.append([name, unit, *(_shown(found.get((name, subject))) for subject in subjects)])
    return cells


def legend(figures: Iterable[Figure]) -> str:
    """What the marks mean, and the figures' notes."""
    lines = [f"In brackets: CPUs' worth of other work on the machine meanwhile; {_MARK} from {NOISY} on."]
    lines += [f"{figure.subject}, {figure.name}: {figure.note}" for figure in figures if figure.note]
    return "\n".join(lines)


def soak_line(soak: Soak) -> str:
    """The worker's memory over the soak."""
    sizes = [size for _, size in soak.samples]
    return f"memory of the worker, {sizes[0]:.1f} to {sizes[-1]:.1f} MB: {sparkline(sizes)}"


def grid(cells: Sequence[Sequence[str]]) -> str:
    """Cells in columns, the head underlined."""
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * min(max(len(line) for line in lines), 150), *lines[1:]])


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.2g}"


def noise(cpus: float | None) -> str:
    """Other work in CPUs, marked when it is too much."""
    return "" if cpus is None else f"{_MARK if cpus >= NOISY else ''}{cpus:.2f}"


def _shown(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.value is None:
        return "-"
    return number(figure.value) + (f" ({noise(figure.noise)})" if figure.noise is not None else "")
