"""What learners say of confusion, frustration, boredom and curiosity is found in twelve languages, and calm words are left alone."""

import pytest

from shared.affect import phrases
from shared.affect.cues import any_cue, cues
from shared.affect.offers import offer
from shared.affect.rules import RULES
from shared.language.names import CODES

CONFUSED = {
    "en": "Sorry, I don't understand this step at all.",
    "es": "Perdona, no entiendo este paso.",
    "fr": "Je ne comprends pas cette étape.",
    "de": "Ich verstehe das nicht, was ist hier gemeint?",
    "it": "Non ho capito questo passaggio.",
    "pt": "Não entendi esta parte.",
    "ru": "Я не понимаю этот шаг.",
    "zh": "这一步我看不懂。",
    "ja": "この部分がわかりません。",
    "ko": "이 부분이 이해가 안 돼요.",
    "ar": "لم أفهم هذه الخطوة.",
    "hi": "मुझे यह कदम समझ नहीं आया।",
}
FRUSTRATED = {
    "en": "This is so frustrating, I give up.",
    "es": "Qué frustración, me rindo.",
    "fr": "J'en ai marre, j'abandonne.",
    "de": "Das nervt, ich gebe auf.",
    "it": "Sono stufo, mi arrendo.",
    "pt": "Que raiva, eu desisto.",
    "ru": "Меня это бесит, я сдаюсь.",
    "zh": "烦死了，我放弃。",
    "ja": "もう無理、イライラする。",
    "ko": "짜증나, 그냥 포기할래.",
    "ar": "أنا محبط، أستسلم.",
    "hi": "मैं बहुत परेशान हूँ, हार मान ली।",
}
BORED = {
    "en": "This is boring.",
    "es": "Me aburro mucho.",
    "fr": "C'est ennuyeux.",
    "de": "Das ist langweilig.",
    "it": "Che noia.",
    "pt": "Isso é muito chato.",
    "ru": "Это скучно.",
    "zh": "好无聊啊。",
    "ja": "つまらないです。",
    "ko": "너무 지루해요.",
    "ar": "هذا ممل جدا.",
    "hi": "यह बहुत उबाऊ है।",
}
CALM = {
    "en": "The square has four equal sides and I drew it.",
    "es": "El cuadrado tiene cuatro lados iguales.",
    "fr": "Le carré a quatre côtés égaux.",
    "de": "Das Quadrat hat vier gleiche Seiten.",
    "it": "Il quadrato ha quattro lati uguali.",
    "pt": "O quadrado tem quatro lados iguais.",
    "ru": "У квадрата четыре равные стороны.",
    "zh": "正方形有四条相等的边。",
    "ja": "正方形には四つの等しい辺があります。",
    "ko": "정사각형은 네 변의 길이가 같습니다.",
    "ar": "للمربع أربعة أضلاع متساوية.",
    "hi": "वर्ग की चार समान भुजाएँ होती हैं।",
}


@pytest.mark.parametrize("language", CODES)
def test_a_clear_word_is_found(language: str) -> None:
    for said, kind in ((CONFUSED, "confusion"), (FRUSTRATED, "frustration"), (BORED, "boredom")):
        assert cues(said[language], language).get(kind, 0) >= 0.7, (kind, said[language])
        assert cues(said[language], None).get(kind, 0) >= 0.7, "also where the language is not known"


@pytest.mark.parametrize("language", CODES)
def test_calm_words_say_nothing(language: str) -> None:
    assert cues(CALM[language], language) == {}


def test_more_phrases_are_a_clearer_word() -> None:
    once = cues("I don't understand.", "en")["confusion"]
    assert cues("I don't understand, I'm lost, this makes no sense.", "en")["confusion"] > once


def test_a_phrase_inside_a_word_is_none() -> None:
    assert "boredom" not in cues("We painted the cardboard and the chessboard.", "en")


@pytest.mark.parametrize("language", CODES)
def test_every_language_has_every_table(language: str) -> None:
    for table in (
        phrases.CONFUSION,
        phrases.FRUSTRATION,
        phrases.BOREDOM,
        phrases.CURIOSITY,
        phrases.THANKS,
        phrases.URGENT,
    ):
        assert table[language]
        assert all(part.strip() for part in table[language].split("|"))


@pytest.mark.parametrize("language", CODES)
def test_every_offer_is_in_the_learners_language(language: str) -> None:
    for rule in RULES:
        text, step = offer(rule.trigger, language)
        assert text
        assert step
        assert language == "en" or (text, step) != offer(rule.trigger, "en")


@pytest.mark.parametrize("language", CODES)
def test_the_quick_look_finds_whatever_the_long_one_does(language: str) -> None:
    for text in (*CONFUSED.values(), "The sum of two even numbers is even.", "12 + 30 = 42", ""):
        assert any_cue(text, language) == bool(cues(text, language)), text
