"""Texts as the models read them."""

import pytest

from shared.affect.wording import LONGEST, worded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am not happy with it", "i am not no_happy no_with no_it"),
        ("not good. great", "not no_good . great"),
        ("great :)", "great \u263a"),
        ("oh no :(", "oh no \u2639"),
        ("@someone see https://example.org/x now", "see now"),
        ("Tom &amp; Ann", "tom & ann"),
        ("أُحبّ", "احب"),
    ],
)
def test_signs_of_feeling_become_words(text: str, expected: str) -> None:
    assert worded(text) == expected


def test_what_is_drawn_out_is_shortened_and_noted() -> None:
    assert worded("soooooo good").split() == worded("sooo good").split() == ["\u301c", "soo", "good"]


def test_a_long_text_costs_no_more() -> None:
    assert worded("word " * 100_000) == worded(("word " * 100_000)[:LONGEST])


@pytest.mark.parametrize("text", ["f(x) = 3", "8) the last exercise", "y = (a + b)", "(x): the unknown", "[1, 2]"])
def test_mathematics_is_no_emoticon(text: str) -> None:
    assert not {"\u263a", "\u2639"} & set(worded(text))
