"""What a text is to a model: the same numbers wherever it is asked, and a bounded amount of work for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.textmodel.features import LONGEST_WORD, Shape, features, of_word, words

SHAPE = Shape(bits=16, shortest=2, longest=4)


def test_the_numbers_of_a_text_never_change() -> None:
    assert features("Hi, 学!", Shape(bits=16, shortest=2, longest=3)) == [
        38786,
        33386,
        10924,
        57274,
        64949,
        36559,
        13986,
        2019,
        25850,
        46051,
        10578,
        3872,
        18975,
        31582,
        6839,
        52654,
        47134,
        19476,
        27460,
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't PANIC!!", ["don't", "panic", "!!"]),
        ("naïve café", ["naive", "cafe"]),
        ("我爱学习。好吗？", ["我爱学习", "。", "好吗", "?"]),
        ("मैं नहीं जानता", ["मै", "नही", "जानता"]),
        ("h\u200be\u200bllo", ["hello"]),
        ("a" * 100, ["a" * LONGEST_WORD]),
        ("学" * 100, ["学" * 40, "学" * 40, "学" * 20]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_word_is_itself_and_its_letter_groups() -> None:
    numbers = of_word("cat", SHAPE)
    # <cat>: 4 pairs, 3 triples, 2 of four letters, and the word
    assert len(numbers) == 10
    assert set(of_word("cats", SHAPE)) & set(numbers), "words of one stem have something in common"
    assert len(of_word("猫猫", SHAPE)) == 1 + 2 + 1


def test_a_repeated_word_counts_once() -> None:
    assert features("spam spam spam", Shape(bits=16, pairs=False)) == features("spam", Shape(bits=16, pairs=False))


@given(st.text(max_size=400))
def test_any_text_has_numbers_within_the_table_and_a_bounded_many(text: str) -> None:
    numbers = features(text, SHAPE)
    assert all(0 <= number < SHAPE.size for number in numbers)
    # Compatibility forms may unfold to 18 letters each; every letter starts at most three groups, a word and a pair add few.
    assert len(numbers) <= 8 * (18 * len(text) + 1)


def test_a_language_that_is_named_has_features_of_its_own_beside_the_shared_ones() -> None:
    shape = Shape(bits=20, shortest=2, longest=4, tongue=True)
    german, english, unknown = (features("a gift of gold", shape, code) for code in ("de", "en", ""))
    assert len(german) == len(english) > len(unknown)
    shared = set(german) & set(english)
    assert shared <= set(unknown)
    assert len(shared) > len(set(unknown)) / 2
    assert set(german) - shared, "what is German alone"
