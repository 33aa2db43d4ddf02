"""The mixed traffic of a school day, from a seed. Pure: the same seed and size give the same questions in the same order.

What is in it is an assumption, written down here and shown beside the figures, because hit rates and savings are
properties of the traffic as much as of the product:

- about half of all messages are common questions, drawn from a pool in which the k-th is asked 1/k as often as the first;
- a fifth are new questions that nobody has asked before, a tenth say something about the learner;
- a fifth go on with what was said before, one to three messages of one conversation in eight;
- a fifth ask for reasoning over several steps; two fifths of the answers are streamed.
"""

import random
from dataclasses import dataclass
from typing import Literal

Kind = Literal["common", "fresh", "personal", "follow-up"]

# Of conversations, that is of first messages.
SHARE_COMMON = 0.65
SHARE_FRESH = 0.23
SHARE_LONGER = 0.125
# Of messages.
SHARE_HARD = 1 / 3  # where nothing was asked before
SHARE_STREAMED = 0.4
LEARNERS = 25

_TOPICS = (
    "photosynthesis", "gravity", "fractions", "the water cycle", "electric circuits", "prime numbers", "the French Revolution",
    "plate tectonics", "cell division", "supply and demand", "sound waves", "the human heart", "percentages", "acids and bases",
    "the solar system", "past tenses",
)  # fmt: skip
_EASY = "What is the idea behind {0}?"
_HARD = (
    "Compare {0} with {1} step by step: explain why they differ, analyse one example of each, and justify which is easier "
    "to test in an experiment?"
)
HARDEST = _HARD.format("one thing", "another")
"""A question that no threshold but 1 calls simple."""
_PERSONAL = "I am preparing my exam and I still do not understand {0}. Can you help me with question {2}?"
_GOES_ON = (
    "Why is that?",
    "Can you give another example?",
    "Is this a correct first step: start with what is known?",
)


@dataclass(frozen=True)
class Turn:
    """One message."""

    kind: Kind
    message: str
    stream: bool


@dataclass(frozen=True)
class Conversation:
    """Messages of one learner (a number), each sent when the one before is answered."""

    learner: int
    turns: tuple[Turn, ...]


def pool() -> tuple[str, ...]:
    """The common questions, the most frequent first; every third is a hard one."""
    found = []
    for number in range(2 * len(_TOPICS)):
        topic, other = _TOPICS[number % len(_TOPICS)], _TOPICS[(number * 5 + 3) % len(_TOPICS)]
        if other == topic:
            other = _TOPICS[(number * 5 + 4) % len(_TOPICS)]
        text = _HARD if number % 3 == 1 else _EASY
        if text == _EASY and number >= len(_TOPICS):
            text = "How would you explain {0} to a beginner?"
        found.append(text.format(topic, other))
    return tuple(found)


def mixed(messages: int, seed: int = 1) -> list[Conversation]:
    """Conversations with `messages` messages in all."""
    chance = random.Random(seed)
    questions = pool()
    weights = [1 / (rank + 1) for rank in range(len(questions))]
    found: list[Conversation] = []
    left = messages
    while left > 0:
        opening = _opening(chance, questions, weights, len(found))
        more = chance.randint(1, 3) if chance.random() < SHARE_LONGER else 0
        turns = [opening, *(_follow_up(chance) for _ in range(min(more, left - 1)))]
        found.append(Conversation(chance.randrange(LEARNERS), tuple(turns)))
        left -= len(turns)
    return found


def simultaneous(count: int, turns: int = 3, seed: int = 2) -> list[Conversation]:
    """`count` conversations of different learners, each with `turns` messages."""
    chance = random.Random(seed)
    questions = pool()
    found = []
    for learner in range(count):
        first = Turn("common", questions[learner % len(questions)], chance.random() < SHARE_STREAMED)
        found.append(Conversation(learner, (first, *(_follow_up(chance) for _ in range(turns - 1)))))
    return found


def _opening(chance: random.Random, questions: tuple[str, ...], weights: list[float], number: int) -> Turn:
    stream = chance.random() < SHARE_STREAMED
    drawn = chance.random()
    if drawn < SHARE_COMMON:
        return Turn("common", chance.choices(questions, weights)[0], stream)
    topic, other = chance.sample(_TOPICS, 2)
    if drawn < SHARE_COMMON + SHARE_FRESH:
        text = _HARD if chance.random() < SHARE_HARD else _EASY
        return Turn("fresh", f"{text.format(topic, other)} (lesson {number})", stream)
    return Turn("personal", _PERSONAL.format(topic, other, number), stream)


def _follow_up(chance: random.Random) -> Turn:
    return Turn("follow-up", chance.choice(_GOES_ON), chance.random() < SHARE_STREAMED)
