"""A scene: things, and steps in time. What passes here can be compiled, drawn and rendered; nothing else can.

A scene holds no code, no path and no address: names, numbers, colours from a list, texts that are shown as they stand, and
formulas in x that are worked out by our own reader. It is bounded in every direction.
"""

from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from shared.animation.actions import Step
from shared.animation.shapes import Stroke
from shared.animation.stage import Stage
from shared.animation.things import Thing
from shared.animation.values import Part, Prose, Words

MOST_THINGS = 40
MOST_STEPS = 60
LONGEST_SECONDS = 60.0
HEAVIEST = 500
"""What may be drawn in all: a shape counts one, and every ten points of a line one more. It bounds source and picture."""
LARGEST_BYTES = 40_000
"""Of a scene's JSON text; what is longer is not looked at."""


class Scene(Part):
    """One animation. The frame is 14 units wide and 7.8 high, (0, 0) its middle, y upwards."""

    title: Words
    description: Prose
    """What it shows, for people who do not see it."""
    objects: Annotated[list[Thing], Field(min_length=1, max_length=MOST_THINGS)]
    steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return round(sum(step.seconds for step in self.steps), 3)

    @model_validator(mode="after")
    def _can_be_played(self) -> Self:
        if wrong := _problems(self):
            raise ValueError("; ".join(wrong[:8]))
        return self


def check(text: str) -> list[str]:
    """What is wrong with the JSON text of a scene, in words that a model can act on; nothing where it can be played."""
    if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        return [f"the scene takes more than {LARGEST_BYTES} bytes"]
    try:
        Scene.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [f"{'.'.join(str(part) for part in one['loc']) or 'the scene'}: {one['msg']}" for one in found[:12]]
    return []


def read(text: str) -> Scene:
    """The scene in a JSON text. Raises pydantic's ValidationError: see `check`."""
    return Scene.model_validate_json(text)


def _problems(scene: Scene) -> list[str]:
    stage = Stage(scene.objects)
    found = list(stage.wrong)
    if scene.seconds > LONGEST_SECONDS:
        found.append(f"it lasts {scene.seconds:g} s; at most {LONGEST_SECONDS:g} s")
    if (weight := _weight(stage)) > HEAVIEST:
        found.append(f"too much to draw ({weight:.0f} of {HEAVIEST}): fewer tables, graphs or objects")
    appeared = False
    for number, step in enumerate(scene.steps, 1):
        found.extend(f"step {number}, {problem}" for problem in stage.play(step))
        appeared = appeared or bool(stage.on)
    if not appeared:
        found.append("nothing ever appears: begin with create or fade_in")
    return found


def _weight(stage: Stage) -> float:
    drawn = [shape for shapes in stage.own().values() for shape in shapes]
    return len(drawn) + sum(len(shape.points) for shape in drawn if isinstance(shape, Stroke)) / 10
