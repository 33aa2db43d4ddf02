"""What is drawn in the end: lines, discs and labels. Pictures and Manim source are made of these alone. Pure."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.animation import lettering

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
Placing = Callable[[Point], Point]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points; closed it is an outline that can be filled. `tip`: it ends in an arrowhead."""

    points: tuple[Point, ...]
    colour: str
    closed: bool = False
    filled: bool = False
    tip: bool = False
    thick: float = 4.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle."""

    centre: Point
    radius: float
    colour: str
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text around a centre; `size` is the height of letters, `angle` in radians against the clock."""

    lines: tuple[str, ...]
    centre: Point
    size: float
    colour: str
    most: float
    """No wider than this: letters become smaller where they would be."""
    angle: float = 0.0

    @property
    def width(self) -> float:
        """The estimated width, unturned."""
        return min(self.most, max(lettering.width(line, self.size) for line in self.lines))

    @property
    def letters(self) -> float:
        """The height of letters after they were made to fit."""
        wanted = max(lettering.width(line, self.size) for line in self.lines)
        return self.size * min(1.0, self.most / wanted) if wanted else self.size

    @property
    def height(self) -> float:
        """The estimated height, unturned."""
        return self.letters * (1 + lettering.LINE * (len(self.lines) - 1))


Shape = Stroke | Disc | Label
Shapes = tuple[Shape, ...]


def box(shapes: Shapes) -> Box:
    """What the shapes take up together; labels as they are estimated."""
    corners = [corner for shape in shapes for corner in _extremes(shape)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def centre(shapes: Shapes) -> Point:
    """The middle of their box."""
    left, bottom, right, top = box(shapes)
    return (left + right) / 2, (bottom + top) / 2


def moved(shapes: Shapes, dx: float, dy: float) -> Shapes:
    """The shapes somewhere else."""
    return tuple(_mapped(shape, lambda p: (p[0] + dx, p[1] + dy)) for shape in shapes)


def turned(shapes: Shapes, about: Point, angle: float) -> Shapes:
    """The shapes turned about a point, in radians against the clock."""
    cosine, sine = math.cos(angle), math.sin(angle)

    def turn(point: Point) -> Point:
        x, y = point[0] - about[0], point[1] - about[1]
        return about[0] + x * cosine - y * sine, about[1] + x * sine + y * cosine

    found = tuple(_mapped(shape, turn) for shape in shapes)
    return tuple(replace(s, angle=s.angle + angle) if isinstance(s, Label) else s for s in found)


def scaled(shapes: Shapes, about: Point, factor: float) -> Shapes:
    """The shapes larger or smaller about a point."""
    found = tuple(
        _mapped(shape, lambda p: (about[0] + (p[0] - about[0]) * factor, about[1] + (p[1] - about[1]) * factor))
        for shape in shapes
    )
    return tuple(_resized(shape, factor) for shape in found)


def coloured(shapes: Shapes, colour: str) -> Shapes:
    """The shapes in one colour."""
    return tuple(replace(shape, colour=colour) for shape in shapes)


def end(shape: Stroke | Disc) -> Point:
    """Where somebody stands who followed the line to its end."""
    if isinstance(shape, Disc):
        return shape.centre[0] + shape.radius, shape.centre[1]
    return shape.points[0] if shape.closed else shape.points[-1]


def _extremes(shape: Shape) -> tuple[Point, ...]:
    if isinstance(shape, Stroke):
        return shape.points
    (x, y) = shape.centre
    if isinstance(shape, Disc):
        return (x - shape.radius, y - shape.radius), (x + shape.radius, y + shape.radius)
    cosine, sine = abs(math.cos(shape.angle)), abs(math.sin(shape.angle))
    half = (shape.width * cosine + shape.height * sine) / 2, (shape.width * sine + shape.height * cosine) / 2
    return (x - half[0], y - half[1]), (x + half[0], y + half[1])


def _mapped(shape: Shape, place: Placing) -> Shape:
    if isinstance(shape, Stroke):
        return replace(shape, points=tuple(place(point) for point in shape.points))
    return replace(shape, centre=place(shape.centre))


def _resized(shape: Shape, factor: float) -> Shape:
    if isinstance(shape, Disc):
        return replace(shape, radius=shape.radius * factor)
    if isinstance(shape, Label):
        return replace(shape, size=shape.size * factor, most=shape.most * factor)
    return shape
