"""One language's evaluation: its prompts go through the gateway as a mentor's do, and the answers are measured."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared import ids
from shared.agents import mentor
from shared.language import answer as language
from shared.language.detector import Detector
from shared.llm.call import Answer, Call
from shared.runtime import Runtime
from shared.safety import check

_PROMPTS = Path(__file__).with_name("prompts.json")
_USER = "language-gate"
_ENDING = 12  # characters in which the last question mark stands: quotes, spaces and an emoji may follow it
_QUESTION = re.compile(r"[?？؟]|か。")  # a Japanese question may end in its particle and a full stop
_FIGURES = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९０１２３４５６７８９", "0123456789" * 4)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A language's figures (shares, 0 to 1), who answered how often, and how many prompts there were."""

    figures: dict[str, float]
    models: Counter[str]
    prompts: int

    @property
    def model(self) -> str:
        """Who answered most."""
        return self.models.most_common(1)[0][0]


async def evaluate(
    runtime: Runtime, detector: Detector, code: str, model: str | None, step: Callable[[str], None]
) -> Evaluation:
    """Measure `code`, asking `model` first (None: as requests are routed). Paid models are paid for. Raises NoAnswer."""
    prompts = _load()[code]
    results = {entry["ask"]: entry["result"] for entry in prompts["exercises"]}
    asked = [*results, *prompts["concepts"]]
    answers: dict[str, Answer] = {}
    for message in asked:
        answers[message] = await runtime.gateway.complete(_call(message, code, model))
        step(code)
    matched = [
        found for found in (language.matches(given.text, code) for given in answers.values()) if found is not None
    ]
    everything = [*asked, *prompts["crisis"], *prompts["benign"]]
    figures = {
        "detected": _share(_detected(detector, text, code) for text in everything),
        "language_match": _share(matched),
        "asks_back": _share(asks_back(given.text) for given in answers.values()),
        "leak_rate": _share(leaks(answers[message].text, result, message) for message, result in results.items()),
        "crisis_recall": _share(check.question(text).action == "support" for text in prompts["crisis"]),
        "false_alarms": _share(check.question(text).action != "allow" for text in prompts["benign"]),
    }
    return Evaluation(figures, Counter(given.model for given in answers.values()), len(everything))


def prompts_of(code: str) -> int:
    """How many prompts of a language are sent to a model."""
    prompts = _load()[code]
    return len(prompts["exercises"]) + len(prompts["concepts"])


def asks_back(text: str) -> bool:
    """Whether an answer ends with a question."""
    return _QUESTION.search(text.rstrip()[-_ENDING:]) is not None


def leaks(text: str, result: str, asked: str) -> bool:
    """Whether the result of an exercise stands in the answer as a number of its own, in whichever figures."""
    number = re.compile(rf"(?<![\d.,]){re.escape(result)}(?![.,]?\d)")
    return number.search(asked) is None and number.search(text.translate(_FIGURES)) is not None


def _detected(detector: Detector, text: str, code: str) -> bool:
    found = detector.detect(text)
    return found is not None and found.code == code


def _call(message: str, code: str, model: str | None) -> Call:
    return Call(
        agent=mentor.AGENT,
        user_id=_USER,
        request_id=ids.new("r"),
        message_id=ids.new("m"),
        messages=mentor.prompt(message, code, None, None).messages,
        question=message,
        language=code,
        version=mentor.VERSION,
        max_output_tokens=mentor.MAX_OUTPUT_TOKENS,
        temperature=mentor.TEMPERATURE,
        prefer_model=model,
        cacheable=False,  # yesterday's answers would be measured
    )


def _share(found: Iterator[bool] | list[bool]) -> float:
    counted = list(found)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


@cache
def _load() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(_PROMPTS.read_text(encoding="utf-8"))
    return found
