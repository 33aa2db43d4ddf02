"""Texts that callers hand to an agent to work on, how a prompt shows them, what safety looks at, and the language to answer in. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from shared.agents.quoting import quoted
from shared.courses.words import printable
from shared.language.names import LANGUAGES

MOST_CHARACTERS = 50_000
"""Of one text, and of all documents of a request together."""


class Closed(BaseModel):
    """Base of what callers send: unknown fields are refused, U+0000 is no part of a text."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    _printable = field_validator("*", mode="before")(printable)


class Material(Closed):
    """A text to build on. It is quoted to the model as material, never followed."""

    title: str = Field(default="", max_length=200)
    text: str = Field(min_length=1, max_length=MOST_CHARACTERS)


def _together(documents: list[Material]) -> list[Material]:
    if sum(len(source.text) for source in documents) > MOST_CHARACTERS:
        raise ValueError(f"all documents together may have {MOST_CHARACTERS} characters")
    return documents


Sources = Annotated[list[Material], Field(max_length=10), AfterValidator(_together)]


@dataclass(frozen=True, slots=True)
class Screened:
    """What safety looks at: `question` for a cry for help and for what is asked for, `documents` for orders to the model."""

    question: str
    documents: tuple[str, ...]


_BODY = "text"
"""The field of a longer text: a text about a crisis is no cry for help."""
_CHOSEN = frozenset(("language", "level"))


def screened(body: BaseModel, *unshown: str) -> Screened:
    """All texts of a request but the fields `unshown`, which no model sees.

    The caller's own words are the request's lines and everybody's titles; they are looked at both ways. A `text` stands in for
    them where there are none.
    """
    own: list[str] = []
    given: list[str] = []
    for name in type(body).model_fields:
        if name in _CHOSEN or name in unshown:
            continue
        value = getattr(body, name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                (given if name == _BODY else own).append(one)
        own += _titles(value)
        given += _materials(value)
    documents = tuple(dict.fromkeys(filter(None, ("\n".join(filter(None, own)), *given))))
    question = "\n".join(dict.fromkeys(filter(None, own)))
    return Screened(question or "".join(documents)[:500], documents)


def _titles(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _titles(one)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name == "title":
                yield inner
            else:
                yield from _titles(inner)


def _materials(value: Any) -> list[str]:
    """What is shown together: each piece with a text by itself, the names in a list of skills or an outline as one."""
    if isinstance(value, list):
        pieces = [one for one in value if isinstance(one, BaseModel)]
        if any(_BODY in type(one).model_fields for one in pieces):
            return ["\n".join(dict.fromkeys(_texts(one))) for one in pieces]
        return ["\n".join(dict.fromkeys(_texts(pieces)))]
    return ["\n".join(dict.fromkeys(_texts(value)))] if isinstance(value, BaseModel) else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from filter(None, [value])
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name not in _CHOSEN:
                yield from _texts(getattr(value, name))


def in_language(language: str) -> str:
    """The rule about the language that everything is written in."""
    name = LANGUAGES[language]
    return f"Write every text in {name.english} ({name.own})."


def shown_sources(documents: list[Material]) -> list[str]:
    """Documents as a prompt shows them."""
    return [quoted(f"{source.title}\n{source.text}".strip(), "document") for source in documents]
