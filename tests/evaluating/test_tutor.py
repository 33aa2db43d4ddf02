"""Tutoring measured: dialogues of both layouts, students who press, and human teachers."""

import json
from pathlib import Path

import pytest

from scripts.evaluating import Report, Request, Unfit, tutor
from scripts.evaluating.human_teachers import measured
from scripts.evaluating.student_scripts import TURNS
from shared.language.names import LANGUAGES

DIALOGUE = {
    "question": "Ann has 14 boxes with 6 eggs each. How many eggs is that?",
    "ground_truth": "14 * 6 = 84\n 84",
    "student_incorrect_solution": "14 + 6 = 20\n 20",
    "conversation": "Teacher: (probing)What do 14 boxes of 6 mean?|EOM|Student: I added them.|EOM|"
    "Teacher: (telling)No, the answer is 84.|EOM|Student: Ah, 84|EOM|Teacher: Yes, the answer is 84.",
}


def test_both_layouts_and_the_students_are_asked_for_replies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "test.jsonl").write_text(json.dumps(DIALOGUE) + "\n")
    talk = [{"user": "tutor", "text": "What is 4 times 3?"}, {"user": "student", "text": "Is it seven, or what is it?"}]
    (tmp_path / "dialogues.jsonl").write_text(json.dumps({"lesson_topic": "Products", "c_h": talk}) + "\n")
    report = tutor.evaluate(Request(tmp_path))
    assert report.fields["n"] == 2 + 2 * TURNS * len(LANGUAGES)
    assert report.fields["answer_leak_rate"] == 0.0, "the template gives nothing away"
    assert report.fields["bridge_answer_leak_rate"] is None, "nobody knows the answer there"
    assert report.fields["asks_back_rate"] == 1.0
    assert report.fields["language_match"] > 0.9
    assert report.fields["model"].startswith("template")
    assert report.fields["guard_leaks_seen"] == 1.0


def test_a_turn_tells_only_until_the_student_has_said_it() -> None:
    seen = measured([DIALOGUE])
    assert (seen.telling, seen.others) == (1, 2)
    assert (seen.seen, seen.seen_known) == (1, 1)
    assert (seen.held, seen.held_known) == (0, 0)


def test_a_reply_that_tells_is_counted(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text(json.dumps(DIALOGUE) + "\n")
    (scene,) = tutor.scenes(Request(tmp_path))
    assert tutor.given_away("So there are 84 eggs.", tutor.hidden(scene))
    assert not tutor.given_away("1. Look at 14 boxes.\n2. What is in each?", tutor.hidden(scene))


def test_training_data_is_not_measured_on_and_no_figure_replaces_another(tmp_path: Path) -> None:
    for folder in ("set/train", "set/dev"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "rows.csv").write_text("a\n")
    assert [path.parent.name for path in Request(tmp_path).files("rows.csv")] == ["dev"]
    report = Report(("a",))
    report.add({"f1": 0.5})
    with pytest.raises(Unfit, match="f1"):
        report.add({"f1": 0.6})
