"""Detection with a library's help: single words and short messages in the six languages that share the Latin script.

The library (lingua, Apache 2.0, compiled) is asked only where script and function words decide nothing, and its models
(180 MB of memory, one second) come on the first such message, never at import. They load in a thread, in steps of some
0.1 s, because the library keeps the interpreter to itself while it loads; until they are there the quick look stands.
Its probabilities are joined with the scores of function words, which know what short texts are full of.
"""

import math
import threading
from typing import TYPE_CHECKING

from shared.language.detect import LATIN, Found, Look, look
from shared.log import event
from shared.log import get as logger

if TYPE_CHECKING:
    from lingua import LanguageDetector

_log = logger(__name__)

RIVALS = (
    "nl", "sv", "da", "nb", "pl", "tr", "ro", "ca", "cs", "hu", "fi", "vi",
    "id", "sw", "tl", "hr", "et", "eu", "af", "sq", "sk", "sl", "lt", "lv",
)  # fmt: skip
"""Latin-script languages that learners write and that are none of ours: who is likelier one of these is not sure."""

_WORD_WEIGHT = 0.5  # how much one point of the function words' score adds to a log probability
_RIVAL_WEIGHT = 0.35  # of the light detector's word that it is one of the six at all: on single words it is hasty
_LEAST = 1e-9  # a language the library rules out can still be named by its own function words
_STEPS = tuple("entae"[:length] for length in range(1, 6))
"""The library loads what a text of so many letters needs, so these load a language's models one by one."""


class Models:
    """The loaded library: one detector among the six, and a light one that knows the rivals too."""

    def __init__(self) -> None:
        from lingua import Language, LanguageDetectorBuilder

        known = {language.iso_code_639_1.name.lower(): language for language in Language.all_with_latin_script()}
        six = [known[code] for code in LATIN]
        for first, second in zip(six, [*six[1:], six[0]], strict=True):
            pair = LanguageDetectorBuilder.from_languages(first, second).build()
            for word in _STEPS:
                pair.detect_language_of(word)
        for code in RIVALS:
            self._light(six[0], known[code]).detect_language_of(_STEPS[-1])
        self._six = LanguageDetectorBuilder.from_languages(*six).build()
        self._wide = self._light(*six, *(known[code] for code in RIVALS))

    @staticmethod
    def _light(*languages: "object") -> "LanguageDetector":
        from lingua import LanguageDetectorBuilder

        return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()  # type: ignore[arg-type]

    def weigh(self, seen: Look) -> Found:
        """The likeliest of the six, by the library and by its function words.

        Its confidence is the probability among the six, lessened by the doubt that it is one of the six at all. What the
        quick look says too keeps that one's confidence.
        """
        chances = {
            value.language.iso_code_639_1.name.lower(): value.value
            for value in self._six.compute_language_confidence_values(seen.sample)
        }
        weights = [
            max(chances[code], _LEAST) * math.exp(_WORD_WEIGHT * score)
            for code, score in zip(LATIN, seen.words, strict=True)
        ]
        best = max(weights)
        ours = sum(
            value.value
            for value in self._wide.compute_language_confidence_values(seen.sample)
            if value.language.iso_code_639_1.name.lower() in LATIN
        )
        code = LATIN[weights.index(best)]
        confidence = best / sum(weights) * min(ours, 1.0) ** _RIVAL_WEIGHT
        if seen.found is not None and seen.found.code == code:
            confidence = max(confidence, seen.found.confidence)
        return Found(code, confidence)


class Detector:
    """Which language a text is in. One per process, because the library's models are shared by all of it."""

    def __init__(self) -> None:
        self._models: Models | None = None
        self._begun = threading.Lock()

    def detect(self, text: str) -> Found | None:
        """The language of `text` and how likely it is; None where it cannot be told or is none of the twelve.

        Takes well below a millisecond and never waits: an undecided message that comes before the models are loaded has them
        loaded and is left with the quick look.
        """
        seen = look(text)
        if seen.settled:
            return seen.found
        if self._models is not None:
            return self._models.weigh(seen)
        if self._begun.acquire(blocking=False):  # never released: once is enough, also after a failure
            threading.Thread(target=self._load, name="language-models", daemon=True).start()
        return seen.found

    def load(self) -> None:
        """Have the models at once (commands and measurements). Blocks for a second; raises ImportError without the library."""
        if self._models is None:
            self._models = Models()

    @property
    def loaded(self) -> bool:
        """Whether the library helps by now."""
        return self._models is not None

    def _load(self) -> None:
        try:
            self.load()
        except Exception as error:  # noqa: BLE001 - without the library the quick look goes on answering
            event(_log, "language.models_unloaded", error=type(error).__name__)
