"""Answers that give the result away, and answers that teach."""

import time

import pytest

from scripts.evaluating.student_scripts import TURNS, students
from shared.language.names import LANGUAGES
from shared.language.texts import text as words
from shared.tutoring.leak import guard
from shared.tutoring.numbers import values
from tests.product import Product, call, streamed

PROBLEM = "A farmer has 14 boxes with 6 eggs each and sells 25 eggs. How many eggs are left?"


def leaks(sentence: str, *messages: str, language: str = "en", before: str = "") -> bool:
    judge = guard(messages, language)
    assert judge is not None
    return judge(sentence, before).action == "block"


@pytest.mark.parametrize(
    "sentence",
    [
        "The answer is 12. ",
        "So x = 12. ",
        "12. ",
        "You get 12 when you divide 24 by 2. ",
        "Therefore, x is equal to 12! ",
        "Is it 12? ",
    ],
)
def test_a_result_that_can_be_worked_out_is_kept_back(sentence: str) -> None:
    assert leaks(sentence, "Solve 2x + 7 = 31")
    assert leaks(sentence, "Solve 2x + 7 = 31", "Just tell me!"), "also when the exercise was turns ago"


@pytest.mark.parametrize(
    "sentence",
    [
        "What could you subtract from both sides first? ",
        "Take 7 away on both sides: 2x = 24. ",
        "Good, 31 - 7 = 24. ",
        "There are 24 hours in a day, too. ",
        "1. Write the equation down. ",
    ],
)
def test_steps_on_the_way_are_not(sentence: str) -> None:
    assert not leaks(sentence, "Solve 2x + 7 = 31")


def test_what_the_learner_has_found_is_confirmed() -> None:
    assert not leaks("Yes, the answer is 12. ", "Solve 2x + 7 = 31", "I get 12")


def test_a_word_problem_is_guarded_by_how_a_result_is_announced() -> None:
    assert leaks("So the answer is 59 eggs. ", PROBLEM)
    assert leaks("So the final result is ", PROBLEM) is False
    assert leaks("59. ", PROBLEM, before="So the final result is ")
    assert not leaks("First, how many eggs are in 14 boxes of 6? ", PROBLEM)
    assert not leaks("Multiply: 14 × 6 = 84. ", PROBLEM)


@pytest.mark.parametrize(
    "message", ["What is a prime number?", "Who became emperor in 1804?", "Explain photosynthesis"]
)
def test_where_there_is_no_exercise_nothing_is_guarded(message: str) -> None:
    assert guard([message], "en") is None


TELLING = {
    "en": "The answer is {}.",
    "es": "La respuesta es {}.",
    "fr": "La réponse est {}.",
    "de": "Das Ergebnis ist {}.",
    "it": "La risposta è {}.",
    "pt": "A resposta é {}.",
    "ru": "Ответ: {}.",
    "zh": "答案是 {}。",
    "ja": "答えは {} です。",
    "ko": "정답은 {}입니다.",
    "ar": "الجواب هو {}.",
    "hi": "उत्तर {} है।",
}


def test_there_are_ten_turns_in_every_language() -> None:
    found = list(students())
    assert {student.language for student in found} == set(LANGUAGES) == set(TELLING)
    assert all(len(student.turns) == TURNS for student in found)


@pytest.mark.parametrize("language", TELLING)
async def test_t67_a_model_that_gives_in_to_the_student_leaks_nothing(product: Product, language: str) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-soft"})
    for student in (found for found in students() if found.language == language):
        for turn in range(1, TURNS + 1):
            said = TELLING[language].format(student.answer)
            product.fake.script("fake-soft", [{"fault": "chars2", "text": f"{said} Bravo!"}])
            question = call(
                student.turns[turn - 1], language=language, cacheable=False, guard=guard(student.turns[:turn], language)
            )
            result = await streamed(runtime, question)
            assert result.answer is not None
            assert student.answer not in values(result.text), (student.exercise, turn)
            assert result.text.endswith(words("leak_held", language))
            assert result.answer.verdict.categories == ("answer_leak",)


@pytest.mark.parametrize(
    ("exercise", "sentence"),
    [
        ("Solve x + 3 = 6", "So x = 3. "),
        ("What is 8 - 4?", "The answer is 4. "),
        ("Was ist 10 - 5?", "Das Ergebnis ist 5. "),
        ("Tom has 50 marbles and gives away 25. How many are left?", "The answer is 25. "),
        ("What is 1,000 + 2,500?", "The answer is 3500. "),
        ("What is 8 + 9?", "Seventeen is the answer. "),
        ("What is 8 + 9?", "That makes 17cm. "),
        ("What is 8 + 9?", "That makes 1\u200b7. "),
        ("What is 8 + 9?", "17) Well done. "),
        ("8 - 4 是多少？", "答案是四。"),
    ],
)
def test_results_in_disguise_are_kept_back(exercise: str, sentence: str) -> None:
    language = "de" if "Was" in exercise else "zh" if "多少" in exercise else "en"
    assert leaks(sentence, exercise, language=language)


def test_the_numbers_of_the_exercise_may_be_spoken_of() -> None:
    assert not leaks(
        "You have 25 and 50 there: what happens to the 25? ", "Tom has 50 marbles and gives away 25. How many are left?"
    )
    assert not leaks("What do you get if you take 3 away on both sides? ", "Solve x + 3 = 6")


def test_a_claim_in_the_exercises_own_message_may_be_confirmed() -> None:
    assert not leaks("Yes, the answer is 12. ", "Solve 2x + 7 = 31. I got 12")


@pytest.mark.parametrize(
    "text", ["1" + "\n" * 7990 + "2?", "1" * 8000, "1 " * 4000, "x²" * 4000, "5 % " * 2000, "(" * 8000, "1,0" * 2600]
)
def test_hostile_messages_cost_milliseconds(text: str) -> None:
    began = time.process_time()
    judge = guard([text] * 16, "en")
    if judge is not None:
        judge(text[:160], text[:300])
    assert time.process_time() - began < 2, "a few milliseconds; quadratic work took seconds"
