"""A scene as one picture: SVG of the moment with most to see. Plain shapes and texts: no script, no address, no file. Pure."""

import math
from html import escape

from shared.animation import lettering
from shared.animation.captions import CAPTION_MOST, CAPTION_SIZE
from shared.animation.scene import Scene
from shared.animation.shapes import Disc, Label, Point, Shape, Stroke
from shared.animation.stage import Stage
from shared.animation.values import BACKGROUND

_UNIT = 100.0
_WIDTH, _HEIGHT = 1422, 800
_FONTS = "Noto Sans, DejaVu Sans, Noto Sans CJK SC, Noto Sans Arabic, Noto Sans Devanagari, sans-serif"


def draw(scene: Scene, *, direction: str = "ltr") -> str:
    """The picture. `direction` is that of the language its texts are in."""
    shapes, caption = fullest(scene)
    marks = [_shape(shape, direction) for shape in shapes]
    if caption:
        lines = lettering.lines(caption, CAPTION_SIZE, CAPTION_MOST)
        marks.append(_label(Label(tuple(lines), (0.0, -3.55), CAPTION_SIZE, "#ffffff", CAPTION_MOST), direction))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{escape(scene.title)}</title><desc>{escape(scene.description)}</desc>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{BACKGROUND}"/>'
        f'<g font-family="{_FONTS}" stroke-linejoin="round" stroke-linecap="round">{"".join(marks)}</g></svg>'
    )


def fullest(scene: Scene) -> tuple[list[Shape], str | None]:
    """What stands on the stage after the step that leaves most there (of several the last), and that step's caption."""
    stage = Stage(scene.objects)
    best: tuple[list[Shape], str | None] = ([], None)
    for step in scene.steps:
        stage.play(step)
        shapes = [shape for name in stage.on for shape in stage.shapes(name)]
        if len(shapes) >= len(best[0]):
            best = (shapes, step.caption or best[1])
    return best


def _shape(shape: Shape, direction: str) -> str:
    if isinstance(shape, Label):
        return _label(shape, direction)
    if isinstance(shape, Disc):
        x, y = _place(shape.centre)
        radius = _number(shape.radius * _UNIT)
        return f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{radius}" {_paint(shape.colour, shape.filled, 4.0)}/>'
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in map(_place, shape.points))
    kind = "polygon" if shape.closed else "polyline"
    line = f'<{kind} points="{points}" {_paint(shape.colour, shape.filled, shape.thick)}/>'
    return line + _tip(shape) if shape.tip else line


def _tip(shape: Stroke) -> str:
    (x0, y0), (x1, y1) = _place(shape.points[-2]), _place(shape.points[-1])
    angle = math.atan2(y1 - y0, x1 - x0)
    sides = (angle + 2.7, angle - 2.7)
    corners = [(x1, y1), *((x1 + 22 * math.cos(side), y1 + 22 * math.sin(side)) for side in sides)]
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
    return f'<polygon points="{points}" fill="{shape.colour}"/>'


def _label(label: Label, direction: str) -> str:
    x, y = _place(label.centre)
    size = label.letters * _UNIT
    first = y - size * lettering.LINE * (len(label.lines) - 1) / 2 + size * 0.35
    turn = (
        f' transform="rotate({_number(-math.degrees(label.angle))} {_number(x)} {_number(y)})"' if label.angle else ""
    )
    lines = "".join(
        f'<tspan x="{_number(x)}" y="{_number(first + number * size * lettering.LINE)}">{escape(line)}</tspan>'
        for number, line in enumerate(label.lines)
    )
    return (
        f'<text font-size="{_number(size)}" fill="{label.colour}" text-anchor="middle" direction="{direction}" '
        f'unicode-bidi="plaintext"{turn}>{lines}</text>'
    )


def _paint(colour: str, filled: bool, thick: float) -> str:
    inside = f'fill="{colour}" fill-opacity="0.6"' if filled else 'fill="none"'
    return f'{inside} stroke="{colour}" stroke-width="{_number(thick)}"'


def _place(point: Point) -> Point:
    return _WIDTH / 2 + point[0] * _UNIT, _HEIGHT / 2 - point[1] * _UNIT


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"
