"""Whether an answer is in its language: certain, or silent."""

import pytest

from shared.agents.mentor import teaching
from shared.language.answer import matches
from shared.language.names import CODES


@pytest.mark.parametrize("code", CODES)
def test_each_language_is_told_from_every_other(code: str) -> None:
    text = teaching(code)
    assert matches(text, code) is True
    assert [other for other in CODES if other != code and matches(text, other) is not False] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "de"),
        ("Ja, genau!", "en"),
        ("x = 3, y = 4, z = 5, x² + y² = z², (x + y)(x − y) = x² − y²", "de"),
        ("```python\nfor number in range(10):\n    print(number, 'is the next one that we have here')\n```", "de"),
        ("$$\\text{the area of the circle is } \\pi r^2$$ und $$\\text{that is it}$$", "de"),
        ("2x + 3 = 7 → 2x = 4 → x = 2", "ar"),
    ],
)
def test_short_texts_formulas_and_code_decide_nothing(text: str, expected: str) -> None:
    assert matches(text, expected) is None


def test_quotations_and_emphasis_in_another_language_do_not_count() -> None:
    text = (
        "Schau dir den Satz „The cat is on the mat and it has been there for an hour“ an. Welches Wort ist hier das Verb, "
        "und in welcher Zeit steht **has been**? Was würdest du als Nächstes tun?"
    )
    assert matches(text, "de") is True
    assert matches(text, "en") is False


def test_a_lesson_about_another_language_is_not_called_wrong() -> None:
    text = (
        "Let us look at these sentences: Ich gehe heute in die Schule. Das Kind spielt mit dem Ball. Wir haben keine Zeit. "
        "Which word is the verb in the first one, and what do you notice about its ending?"
    )
    assert matches(text, "en") is not False


def test_chinese_and_japanese_share_signs_and_are_told_apart() -> None:
    chinese = "先看一看题目已经给出的条件，再想一想题目要求什么，然后把你的第一步写下来。你打算先做什么？" * 2
    japanese = "まず、問題でわかっていることと求めることを書き出してみましょう。最初の一歩は何でしょうか？" * 2
    assert (matches(chinese, "zh"), matches(chinese, "ja")) == (True, False)
    assert (matches(japanese, "ja"), matches(japanese, "zh")) == (True, False)


def test_a_language_that_is_none_of_ours_is_seen() -> None:
    dutch = "Kijk eerst wat er gegeven is en wat er gevraagd wordt, en schrijf dat op. Wat is voor jou de eerste stap van het probleem?"
    assert matches(dutch, "de") is not True
    assert matches(dutch, "en") is False
