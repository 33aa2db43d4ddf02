"""`scripts/evaluate sentiment`: files told apart by their columns, shipped models or fitted ones, published figures beside."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.evaluating import Request, Unfit
from scripts.evaluating.scores import ranks, rmse, spearman
from scripts.evaluating.sentiment import evaluate

TWEETS = [("I love it, wonderful", "positive"), ("I hate it, terrible", "negative"), ("It is a table", "neutral")]


def write(path: Path, names: str, rows: Sequence[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names.split(","))
        writer.writerows(rows)


def test_files_are_told_apart_by_their_columns(tmp_path: Path) -> None:
    write(
        tmp_path / "umsab/test.csv", "id,lang,text,label", [(str(n), "english", *row) for n, row in enumerate(TWEETS)]
    )
    write(
        tmp_path / "go/test.csv",
        "id,text,labels",
        [("1", "thank you so much", "gratitude"), ("2", "what?", "confusion|curiosity")],
    )
    write(tmp_path / "tweets/emotion_test.csv", "id,text,label", [("1", "so happy", "joy"), ("2", "so angry", "anger")])
    write(tmp_path / "tweets/sentiment_test.csv", "id,text,label", [(str(n), *row) for n, row in enumerate(TWEETS)])
    write(tmp_path / "tweets/hate_test.csv", "id,text,label", [("1", "x", "hate")])
    fields = evaluate(Request(tmp_path)).fields
    assert fields["umsab_macro_f1_en"] == fields["umsab_macro_f1"]
    assert {"emotion_test_macro_f1", "sentiment_test_macro_recall", "goemotions_macro_f1", "ms_per_analysis"} <= set(
        fields
    )
    assert not any("hate" in name for name in fields)


def test_with_train_a_model_is_fitted_to_that_folder(tmp_path: Path) -> None:
    rows = [(str(n), f"zork {n}" if n % 3 == 0 else f"blim {n}" if n % 3 == 1 else f"trun {n}") for n in range(60)]
    labels = ("negative", "neutral", "positive")
    labelled = [(number, "english", text, labels[int(number) % 3]) for number, text in rows]
    write(tmp_path / "train/train.csv", "id,lang,text,label", labelled)
    write(tmp_path / "dev/test.csv", "id,lang,text,label", [(f"t{n}", *row[1:]) for n, row in enumerate(labelled)])
    assert evaluate(Request(tmp_path / "dev", tmp_path / "train")).fields["umsab_macro_f1"] == 1.0
    assert evaluate(Request(tmp_path / "dev")).fields["umsab_macro_f1"] < 0.9, "what ships knows nothing of these words"


def test_a_train_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "dev/emotion_test.csv", "id,text,label", [("1", "so happy", "joy")])
    (tmp_path / "train").mkdir()
    with pytest.raises(Unfit, match="--train"):
        evaluate(Request(tmp_path / "dev", tmp_path / "train"))


def test_urgency_is_cross_validated_by_student(tmp_path: Path) -> None:
    posts = [
        (
            str(n),
            str(n // 2),
            "1",
            "please help, the quiz is broken" if n % 2 else "thank you all, nice course",
            str(6 if n % 2 else 1),
        )
        for n in range(60)
    ]
    write(tmp_path / "posts.csv", "id,student,post_time,text,urgency", posts)
    fields = evaluate(Request(tmp_path)).fields
    assert fields["urgency_rmse"] < 1.5
    assert fields["urgency_spearman"] > 0.8
    assert fields["urgency_rules_spearman"] > 0.8


def test_ranks_share_ties_and_correlate() -> None:
    assert ranks([10, 30, 20, 20]) == [1, 4, 2.5, 2.5]
    assert spearman([1, 2, 3], [10, 100, 1000]) == pytest.approx(1)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert rmse([1, 2], [1, 4]) == pytest.approx(2**0.5)
