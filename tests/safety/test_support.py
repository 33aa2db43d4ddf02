import pytest

from shared.language.detect import guess
from shared.language.names import CODES
from shared.safety.support import help_text

TRUSTED = {
    "en": "trust",
    "es": "confianza",
    "fr": "confiance",
    "de": "vertraust",
    "it": "fidi",
    "pt": "confia",
    "ru": "доверяешь",
    "zh": "信任",
    "ja": "信頼",
    "ko": "믿을",
    "ar": "تثق",
    "hi": "भरोसा",
}
EMERGENCY = {
    "en": "emergency",
    "es": "emergencias",
    "fr": "urgence",
    "de": "Notruf",
    "it": "emergenza",
    "pt": "emergência",
    "ru": "экстренной",
    "zh": "紧急",
    "ja": "緊急",
    "ko": "긴급",
    "ar": "الطوارئ",
    "hi": "आपातकालीन",
}


@pytest.mark.parametrize("code", CODES)
def test_t68_the_help_names_three_places_to_turn_to_in_the_language(code: str) -> None:
    text = help_text(code)
    assert "findahelpline.com" in text
    assert TRUSTED[code] in text
    assert EMERGENCY[code] in text
    assert guess(text) == code
    assert not any(character.isdigit() for character in text)
    assert len(text) < 900


def test_another_language_gets_english() -> None:
    assert help_text("nl") == help_text("en")
