"""What can be done on the stage: what appears, changes and vanishes, in steps. Declarations."""

from typing import Annotated, Literal

from pydantic import Field

from shared.animation.values import Across, Colour, Name, Part, Saying, Up


class _Action(Part):
    target: Name


class Appear(_Action):
    """It is drawn or written stroke by stroke, or fades in."""

    kind: Literal["create", "fade_in"]


class FadeOut(_Action):
    """It fades away."""

    kind: Literal["fade_out"]


class Move(_Action):
    """Its middle goes to a place."""

    kind: Literal["move"]
    x: Across
    y: Up


class Rotate(_Action):
    """It turns about its middle, against the clock."""

    kind: Literal["rotate"]
    degrees: Annotated[float, Field(ge=-720, le=720)]


class Scale(_Action):
    """It becomes larger or smaller."""

    kind: Literal["scale"]
    factor: Annotated[float, Field(ge=0.1, le=5)]


class Recolour(_Action):
    """It takes another colour."""

    kind: Literal["recolour"]
    colour: Colour


class Morph(_Action):
    """It becomes another thing, which is not on the stage yet; from then on that one stands there."""

    kind: Literal["morph"]
    into: Name


class Highlight(_Action):
    """Eyes are drawn to it for a moment."""

    kind: Literal["highlight"]


class Follow(_Action):
    """Its middle runs along a figure, a line or a graph, which need not be on the stage."""

    kind: Literal["follow"]
    path: Name


Action = Annotated[
    Appear | FadeOut | Move | Rotate | Scale | Recolour | Morph | Highlight | Follow, Field(discriminator="kind")
]


class Step(Part):
    """What happens at the same time, for so many seconds, under one caption. Without actions it is a pause."""

    seconds: Annotated[float, Field(ge=0.2, le=12)] = 2.0
    caption: Saying | None = None
    actions: Annotated[list[Action], Field(max_length=8)]
