"""Things made of many shapes: axes and graphs, number lines, tables, bar charts, curly brackets. Pure."""

import math

from shared.animation import expression, things
from shared.animation.shapes import Label, Point, Shape, Shapes, Stroke, box
from shared.animation.values import shade

SAMPLES = 80
"""Places at which a formula is worked out for its graph."""
_SMALL = 0.26
_TICK = 0.08
_ROW = 0.7
_BRACE = 0.25
_BRACE_LABEL = 4.0


def axes(thing: things.Axes) -> Shapes:
    """Two arrows through zero (or along the edge that is nearest to it), with numbers at round values."""
    colour = shade(thing.colour)
    level, upright = min(max(0.0, thing.y_from), thing.y_to), min(max(0.0, thing.x_from), thing.x_to)
    found: list[Shape] = [
        Stroke((_at(thing, thing.x_from, level), _at(thing, thing.x_to, level)), colour, tip=True, thick=2.5),
        Stroke((_at(thing, upright, thing.y_from), _at(thing, upright, thing.y_to)), colour, tip=True, thick=2.5),
    ]
    for value in _ticks(thing.x_from, thing.x_to):
        x, y = _at(thing, value, level)
        found.append(Stroke(((x, y - _TICK), (x, y + _TICK)), colour, thick=2.0))
        if value:
            found.append(_number(value, (x, y - 0.28), colour))
    for value in _ticks(thing.y_from, thing.y_to):
        x, y = _at(thing, upright, value)
        found.append(Stroke(((x - _TICK, y), (x + _TICK, y)), colour, thick=2.0))
        if value:
            found.append(_number(value, (x - 0.38, y), colour))
    return tuple(found)


def graph(thing: things.Graph, on: things.Axes) -> Shapes:
    """The formula's graph where the axes reach, in as many pieces as it has there. Raises ValueError where it has none."""
    formula = expression.read(thing.formula)
    pieces: list[list[Point]] = [[]]
    for step in range(SAMPLES + 1):
        x = on.x_from + (on.x_to - on.x_from) * step / SAMPLES
        y = formula.at(x)
        if y is not None and on.y_from <= y <= on.y_to:
            pieces[-1].append(_at(on, x, y))
        elif pieces[-1]:
            pieces.append([])
    colour = shade(thing.colour)
    found = tuple(Stroke(tuple(piece), colour) for piece in pieces if len(piece) > 1)
    if not found:
        raise ValueError(f"nothing of the graph {thing.id!r} lies within its axes")
    return found


def number_line(thing: things.NumberLine) -> Shapes:
    """A line with ticks and numbers at round values."""
    colour, half = shade(thing.colour), thing.width / 2
    found: list[Shape] = [Stroke(((thing.x - half, thing.y), (thing.x + half, thing.y)), colour, thick=2.5)]
    for value in _ticks(thing.start, thing.end):
        x = thing.x - half + thing.width * (value - thing.start) / (thing.end - thing.start)
        found.append(Stroke(((x, thing.y - _TICK), (x, thing.y + _TICK)), colour, thick=2.0))
        found.append(_number(value, (x, thing.y - 0.35), colour))
    return tuple(found)


def brace(thing: things.Brace, target: Shapes) -> Shapes:
    """A curly bracket as wide as its target, with its words beyond it."""
    left, bottom, right, top = box(target)
    away = -1.0 if thing.side == "below" else 1.0
    start = bottom - 0.1 if thing.side == "below" else top + 0.1
    middle, half = (left + right) / 2, max((right - left) / 2, 0.3)
    points: list[Point] = []
    for step in range(-20, 21):
        share = step / 20
        # Round at its two ends and at the point in the middle: a difference of two steep steps.
        bend = 0.5 * (math.tanh((1 - abs(share)) * 12) + 1 - math.tanh(abs(share) * 12))
        points.append((middle + half * share, start + away * _BRACE * bend))
    colour = shade(thing.colour)
    found: list[Shape] = [Stroke(tuple(points), colour, thick=2.5)]
    if thing.label is not None:
        at = (middle, start + away * (_BRACE + 0.35))
        found.append(Label((thing.label,), at, 0.34, colour, _BRACE_LABEL))
    return tuple(found)


def table(thing: things.Table) -> Shapes:
    """A grid with a text in each cell."""
    rows, columns, colour = len(thing.rows), len(thing.rows[0]), shade(thing.colour)
    left, top, cell = thing.x - thing.width / 2, thing.y + rows * _ROW / 2, thing.width / columns
    bottom, right = top - rows * _ROW, left + thing.width
    found: list[Shape] = []
    for row in range(rows + 1):
        y = top - row * _ROW
        found.append(Stroke(((left, y), (right, y)), colour, thick=2.0))
    for column in range(columns + 1):
        x = left + column * cell
        found.append(Stroke(((x, bottom), (x, top)), colour, thick=2.0))
    for row, texts in enumerate(thing.rows):
        for column, text in enumerate(texts):
            at = (left + (column + 0.5) * cell, top - (row + 0.5) * _ROW)
            found.append(Label((text,), at, 0.32, colour, cell * 0.86))
    return tuple(found)


def bar_chart(thing: things.BarChart) -> Shapes:
    """Bars on a line, each with its value above and its words below it."""
    colour, count = shade(thing.colour), len(thing.bars)
    cell, floor = thing.width / count, thing.y - thing.height / 2
    left, highest = thing.x - thing.width / 2, max(bar.value for bar in thing.bars) or 1.0
    found: list[Shape] = [Stroke(((left, floor), (left + thing.width, floor)), colour, thick=2.5)]
    for index, bar in enumerate(thing.bars):
        x, top = left + (index + 0.5) * cell, floor + thing.height * bar.value / highest
        half = cell * 0.32
        if bar.value:
            corners = ((x - half, floor), (x + half, floor), (x + half, top), (x - half, top))
            found.append(Stroke(corners, colour, closed=True, filled=True))
        found.append(_number(bar.value, (x, top + 0.22), colour))
        found.append(Label((bar.label,), (x, floor - 0.28), _SMALL, colour, cell * 0.94))
    return tuple(found)


def _at(on: things.Axes, x: float, y: float) -> Point:
    across = (x - on.x_from) / (on.x_to - on.x_from) - 0.5
    up = (y - on.y_from) / (on.y_to - on.y_from) - 0.5
    return on.x + on.width * across, on.y + on.height * up


def _ticks(start: float, end: float) -> list[float]:
    """Round values from start to end, at most nine: steps of 1, 2 or 5 times a power of ten."""
    rough = (end - start) / 8
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _number(value: float, at: Point, colour: str) -> Label:
    text = f"{value:.6g}".replace("-", "−")
    return Label((text,), at, _SMALL, colour, 1.4)
