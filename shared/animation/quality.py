"""What can be said of a scene without seeing it: measured, the same every time, no model's opinion. Pure.

coverage   share of the words asked for that are shown or said
framing    share of what appears that stays inside the frame, and above the captions
clarity    share of the texts that no other text overlaps, where most is on the stage
reading    share of the captions that stand long enough to be read
motion     share of the steps in which something happens
"""

import unicodedata
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from shared.animation import shapes, still
from shared.animation.captions import captions, words
from shared.animation.scene import Scene
from shared.animation.shapes import Box, Label
from shared.animation.stage import Stage
from shared.animation.values import CAPTION_BELOW, HALF_HEIGHT, HALF_WIDTH

READ_PER_SECOND = 20.0
READ_WIDE_PER_SECOND = 9.0
"""Characters that are read in a second, and characters of Chinese, Japanese and Korean: what subtitling guides take for adults
(Netflix, Timed Text Style Guide: 20 for English, 9 for simplified Chinese)."""
_WEIGHTS = {"coverage": 0.3, "framing": 0.2, "clarity": 0.2, "reading": 0.2, "motion": 0.1}
_SLACK = 0.05


class Quality(BaseModel):
    """Shares between 0 and 1, and their weighted mean as `score`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    score: float
    coverage: float
    framing: float
    clarity: float
    reading: float
    motion: float


def assess(scene: Scene, asked: str) -> Quality:
    """Measure a scene against the words that asked for it."""
    shares = {
        "coverage": _coverage(scene, asked),
        "framing": _framing(scene),
        "clarity": _clarity(scene),
        "reading": _reading(scene),
        "motion": sum(bool(step.actions) for step in scene.steps) / len(scene.steps),
    }
    score = sum(weight * shares[name] for name, weight in _WEIGHTS.items())
    return Quality(score=round(score, 3), **{name: round(share, 3) for name, share in shares.items()})


def terms(text: str) -> set[str]:
    """The words of a text that can be looked for: four letters or more, by their first six, so that inflected forms count.

    Of a script without spaces every two neighbouring characters.
    """
    found: set[str] = set()
    word = ""
    for character in unicodedata.normalize("NFKC", text).casefold() + " ":
        wide = unicodedata.east_asian_width(character) in "WF"
        if word and (not _inside(character) or wide != _wide(word)):
            found.update(_of(word))
            word = ""
        if _inside(character):
            word += character
    return found


def _of(word: str) -> list[str]:
    if _wide(word):
        return [word[at : at + 2] for at in range(len(word) - 1)]
    return [word[:6]] if len(word) >= 4 else []


def _inside(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _wide(word: str) -> bool:
    return unicodedata.east_asian_width(word[0]) in "WF"


def _coverage(scene: Scene, asked: str) -> float:
    wanted = terms(asked)
    return len(wanted & terms(" ".join(words(scene)))) / len(wanted) if wanted else 1.0


def _framing(scene: Scene) -> float:
    stage = Stage(scene.objects)
    kept: dict[str, bool] = {}
    for step in scene.steps:
        stage.play(step)
        for name in stage.on:
            left, bottom, right, top = shapes.box(stage.shapes(name))
            inside = max(-left, right) <= HALF_WIDTH + _SLACK and top <= HALF_HEIGHT + _SLACK
            kept[name] = kept.get(name, True) and inside and bottom >= CAPTION_BELOW - _SLACK
    return sum(kept.values()) / len(kept) if kept else 0.0


def _clarity(scene: Scene) -> float:
    labels = [shapes.box((shape,)) for shape in still.fullest(scene)[0] if isinstance(shape, Label)]
    crossed = {
        number for (one, a), (other, b) in combinations(enumerate(labels), 2) if _cross(a, b) for number in (one, other)
    }
    return 1 - len(crossed) / len(labels) if labels else 1.0


def _cross(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    return across > _SLACK and up > _SLACK


def _reading(scene: Scene) -> float:
    said = captions(scene)
    if not said:
        return 0.0
    readable = 0
    for caption in said:
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in caption.text)
        needed = wide / READ_WIDE_PER_SECOND + (len(caption.text) - wide) / READ_PER_SECOND
        readable += caption.end - caption.start >= needed
    return readable / len(said)
