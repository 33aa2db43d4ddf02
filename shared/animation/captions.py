"""What is said while an animation runs: captions with their times, and the whole as text. Pure."""

from pydantic import BaseModel, ConfigDict

from shared.animation import notation
from shared.animation.scene import Scene
from shared.animation.things import Formula, Text

CAPTION_SIZE = 0.28
CAPTION_MOST = 13.0
"""Height of a caption's letters and the width of its lines, in units of the frame: the longest takes two lines."""


class Caption(BaseModel):
    """One caption and when it stands there, in seconds from the beginning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: float
    end: float
    text: str


def captions(scene: Scene) -> list[Caption]:
    """The captions in their order; one that stands over several steps in a row comes once."""
    found: list[Caption] = []
    at = 0.0
    for step in scene.steps:
        end = round(at + step.seconds, 3)
        if step.caption is not None:
            if found and found[-1].text == step.caption and found[-1].end == at:
                found[-1] = Caption(start=found[-1].start, end=end, text=step.caption)
            else:
                found.append(Caption(start=at, end=end, text=step.caption))
        at = end
    return found


def as_text(scene: Scene) -> str:
    """The animation in words: what it is called, what it shows, what is said; nothing twice."""
    said = [caption.text for caption in captions(scene)]
    return "\n".join(dict.fromkeys([scene.title, scene.description, *said]))


def words(scene: Scene) -> list[str]:
    """Every text that is shown or said."""
    shown = [thing.text for thing in scene.objects if isinstance(thing, Text)]
    shown += [notation.shown(thing.formula) for thing in scene.objects if isinstance(thing, Formula)]
    return [scene.title, scene.description, *shown, *(caption.text for caption in captions(scene))]
