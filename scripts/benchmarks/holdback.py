"""What holding sentences back costs the learner: how much later the first text is visible on a stream of 50 tokens/s.

    .venv/bin/python -m scripts.benchmarks.holdback

The prose is our own in the twelve languages (the mentor's rules), one sentence after the other, cut into pieces as small as the
shortest tokens of today's vocabularies: 3 characters, 1 in Chinese and Japanese, 2 in Korean. Real pauses, the judgement that the
gateway uses. Shown: from the first token's arrival to the first text that goes out, and the CPU of judging a whole answer.
"""

import asyncio
import json
import time
from pathlib import Path

from scripts.benchmarks.quantiles import quantile
from shared import ids
from shared.agents import mentor
from shared.language.names import LANGUAGES
from shared.llm import screening
from shared.llm.call import Call
from shared.llm.types import Message

PACE = 0.02
"""Seconds between two tokens."""
SIZES = {"zh": 1, "ja": 1, "ko": 2}
_PROMPTS = Path(mentor.__file__).with_name("mentor_prompts")


def sentences(language: str) -> list[str]:
    """Prose of that language, a rule at a time."""
    table = json.loads((_PROMPTS / f"{language}.json").read_text(encoding="utf-8"))
    return [str(text) for text in table["rules"].values()]


def answering(language: str) -> Call:
    """A call whose answer goes through what the gateway has it go through."""
    message = Message("user", "?")
    return Call("mentor", "u", ids.new("r"), ids.new("m"), (message,), "?", language, "benchmark", 100)


async def first_text(language: str, text: str) -> float:
    """Seconds from the first token to the first text that may be shown."""
    held, size = screening.holdback(answering(language)), SIZES.get(language, 3)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for nth, start in enumerate(range(0, len(text), size)):
        await asyncio.sleep(began + nth * PACE - loop.time())
        if held.feed(text[start : start + size]):
            break
    else:
        held.finish()
    return loop.time() - began


def judging(language: str, text: str) -> float:
    """CPU milliseconds of a whole answer's judgements."""
    size = SIZES.get(language, 3)
    began = time.process_time()
    for _ in range(20):
        held = screening.holdback(answering(language))
        for start in range(0, len(text), size):
            held.feed(text[start : start + size])
        held.finish()
    return (time.process_time() - began) / 20 * 1000


async def main() -> None:
    """Print the table."""
    everything: list[float] = []
    print(f"{'':4} {'n':>3} {'p50 ms':>7} {'p95 ms':>7} {'judging an answer, CPU ms':>27}")
    for language in LANGUAGES:
        texts = sentences(language)
        judging(language, texts[0])  # what is loaded on the first use
        waits = sorted([await first_text(language, text) for text in texts for _ in range(3)])
        everything += waits
        whole = " ".join(texts)
        told = f"{judging(language, whole):.2f} for {len(whole)} characters"
        print(
            f"{language:4} {len(waits):3} {quantile(waits, 0.5) * 1e3:7.0f} {quantile(waits, 0.95) * 1e3:7.0f} {told:>27}"
        )
    everything.sort()
    print(f"all  {len(everything):3} {quantile(everything, 0.5) * 1e3:7.0f} {quantile(everything, 0.95) * 1e3:7.0f}")


if __name__ == "__main__":
    asyncio.run(main())
