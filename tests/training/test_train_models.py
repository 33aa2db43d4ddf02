"""`scripts/train-models`: the same data gives the same bytes, and a model is made of what its header says."""

from pathlib import Path

import pytest

from scripts.training import Unfit, __main__, moderation, requests
from scripts.training.fitting import Recipe, fit, matrix, small
from shared.textmodel.features import Shape
from shared.textmodel.linear import Header, Model, load
from tests.evaluating import safety_sets


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    data = safety_sets.moderation(tmp_path)
    assert moderation.train(data).bytes() == moderation.train(data).bytes()


def test_a_header_names_what_was_read_and_its_licence(tmp_path: Path) -> None:
    header = requests.train(safety_sets.requests(tmp_path)).header
    assert {source["name"]: source["rows"] for source in header.sources} == {
        "AdvBench": 40,
        "In-the-wild jailbreak prompts (verazuo)": 8,
        "MultiJail": 30,
        "XSTest (Röttger et al. 2024)": 80,
        "PIGuard sets: NotInject, WildGuard, BIPIA": 48,
        "harmless requests, our own": header.sources[-1]["rows"],
    }
    assert {"illicit", "jailbreak", "prompt_injection", "illicit_1pct"} <= header.thresholds.keys()
    assert all(0 < line <= 1 for line in header.thresholds.values())


@pytest.mark.parametrize("train", [moderation.train, requests.train])
def test_nothing_to_learn_from_is_said(tmp_path: Path, train: object) -> None:
    with pytest.raises(Unfit, match="has n"):
        train(tmp_path)  # type: ignore[operator]


def test_the_written_weights_score_as_the_fitted_ones() -> None:
    texts = [*safety_sets.HARMFUL, *safety_sets.HARMLESS]
    shape = Shape(bits=14, shortest=3, longest=4)
    rows = matrix(texts, shape)
    fitted = fit(Recipe(shape), rows, [[int(text in safety_sets.HARMFUL)] for text in texts])
    packed, scales, biases = small(fitted, [(1.0, 0.0)])
    model = Model(Header("m", "independent", ("bad",), shape, scales, biases, {}, (), "ours", 1, "", {}), packed)
    for text, margin in zip(texts, fitted.margins(rows)[:, 0], strict=True):
        assert model.margins(text)[0] == pytest.approx(margin, abs=0.25), "one byte a weight costs little"
        assert (model.margins(text)[0] > 0) == (text in safety_sets.HARMFUL)


def test_the_command_writes_a_file_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = safety_sets.moderation(tmp_path / "data"), tmp_path / "out"
    monkeypatch.setattr("sys.argv", ["train-models", "moderation", "--data", str(data), "--out", str(out)])
    __main__.main()
    assert "moderation: " in capsys.readouterr().out
    assert load(out / "moderation.bin").header.sources[0]["rows"] == 80


def test_an_unknown_model_and_a_missing_folder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["train-models", "nothing", "--data", str(tmp_path)])
    with pytest.raises(SystemExit):
        __main__.main()
    assert "no model nothing" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["train-models", "moderation", "--data", str(tmp_path / "gone")])
    with pytest.raises(SystemExit, match="not a folder"):
        __main__.main()


def test_every_model_that_ships_can_be_made_again() -> None:
    from shared.textmodel.linear import FILES

    assert {path.stem for path in FILES.glob("*.bin")} <= set(__main__.names())
