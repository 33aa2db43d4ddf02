"""T68: signs of a crisis are answered with help in every language, and lessons about life and death stay lessons."""

import json
import time
from pathlib import Path

import pytest

from shared.language.names import CODES
from shared.safety import crisis_english, crisis_latin, crisis_scripts
from shared.safety.folding import fold
from shared.safety.rules import SELF_HARM, check
from shared.safety.verdict import ALLOW, Verdict

CASES: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("crisis_cases.json").read_text(encoding="utf-8")
)


def pairs(action: str) -> list[tuple[str, str]]:
    return [(code, text) for code, texts in CASES[action].items() for text in texts]


def test_every_language_has_cases_of_both_sorts() -> None:
    for action in ("support", "allow"):
        assert set(CASES[action]) == set(CODES)
        assert all(len(texts) >= 12 for texts in CASES[action].values())


@pytest.mark.parametrize(("code", "text"), pairs("support"))
def test_t68_a_sign_of_crisis_gets_support(code: str, text: str) -> None:
    assert check(text) == SELF_HARM


@pytest.mark.parametrize(("code", "text"), pairs("allow"))
def test_t68_a_benign_trap_stays_a_lesson(code: str, text: str) -> None:
    assert check(text) == ALLOW


@pytest.mark.parametrize(("code", "text"), pairs("support"))
def test_t68_other_spellings_are_the_same_sign(code: str, text: str) -> None:
    assert check(text.upper()) == SELF_HARM or code not in {"en", "es", "it", "pt", "ru"}
    assert check(f"  {text}!!\n\n2 + 3 = ?") == SELF_HARM or text in {"kms", "wanna die"}
    assert check("\u200b".join(text)) == SELF_HARM
    assert check(text.replace(" ", "  \n")) == SELF_HARM


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("ＩＷＡＮＴ", "iwant"),
        ("𝐈 𝐰𝐚𝐧𝐭", "i want"),
        ("Je suis né cœur", "je suis ne coeur"),
        ("أُريدُ أن", "اريد ان"),
        ("Ещё", "еще"),
        ("죽고", "죽고"),
        ("मैं", "मै"),
        ("I’m", "i'm"),
        ("self\u00adharm", "selfharm"),
    ],
)
def test_folding_gives_one_spelling(text: str, spelled: str) -> None:
    assert fold(text) == fold(spelled) == spelled


def test_a_topic_excuses_a_mention_but_not_intent() -> None:
    assert check("My friend told me about suicide") == SELF_HARM
    assert check("My friend told me about suicide prevention for our essay") == ALLOW
    assert check("I want to kill myself because of this essay") == SELF_HARM


def test_the_german_article_hides_nothing() -> None:
    assert check("Die Schule nervt so, ich will sterben") == SELF_HARM


def test_an_idiom_does_not_hide_what_stands_beside_it() -> None:
    assert check("I want to die of laughter") == ALLOW
    assert check("I want to die of laughter. No really, I want to die.") == SELF_HARM


def test_patterns_are_written_as_texts_are_folded() -> None:
    macros = {**crisis_english.MACROS, **crisis_latin.MACROS}
    written = [*macros.values(), crisis_english.STUDY, crisis_latin.STUDY, *crisis_english.BENIGN, *crisis_latin.BENIGN]
    for groups in (*crisis_english.GROUPS.values(), *crisis_latin.GROUPS.values()):
        for triggers, patterns in groups:
            assert triggers == fold(triggers)
            written.extend(patterns)
    for pattern in written:
        plain = pattern.replace(r"\W", "")  # the only upper-case letter that may stand in a pattern
        assert plain == fold(plain)
    for pattern in (p for patterns in crisis_scripts.GROUPS.values() for p in patterns):
        plain = pattern.replace(r"\W", "")
        assert plain == plain.lower()


@pytest.mark.parametrize(
    "piece",
    [
        "i want to ",
        "my friend ",
        "i just really ",
        "ich will mich ",
        "хочу ",
        "мой друг ",
        "我想",
        "私は",
        "나 자살 ",
        "मैं ",
        "أريد أن ",
    ],
)
def test_a_long_text_costs_time_in_proportion(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        begun = time.process_time()
        for _ in range(3):
            check(text)
        return time.process_time() - begun

    check(piece)  # compiled
    assert seconds(40_000) < 30 * max(seconds(4_000), 0.002)


def test_a_verdict_is_a_value() -> None:
    assert Verdict("allow", ()) == ALLOW
    assert SELF_HARM.categories == ("self_harm",)
