"""A model's file and its scores."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.textmodel.features import Shape, features
from shared.textmodel.linear import FILES, KNOWN_WORDS, Header, Model, load, pack

SHAPE = Shape(bits=12, shortest=2, longest=3)
HEADER = Header(
    name="tiny",
    kind="independent",
    labels=("good", "bad"),
    shape=SHAPE,
    scales=(0.5, 0.25),
    biases=(-1.0, 0.5),
    thresholds={"bad": 0.7},
    sources=({"name": "made up", "licence": "ours", "rows": 2, "sha256": "0" * 64},),
    licence="ours",
    seed=1,
    command="scripts/train-models tiny",
    measured={"auprc": 0.5},
)
WEIGHTS = bytes((number * 7 + 3) % 256 for number in range(2 * SHAPE.size))


def signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


@given(st.text(max_size=120))
def test_a_score_is_the_sum_that_the_docstring_says(text: str) -> None:
    model = Model(HEADER, WEIGHTS)
    numbers = features(text, SHAPE)
    for place, (scale, bias) in enumerate(zip(HEADER.scales, HEADER.biases, strict=True)):
        total = sum(signed(WEIGHTS[place * SHAPE.size + number]) for number in numbers)
        expected = bias + scale * total / math.sqrt(len(numbers) or 1)
        assert model.margins(text)[place] == pytest.approx(expected)
        assert list(model.scores(text).values())[place] == pytest.approx(
            1 / (1 + math.exp(-max(-60, min(60, expected))))
        )


def test_exclusive_labels_share_one_probability() -> None:
    scores = Model(replace(HEADER, kind="exclusive"), WEIGHTS).scores("what a day")
    assert sum(scores.values()) == pytest.approx(1)
    assert set(scores) == {"good", "bad"}


def test_asking_again_or_after_much_else_gives_the_same() -> None:
    model = Model(HEADER, WEIGHTS)
    first = model.scores("the same text")
    for number in range(KNOWN_WORDS + 10):
        model.scores(f"word{number}")
    assert model.scores("the same text") == first


def test_a_file_gives_back_the_model(tmp_path: Path) -> None:
    path = tmp_path / "tiny.bin"
    path.write_bytes(pack(HEADER, WEIGHTS))
    assert load(path).header == HEADER
    assert load(path).scores("hello there") == Model(HEADER, WEIGHTS).scores("hello there")
    assert pack(HEADER, WEIGHTS) == pack(HEADER, WEIGHTS)


def damaged(content: bytes, change: str) -> bytes:
    line, _, packed = content.partition(b"\n")
    fields: dict[str, Any] = json.loads(line)
    if change == "format":
        return json.dumps(fields | {"format": 99}).encode() + b"\n" + packed
    if change == "labels":
        return json.dumps(fields | {"labels": ["good"]}).encode() + b"\n" + packed
    return {"cut": content[:-20], "no line": b"nothing", "bytes": line + b"\n" + packed[:10] + b"\x00" + packed[11:]}[
        change
    ]


@pytest.mark.parametrize("change", ["format", "labels", "cut", "no line", "bytes"])
def test_a_damaged_file_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "tiny.bin"
    path.write_bytes(damaged(pack(HEADER, WEIGHTS), change))
    with pytest.raises(ValueError, match=r"tiny|weights"):
        load(path)


SHIPPED = sorted(FILES.glob("*.bin"))


def test_all_that_ships_is_small() -> None:
    assert SHIPPED
    assert sum(path.stat().st_size for path in SHIPPED) < 5_000_000


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_says_what_it_was_made_of(path: Path) -> None:
    header = load(path).header
    assert header.name == path.stem
    assert header.command.startswith(f"scripts/train-models {path.stem}")
    assert header.licence
    assert header.measured
    assert header.sources
    for source in header.sources:
        assert source["licence"].strip()
        assert "NC" not in source["licence"].split("-") + source["licence"].split(), "no licence that forbids selling"
        assert len(source["sha256"]) == 64
        assert source["rows"] > 0


def test_only_the_languages_of_the_header_have_features_of_their_own() -> None:
    shape = Shape(bits=12, shortest=2, longest=3, tongue=True)
    model = Model(replace(HEADER, shape=shape, tongues=("de",)), WEIGHTS)
    text = "a gift of gold"
    assert model.margins(text, "ru") == model.margins(text)
    assert model.margins(text, "de") != model.margins(text)
