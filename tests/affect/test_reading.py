"""Texts read by the models that ship and by rules; what ships says what it is made of."""

import pytest

from shared.affect import models, urgency
from shared.affect.reading import EMOTIONS, SENTIMENTS, read
from shared.language.names import CODES
from shared.safety.verdict import Verdict
from tests.affect.test_cues import CALM, CONFUSED, FRUSTRATED

GLAD = {
    "en": "I love this, it is wonderful!",
    "es": "Me encanta, es maravilloso, muchas gracias",
    "fr": "J'adore, c'est magnifique, merci beaucoup",
    "de": "Ich liebe es, das ist wunderbar, toll",
    "it": "Lo adoro, è bellissimo, grazie mille",
    "pt": "Eu adoro isso, é maravilhoso, obrigado",
    "ar": "أحب هذا، إنه رائع وجميل جدا 😍",
}
SAD = {
    "en": "I hate this, it is terrible and awful.",
    "es": "Lo odio, es horrible, qué asco de día",
    "fr": "Je déteste, c'est horrible et nul",
    "de": "Ich hasse das, es ist furchtbar und schrecklich",
    "it": "Lo odio, è terribile, che schifo",
    "pt": "Eu odeio isso, é horrível, péssimo",
    "ar": "أكره هذا، إنه سيئ جدا وحزين 😡",
}


@pytest.mark.parametrize("language", GLAD)
def test_praise_is_gladder_than_complaint(language: str) -> None:
    glad, sad = read(GLAD[language], language).sentiment, read(SAD[language], language).sentiment
    assert max(glad, key=lambda label: glad[label]) == "positive"
    assert max(sad, key=lambda label: sad[label]) == "negative"


@pytest.mark.parametrize("language", CODES)
def test_every_language_is_read_whole(language: str) -> None:
    found = read(FRUSTRATED[language], language)
    assert set(found.sentiment) == set(SENTIMENTS)
    assert sum(found.sentiment.values()) == pytest.approx(1, abs=0.01)
    assert found.learning["frustration"].probability >= 0.5
    assert bool(found.emotions) == (language == "en"), (
        "no model of emotions knows another language, and none is made up"
    )
    assert read(CALM[language], language).learning["frustration"].probability < 0.3


def test_emotions_are_told_apart() -> None:
    def emotion(text: str) -> str:
        found = read(text, "en").emotions
        assert set(found) == set(EMOTIONS)
        return max(found, key=lambda name: found[name].probability)

    assert emotion("I am so angry and furious right now, this is outrageous") == "anger"
    assert emotion("so happy today, what a lovely laugh we had") == "joy"
    assert emotion("feeling so sad and lonely and depressed") == "sadness"


def test_model_and_rule_are_told_apart() -> None:
    said = read("I'm confused, I don't understand.", "en").learning
    assert said["confusion"].source == "model+rule"
    assert said["boredom"].source == "rule"
    assert read(CONFUSED["de"], "de").learning["confusion"].source == "rule"


def test_a_crisis_is_urgent_whatever_else_is_said() -> None:
    found = read("A calm sentence.", "en", Verdict("support", ("self_harm",)))
    assert found.crisis
    assert found.urgency == urgency.HIGHEST
    assert found.signs["crisis"] == 1


@pytest.mark.parametrize("language", CODES)
def test_a_call_for_help_is_more_urgent_than_a_statement(language: str) -> None:
    asked = urgency.rated(CONFUSED[language] + "?", {"urgent": 0.7, "confusion": 0.7}, 0.5)
    assert asked > urgency.rated(CALM[language], {}, 0.2) + 1


def test_urgency_stays_on_its_scale() -> None:
    everything = dict.fromkeys(("urgent", "confusion", "frustration"), 1.0)
    assert urgency.rated("?", everything, 1.0) <= urgency.HIGHEST
    assert urgency.rated("thanks", {"thanks": 0.7}, 0.0) >= urgency.LOWEST


@pytest.mark.parametrize("name", [models.POLARITY, models.EMOTION, models.FEELINGS])
def test_what_ships_says_what_it_is_made_of(name: str) -> None:
    header = models.model(name).header
    assert header.sources
    for source in header.sources:
        assert source["licence"]
        assert len(source["sha256"]) == 64
        assert source["name"] != "affect_mooc_urgency", "these posts carry no licence to ship what is made of them"
    assert 0.4 < header.measured["macro_f1"] < 1
    assert name in header.command


@pytest.mark.parametrize("text", ["", " ", "😀", "a" * 8_000, "\x00\ud800"])
def test_any_text_is_read(text: str) -> None:
    assert set(read(text, None).sentiment) == set(SENTIMENTS)
