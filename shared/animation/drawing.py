"""Things as shapes. Whoever draws a picture or writes Manim source starts from these, so both show the same. Pure."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from shared.animation import charts, lettering, notation, things
from shared.animation.shapes import Disc, Label, Point, Shapes, Stroke
from shared.animation.values import HALF_WIDTH, SIZES, shade

DOT = 0.09
TEXT_MOST = 2 * HALF_WIDTH - 1


def draw(thing: things.Thing, before: Mapping[str, Any], drawn: Mapping[str, Shapes]) -> Shapes:
    """The shapes of one thing (none for a group). `before`: the things before it by id; `drawn`: their shapes.

    Raises ValueError where it leans on a thing that is not before it, or that it cannot lean on.
    """
    if isinstance(thing, things.Group):
        return ()
    if isinstance(thing, things.Graph):
        axes = before.get(thing.axes)
        if not isinstance(axes, things.Axes):
            raise ValueError(f"axes {thing.axes!r} do not stand before {thing.id!r} in the list")
        return charts.graph(thing, axes)
    if isinstance(thing, things.Brace):
        if not drawn.get(thing.target):
            raise ValueError(f"{thing.target!r} does not stand before {thing.id!r} in the list, or is a group")
        return charts.brace(thing, drawn[thing.target])
    return _DRAWN[type(thing)](thing)


def _circle(thing: things.Circle) -> Shapes:
    return (Disc((thing.x, thing.y), thing.radius, shade(thing.colour), thing.filled),)


def _dot(thing: things.Dot) -> Shapes:
    return (Disc((thing.x, thing.y), DOT, shade(thing.colour), filled=True),)


def _outline(thing: things.Square | things.Rectangle | things.Triangle, corners: list[Point]) -> Shapes:
    points = tuple((thing.x + x, thing.y + y) for x, y in corners)
    return (Stroke(points, shade(thing.colour), closed=True, filled=thing.filled),)


def _box(thing: things.Square | things.Rectangle) -> Shapes:
    across, up = (thing.side, thing.side) if isinstance(thing, things.Square) else (thing.width, thing.height)
    x, y = across / 2, up / 2
    return _outline(thing, [(-x, -y), (x, -y), (x, y), (-x, y)])


def _triangle(thing: things.Triangle) -> Shapes:
    half, height = thing.side / 2, thing.side * math.sqrt(3) / 2
    return _outline(thing, [(-half, -height / 2), (half, -height / 2), (0.0, height / 2)])


def _polygon(thing: things.Polygon) -> Shapes:
    points = tuple((spot.x, spot.y) for spot in thing.points)
    return (Stroke(points, shade(thing.colour), closed=True, filled=thing.filled),)


def _line(thing: things.Line) -> Shapes:
    ends = ((thing.x, thing.y), (thing.to_x, thing.to_y))
    return (Stroke(ends, shade(thing.colour), tip=thing.kind == "arrow"),)


def _text(thing: things.Text) -> Shapes:
    return _words(thing, thing.text)


def _formula(thing: things.Formula) -> Shapes:
    return _words(thing, notation.shown(thing.formula))


def _words(thing: things.Text | things.Formula, text: str) -> Shapes:
    size = SIZES[thing.size]
    lines = lettering.lines(text, size, TEXT_MOST)
    return (Label(tuple(lines), (thing.x, thing.y), size, shade(thing.colour), TEXT_MOST),)


_DRAWN: dict[type, Callable[[Any], Shapes]] = {
    things.Circle: _circle,
    things.Square: _box,
    things.Rectangle: _box,
    things.Triangle: _triangle,
    things.Polygon: _polygon,
    things.Line: _line,
    things.Dot: _dot,
    things.Text: _text,
    things.Formula: _formula,
    things.Axes: charts.axes,
    things.NumberLine: charts.number_line,
    things.Table: charts.table,
    things.BarChart: charts.bar_chart,
}
