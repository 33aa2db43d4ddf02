"""Text of both directions: formulas and names keep theirs inside Arabic, and no mark is ever taken away."""

from hypothesis import given
from hypothesis import strategies as st

from shared.language.direction import FSI, LRI, PDI, formulas_isolated, isolated


def test_a_formula_in_an_arabic_sentence_is_isolated_and_a_bare_number_is_not() -> None:
    text = "حل المعادلة 2x + 3 = 7 ثم جد قيمة x² - 1 = 0، ولديك 5 دقائق."
    assert formulas_isolated(text, "ar") == (
        f"حل المعادلة {LRI}2x + 3 = 7{PDI} ثم جد قيمة {LRI}x² - 1 = 0{PDI}، ولديك 5 دقائق."
    )


def test_code_latex_and_what_is_isolated_stay_as_they_are() -> None:
    for kept in ("`a + b`", "$x = 1$", r"\(x = 1\)", f"{LRI}x = 1{PDI}", "```\na = b + c\n```"):
        assert formulas_isolated(f"انظر {kept} هنا", "ar") == f"انظر {kept} هنا"


def test_lines_without_arabic_stay_as_they_are_and_sentences_can_be_done_one_by_one() -> None:
    text = "خذ المعادلة 5 - x = 3 الآن.\n```\ny = a + b  # مجموع\n```\n5 - x = 3\n"
    shown = f"خذ المعادلة {LRI}5 - x = 3{PDI} الآن.\n```\ny = a + b  # مجموع\n```\n5 - x = 3\n"
    assert formulas_isolated(text, "ar") == shown
    assert formulas_isolated(shown, "ar") == shown, "twice is once"
    first, rest = text.split(" الآن", 1)
    assert formulas_isolated(first, "ar") + formulas_isolated(" الآن" + rest, "ar") == shown


def test_other_directions_need_nothing() -> None:
    assert formulas_isolated("Solve 2x + 3 = 7.", "en") == "Solve 2x + 3 = 7."
    assert isolated("Amira", "en") == "Amira"
    assert isolated("أميرة", "en") == f"{FSI}أميرة{PDI}"
    assert isolated("Lyo", "ar") == f"{FSI}Lyo{PDI}"
    assert isolated("", "ar") == ""


@given(st.text(alphabet="ابت 12x+-=()`$.,\u200e\u200f\u061c\u2066\u2067\u2068\u2069\n", max_size=60))
def test_nothing_but_isolates_is_added_and_nothing_is_lost(text: str) -> None:
    shown = formulas_isolated(text, "ar")
    kept = iter(shown)
    assert all(character in kept for character in text), "every character is there, in order"
    added = len(shown) - len(text)
    assert added % 2 == 0
    assert shown.count(LRI) - text.count(LRI) == shown.count(PDI) - text.count(PDI) == added // 2
