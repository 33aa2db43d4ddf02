"""`scripts/evaluate courses` on a small book."""

import json
from pathlib import Path

import pytest

from scripts.evaluating import Request
from scripts.evaluating.courses import area, evaluate


def chapter(name: str, *sections: tuple[str, str]) -> str:
    made = [{"type": "section", "title": title, "objectives": [objective]} for title, objective in sections]
    return json.dumps({"book": "b", "chapter": name, "sections": made})


def test_what_is_taught_is_told_from_what_is_not(tmp_path: Path) -> None:
    first = chapter("1", ("Linear equations", "Solve linear equations."), ("Inequalities", "Graph inequalities."))
    second = chapter("2", ("Cell membranes", "Describe the membrane of cells."), ("Mitosis", "Explain mitosis."))
    (tmp_path / "chapters.jsonl").write_text(f"{first}\n{second}\n", encoding="utf-8")
    fields = evaluate(Request(tmp_path)).fields
    assert fields["gaps_auc"] == 1.0
    assert (fields["gaps_covered_recall"], fields["gaps_partly_false"]) == (1.0, 0.0)


def test_a_folder_without_such_files_gives_nothing(tmp_path: Path) -> None:
    assert evaluate(Request(tmp_path)).fields == {}
    (tmp_path / "chapters.jsonl").write_text(chapter("1", ("A", "b"), ("C", "d")) + "\n", encoding="utf-8")
    assert evaluate(Request(tmp_path)).fields == {}


def test_the_area_counts_ties_half() -> None:
    assert area([1, 2, 3], [0]) == 1.0
    assert area([0], [1, 2]) == 0.0
    assert area([1, 1], [1]) == 0.5
    assert area([2, 0], [1]) == pytest.approx(0.5)
