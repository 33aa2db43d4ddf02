"""Labelled files as rows, and what is wrong with a bad one in one line."""

from pathlib import Path

import pytest

from scripts.evaluating import Unfit
from scripts.evaluating.reading import columns, lines, table


def test_a_table(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('id,text\n1,"two\nlines, and a comma"\n2,' + "x" * 200_000 + "\n", encoding="utf-8")
    rows = table(path, "text")
    assert rows[0] == {"id": "1", "text": "two\nlines, and a comma"}
    assert len(rows[1]["text"]) == 200_000
    assert columns(path) == {"id", "text"}
    with pytest.raises(Unfit, match=r"rows\.csv has no column label"):
        table(path, "text", "label")


def test_lines(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": "line\u2028separator"}\n\n{"a": 2}\n', encoding="utf-8")
    assert lines(path) == [{"a": "line\u2028separator"}, {"a": 2}]
    path.write_text('{"a": 1}\nnot json\n', encoding="utf-8")
    with pytest.raises(Unfit, match="line 2"):
        lines(path)
    path.write_text("[1]\n", encoding="utf-8")
    with pytest.raises(Unfit, match="not an object"):
        lines(path)
