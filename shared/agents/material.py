"""Texts that callers hand to an agent to work on, how a prompt shows them, and the language to answer in. Pure."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.agents.quoting import quoted
from shared.language.names import LANGUAGES

MOST_CHARACTERS = 50_000
"""Of one text, and of all documents of a request together."""


class Closed(BaseModel):
    """Base of what callers send: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Material(Closed):
    """A text to build on. It is quoted to the model as material, never followed."""

    title: str = Field(default="", max_length=200)
    text: str = Field(min_length=1, max_length=MOST_CHARACTERS)


def _together(documents: list[Material]) -> list[Material]:
    if sum(len(source.text) for source in documents) > MOST_CHARACTERS:
        raise ValueError(f"all documents together may have {MOST_CHARACTERS} characters")
    return documents


Sources = Annotated[list[Material], Field(max_length=10), AfterValidator(_together)]


def in_language(language: str) -> str:
    """The rule about the language that everything is written in."""
    name = LANGUAGES[language]
    return f"Write every text in {name.english} ({name.own})."


def shown_sources(documents: list[Material]) -> list[str]:
    """Documents as a prompt shows them."""
    return [quoted(f"{source.title}\n{source.text}".strip(), "document") for source in documents]
