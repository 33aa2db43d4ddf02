"""What the product says to learners: everything in every language, and nothing left in English."""

import re

import pytest

from shared.errors import CallerError, Interrupted, LyoError, NoAnswer, Overloaded, RateLimited, Unavailable
from shared.language.detect import guess
from shared.language.direction import FSI, PDI
from shared.language.names import CODES
from shared.language.texts import _load, language_off, named, problem_text, text

ENGLISH = _load("en")


@pytest.mark.parametrize("code", CODES)
def test_every_text_is_there_in_its_own_language(code: str) -> None:
    texts = _load(code)
    assert list(texts) == list(ENGLISH)
    for key, shown in texts.items():
        assert sorted(re.findall(r"{\w+}", shown)) == sorted(re.findall(r"{\w+}", ENGLISH[key]))
        assert shown.strip() == shown
        if code != "en":
            assert shown != ENGLISH[key]
    assert guess(" ".join(texts.values())) == code
    assert not re.search(r"[A-Za-z]{3}", re.sub(r"{\w+}", "", " ".join(texts.values()))) or code in "en es fr de it pt"


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_and_a_hint_go_on_with_a_question(code: str) -> None:
    for key in ("blocked", "withheld", "leak_held"):
        assert re.search(r"[?？؟]$", text(key, code))


def test_an_unknown_language_gets_english_and_an_unknown_key_nothing() -> None:
    assert text("retry", "nl") == text("retry", "en")
    with pytest.raises(KeyError):
        text("nonsense", "en")
    with pytest.raises(KeyError):
        text("language_off", "en", wanted="German")


def test_values_take_their_places_once_and_are_isolated_in_arabic() -> None:
    assert text("language_off", "en", wanted="{given}", given="B").count("{given}") == 1
    assert f"{FSI}B{PDI}" in text("language_off", "ar", wanted="A", given="B")


def test_every_language_is_named_in_every_other() -> None:
    for code in CODES:
        names = {named(other, code) for other in CODES}
        assert len(names) == len(CODES)
        assert all(names)
    assert language_off("de", "en") == "Auf Deutsch kann ich gerade nicht antworten, deshalb antworte ich auf Englisch."


@pytest.mark.parametrize("error", [LyoError, Unavailable, Overloaded, NoAnswer, RateLimited, Interrupted])
def test_a_learner_is_told_of_what_waiting_can_mend(error: type[LyoError]) -> None:
    assert guess(problem_text(error.code, "de") or "") == "de"


def test_what_the_app_did_wrong_is_not_the_learners() -> None:
    assert problem_text(CallerError.code, "de") is None
