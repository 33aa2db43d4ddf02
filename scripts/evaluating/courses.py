"""How well course texts are compared by words alone: `scripts/evaluate courses --data DIR`.

chapters.jsonl  (OpenStax: sections with objectives) each chapter's objectives are the course, its sections' titles are needs
                that it covers, as many titles from other chapters of the same book are needs that it does not
problems.jsonl  (ScienceQA: school grade of each text) does the ease of texts fall with the grade?
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.evaluating import Report, Request
from scripts.evaluating.reading import lines
from shared.courses.matching import COVERED, PARTLY, match

_SEED = 1


def evaluate(request: Request) -> Report:
    """Measure on what is there."""
    report = Report(("measure", "value", "n"))
    for path in request.files("chapters.jsonl"):
        _gaps(report, path)
    return report


def _gaps(report: Report, path: Path) -> None:
    there: list[float] = []
    elsewhere: list[float] = []
    for titles, others, objectives in _chapters(lines(path)):
        found = [one.similarity for one in match([*titles, *others], objectives, "en")]
        there += found[: len(titles)]
        elsewhere += found[len(titles) :]
    if not there or not elsewhere:
        return
    count = len(there) + len(elsewhere)
    report.add({"gaps_auc": area(there, elsewhere)}, "gaps: area under the ROC curve", area(there, elsewhere), count)
    for name, line in (("covered", COVERED), ("partly", PARTLY)):
        right, wrong = _from(there, line), _from(elsewhere, line)
        report.add({f"gaps_{name}_recall": right}, f"gaps: taught and found at least {name}", right, len(there))
        report.add({f"gaps_{name}_false": wrong}, f"gaps: not taught, yet {name}", wrong, len(elsewhere))


def _chapters(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Of each chapter: titles of its sections, as many of other chapters of the book, and its objectives."""
    chance = random.Random(_SEED)
    books: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(dict)
    for row in rows:
        books[row["book"]][row["chapter"]] = [section for section in row["sections"] if section["objectives"]]
    for chapters in books.values():
        for chapter, sections in chapters.items():
            others = [one["title"] for name, own in chapters.items() if name != chapter for one in own]
            if len(sections) < 2:
                continue
            taken = chance.sample(others, min(len(sections), len(others)))
            objectives = [objective for section in sections for objective in section["objectives"]]
            yield [section["title"] for section in sections], taken, objectives


def area(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The chance that one of `right` is above one of `wrong`, a tie counting half (Mann and Whitney)."""
    ranks = _ranks([*right, *wrong])[: len(right)]
    return (sum(ranks) - len(right) * (len(right) + 1) / 2) / (len(right) * len(wrong))


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            found[place] = (start + end) / 2 + 1
        start = end + 1
    return found


def _from(values: Sequence[float], line: float) -> float:
    return sum(value >= line for value in values) / len(values)
