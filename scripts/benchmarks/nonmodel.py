"""What agents do without any model, and how long it takes: language, safety, feelings, an exercise, a ranking of 200 items.

    .venv/bin/python -m scripts.benchmarks.nonmodel

Each is done over our own prose in the twelve languages (the mentor's rules and the pressing students' messages), after a first round
that loads what is loaded once.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from scripts.benchmarks.holdback import sentences
from scripts.benchmarks.quantiles import quantile
from scripts.benchmarks.ranking import measured
from scripts.evaluating.student_scripts import FOLDER
from shared.affect.reading import read
from shared.language.detector import Detector
from shared.language.names import LANGUAGES
from shared.safety import check
from shared.safety.verdict import ALLOW
from shared.tutoring.leak import guard

ROUNDS = 5


def texts() -> list[tuple[str, str]]:
    """(language, text) pairs as learners and models write them."""
    found = [(code, text) for code in LANGUAGES for text in sentences(code)]
    for code in LANGUAGES:
        table = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
        found += [(code, text) for text in table["pleas"]]
        found += [(code, exercise["text"]) for exercise in table["exercises"]]
    return found


def took(work: Callable[[Any], object], inputs: Sequence[Any]) -> list[float]:
    """Milliseconds of each, sorted."""
    for one in inputs:
        work(one)
    times = []
    for _ in range(ROUNDS):
        for one in inputs:
            began = time.perf_counter()
            work(one)
            times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def main() -> None:
    """Print the table."""
    said = texts()
    detector = Detector()
    works: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
        "language of a message": (lambda one: detector.detect(one[1]), said),
        "safety of a question": (lambda one: check.question(one[1]), said),
        "safety of a sentence": (lambda one: check.answer(one[1]), said),
        "safety of a document, 2,000 characters": (check.document, [" ".join(text for _, text in said[:40])[:2000]]),
        "feelings in a message": (lambda one: read(one[1], one[0], ALLOW), said),
        "exercise and its guard": (lambda one: guard([one[1]], one[0]), said),
    }
    print(f"{'':40} {'n':>6} {'p50 ms':>7} {'p95 ms':>7}")
    detector.load()
    taken = {name: took(work, inputs) for name, (work, inputs) in works.items()}
    taken["ranking of 200 items"] = measured(200, 100)
    for name, times in taken.items():
        print(f"{name:40} {len(times):6} {quantile(times, 0.5):7.2f} {quantile(times, 0.95):7.2f}")


if __name__ == "__main__":
    main()
