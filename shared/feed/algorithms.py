"""Ways to put a feed in order, for experiments to compare: what weighs how much, how hard items are to be, how varied. Data.

| name | differs in |
| --- | --- |
| balanced | nothing: how it is |
| goals_first | goals weigh twice as much, what is popular or fresh nothing: the way to what the learner has named |
| challenge | aims at 50 to 70 % of expected success, and that and what is not mastered yet weigh half as much again |
| explore | what is unseen and fresh weighs more, taste and popularity less, and neighbours differ more |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.feed.diversity import BALANCE
from shared.feed.scoring import WEIGHTS, Taste

USUAL: Final = "balanced"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """`balance`: how much the score counts against being unlike what stands before (`shared.feed.diversity`)."""

    taste: Taste
    balance: float = BALANCE


ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    USUAL: Algorithm(Taste()),
    "goals_first": Algorithm(Taste({**WEIGHTS, "goal": 6.0, "popular": 0.0, "fresh": 0.0}), balance=0.85),
    "challenge": Algorithm(Taste({**WEIGHTS, "fit": 4.0, "need": 2.25}, band=(0.50, 0.70))),
    "explore": Algorithm(Taste({**WEIGHTS, "novel": 2.0, "fresh": 2.0, "taste": 0.25, "popular": 0.0}), balance=0.5),
}
