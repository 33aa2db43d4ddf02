"""The twelve languages the product speaks: codes, names and writing direction. Data and two pure functions."""

from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Name:
    """One language: ISO 639-1 code, its name in English, its name in itself, and the direction it is written in."""

    code: str
    english: str
    own: str
    direction: Direction = "ltr"


LANGUAGES: dict[str, Name] = {
    name.code: name
    for name in (
        Name("en", "English", "English"),
        Name("es", "Spanish", "Español"),
        Name("fr", "French", "Français"),
        Name("de", "German", "Deutsch"),
        Name("it", "Italian", "Italiano"),
        Name("pt", "Portuguese", "Português"),
        Name("ru", "Russian", "Русский"),
        Name("zh", "Chinese", "中文"),
        Name("ja", "Japanese", "日本語"),
        Name("ko", "Korean", "한국어"),
        Name("ar", "Arabic", "العربية", "rtl"),
        Name("hi", "Hindi", "हिन्दी"),
    )
}

CODES: tuple[str, ...] = tuple(LANGUAGES)


def normalise(tag: str | None) -> str | None:
    """The code of a BCP 47 tag (`pt-BR`, `zh_Hant`, `EN`), or None when it is not one of the twelve."""
    if not tag:
        return None
    code = tag.strip().replace("_", "-").partition("-")[0].lower()
    return code if code in LANGUAGES else None


def direction(code: str) -> Literal["ltr", "rtl"]:
    """Which way the language is written; an unknown one from left to right."""
    name = LANGUAGES.get(code)
    return "ltr" if name is None else name.direction


def is_rtl(code: str) -> bool:
    """Whether the language is written from right to left; unknown codes are not."""
    return direction(code) == "rtl"
