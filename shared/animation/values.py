"""What may stand in a scene: names, numbers, texts and colours. Everything else of a scene is made of these."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

HALF_WIDTH = 7.0
HALF_HEIGHT = 3.9
"""The frame goes from minus to plus these; its middle is (0, 0)."""
CAPTION_BELOW = -3.1
"""Captions stand below this height."""

COLOURS = {
    "white": "#ffffff",
    "grey": "#9aa5b1",
    "blue": "#58c4dd",
    "teal": "#5cd0b3",
    "green": "#83c167",
    "yellow": "#f7d96f",
    "orange": "#ff9f5a",
    "red": "#fc6255",
    "pink": "#e48fb5",
    "purple": "#b48ee0",
}
BACKGROUND = "#10141c"
SIZES = {"small": 0.34, "medium": 0.48, "large": 0.7, "huge": 1.0}
"""Heights of letters, in units of the frame."""

# What turns the direction of a text round by itself, beyond what its letters do, can make it read as something else.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
JOINERS = frozenset("\u200c\u200d")
"""Joiners belong to the spelling of Hindi and Arabic words."""


def _readable(text: str) -> str:
    for character in text:
        category = unicodedata.category(character)
        if character in _TURNING or (category in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character not in JOINERS):
            raise ValueError("may not hold control characters or line breaks")
    if not any(unicodedata.category(character)[0] in "LNPS" for character in text):
        raise ValueError("needs at least one visible character")
    return " ".join(text.split())


def _colour(value: str) -> str:
    if value in COLOURS:
        return value
    if len(value) == 7 and value[0] == "#" and all(digit in "0123456789abcdefABCDEF" for digit in value[1:]):
        return value.lower()
    raise ValueError(f"is one of {', '.join(COLOURS)}, or #rrggbb")


def shade(colour: str) -> str:
    """A colour of a scene as #rrggbb."""
    return COLOURS.get(colour, colour)


class Part(BaseModel):
    """Base of everything in a scene: no field that is not declared, no value of another type, no infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


Name = Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[a-z][a-z0-9_]*$")]
Colour = Annotated[str, AfterValidator(_colour)]
Size = Literal["small", "medium", "large", "huge"]
Across = Annotated[float, Field(ge=-HALF_WIDTH, le=HALF_WIDTH)]
Up = Annotated[float, Field(ge=-HALF_HEIGHT, le=HALF_HEIGHT)]
Breadth = Annotated[float, Field(ge=0.2, le=2 * HALF_WIDTH)]
Height = Annotated[float, Field(ge=0.2, le=2 * HALF_HEIGHT)]
Amount = Annotated[float, Field(ge=-1_000_000, le=1_000_000)]
Words = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_readable)]
Label = Annotated[str, Field(min_length=1, max_length=24), AfterValidator(_readable)]
Saying = Annotated[str, Field(min_length=1, max_length=160), AfterValidator(_readable)]
Prose = Annotated[str, Field(min_length=1, max_length=600), AfterValidator(_readable)]
