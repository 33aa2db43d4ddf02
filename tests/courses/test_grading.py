"""Grading: letters and texts of choices, numbers in many spellings, short texts with slips of the pen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.courses.grading import choice, normal, number, option, read_number, readings, short

OPTIONS = ["The stroma", "Das Zellplasma", "细胞核"]


@pytest.mark.parametrize(
    ("given_", "right", "expected"),
    [("a", 0, True), ("B", 1, True), ("b", 0, False), ("the STROMA!", 0, True), ("细胞核", 2, True), ("细胞", 2, False), ("", 0, False), ("z", 0, False)],
)  # fmt: skip
def test_a_choice_is_its_letter_or_its_text(given_: str, right: int, expected: bool) -> None:
    assert choice(given_, OPTIONS, right) is expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("3.5", 3.5), ("3,5", 3.5), (" x = -2 ", -2), ("−2", -2), ("1/4", 0.25), ("1 / 4", 0.25), ("-1/2", -0.5),
        ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1 234 567", 1234567), ("1,234,567", 1234567), ("1'000.5", 1000.5),
        ("3 %", 3), ("1e-3", 0.001), ("٣٫٥", 3.5), ("१२", 12), ("３．５", 3.5), ("5 apples", 5),
        ("1 1/2", 1.5), ("-1 1/2", -1.5), ("5½", 5.5), ("½", 0.5), ("1,234", 1234), ("1.234", 1.234), ("0,234", 0.234), (".5", 0.5),
        ("1,23,456", 123456), ("3 × 10⁸", 3e8), ("3 · 10^-2", 0.03), ("1 234", 1234),
        ("3 4", None), ("10²", None), ("1e999", None), ("9" * 400 + "/1", None), ("9" * 400, None), ("5 3/2", None), ("1 2345", None),
        ("", None), ("three", None), ("3 or 4", None), ("1/0", None), ("1,2,3", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert read_number(text) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(("text", "values"), [("1,234", {1234, 1.234}), ("1.234", {1234, 1.234}), ("50%", {50, 0.5}), ("٥٠٪", {50, 0.5})])  # fmt: skip
def test_what_can_be_read_in_two_ways_is_right_in_either(text: str, values: set[float]) -> None:
    assert set(readings(text)) == values
    for value in values:
        assert number(text, value, 0)


def test_a_percentage_is_right_as_its_share() -> None:
    assert number("0.5", 50, 0, percent=True)
    assert number("1/2", 50, 0, percent=True)
    assert number("0.51", 50, 1, percent=True)
    assert not number("0.52", 50, 1, percent=True)
    assert not number("0.5", 50, 0)


@pytest.mark.parametrize(
    ("given_", "options", "place"),
    [
        ("x", ["x", "y"], 0), ("y", ["x", "y"], 1), ("a", ["the", "a", "an"], 1), ("the", ["the", "a", "an"], 0), ("b", ["b", "a"], 0),
        ("c", ["the", "a", "an"], 2), ("b)", ["One", "Two"], 1), ("C", ["One", "Two"], None), ("Three", ["One", "Two"], None), ("", ["One"], None),
    ],
)  # fmt: skip
def test_an_options_text_comes_before_its_letter(given_: str, options: list[str], place: int | None) -> None:
    assert option(given_, options) == place


OPPOSITES = """exothermic endothermic, saturated unsaturated, rational irrational, reversible irreversible, conscious unconscious,
    symmetric asymmetric, hypotonic hypertonic, nitrite nitrate, alkane alkene, stalactite stalagmite, microscopic macroscopic,
    phosphite phosphate, chloride chlorine, absorption adsorption, complement compliment, methanol methanal, intraspecific interspecific,
    hipotónico hipertónico, umkehrbar unumkehrbar, насыщенный ненасыщенный, tetrachlorethane tetrachlorethene, active inactive,
    reversible|not reversible, symmetrical|non symmetrical"""


@pytest.mark.parametrize("pair", [pair.strip() for pair in OPPOSITES.split(",")])
def test_opposites_are_no_slips_of_the_pen(pair: str) -> None:
    one, other = pair.split("|") if "|" in pair else pair.split()
    assert not short(one, [other])
    assert not short(other, [one])


@pytest.mark.parametrize(
    ("said", "accepted"),
    [("variabel", "variable"), ("chlorophyl", "chlorophyll"), ("photosinthesis", "photosynthesis"), ("carbondioxide", "carbon dioxide")],
)  # fmt: skip
def test_slips_in_long_words_are_forgiven(said: str, accepted: str) -> None:
    assert short(said, [accepted])


def test_a_tolerance_is_absolute_and_both_ends_count() -> None:
    assert number("4.6", 4.5, 0.1)
    assert not number("4.61", 4.5, 0.1)
    assert number("0.3", 0.1 + 0.2, 0)
    assert not number("4 or 5", 4.5, 1)


@pytest.mark.parametrize(
    ("said", "accepted", "expected"),
    [
        ("The Mitochondrion", "mitochondrion", True),
        ("mitochondrian", "mitochondrion", True),
        ("mitochondria dna", "mitochondrion", False),
        ("fotosintesis", "fotosíntesis", True),
        ("Rhône", "rhone", True),
        ("cat", "bat", False),
        ("ион", "йон", True),
        ("المثلث", "مثلث", True),
        ("光合作用", "光合作用", True),
        ("光和作用", "光合作用", False),
        ("भाषा", "भाषी", False),
        ("がく", "かく", False),
        ("x=2", "x = 2", True),
        ("x=3", "x = 2", False),
        ("version 12", "version 13", False),
        ("", "a", False),
        ("!!!", "a", False),
    ],
)
def test_short_texts(said: str, accepted: str, expected: bool) -> None:
    assert short(said, [accepted]) is expected


@given(st.text(max_size=60))
def test_normal_is_stable_and_any_text_is_right_as_itself(text: str) -> None:
    plain = normal(text)
    assert normal(plain) == plain
    assert short(text, [text]) is bool(plain)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_texts_can_be_graded(first: str, second: str) -> None:
    assert short(first, [second]) in (True, False)
    read_number(first)
    choice(first, [second, "other"], 0)
