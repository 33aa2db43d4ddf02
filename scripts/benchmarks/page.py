"""The run as one HTML file that needs nothing else: no script, no font, no address. Pure."""

from collections.abc import Sequence
from html import escape

from scripts.benchmarks.memory import Soak
from scripts.benchmarks.report import Report, figure_cells, kpi_cells, legend

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b1f24; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2.5rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid #d8dee4; vertical-align: top }
th { font-weight: 600 } td { font-variant-numeric: tabular-nums } pre { overflow-x: auto; font-size: 13px }
.excellent, .pass { color: #116329; font-weight: 600 } .fail { color: #a40e26; font-weight: 600 } .unsure { color: #7d4e00; font-weight: 600 }
.note { color: #57606a } svg { width: 100%; height: 9rem; background: #f6f8fa }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } th, td { border-color: #30363d } svg { background: #161b22 }
 .excellent, .pass { color: #56d364 } .fail { color: #ff7b72 } .unsure { color: #e3b341 } .note { color: #9198a1 } }
"""
_WIDTH, _HEIGHT, _MARGIN = 1000, 140, 10
_VERDICTS = {"excellent", "pass", "fail", "unsure"}


def html(report: Report) -> str:
    """The page."""
    about = ", ".join(f"{name} {text}" for name, text in report.machine.items())
    parts = [f"<h1>Benchmark, {escape(report.mode)}, {escape(report.at)}</h1><p class=note>{escape(about)}</p>"]
    if report.trouble:
        lines = "".join(f"<li class=fail>{escape(line)}</li>" for line in report.trouble)
        parts.append(f"<h2>What went wrong</h2><ul>{lines}</ul>")
    if report.kpis:
        parts.append("<h2>Key figures and their targets</h2>" + _table(kpi_cells(report.kpis)))
    if report.figures:
        notes = "<br>".join(escape(line) for line in legend(report.figures).splitlines())
        parts.append(f"<h2>Engineering figures</h2>{_table(figure_cells(report.figures))}<p class=note>{notes}</p>")
    if report.soak and report.soak.samples:
        parts.append("<h2>Memory of the worker</h2>" + _curve(report.soak))
    if report.peers:
        parts.append(f"<h2>Other gateways</h2><pre>{escape(report.peers.table)}</pre>")
    body = "\n".join(parts)
    head = f'<meta charset="utf-8"><title>Benchmark {escape(report.at)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _table(cells: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in cells[0])
    lines = ["".join(_cell(cell) for cell in line) for line in cells[1:]]
    return f"<table><tr>{head}</tr>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _cell(text: str) -> str:
    mark = f" class={text}" if text in _VERDICTS else ""
    return f"<td{mark}>{escape(text)}</td>"


def _curve(soak: Soak) -> str:
    last = max(seconds for seconds, _ in soak.samples) or 1.0
    sizes = [size for _, size in soak.samples]
    low, high = min(sizes), max(sizes)
    span = (high - low) or 1.0
    points = " ".join(
        f"{_MARGIN + (_WIDTH - 2 * _MARGIN) * seconds / last:.1f},"
        f"{_HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * (size - low) / span:.1f}"
        for seconds, size in soak.samples
    )
    label = f"{low:.1f} to {high:.1f} MB over {last / 60:.1f} minutes"
    line = f'<polyline points="{points}" fill="none" stroke="#0969da" stroke-width="2"/>'
    picture = (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">{line}</svg>'
    )
    return f"{picture}<p class=note>{label}</p>"
