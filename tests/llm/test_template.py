import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from shared.language.detect import guess
from shared.language.names import CODES
from shared.llm.providers import template
from shared.llm.providers.template import excerpt, respond
from shared.llm.types import Message

AGENTS = ("curriculum", "curation", "feed", "sentiment", "animation", "feedback", "summary", "something new")
SORTS = {
    "exercise": {
        "en": "Solve the homework task", "es": "Resuelve la ecuación", "fr": "Résous cet exercice", "de": "Berechne die Fläche",
        "it": "Risolvi l'equazione", "pt": "Resolva o exercício", "ru": "Реши уравнение", "zh": "求解这个方程",
        "ja": "この方程式を解いてください", "ko": "이 방정식을 풀어 주세요", "ar": "حل هذه المعادلة", "hi": "यह समीकरण हल करो",
    },
    "concept": {
        "en": "Explain photosynthesis", "es": "Explica la fotosíntesis", "fr": "Explique la photosynthèse", "de": "Erkläre die Photosynthese",
        "it": "Spiega la fotosintesi", "pt": "Explique a fotossíntese", "ru": "Объясни фотосинтез", "zh": "解释光合作用",
        "ja": "光合成を説明して", "ko": "광합성을 설명해 주세요", "ar": "اشرح التمثيل الضوئي", "hi": "प्रकाश संश्लेषण समझाओ",
    },
    "writing": {
        "en": "Help me with my essay on Rome", "es": "Ayúdame con el ensayo sobre Roma", "fr": "Aide-moi pour ma dissertation sur Rome",
        "de": "Hilf mir beim Aufsatz über Rom", "it": "Aiutami con il saggio su Roma", "pt": "Me ajude com a redação sobre Roma",
        "ru": "Помоги с сочинением о Риме", "zh": "帮我写关于罗马的作文", "ja": "ローマについての作文を手伝って",
        "ko": "로마에 대한 에세이를 도와주세요", "ar": "ساعدني في مقال عن روما", "hi": "रोम पर निबंध में मदद करो",
    },
    "other": {
        "en": "I am tired today", "es": "Hoy estoy cansada", "fr": "Je suis fatigué", "de": "Ich bin müde", "it": "Oggi sono stanco",
        "pt": "Hoje estou cansada", "ru": "Сегодня я устал", "zh": "今天好累", "ja": "今日は疲れた", "ko": "오늘 피곤해요",
        "ar": "أنا متعب اليوم", "hi": "आज थक गया",
    },
}  # fmt: skip


def ask(text: str) -> list[Message]:
    return [Message("system", "Teach."), Message("assistant", "Well?"), Message("user", f"<learner>{text}</learner>")]


def texts(code: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (Path(template.__file__).with_name("template_texts") / f"{code}.json").read_text(encoding="utf-8")
    )
    return found


@pytest.mark.parametrize(("sort", "code"), [(sort, code) for sort in SORTS for code in CODES])
def test_the_mentor_teaches_a_next_step_that_fits(sort: str, code: str) -> None:
    question = SORTS[sort][code]
    answer = respond("mentor", code, ask(question))
    expected = texts(code)["kinds"][sort]
    assert all(f"{number}. {step}" in answer for number, step in enumerate(expected["steps"], 1))
    assert len(expected["steps"]) == 4
    assert answer.endswith(expected["ask"])
    assert expected["ask"].rstrip()[-1] in "?？؟" or code == "ja"
    assert question in answer
    assert guess(answer.replace(question, "")) == code
    assert "learner>" not in answer


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_every_text_once(code: str) -> None:
    english, own = texts("en"), texts(code)
    assert own.keys() == english.keys()
    for part in ("kinds", "agents", "cues"):
        assert own[part].keys() == english[part].keys()
    said = [
        *own["agents"].values(),
        *(line for kind in own["kinds"].values() for line in (*kind["steps"], kind["ask"])),
    ]
    assert len(said) == len(set(map(str, said)))
    assert str(own["quote"]).count("{excerpt}") == 1


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("agent", AGENTS)
def test_every_agent_says_something_in_the_language(agent: str, code: str) -> None:
    answer = respond(agent, code, ask("2 + 2"))
    assert guess(answer) == code
    assert answer == respond(agent, code, [])
    assert (answer == texts(code)["agents"]["other"]) == (agent == "something new")


@pytest.mark.parametrize("code", CODES)
def test_an_exercise_is_never_solved(code: str) -> None:
    assert "4711" not in respond("mentor", code, ask("4700 + 11 = ?"))
    assert texts(code)["kinds"]["exercise"]["ask"] in respond("mentor", code, ask("4700 + 11 = ?"))


def test_explaining_in_an_essay_is_writing() -> None:
    assert texts("en")["kinds"]["writing"]["ask"] in respond("mentor", "en", ask("Explain photosynthesis in an essay"))


def test_an_unknown_language_gets_english() -> None:
    assert respond("mentor", "nl", ask("Hoi")) == respond("mentor", "en", ask("Hoi"))


def test_only_the_last_question_is_quoted() -> None:
    messages = [Message("user", "first secret"), Message("assistant", "ok"), Message("user", "second words")]
    answer = respond("mentor", "en", messages)
    assert "second words" in answer
    assert "secret" not in answer


@pytest.mark.parametrize(
    "messages", [[], [Message("system", "x")], [Message("user", "")], [Message("user", " \n\x00")]]
)
def test_without_a_question_nothing_is_quoted(messages: list[Message]) -> None:
    answer = respond("mentor", "en", messages)
    assert "“" not in answer
    assert texts("en")["kinds"]["other"]["ask"] in answer


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("line one\nline two", "line one line two"),
        ("call me at a@b.de or 212-555-0123", "call me at [email] or [phone]"),
        ("see [here](http://evil.test/x) ![pic](http://evil.test/y)", "see here pic"),
        ("`code` and **bold** and # no", "code and bold and # no"),
        ("# a heading", "a heading"),
        ("zero\u200bwidth \u202eturned\u202c \x1b[31m", "zerowidth turned [31m"),
        ("क्\u200dष", "क्\u200dष"),
        ("is 3 < 5 and 7 > 2?", "is 3 < 5 and 7 > 2?"),
    ],
)
def test_an_excerpt_is_safe_to_show(question: str, shown: str) -> None:
    assert excerpt(question) == shown


def test_tags_are_taken_out() -> None:
    answer = respond("mentor", "en", ask("<script>alert(1)</script> why <b>now</b>?"))
    assert "<" not in answer
    assert "alert(1) why now ?" in answer


@pytest.mark.parametrize(
    "text", ["word " * 500, "x" * 5000, "字" * 5000, "ख़ु" * 2000, "e\u0301" * 2000, "👩\u200d🚀" * 900]
)
def test_an_excerpt_is_short_and_cut_between_letters(text: str) -> None:
    cut = excerpt(text)
    assert len(cut) <= 121
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])
    assert unicodedata.category(text[len(cut) - 1])[0] != "M"


def test_a_placeholder_in_the_question_is_only_text() -> None:
    assert "“{excerpt} {0} %s”" in respond("mentor", "en", ask("{excerpt} {0} %s"))


def test_directions_stay_apart() -> None:
    assert "«\u2068Solve 2x\u2069»" in respond("mentor", "ar", ask("Solve 2x"))
    assert "“\u2068ما هو 2x\u2069”" in respond("mentor", "en", ask("ما هو 2x"))
    assert "\u2068" not in respond("mentor", "en", ask("Solve 2x"))
