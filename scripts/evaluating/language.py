"""Language detection on the texts of lingua's own accuracy reports, restricted to the twelve languages.

Beside the product's accuracy stands what its library alone reaches on the same rows, restricted to the same twelve: the
published figures choose among seventy-five. `sure` is the share of texts whose detected language goes before the learner's
profile, with how often it is right. The check of an answer's language is measured on three sentences at a time.
"""

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.progress import Progress
from scripts.evaluating import Report, Request
from shared.language.answer import matches
from shared.language.detect import SURE
from shared.language.detector import Detector
from shared.language.names import CODES

_KINDS = {"single-words": "words", "word-pairs": "pairs", "sentences": "sentences"}
_TOGETHER = 3  # sentences of an answer


@dataclass(slots=True)
class _Count:
    right: int = 0
    library: int = 0
    sure: int = 0
    sure_right: int = 0
    all: int = 0


def evaluate(request: Request) -> Report:
    """Accuracy per language and kind, milliseconds per detection, and what the answer check sees."""
    report = Report(("language", *(f"{kind}{of}" for kind in _KINDS.values() for of in ("", " (library)"))))
    rows = [row for path in request.files("texts.csv") for row in _read(path)]
    if not rows:
        return report
    detector = Detector()
    began = time.perf_counter()
    detector.load()
    loaded = time.perf_counter() - began
    library = _library()
    counts: dict[tuple[str, str], _Count] = defaultdict(_Count)
    times = []
    bar = Progress("detecting", len(rows))
    for code, kind, text in rows:
        began = time.perf_counter()
        found = detector.detect(text)
        times.append((time.perf_counter() - began) * 1000)
        count = counts[code, kind]
        count.all += 1
        count.right += found is not None and found.code == code
        count.library += library(text) == code
        if found is not None and found.confidence >= SURE:
            count.sure += 1
            count.sure_right += found.code == code
        bar.step(code)
    bar.end()
    _fill(report, counts)
    times.sort()
    report.add(
        {
            "n": len(rows),
            "ms_per_detection": round(times[len(times) // 2], 4),
            "ms_per_detection_p95": round(times[int(len(times) * 0.95)], 4),
            "seconds_to_load": round(loaded, 2),
            "answer_check": _answers(rows),
        }
    )
    report.notes.append(
        f"{report.fields['ms_per_detection']} ms p50, {loaded:.1f} s to load the models once, in a thread"
    )
    report.notes.append(
        "Published, among 75 languages, mean of the twelve: lingua-high words 75.88, pairs 90.27, sentences 98.62 %"
    )
    return report


def _read(path: Path) -> Iterable[tuple[str, str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("lang") in CODES and row.get("kind") in _KINDS:
                yield row["lang"], _KINDS[row["kind"]], row["text"]


def _library() -> Callable[[str], str | None]:
    """Lingua alone, in its accurate mode, choosing among the twelve: the fair bar."""
    from lingua import Language, LanguageDetectorBuilder

    known = {language: language.iso_code_639_1.name.lower() for language in Language.all()}
    twelve = [language for language, code in known.items() if code in CODES]
    alone = LanguageDetectorBuilder.from_languages(*twelve).build()

    def detect(text: str) -> str | None:
        found = alone.detect_language_of(text)
        return None if found is None else known[found]

    return detect


def _fill(report: Report, counts: dict[tuple[str, str], _Count]) -> None:
    """Rows and fields: each language, then the mean over the languages that are there."""
    codes = [code for code in CODES if any((code, kind) in counts for kind in _KINDS.values())]
    fields: dict[str, Any] = {kind: {} for kind in _KINDS.values()}
    bar: dict[str, float] = {}
    cells: dict[str, list[float | None]] = {code: [] for code in (*codes, "mean")}
    for kind in _KINDS.values():
        found = {code: counts[code, kind] for code in codes if (code, kind) in counts}
        for code in codes:
            cells[code] += (
                [found[code].right / found[code].all, found[code].library / found[code].all]
                if code in found
                else [None, None]
            )
        if not found:
            continue
        fields[kind] = {code: round(count.right / count.all, 4) for code, count in found.items()}
        mean = sum(count.right / count.all for count in found.values()) / len(found)
        bar[kind] = round(sum(count.library / count.all for count in found.values()) / len(found), 4)
        cells["mean"] += [mean, bar[kind]]
        fields[kind]["mean"] = round(mean, 4)
        sure, right = sum(count.sure for count in found.values()), sum(count.sure_right for count in found.values())
        fields[f"sure_{kind}"] = {
            "share": round(sure / sum(count.all for count in found.values()), 4),
            "right": round(right / sure, 4) if sure else None,
        }
    for code, row in cells.items():
        report.rows.append((code, *row, *[None] * (len(report.columns) - 1 - len(row))))
    means = [fields[kind]["mean"] for kind in bar]
    fields["average"] = round(sum(means) / len(means), 4)
    fields["library_restricted_to_12"] = {**bar, "average": round(sum(bar.values()) / len(bar), 4)}
    report.add(fields)


def _answers(rows: list[tuple[str, str, str]]) -> dict[str, float | None]:
    """What `matches` says of sentences in the right language and in each wrong one, as shares of the texts."""
    sentences: dict[str, list[str]] = defaultdict(list)
    for code, kind, text in rows:
        if kind == "sentences":
            sentences[code].append(text)
    right: list[bool | None] = []
    wrong: list[bool | None] = []
    for code, texts in sentences.items():
        for start in range(0, len(texts) - _TOGETHER + 1, _TOGETHER):
            text = " ".join(texts[start : start + _TOGETHER])
            right.append(matches(text, code))
            wrong += (matches(text, other) for other in CODES if other != code)
    return {
        "confirmed": round(right.count(True) / len(right), 4) if right else None,
        "false_alarms": round(right.count(False) / len(right), 4) if right else None,
        "caught": round(wrong.count(False) / len(wrong), 4) if wrong else None,
    }
