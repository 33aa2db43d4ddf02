"""What can stand on the stage. Each thing has a name of its own; places are those of its middle. Declarations and their own rules."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.animation import expression, notation
from shared.animation.values import (
    Across,
    Amount,
    Breadth,
    Colour,
    Height,
    Label,
    Name,
    Part,
    Size,
    Up,
    Words,
)


def _formula_in_x(source: str) -> str:
    expression.read(source)
    return source


def _notation(formula: str) -> str:
    notation.shown(formula)
    return formula


class _Thing(Part):
    id: Name
    colour: Colour = "white"


class _Placed(_Thing):
    x: Across = 0.0
    y: Up = 0.0


class _Figure(_Placed):
    filled: bool = False


class Circle(_Figure):
    """A circle."""

    kind: Literal["circle"]
    radius: Annotated[float, Field(ge=0.1, le=3.5)] = 1.0


class Square(_Figure):
    """A square."""

    kind: Literal["square"]
    side: Height = 2.0


class Rectangle(_Figure):
    """A rectangle."""

    kind: Literal["rectangle"]
    width: Breadth = 3.0
    height: Height = 2.0


class Triangle(_Figure):
    """A triangle with equal sides."""

    kind: Literal["triangle"]
    side: Height = 2.0


class Spot(Part):
    """A place in the frame."""

    x: Across
    y: Up


class Polygon(_Thing):
    """An outline through places in the frame."""

    kind: Literal["polygon"]
    points: Annotated[list[Spot], Field(min_length=3, max_length=12)]
    filled: bool = False


class Line(_Thing):
    """A straight line, or an arrow, from one place to another."""

    kind: Literal["line", "arrow"]
    x: Across
    y: Up
    to_x: Across
    to_y: Up

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if abs(self.x - self.to_x) + abs(self.y - self.to_y) < 0.05:
            raise ValueError("a line needs two different ends")
        return self


class Dot(_Placed):
    """A dot."""

    kind: Literal["dot"]


class Text(_Placed):
    """A text; it breaks into lines where it is wide."""

    kind: Literal["text"]
    text: Words
    size: Size = "medium"


class Formula(_Placed):
    """A formula in plain notation, such as `a^2 + b^2 = c^2` or `sqrt(x) <= pi`. No LaTeX."""

    kind: Literal["formula"]
    formula: Annotated[Words, AfterValidator(_notation)]
    size: Size = "medium"


class Axes(_Placed):
    """A pair of axes; graphs are drawn on them."""

    kind: Literal["axes"]
    x_from: Amount = -5.0
    x_to: Amount = 5.0
    y_from: Amount = -3.0
    y_to: Amount = 3.0
    width: Breadth = 9.0
    height: Height = 5.0

    @model_validator(mode="after")
    def _ranges(self) -> Self:
        if self.x_to - self.x_from < 0.01 or self.y_to - self.y_from < 0.01:
            raise ValueError("an axis runs from a smaller number to a larger one")
        return self


class Graph(_Thing):
    """The graph of a formula in x on axes that come before it in the list."""

    kind: Literal["graph"]
    axes: Name
    formula: Annotated[str, Field(min_length=1, max_length=expression.LONGEST), AfterValidator(_formula_in_x)]


class NumberLine(_Placed):
    """A line with numbers on it."""

    kind: Literal["number_line"]
    start: Amount = 0.0
    end: Amount = 10.0
    width: Breadth = 10.0

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.end - self.start < 0.01:
            raise ValueError("a number line runs from a smaller number to a larger one")
        return self


class Brace(_Thing):
    """A curly bracket below or above a thing that comes before it in the list, with a few words."""

    kind: Literal["brace"]
    target: Name
    side: Literal["below", "above"] = "below"
    label: Label | None = None


class Table(_Placed):
    """Rows of short texts; every row has the same number of cells."""

    kind: Literal["table"]
    rows: Annotated[list[Annotated[list[Label], Field(min_length=1, max_length=6)]], Field(min_length=1, max_length=6)]
    width: Breadth = 8.0

    @model_validator(mode="after")
    def _even(self) -> Self:
        if len({len(row) for row in self.rows}) != 1:
            raise ValueError("every row of a table has the same number of cells")
        return self


class Bar(Part):
    """One bar."""

    label: Label
    value: Annotated[float, Field(ge=0, le=1_000_000)]


class BarChart(_Placed):
    """Bars beside each other, as high as their values."""

    kind: Literal["bar_chart"]
    bars: Annotated[list[Bar], Field(min_length=1, max_length=8)]
    width: Breadth = 8.0
    height: Height = 4.0


class Group(Part):
    """Things that come before it in the list and appear, move and vanish as one."""

    kind: Literal["group"]
    id: Name
    members: Annotated[list[Name], Field(min_length=2, max_length=20)]


Thing = Annotated[
    Circle
    | Square
    | Rectangle
    | Triangle
    | Polygon
    | Line
    | Dot
    | Text
    | Formula
    | Axes
    | Graph
    | NumberLine
    | Brace
    | Table
    | BarChart
    | Group,
    Field(discriminator="kind"),
]
