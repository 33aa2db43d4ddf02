import pytest

from shared.language.names import CODES
from shared.safety.personal import is_personal

PERSONAL = {
    "en": [
        "I don't get it",
        "i struggle with maths",
        "my dog ate it",
        "Is this ok for me?",
        "We live in Ohio",
        "I’m new",
        "give us a hint",
    ],
    "es": [
        "Yo no entiendo",
        "tengo 15 años",
        "mi perro",
        "estoy perdida",
        "¿Puedes ayudarme? Necesito esto",
        "nuestra clase",
    ],
    "fr": ["J'ai un problème", "je m'appelle Léa", "mon frère", "Aide-moi", "notre classe", "J’ai peur"],
    "de": ["Ich bin 14", "hilf mir", "meine Mutter sagt", "Bin neu hier", "unser Lehrer"],
    "it": ["Io non capisco", "Sono uno studente", "non sono bravo", "la mia scuola", "ho paura", "Mi chiamo Ugo"],
    "pt": ["Eu não entendo", "Meu nome é Ana", "estou perdido", "minha escola", "Preciso de ajuda"],
    "ru": ["Меня зовут Иван", "не понимаю дроби", "мой брат", "Я устал", "живу в Омске", "наш учитель"],
    "zh": ["我不懂", "我的老师说", "本人今年上初二", "咱们学校"],
    "ja": ["私は学生です", "僕の宿題", "微分が分からない", "留学したいです", "うちの母"],
    "ko": ["저는 학생입니다", "내 이름은 민수", "제 동생", "나 몰라", "우리 학교", "난 몰라"],
    "ar": ["أنا طالب", "وأنا لا أفهم", "عندي امتحان", "اسمي ليلى", "أريد المساعدة"],
    "hi": ["मैं छात्र हूँ", "मुझे मदद चाहिए", "मेरा भाई", "मेरी कक्षा", "हमारे शिक्षक", "mujhe madad chahiye"],
}
GENERAL = {
    "en": ["What is photosynthesis?", "Solve 2x + 3 = 7", "Write a function that sorts a list", "Summarise US history"],
    "es": ["¿Qué es la fotosíntesis?", "¿Cuántos meses tiene el año?", "Explica la Revolución francesa"],
    "fr": [
        "Qu'est-ce que la photosynthèse ?",
        "Explique la Révolution française",
        "Comment la Révolution a-t-elle eu lieu en France ?",
    ],
    "de": ["Was ist die Photosynthese?", "Was macht die EU?", "Erkläre die Französische Revolution"],
    "it": ["Quali sono i numeri primi?", "Cosa sono i verbi?", "Che cos'è la fotosintesi, ma in breve?"],
    "pt": ["O que são frações?", "O que é a fotossíntese nos vegetais?", "Explique a Revolução Francesa"],
    "ru": ["Что такое фотосинтез?", "Объясни теорему Пифагора", "Реши уравнение 2x + 3 = 7"],
    "zh": ["什么是光合作用？", "解释勾股定理", "请解方程 2x + 3 = 7"],
    "ja": ["光合成とは何ですか？", "三平方の定理を説明してください"],
    "ko": ["광합성이란 무엇입니까?", "나무는 어떻게 자라나요?", "하나의 예를 들어 주세요", "내각제란 무엇인가요?"],
    "ar": ["ما هو التمثيل الضوئي؟", "اشرح نظرية فيثاغورس"],
    "hi": ["प्रकाश संश्लेषण क्या है?", "पाइथागोरस प्रमेय समझाओ"],
}


def test_every_language_has_cases_of_both_sorts() -> None:
    assert set(PERSONAL) == set(GENERAL) == set(CODES)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in PERSONAL.items() for text in texts])
def test_who_speaks_of_themselves_is_personal(code: str, text: str) -> None:
    assert is_personal(text)
    assert is_personal(f"Solve 2x = 4. {text}")


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in GENERAL.items() for text in texts])
def test_a_question_that_anyone_could_ask_is_not(code: str, text: str) -> None:
    assert not is_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Send the solution to ana@example.com",
        "Call 212-555-0123 with the answer",
        "Why does 192.168.0.17 not answer?",
        "Use sk-" + "a1B2" * 8,
        "dyslexic, 15 years old, needs help with fractions",
        "15 साल का छात्र",
        "15岁，学习分数",
    ],
)
def test_data_about_the_writer_is_personal_without_a_pronoun(text: str) -> None:
    assert is_personal(text)
