"""Detection with the library: short messages, languages that are none of the twelve, and a message before it is loaded."""

import asyncio
import threading

import pytest

import shared.language.detector as module
from shared.language.detect import SURE, Found, choose, look
from shared.language.detector import Detector
from tests.fakes.waiting import eventually

SHORT = {
    "geometría": "es",
    "équation": "fr",
    "das Haus": "de",
    "perche il cielo e blu": "it",
    "obrigação": "pt",
    "j ai pas compris": "fr",
    "thanks for that": "en",
}
FOREIGN = (
    "Kun je me uitleggen waarom de lucht blauw is?",
    "Ik begrijp deze som niet, help me alsjeblieft",
    "Kan du förklara varför himlen är blå?",
    "Hvordan virker fotosyntese",
    "Czy możesz wyjaśnić, dlaczego niebo jest niebieskie?",
    "Gökyüzü neden mavi, açıklar mısın?",
    "Poți să-mi explici de ce cerul este albastru?",
    "Em pots explicar per què el cel és blau?",
    "Můžeš mi vysvětlit, proč je obloha modrá?",
    "Voitko selittää, miksi taivas on sininen?",
    "Bisakah kamu menjelaskan mengapa langit berwarna biru?",
    "Unaweza kunieleza kwa nini anga ni bluu?",
    "Ano ang prime number?",
    "سلام، چطوری؟ این چیست",
    "Привіт, що це таке?",
    "Τι είναι ο πρώτος αριθμός;",
)
NO_LANGUAGE = (
    "",
    "12 + 3 = ?",
    "x = y[0]",
    "2x + 3 = 7",
    "sin(x)",
    "🙂🙂",
    "https://example.org/der/die/das",
    "`der die das`",
)


@pytest.fixture(scope="module")
def detector() -> Detector:
    made = Detector()
    made.load()
    return made


@pytest.mark.parametrize(("text", "code"), SHORT.items())
def test_a_short_message_is_detected(detector: Detector, text: str, code: str) -> None:
    found = detector.detect(text)
    assert found is not None
    assert found.code == code
    assert 0 < found.confidence <= 1


@pytest.mark.parametrize("text", FOREIGN)
def test_a_language_that_is_none_of_the_twelve_is_never_sure(detector: Detector, text: str) -> None:
    found = detector.detect(text)
    assert found is None or found.confidence < SURE


@pytest.mark.parametrize("text", NO_LANGUAGE)
def test_what_has_no_words_has_no_language(detector: Detector, text: str) -> None:
    assert detector.detect(text) is None


def test_what_is_quoted_does_not_decide(detector: Detector) -> None:
    found = detector.detect('What does "ich bin müde und möchte schlafen gehen" mean?')
    assert found == Found("en", 1.0)
    assert detector.detect('"ich bin müde und möchte schlafen gehen"') == Found("de", 1.0)


def test_arabic_from_a_persian_keyboard_is_arabic(detector: Detector) -> None:
    assert detector.detect("اضافة الی مؤتمرات و حلقات دراسية فی مجال العلم") == Found("ar", 1.0)


async def test_a_message_before_the_models_are_there_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, loads = threading.Event(), []

    class Slow(module.Models):
        def __init__(self) -> None:
            loads.append(threading.current_thread().name)
            gate.wait()
            super().__init__()

    monkeypatch.setattr(module, "Models", Slow)
    detector = Detector()
    assert detector.detect("Was ist eine Primzahl und warum?") == Found("de", 1.0)
    assert not loads, "a clear sentence needs no library"
    assert detector.detect("geometría") is None
    assert detector.detect("geometría") is None
    gate.set()
    await eventually(lambda: detector.loaded)
    found = await asyncio.to_thread(detector.detect, "geometría")
    assert found is not None
    assert found.code == "es"
    assert loads == ["language-models"], "once, and not on the thread of the event loop"


async def test_without_the_library_the_quick_look_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = threading.Event()

    class Missing:
        def __init__(self) -> None:
            tried.set()
            raise ImportError("no such wheel")

    monkeypatch.setattr(module, "Models", Missing)
    detector = Detector()
    assert detector.detect("geometría") is None
    await eventually(tried.is_set)
    assert detector.detect("hola") == look("hola").found
    assert not detector.loaded


@pytest.mark.parametrize(
    ("found", "header", "profile", "language"),
    [
        (Found("es", 0.9), "de", "fr", "es"),
        (Found("es", 0.5), "de", "fr", "fr"),
        (Found("es", 0.5), "de", None, "de"),
        (Found("es", 0.5), None, None, "es"),
        (Found("es", 0.1), None, None, "hi"),
    ],
)
def test_a_doubtful_language_goes_behind_what_is_known(
    found: Found, header: str | None, profile: str | None, language: str
) -> None:
    assert choose(None, header, profile, "geometría plana", "hi", found=found) == language


def test_one_word_in_latin_letters_is_not_taken_for_a_language_on_a_librarys_word() -> None:
    found = Found("fr", 0.95)
    assert choose(None, None, None, "inflation", "en", found=found) == "en"
    assert choose(None, None, "fr", "inflation", "en", found=found) == "fr"
    assert choose(None, None, None, "Bonjour !", "en", found=found) == "fr", "a greeting says it by itself"
    assert choose(None, None, None, "फोटोसिंथेसिस", "en", found=Found("hi", 1.0)) == "hi", "nor is a script in doubt"


def test_a_few_chinese_characters_are_japanese_to_who_reads_japanese() -> None:
    assert choose(None, "ja", None, "数学", "en") == "ja"
    assert choose(None, "en", None, "数学", "en") == "zh"
    assert choose(None, "ja", None, "什么是质数？请解释一下", "en") == "zh"


def test_letters_between_digits_are_no_words() -> None:
    detector = Detector()
    detector.load()
    for name in ("3de7a90da1e5", "7e-da-4os-9", "a1b2c3d4"):
        found = detector.detect(f"What is {name}?")
        assert found is None or found.code == "en", name
