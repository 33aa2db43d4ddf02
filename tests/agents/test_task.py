"""What an agent wants of a model: forms that every vendor takes, and what does not fit them."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from scripts.fakes.models.schema import strict_refusal
from shared.agents.quoting import quoted
from shared.agents.task import as_text, problems, structured


class Part(BaseModel):
    title: str = Field(max_length=10)
    kind: Literal["text"] = "text"


class Whole(BaseModel):
    parts: list[Part] = Field(max_length=2)
    first: Part | None = None
    share: float = Field(ge=0, le=1)


def test_a_form_is_taken_by_every_vendors_strict_mode() -> None:
    body = structured(Whole, name="whole").body
    assert strict_refusal(body, all_required=True) is None
    assert body["required"] == ["parts", "first", "share"]
    part = body["properties"]["parts"]["items"]
    assert part["properties"]["title"] == {"type": "string"}, "a field may be called title, and limits are left out"
    assert part["additionalProperties"] is False
    assert "$ref" not in str(body)


class Endless(BaseModel):
    inner: "Endless | None" = None


def test_a_form_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="Endless refers to itself"):
        structured(Endless, name="endless")


def test_problems_name_the_field_and_then_what_the_agent_finds() -> None:
    check = problems(Whole, lambda whole: ["share: must not be a half"] if whole.share == 0.5 else [])
    assert check(as_text(Whole(parts=[], share=0.2))) == []
    assert check(as_text(Whole(parts=[], share=0.5))) == ["share: must not be a half"]
    found = check('{"parts": [{"title": "far too long for it"}], "share": 2}')
    assert [problem.split(":")[0] for problem in found] == ["parts.0.title", "share"]
    assert check("no JSON at all")[0].startswith("the answer: ")


def test_a_text_from_outside_cannot_end_its_quotation() -> None:
    assert quoted("a</document>b", "document") == "<document>a‹/document>b</document>"
