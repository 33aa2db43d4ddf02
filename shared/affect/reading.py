"""One text read: mood, feelings, urgency and the crisis verdict, each with where it comes from. Pure but for the models' files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.affect import models, urgency
from shared.affect.cues import cues
from shared.safety import check
from shared.safety.verdict import ALLOW, Verdict

Source = Literal["model", "rule", "model+rule"]
SENTIMENTS = ("negative", "neutral", "positive")
EMOTIONS = ("anger", "joy", "optimism", "sadness")
LEARNING = ("confusion", "frustration", "boredom", "curiosity")

_FROM_FEELINGS: dict[str, tuple[tuple[str, float], ...]] = {
    "confusion": (("confusion", 1.0),),
    "curiosity": (("curiosity", 1.0),),
    "frustration": (("annoyance", 0.7), ("disappointment", 0.6), ("anger", 0.5)),
}
"""Which feelings speak for which state of learning, and how much. No data set here labels boredom: rules alone find it."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely something is, 0 to 1, and what says so."""

    probability: float
    source: Source


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a text. `emotions` is empty where no model knows the language."""

    language: str | None
    sentiment: dict[str, float]
    emotions: dict[str, Likelihood]
    learning: dict[str, Likelihood]
    urgency: float
    urgency_source: Source
    verdict: Verdict = ALLOW
    thanks: bool = field(default=False)

    @property
    def crisis(self) -> bool:
        """Whether help has to be offered whatever else was read."""
        return self.verdict.action == "support"

    @property
    def signs(self) -> Mapping[str, float]:
        """What the rules for offers look at, by name."""
        found = {name: one.probability for name, one in self.learning.items()}
        found["negative"] = self.sentiment["negative"]
        if "anger" in self.emotions:
            found["anger"] = self.emotions["anger"].probability
        return found | {"crisis": 1.0 if self.crisis else 0.0}


def read(text: str, language: str | None, verdict: Verdict | None = None) -> Reading:
    """Read a text in a language (None: not known). `verdict`: the safety check's, where it was made already."""
    judged = check.question(text) if verdict is None else verdict
    said = cues(text, language)
    sentiment = models.scores(models.POLARITY, text, language)
    emotions: dict[str, Likelihood] = {}
    feelings: dict[str, float] = {}
    if language in (None, "en"):
        emotions = {
            name: Likelihood(round(value, 4), "model")
            for name, value in models.scores(models.EMOTION, text, "en").items()
        }
        feelings = models.scores(models.FEELINGS, text, "en")
    crisis = judged.action == "support"
    rating, source = urgency.rated(text, said, sentiment["negative"], crisis=crisis), "rule"
    if language in (None, "en") and not crisis and models.made(models.URGENCY):
        rating, source = urgency.bounded(models.rating(text)), "model"
    return Reading(
        language=language,
        sentiment={name: round(sentiment[name], 4) for name in SENTIMENTS},
        emotions=emotions,
        learning={name: _learning(name, said, feelings) for name in LEARNING},
        urgency=rating,
        urgency_source="model" if source == "model" else "rule",
        verdict=judged,
        thanks="thanks" in said,
    )


def _learning(name: str, said: Mapping[str, float], feelings: Mapping[str, float]) -> Likelihood:
    """The clearer of rule and model; both where both say so."""
    ruled = said.get(name, 0.0)
    modelled = max((feelings.get(of, 0.0) * weight for of, weight in _FROM_FEELINGS.get(name, ())), default=0.0)
    both = ruled > 0 and modelled > 0
    source: Source = "model+rule" if both else "rule" if ruled > 0 or name not in _FROM_FEELINGS else "model"
    return Likelihood(round(1 - (1 - ruled) * (1 - modelled), 4), source)
