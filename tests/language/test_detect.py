import pytest

from shared.language.detect import accepted, choose, guess

QUESTIONS = {
    "en": [
        "Can you explain why the sky is blue?",
        "What is a prime number?",
        "hello",
        "Please help me with my homework",
    ],
    "es": [
        "¿Puedes explicarme por qué el cielo es azul?",
        "¿Qué es un número primo?",
        "hola",
        "Necesito ayuda con mi tarea",
    ],
    "fr": [
        "Peux-tu m’expliquer pourquoi le ciel est bleu ?",
        "Qu'est-ce qu'un nombre premier ?",
        "bonjour",
        "J'ai besoin d'aide pour mon devoir",
    ],
    "de": [
        "Kannst du mir erklären, warum der Himmel blau ist?",
        "Was ist eine Primzahl?",
        "hallo",
        "Ich brauche Hilfe bei meiner Aufgabe",
    ],
    "it": [
        "Puoi spiegarmi perché il cielo è blu?",
        "Che cos'è un numero primo?",
        "ciao",
        "Ho bisogno di aiuto con il mio compito",
    ],
    "pt": [
        "Você pode me explicar por que o céu é azul?",
        "O que é um número primo?",
        "olá",
        "Preciso de ajuda com a minha tarefa",
    ],
    "ru": [
        "Можешь объяснить, почему небо голубое?",
        "Что такое простое число?",
        "привет",
        "Помоги мне с домашней работой",
    ],
    "zh": ["你能解释一下天空为什么是蓝色的吗？", "什么是质数？", "你好", "請幫我做作業"],
    "ja": ["空がなぜ青いのか説明してもらえますか？", "素数とは何ですか？", "こんにちは", "宿題を手伝ってください"],
    "ko": ["하늘이 왜 파란지 설명해 줄 수 있나요?", "소수란 무엇인가요?", "안녕하세요", "숙제를 도와주세요"],
    "ar": ["هل يمكنك أن تشرح لي لماذا السماء زرقاء؟", "ما هو العدد الأولي؟", "مرحبا", "أحتاج إلى مساعدة في واجبي"],
    "hi": ["क्या आप समझा सकते हैं कि आसमान नीला क्यों है?", "अभाज्य संख्या क्या है?", "नमस्ते", "मुझे अपने होमवर्क में मदद चाहिए"],
}
UNDECIDED = {
    "nothing": "",
    "blank": " \n\t ",
    "digits": "12 + 3 = ?",
    "code": "x = y[0]",
    "emoji": "🙂🙂",
    "one shared word": "no",
    "a name": "Photosynthesis",
    "dutch": "Het is een boek en ik lees het niet",
    "swedish": "Jag är inte hemma och det är kallt",
    "turkish": "Bu bir kitap ve çok güzel",
    "persian": "سلام، چطوری؟ این چیست",
    "urdu": "یہ کیا ہے",
    "ukrainian": "Привіт, що це таке?",
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in QUESTIONS.items() for text in texts])
def test_a_question_is_guessed(code: str, text: str) -> None:
    assert guess(text) == code


@pytest.mark.parametrize("text", UNDECIDED.values(), ids=UNDECIDED)
def test_what_cannot_be_told_is_left_open(text: str) -> None:
    assert guess(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Was bedeutet 猫 auf Deutsch?", "de"),
        ("How do I say 我想学习 in French?", "en"),
        ("我想学习 Python programming", "zh"),
        ("Что такое GraphQL API endpoint?", "ru"),
        ("東京大学と京都大学の違い", "ja"),
        ("REST API란 무엇인가요?", "ko"),
    ],
)
def test_a_mixed_message_is_of_the_language_that_carries_it(text: str, code: str) -> None:
    assert guess(text) == code


def test_only_the_beginning_is_read() -> None:
    assert guess("Was ist das und warum ist es so? " * 12 + "Что такое простое число? " * 400) == "de"
    assert guess("7" * 400 + " Was ist das und warum ist es so?") is None


CHOICES = [
    # requested, accept-language, profile, text, default -> language
    (("fr", "de", "es", QUESTIONS["ru"][0], "en"), "fr"),
    (("pt-BR", "de", "es", QUESTIONS["ru"][0], "en"), "pt"),
    (("nl", "de", "es", QUESTIONS["ru"][0], "en"), "ru"),
    ((None, "de", "es", QUESTIONS["ru"][0], "en"), "ru"),
    ((None, "de", "es", "ok", "en"), "es"),
    ((None, "de", None, "ok", "en"), "de"),
    ((None, "nl;q=1, it;q=0.5", None, "ok", "en"), "it"),
    ((None, None, None, "ok", "hi"), "hi"),
    ((None, None, None, "ok", "xx"), "en"),
]


@pytest.mark.parametrize(("asked", "language"), CHOICES)
def test_the_language_of_the_answer_is_chosen_in_order(
    asked: tuple[str | None, str | None, str | None, str, str], language: str
) -> None:
    assert choose(*asked) == language


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("en;q=0.1, de;q=0.7, *;q=0.9", "de"),
        ("nl, ko ; q=0.3, ja;Q=0.4", "ja"),
        ("de;q=0, en;q=0.2", "en"),
        ("de;q=0", None),
        ("de;q=nonsense, en;q=0.2", "en"),
        ("de;q=nan, en;q=7, es;q=-1, it;q=0.1", "it"),
        ("de;level=1, en", "de"),
        ("*", None),
        (";;,,;q=", None),
        ("", None),
        (None, None),
        ("xx," * 20 + "de", None),
    ],
)
def test_the_header_is_read_by_quality(header: str | None, code: str | None) -> None:
    assert accepted(header) == code
