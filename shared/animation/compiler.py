"""A scene as Manim source, written by us alone. The same scene gives the same bytes. Pure.

All that a scene can put into the source are numbers (rounded, as `repr` writes them), texts (as `repr` writes them, so that no
quote, line break or brace ends one) and colours as #rrggbb. Names of things become variables with `o_` before them, and what
names may look like is fixed (`values.Name`). The rest of the source stands in this file.
"""

import math
from collections.abc import Iterator

from shared.animation import actions, lettering, things
from shared.animation.captions import CAPTION_MOST, CAPTION_SIZE
from shared.animation.scene import Scene
from shared.animation.shapes import Disc, Label, Point, Shape, Shapes
from shared.animation.stage import Stage
from shared.animation.values import BACKGROUND, shade

FONT_SIZE = 72.0
"""Manim's font size for letters one unit high: its size 48 gives two thirds of a unit (measured with Manim 0.22)."""

_HEAD = '''"""Made from a scene by a compiler: manim -ql FILE Animation"""

from manim import (
    Arrow,
    Circle,
    Create,
    DOWN,
    FadeIn,
    FadeOut,
    Indicate,
    Line,
    MoveAlongPath,
    Polygon,
    ReplacementTransform,
    Rotate,
    Scene,
    Text,
    VGroup,
    VMobject,
    Write,
)


def words(lines, size, colour, most, at, angle=0.0):
    """Lines of text below each other around a place, no wider than they may be."""
    shown = VGroup(*[Text(line, font="sans", font_size=size, color=colour, warn_missing_font=False) for line in lines])
    shown.arrange(DOWN, buff=size / 240)
    if shown.width > most:
        shown.scale(most / shown.width)
    return shown.rotate(angle).move_to(at)


def path(points, colour, thick):
    """A line through points."""
    return VMobject(color=colour, stroke_width=thick).set_points_as_corners(points)


class Animation(Scene):
    def say(self, lines):
        """Show a caption in the place of the one before."""
        self.remove(self.caption)
        self.caption = words(lines, {size}, "#ffffff", {most}, {at})
        self.add(self.caption)

    def construct(self):
        self.camera.background_color = {background}
        self.caption = VGroup()
'''


def compile_scene(scene: Scene) -> str:
    """The Manim source of a scene: one class `Animation`, which the Cairo renderer draws without LaTeX."""
    head = _HEAD
    for name, value in (
        ("size", _number(CAPTION_SIZE * FONT_SIZE)),
        ("most", _number(CAPTION_MOST)),
        ("at", "[0.0, -3.55, 0.0]"),
        ("background", repr(BACKGROUND)),
    ):
        head = head.replace("{" + name + "}", value)
    body = [line for part in (_things(scene), _steps(scene)) for line in part]
    return head + "".join(f"        {line}\n" for line in body)


def _things(scene: Scene) -> Iterator[str]:
    drawn = Stage(scene.objects).own()
    for thing in scene.objects:
        if isinstance(thing, things.Group):
            yield f"o_{thing.id} = VGroup({', '.join(f'o_{member}' for member in thing.members)})"
        else:
            yield f"o_{thing.id} = {_whole(drawn[thing.id])}"


def _whole(shapes: Shapes) -> str:
    if len(shapes) == 1:
        return _shape(shapes[0])
    return "VGroup(" + "".join(f"\n            {_shape(shape)}," for shape in shapes) + "\n        )"


def _shape(shape: Shape) -> str:
    colour = repr(shape.colour)
    if isinstance(shape, Label):
        lines = f"[{', '.join(repr(line) for line in shape.lines)}]"
        size, most = _number(shape.size * FONT_SIZE), _number(shape.most)
        return f"words({lines}, {size}, {colour}, {most}, {_point(shape.centre)}, {_number(shape.angle)})"
    if isinstance(shape, Disc):
        circle = f"Circle(radius={_number(shape.radius)}, color={colour}, fill_opacity={_fill(shape.filled)})"
        return f"{circle}.move_to({_point(shape.centre)})"
    points = ", ".join(_point(point) for point in shape.points)
    thick = _number(shape.thick)
    if shape.closed:
        return f"Polygon({points}, color={colour}, fill_opacity={_fill(shape.filled)})"
    if shape.tip:
        return f"Arrow({points}, buff=0.0, color={colour}, stroke_width={thick}, max_tip_length_to_length_ratio=0.12)"
    if len(shape.points) == 2:
        return f"Line({points}, color={colour}, stroke_width={thick})"
    return f"path([{points}], {colour}, {thick})"


def _steps(scene: Scene) -> Iterator[str]:
    written = {thing.id for thing in scene.objects if isinstance(thing, things.Text | things.Formula)}
    shown: str | None = None
    for step in scene.steps:
        if step.caption != shown:
            shown = step.caption
            if shown is None:
                yield "self.remove(self.caption)"
            else:
                lines = lettering.lines(shown, CAPTION_SIZE, CAPTION_MOST)
                yield f"self.say([{', '.join(repr(line) for line in lines)}])"
        if step.actions:
            played = "".join(f"\n            {_action(action, written)}," for action in step.actions)
            yield f"self.play({played}\n            run_time={_number(step.seconds)},\n        )"
        else:
            yield f"self.wait({_number(step.seconds)})"


def _action(action: actions.Action, written: set[str]) -> str:
    target = f"o_{action.target}"
    match action:
        case actions.Appear():
            how = "FadeIn" if action.kind == "fade_in" else "Write" if action.target in written else "Create"
            played = f"{how}({target})"
        case actions.FadeOut():
            played = f"FadeOut({target})"
        case actions.Move():
            played = f"{target}.animate.move_to({_point((action.x, action.y))})"
        case actions.Rotate():
            played = f"Rotate({target}, angle={_number(math.radians(action.degrees))})"
        case actions.Scale():
            played = f"{target}.animate.scale({_number(action.factor)})"
        case actions.Recolour():
            played = f"{target}.animate.set_color({shade(action.colour)!r})"
        case actions.Morph():
            played = f"ReplacementTransform({target}, o_{action.into})"
        case actions.Highlight():
            played = f"Indicate({target})"
        case actions.Follow():
            played = f"MoveAlongPath({target}, o_{action.path})"
    return played


def _fill(filled: bool) -> str:
    return "0.6" if filled else "0.0"


def _point(point: Point) -> str:
    return f"[{_number(point[0])}, {_number(point[1])}, 0.0]"


def _number(value: float) -> str:
    return repr(round(float(value), 4) + 0.0)  # + 0.0: minus zero is zero
