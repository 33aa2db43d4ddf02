"""Which declared types name a user, and which models are found inside them."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, RootModel

from shared.web.body import models_of, names_user, require_closed
from tests.web.sample import Event, Events, Options, Question


class Holder(RootModel[Annotated[list[Event], Field(max_length=3)]]):
    pass


class Open(BaseModel):
    pass


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (Event, True),
        (list[Event], True),
        (Event | None, True),
        (Annotated[Event | list[Event], Field()], True),
        (Events, True),
        (Holder, True),
        (Question, False),
        (dict[str, Any], False),
    ],
)
def test_names_user(declared: Any, expected: bool) -> None:
    assert names_user(declared) is expected


def test_models_inside_a_type() -> None:
    assert set(models_of(list[Question] | None)) == {Question, Options}
    assert set(models_of(Holder)) == {Holder, Event}


@pytest.mark.parametrize(
    "declared", [Open, list[Open], dict[str, Open | None], Annotated[Open, Field()], RootModel[Open]]
)
def test_an_open_model_is_refused_wherever_it_hides(declared: Any) -> None:
    with pytest.raises(TypeError, match="Open"):
        require_closed(declared)
