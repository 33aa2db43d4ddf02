"""A language is off until its own evaluation passes, and English never is."""

import pytest

from shared.language.gate import AT_LEAST, AT_MOST, THRESHOLDS, failed, is_open, order, settle, shipped
from shared.language.names import CODES

GOOD = {**dict.fromkeys(AT_LEAST, 1.0), **dict.fromkeys(AT_MOST, 0.0)}


def test_the_twelve_are_shipped_open_by_their_figures() -> None:
    assert shipped() == set(CODES)


@pytest.mark.parametrize("name", THRESHOLDS)
def test_each_figure_can_close_a_language_also_by_not_being_there(name: str) -> None:
    assert failed(GOOD) == []
    assert failed({**GOOD, name: 0.5}) == [name]
    assert failed({key: value for key, value in GOOD.items() if key != name}) == [name]
    assert failed({**GOOD, name: THRESHOLDS[name]}) == []


def test_an_operators_evaluation_goes_before_what_was_shipped() -> None:
    assert is_open("hi", {})
    assert not is_open("hi", {"hi": False})
    assert is_open("en", {"en": False}), "there is always a language to answer in"


def test_the_order_of_languages_ends_with_english_and_names_none_twice() -> None:
    assert list(order("hi", "fr")) == ["hi", "fr", "en"]
    assert list(order("pt", "pt")) == ["pt", "es", "en"]
    assert list(order("en", "en")) == ["en"]
    assert list(order("de", "xx")) == ["de", "en"]


def test_the_first_open_language_answers() -> None:
    assert settle("hi", "fr", {}) == "hi"
    assert settle("hi", "fr", {"hi": False}) == "fr"
    assert settle("hi", "fr", {"hi": False, "fr": False}) == "en"
    assert settle("pt", "pt", {"pt": False}) == "es"
    assert settle("de", "de", dict.fromkeys(CODES, False)) == "en"
