"""`scripts/evaluate language` on a folder of the published layout: fields of the contract, and only rows of the twelve."""

import csv
import json
import subprocess
import sys
from pathlib import Path

from tests.processes import ROOT, environment

ROWS = (
    ("de/sentences/1", "de", "sentences", "Kannst du mir erklären, warum der Himmel am Tag blau ist?"),
    ("de/sentences/2", "de", "sentences", "Was ist eine Primzahl und wozu braucht man sie?"),
    ("de/sentences/3", "de", "sentences", "Ich verstehe diese Aufgabe noch nicht."),
    ("de/single-words/1", "de", "single-words", "Wissenschaft"),
    ("de/word-pairs/1", "de", "word-pairs", "schöne Häuser"),
    ("ja/sentences/1", "ja", "sentences", "空がなぜ青いのか説明してもらえますか？"),
    ("ja/single-words/1", "ja", "single-words", "xyz"),
    ("nl/sentences/1", "nl", "sentences", "Dit is een zin in een taal die niet van ons is."),
)


def evaluate(folder: Path) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-m", "scripts.evaluating", "language", "--data", str(folder)]
    return subprocess.run(program, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)


def test_the_last_line_holds_the_contracts_fields(tmp_path: Path) -> None:
    folder = tmp_path / "langid" / "holdout"
    folder.mkdir(parents=True)
    with (folder / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "lang", "kind", "text"), *ROWS])
    done = evaluate(tmp_path)
    assert done.returncode == 0, done.stderr
    fields = json.loads(done.stdout.splitlines()[-1])
    assert fields["area"] == "language"
    assert fields["n"] == 7, "Dutch is none of the twelve"
    assert fields["words"] == {"de": 1.0, "ja": 0.0, "mean": 0.5}
    assert fields["pairs"] == {"de": 1.0, "mean": 1.0}
    assert fields["sentences"] == {"de": 1.0, "ja": 1.0, "mean": 1.0}
    assert fields["average"] == 0.8333
    assert fields["library_restricted_to_12"]["sentences"] == 1.0
    assert fields["answer_check"] == {"confirmed": 1.0, "false_alarms": 0.0, "caught": 1.0}
    assert fields["ms_per_detection"] > 0


def test_a_folder_without_texts_is_said_to_be_one(tmp_path: Path) -> None:
    done = evaluate(tmp_path)
    assert done.returncode != 0
    assert "no file that language is measured on" in done.stderr
