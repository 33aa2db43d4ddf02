"""Events as JSON: what was put in comes out, and what is empty costs nothing."""

from dataclasses import replace

import orjson
import pytest

from shared.activity.events import Event, Exposed, Outcome, beside_of, decoded, encoded
from tests.experiments.counted import answered, consumed, exposed, graded, outcome, rated

EVENTS: list[Event] = [
    answered("u", "r"),
    answered("u", "r", None),
    exposed("u", variant=',"beside":{}}'),
    outcome("u", "o", 1),
    rated("u", "t", 4),
    graded("u", "g", True),
    consumed("u", "c", ',"beside":{}}'),
]


@pytest.mark.parametrize("event", EVENTS)
def test_what_was_put_in_comes_out(event: Event) -> None:
    some = [event, event if isinstance(event, Exposed | Outcome) else replace(event, beside={"e2": "b"})]
    body = encoded(some)
    assert decoded(body) == some
    assert [bool(beside_of(one)) for one in decoded(body)] == [False, hasattr(event, "beside")]
    assert ["beside" in entry for entry in orjson.loads(body)] == [False, hasattr(event, "beside")]
