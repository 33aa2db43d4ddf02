"""How long the feed's own ranking takes: python -m scripts.benchmarks.ranking [--items 200] [--times 200]

Scores, diversity and the reasons' sentences; no HTTP and no store. Prints milliseconds.
"""

import argparse
import random
import time

from scripts.benchmarks.quantiles import quantile
from shared.feed import phrases
from shared.feed.ranking import rank
from shared.feed.scoring import Item, Learner

_DAY = 86_400.0


def items(count: int, now: float, seed: int = 1) -> list[Item]:
    """Made-up items over 40 topics and 60 skills."""
    chance = random.Random(seed)
    return [
        Item(
            id=f"item-{number}",
            title=f"Item {number}",
            topics=tuple(f"topic {chance.randint(0, 39)}" for _ in range(3)),
            skills=tuple(f"skill {chance.randint(0, 59)}" for _ in range(3)),
            difficulty=chance.random(),
            format=chance.choice(["text", "video", "quiz", "exercise"]),
            language=chance.choice(["en", "en", "es"]),
            minutes=chance.choice([3.0, 10.0, 30.0]),
            published_at=now - chance.randint(0, 700) * _DAY,
            quality=chance.random(),
            popularity=chance.randint(0, 100_000),
        )
        for number in range(count)
    ]


def learner() -> Learner:
    """Somebody of whom everything is known."""
    return Learner(
        goals=frozenset(f"topic {number}" for number in range(4)),
        mastery={f"skill {number}": number / 60 for number in range(60)},
        level=0.5,
        formats=frozenset({"video"}),
        taste=frozenset(f"topic {number}" for number in range(10, 20)),
        recent=frozenset(f"item-{number}" for number in range(20)),
        language="en",
        minutes=15,
    )


def measured(count: int, times: int) -> list[float]:
    """The milliseconds of each ranking, in rising order."""
    now, who = time.time(), learner()
    taken = []
    for turn in range(times):
        found = items(count, now, turn)
        began = time.perf_counter()
        for placed in rank(found, who, now, f"u{turn}"):
            phrases.reasons(placed, "en")
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--times", type=int, default=200)
    asked = parser.parse_args()
    taken = measured(asked.items, asked.times)
    print(
        f"{asked.items} items, {asked.times} times: p50 {quantile(taken, 0.5):.2f} ms, p95 {quantile(taken, 0.95):.2f} ms"
    )


if __name__ == "__main__":
    main()
