"""What can be measured of a text, and the score that is made of it. Pure.

    measured = mean of readability (ease), originality (1 - the greater of the repeated share and the largest share that stands
               in one known text), structure (headings, examples, questions, lists: a third each for any three of them) and
               length (1 from 150 words on, in proportion below)
    overall  = measured                                where no model judged
             = 0.4 * measured + 0.6 * mean judgement   where one did

The judgement weighs more because what it is about (is it true, is it clear) no measure sees; the measures keep two fifths
because they are the same for every model and every day.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.courses import duplication
from shared.courses.readability import readability
from shared.courses.structure import structure
from shared.courses.words import words
from shared.language.detect import guess

JUDGED = 0.6
ENOUGH_WORDS = 150
WORDS_A_MINUTE = 200
CHARACTERS_A_MINUTE = 400
"""Reading speeds of adults (Brysbaert 2019: 238 English words a minute; learners read to learn, and slower)."""
_PARTS = 3


class _Shown(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class ReadabilityShown(_Shown):
    """`value` on the scale of `formula` (see `shared.courses.readability`); `ease` 0 (hard) to 1 (easy)."""

    formula: str
    value: float
    ease: float
    band: Literal["easy", "standard", "hard", "very_hard"]
    per_sentence: float


class CopyShown(_Shown):
    """A known text that this one repeats: the share of this text that stands there."""

    id: str
    contained: float
    resemblance: float
    copy_of: bool


class DuplicationShown(_Shown):
    """`within`: the share of the text that stood in it before; `repeated`: sentences said more than once."""

    within: float
    repeated: list[str]
    known: list[CopyShown]


class LengthShown(_Shown):
    """How long the text is; `minutes` of reading."""

    characters: int
    words: int
    sentences: int
    minutes: float


class StructureShown(_Shown):
    """How many of each the text has."""

    headings: int
    list_items: int
    examples: int
    questions: int
    links: int
    paragraphs: int
    media: list[str]


class Measured(_Shown):
    """What code measured. `language` is null where it could not be told; `score` 0 to 1, see above."""

    language: str | None
    readability: ReadabilityShown | None
    duplication: DuplicationShown
    length: LengthShown
    structure: StructureShown
    score: float


def measure(text: str, known: Mapping[str, str], language: str) -> Measured:
    """Measure a text of that language; `known` are other texts by id."""
    found = readability(text, language)
    within, repeated = duplication.within(text, language)
    copies = duplication.against(text, known, language)
    made = structure(text)
    unspaced = language in ("zh", "ja")
    count = sum(map(len, words(text))) if unspaced else len(words(text))
    minutes = count / (CHARACTERS_A_MINUTE if unspaced else WORDS_A_MINUTE)
    parts = sum(bool(part) for part in (made.headings, made.examples, made.questions, made.list_items))
    largest = max((copy.contained for copy in copies), default=0.0)
    scores = (
        found.ease if found else 0.0,
        1 - max(within, largest),
        min(1.0, parts / _PARTS),
        min(1.0, (count / 2 if unspaced else count) / ENOUGH_WORDS),
    )
    return Measured(
        language=guess(text),
        readability=None
        if found is None
        else ReadabilityShown(
            formula=found.formula,
            value=found.value,
            ease=found.ease,
            band=found.band,
            per_sentence=found.per_sentence,
        ),
        duplication=DuplicationShown(
            within=within,
            repeated=repeated,
            known=[
                CopyShown(
                    id=one.id,
                    contained=one.contained,
                    resemblance=one.resemblance,
                    copy_of=one.contained >= duplication.NEAR,
                )
                for one in copies
            ],
        ),
        length=LengthShown(
            characters=len(text), words=count, sentences=found.sentences if found else 0, minutes=round(minutes, 1)
        ),
        structure=StructureShown(
            headings=made.headings,
            list_items=made.list_items,
            examples=made.examples,
            questions=made.questions,
            links=made.links,
            paragraphs=made.paragraphs,
            media=list(made.media),
        ),
        score=round(sum(scores) / len(scores), 4),
    )


def overall(measured: float, judged: float | None) -> float:
    """The score in all, see above."""
    return round(measured if judged is None else (1 - JUDGED) * measured + JUDGED * judged, 4)
