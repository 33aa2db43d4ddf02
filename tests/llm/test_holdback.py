"""What of an answer may be shown yet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.llm import screening
from shared.llm.holdback import LONGEST, OPENING_WORDS, Holdback
from shared.safety.verdict import ALLOW, Verdict
from tests.product import call

BLOCK = Verdict("block", ("violence",))


def judged(sentence: str, before: str) -> Verdict:
    """Blocks the sentence that holds the word; what stood before it does not count."""
    return BLOCK if "poison" in sentence else ALLOW


def through(text: str, size: int, guard: object = judged) -> Holdback:
    held = Holdback(guard)  # type: ignore[arg-type]
    shown = [held.feed(text[start : start + size]) for start in range(0, len(text), size)]
    shown.append(held.finish())
    assert "".join(shown) == held.text
    return held


TEXTS = (
    "Plants need light. They also need water.\nThen take the poison and drink it. Good luck!",
    "植物は光が必要です。水も必要です。poison を飲みます。頑張って。",
    "النباتات تحتاج إلى الضوء؟ ثم poison. نعم",
    "पौधों को रोशनी चाहिए। फिर poison। हाँ",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_t48_the_verdict_does_not_depend_on_how_a_text_arrives(text: str, size: int) -> None:
    held, whole = through(text, size), through(text, len(text))
    assert held.withheld
    assert held.verdict == whole.verdict == BLOCK
    assert "poison" not in held.text
    assert text.startswith(held.text)
    assert held.text == whole.text != ""


@given(st.text(alphabet="ab .!?\n。。，न।3", max_size=900), st.integers(1, 40))
def test_what_is_allowed_arrives_whole_and_in_order(text: str, size: int) -> None:
    assert through(text, size, lambda sentence, before: ALLOW).text == text


def test_the_first_words_do_not_wait_for_their_sentence() -> None:
    held = Holdback(judged)
    words = ["Light", "is", "what", "every", "green", "plant", "lives", "on,", "as", "far", "as", "we", "know"]
    shown = [held.feed(word + " ") for word in words]
    assert shown[OPENING_WORDS - 1] == "Light is what "
    assert set(shown[OPENING_WORDS:]) == {""}, "after them it is sentences"
    signs = Holdback(judged)
    assert [signs.feed(sign) for sign in "光は植物にとって必要です"] == ["", "", "", "", "", "光は植物にと", *[""] * 6]


def test_the_first_words_are_judged_too() -> None:
    held = Holdback(judged)
    assert held.feed("Take poison and run away quickly") == ""
    assert held.withheld
    assert held.finish() == ""


def test_a_number_is_no_end_of_a_sentence() -> None:
    held = Holdback(judged)
    held.feed("Pi is roughly ")
    assert held.feed("3.14159 and so on") == ""
    assert held.feed(". Next") == "3.14159 and so on. "


def test_a_text_without_sentences_is_not_held_back_for_ever() -> None:
    held = Holdback(judged)
    shown = ""
    for _ in range(200):
        shown += held.feed("word ")
        assert len(held.text) == len(shown)
    assert len(shown) >= 1000 - LONGEST - 5


def test_a_guard_sees_what_was_shown_before() -> None:
    seen: list[tuple[str, str]] = []

    def watching(sentence: str, before: str) -> Verdict:
        seen.append((sentence, before))
        return ALLOW

    through("One is a number. Two is as well. Three", 5, watching)
    assert seen[-1] == ("Three", "One is a number. Two is as well. ")


def test_formulas_in_arabic_are_kept_from_left_to_right_whole() -> None:
    text = "احسب 5 - x = 3 ثم قل لي. شكرا لك يا صديقي."
    shown = screened(text, 3)
    assert shown == screened(text, 100)
    assert "\u20665 - x = 3\u2069" in shown
    assert shown.replace("\u2066", "").replace("\u2069", "") == text
    assert not Holdback(judged, lambda piece: piece).feed("احسب 5 - x ثم")
    assert Holdback(judged, lambda piece: piece).feed("شكرا لك يا صديقي") == "شكرا لك يا "


def screened(text: str, size: int) -> str:
    held = screening.holdback(call(language="ar"))
    for start in range(0, len(text), size):
        held.feed(text[start : start + size])
    held.finish()
    return held.text
