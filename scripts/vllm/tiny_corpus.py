"""Made-up lessons for the tiny Gemma: enough for a tokenizer, for turns that end, and for JSON that closes."""

import json
import random
from collections.abc import Iterator

SUBJECTS = (
    "fractions", "photosynthesis", "gravity", "grammar", "a triangle", "the water cycle", "an atom", "a variable",
    "a loop", "the French Revolution", "supply and demand", "a cell", "probability", "a verb", "energy", "a planet",
)  # fmt: skip
QUESTIONS = (
    "What is {s}?", "Explain {s} to me.", "I do not understand {s}.", "Can you help me with {s}?",
    "Give me an example of {s}.", "How do I study {s}?", "Why does {s} matter?",
)  # fmt: skip
ANSWERS = (
    "Let us look at {s} step by step.", "A good way to think about {s} is to draw it.", "First, say what you know about {s}.",
    "You are doing well with {s}.", "Try a small example of {s} and tell me what you see.", "Take your time with {s}.",
    "What part of {s} is hard for you?", "Here is one idea: {s} is made of simple parts.",
)  # fmt: skip
SYSTEMS = (
    "You are a patient tutor.", "You are Lyo, a mentor for learners. Be kind and brief.",
    "You help a learner with one step at a time. Never give the whole answer at once.",
)  # fmt: skip
STRUCTURED = ("Answer in JSON.", "Return one JSON object.")
LANGUAGES = (
    "The student reads the lesson and asks a question.", "El estudiante lee la lección y hace una pregunta.",
    "L'élève lit la leçon et pose une question.", "Der Schüler liest die Lektion und stellt eine Frage.",
    "Lo studente legge la lezione e fa una domanda.", "O aluno lê a lição e faz uma pergunta.",
    "Ученик читает урок и задаёт вопрос.", "学生读课文并提出一个问题。", "生徒は授業を読み、質問をします。",
    "학생은 수업을 읽고 질문을 합니다.", "يقرأ الطالب الدرس ويسأل سؤالا.", "छात्र पाठ पढ़ता है और प्रश्न पूछता है।",
)  # fmt: skip
KEYS = ("title", "summary", "text", "reason", "answer", "topic", "name", "description")


def conversations(rng: random.Random, count: int) -> list[list[dict[str, str]]]:
    """`count` chats in the wire's form: perhaps a system message, one or two turns, answers in words or in JSON."""
    return [_conversation(rng) for _ in range(count)]


def sentences(rng: random.Random) -> Iterator[str]:
    """Text for the tokenizer: all the languages, and what the conversations say."""
    for _ in range(20):
        yield from LANGUAGES
    for talk in conversations(rng, 500):
        yield from (message["content"] for message in talk)


def _conversation(rng: random.Random) -> list[dict[str, str]]:
    as_json = rng.random() < 0.4
    # JSON without being told to, now and then: under a schema the engine's grammar starts it, whatever the prompt says.
    told = as_json and rng.random() < 0.8
    system = rng.choice(STRUCTURED if told else SYSTEMS)
    if not told and rng.random() < 0.3:  # long instructions, as the product's are
        system = " ".join([system, *(rng.choice(ANSWERS).format(s=rng.choice(SUBJECTS)) for _ in range(6))])
    talk = [{"role": "system", "content": system}] if told or rng.random() < 0.7 else []
    for _ in range(rng.randint(1, 2)):
        subject = rng.choice(SUBJECTS)
        question = rng.choice(LANGUAGES) if rng.random() < 0.15 else rng.choice(QUESTIONS).format(s=subject)
        talk.append({"role": "user", "content": question})
        talk.append({"role": "assistant", "content": _object(rng, subject) if as_json else _words(rng, subject)})
    return talk


def _words(rng: random.Random, subject: str) -> str:
    return " ".join(rng.choice(ANSWERS).format(s=subject) for _ in range(_few(rng)))


def _few(rng: random.Random) -> int:
    """1, 2 or 3; ending is likelier than going on at each step, so that an answer ends at temperature 0 as well."""
    return rng.choices((1, 2, 3), weights=(6, 3, 1))[0]


def _object(rng: random.Random, subject: str) -> str:
    """One JSON object with strings, a number, lists, objects in lists: the shapes that structured answers are made of.

    The order is shuffled, so that a list is learned to end before another key as well as before the last brace.
    """
    parts: list[tuple[str, object]] = [
        (key, rng.choice(ANSWERS).format(s=subject)) for key in rng.sample(KEYS, rng.randint(1, 2))
    ]
    if rng.random() < 0.4:
        parts.append(("score", rng.choice((0, 1, 5, 7, 10))))
    if rng.random() < 0.6:
        parts.append((rng.choice(("steps", "tips")), [rng.choice(SUBJECTS) for _ in range(_few(rng))]))
    if rng.random() < 0.4:
        inner = [{"name": rng.choice(SUBJECTS), "level": rng.randint(1, 5)} for _ in range(_few(rng))]
        parts.append((rng.choice(("items", "lessons")), inner))
    rng.shuffle(parts)
    # No white space between the parts, as the engine's grammar is set to demand (see `serve`).
    return json.dumps(dict(parts), ensure_ascii=False, separators=(",", ":"))
