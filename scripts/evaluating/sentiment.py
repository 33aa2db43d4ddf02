"""Measures affect: sentiment per language, emotions, feelings and urgency, each beside what its source publishes.

Without --train the models that ship are measured. With it they are fitted to that folder alone, and to the word lists of the
product. Urgency has no training half: it is cross-validated, all posts of a student on one side.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median

from scripts.benchmarks.progress import Progress
from scripts.evaluating import Report, Request, Unfit
from scripts.evaluating.reading import columns, table
from scripts.evaluating.scores import macro_f1, macro_recall, rmse, spearman
from scripts.training import Trained, emotion, feelings, polarity
from scripts.training import Unfit as Untrained
from scripts.training.felt import SENTIMENTS, UMSAB
from shared.affect import models
from shared.affect.reading import EMOTIONS, read
from shared.affect.wording import worded
from shared.language.detect import guess
from shared.textmodel.linear import Model

_TRAINERS: dict[str, Callable[[Path], Trained]] = {
    models.POLARITY: polarity.train,
    models.EMOTION: emotion.train,
    models.FEELINGS: feelings.train,
}
_FASTTEXT = {
    "arabic": 0.460,
    "english": 0.509,
    "french": 0.548,
    "german": 0.596,
    "hindi": 0.371,
    "italian": 0.547,
    "portuguese": 0.551,
    "spanish": 0.501,
    "mean": 0.510,
}
_COLUMNS = ("set", "figure", "ours", "published", "by", "n")


class _Models:
    """The models under test: those that ship, or fitted to --train, each once."""

    def __init__(self, request: Request) -> None:
        self._train = request.train
        self._made: dict[str, Model] = {}

    def __getitem__(self, name: str) -> Model:
        if name not in self._made:
            self._made[name] = models.model(name) if self._train is None else _fitted(name, self._train)
        return self._made[name]


def _fitted(name: str, train: Path) -> Model:
    progress = Progress(f"fitting {name}", 1)
    try:
        made = _TRAINERS[name](train)
    except Untrained as error:
        raise Unfit(f"--train: {error}") from error
    progress.end()
    return Model(made.header, made.weights)


def evaluate(request: Request) -> Report:
    """Every file of a known layout in the folder."""
    report, asked = Report(_COLUMNS), _Models(request)
    for path in request.files("*.csv"):
        has = columns(path)
        if {"lang", "text", "label"} <= has:
            _languages(path, asked[models.POLARITY], report)
        elif {"student", "text", "urgency"} <= has:
            _urgency(path, report)
        elif {"text", "labels"} <= has:
            _feelings(path, asked[models.FEELINGS], report)
        elif path.name == "emotion_test.csv":
            _emotion(path, asked[models.EMOTION], report)
        elif path.name == "sentiment_test.csv":
            _english(path, asked[models.POLARITY], report)
    return report


def _best(model: Model, texts: Sequence[str], languages: Sequence[str | None]) -> list[str]:
    found = []
    progress = Progress(model.header.name, len(texts))
    for text, language in zip(texts, languages, strict=True):
        scores = model.scores(worded(text), language or "")
        found.append(max(scores, key=lambda label: scores[label]))
        progress.step("")
    progress.end()
    return found


def _languages(path: Path, model: Model, report: Report) -> None:
    rows = table(path, "lang", "text", "label")
    texts, truth = [row["text"] for row in rows], [row["label"] for row in rows]
    named = _best(model, texts, [UMSAB[row["lang"]] for row in rows])
    guessed = _best(model, texts, [guess(text) for text in texts])
    ours, ours_guessed = [], []
    for language, code in UMSAB.items():
        here = [place for place, row in enumerate(rows) if row["lang"] == language]
        if not here:
            continue
        right = [truth[place] for place in here]
        ours.append(macro_f1(right, [named[place] for place in here], SENTIMENTS))
        ours_guessed.append(macro_f1(right, [guessed[place] for place in here], SENTIMENTS))
        figure = round(ours[-1], 4)
        report.add(
            {f"umsab_macro_f1_{code}": figure},
            "umsab",
            f"macro-F1 {code}",
            ours[-1],
            _FASTTEXT[language],
            "FastText",
            len(here),
        )
    fields = {"umsab_macro_f1": round(fmean(ours), 4), "umsab_macro_f1_detected": round(fmean(ours_guessed), 4)}
    report.add(fields, "umsab", "macro-F1 mean", fmean(ours), _FASTTEXT["mean"], "FastText", len(rows))
    report.add({}, "umsab", "mean, language guessed", fmean(ours_guessed), None, "", len(rows))


def _english(path: Path, model: Model, report: Report) -> None:
    rows = table(path, "text", "label")
    truth = [row["label"] for row in rows]
    found = _best(model, [row["text"] for row in rows], ["en"] * len(rows))
    recall, f1 = macro_recall(truth, found, SENTIMENTS), macro_f1(truth, found, SENTIMENTS)
    report.add(
        {"sentiment_test_macro_recall": round(recall, 4)},
        "tweeteval",
        "macro-recall",
        recall,
        0.629,
        "SVM, FastText",
        len(rows),
    )
    report.add({"sentiment_test_macro_f1": round(f1, 4)}, "tweeteval", "macro-F1", f1, None, "", len(rows))


def _emotion(path: Path, model: Model, report: Report) -> None:
    rows = table(path, "text", "label")
    texts, truth = [row["text"] for row in rows], [row["label"] for row in rows]
    f1 = macro_f1(truth, _best(model, texts, [None] * len(rows)), EMOTIONS)
    report.add(
        {"emotion_test_macro_f1": round(f1, 4)}, "emotion", "macro-F1", f1, 0.652, "FastText (SVM 0.647)", len(rows)
    )
    spent = []
    for text in texts[:300]:
        begun = time.perf_counter()
        read(text, "en")
        spent.append((time.perf_counter() - begun) * 1_000)
    report.add(
        {"ms_per_analysis": round(median(spent), 3)},
        "all models and rules",
        "ms a text, median",
        median(spent),
        5.0,
        "our bar",
        len(spent),
    )


def _feelings(path: Path, model: Model, report: Report) -> None:
    rows = table(path, "text", "labels")
    lines = model.header.thresholds
    truth: dict[str, list[bool]] = {label: [] for label in lines}
    found: dict[str, list[bool]] = {label: [] for label in lines}
    progress = Progress("feelings", len(rows))
    for row in rows:
        scores, said = model.scores(worded(row["text"])), row["labels"].split("|")
        for label, line in lines.items():
            truth[label].append(label in said)
            found[label].append(scores[label] >= line)
        progress.step("")
    progress.end()
    each = {label: macro_f1(truth[label], found[label], (True,)) for label in lines}
    mean = fmean(each.values())
    report.add({"goemotions_macro_f1": round(mean, 4)}, "goemotions", "macro-F1 of 28", mean, 0.503, "BERT", len(rows))
    for label in ("confusion", "curiosity", "annoyance", "disappointment"):
        report.add(
            {f"goemotions_f1_{label}": round(each[label], 4)},
            "goemotions",
            f"F1 {label}",
            each[label],
            None,
            "",
            len(rows),
        )


def _urgency(path: Path, report: Report) -> None:
    from scripts.training.urgency import cross_validated

    rows = table(path, "student", "text", "urgency")
    truth = [float(row["urgency"]) for row in rows]
    fitted = cross_validated(rows)
    ruled = [read(row["text"], "en").urgency for row in rows]
    error, order = rmse(truth, fitted), spearman(truth, fitted)
    report.add(
        {"urgency_rmse": round(error, 4)}, "mooc urgency", "RMSE, grouped CV", error, 1.1, "SVR on USE", len(rows)
    )
    report.add(
        {"urgency_spearman": round(order, 4)}, "mooc urgency", "Spearman, grouped CV", order, None, "", len(rows)
    )
    alone = spearman(truth, ruled)
    report.add(
        {"urgency_rules_rmse": round(rmse(truth, ruled), 4)},
        "mooc urgency",
        "RMSE, rules",
        rmse(truth, ruled),
        None,
        "",
        len(rows),
    )
    report.add(
        {"urgency_rules_spearman": round(alone, 4)}, "mooc urgency", "Spearman, rules", alone, None, "", len(rows)
    )
