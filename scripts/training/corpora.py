"""The labelled texts that the safety models are made of, out of the files in a folder. What is not there is left out.

Only sets whose licence allows shipping what is made of them: MIT, Apache-2.0, CC0 and CC BY. Do-Not-Answer (CC BY-NC-SA) and Alpaca's
instructions (CC BY-NC) are measured on and never fitted to. A text's labels are 0, 1 or, where nobody has looked, absent.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from scripts.evaluating.reading import columns, lines, table
from scripts.training import Unfit, source
from shared.textmodel.features import words

LETTERS = {
    "S": "sexual",
    "H": "hate",
    "V": "violence",
    "HR": "harassment",
    "SH": "self_harm",
    "S3": "sexual_minors",
    "H2": "hate_threatening",
    "V2": "violence_graphic",
}
"""The moderation set's columns and our names for them."""
_OURS = Path(__file__).with_name("harmless.json")
_OUR_CRISIS = (
    Path(__file__).with_name("crisis.json"),
    Path(__file__).parents[2] / "tests" / "safety" / "crisis_cases.json",
)
_WITHIN = {"sexual_minors": "sexual", "hate_threatening": "hate", "violence_graphic": "violence"}
_NEUTRAL_TWEET, _HATEFUL_TWEET = "2", "0"


@dataclass(frozen=True)
class Row:
    """A text, what is known of it, how much it counts, and what it must stay together with when models are compared."""

    text: str
    labels: Mapping[str, int]
    weight: float
    group: str
    of: str
    """Its data set."""


@dataclass(frozen=True)
class Corpus:
    """Rows and where they are from, as a model's header says it."""

    rows: list[Row]
    sources: tuple[dict[str, Any], ...]


_Reader = Callable[[Path], Iterator[Row]]


def _gather(data: Path, sets: Iterable[tuple[str, str, str, _Reader]]) -> Corpus:
    rows: list[Row] = []
    sources = []
    for name, licence, file, read in sets:
        paths = sorted(data.rglob(file))
        found = [row for path in paths for row in read(path) if row.text.strip()]
        if found:
            rows += found
            sources.append(source(name, licence, paths, len(found)))
    if not rows:
        raise Unfit(f"{data} has none of the sets for this model")
    return Corpus(rows, tuple(sources))


def moderation(data: Path) -> Corpus:
    """Content by category; `any` says whether one applies."""
    return _gather(
        data,
        (
            ("OpenAI moderation evaluation set", "MIT", "samples.jsonl", _moderated),
            ("Davidson et al. 2017, hate speech and offensive language", "MIT", "labeled_data.csv", _tweets),
        ),
    )


def _moderated(path: Path) -> Iterator[Row]:
    for row in lines(path):
        known = {name: int(row[letter]) for letter, name in LETTERS.items() if row.get(letter) is not None}
        for narrow, wide in _WITHIN.items():  # what is of the narrower kind is of the wider one
            if known.get(narrow):
                known[wide] = 1
        flagged = int(any(known.values()))
        # In a text that is flagged for nothing, what nobody has looked at was not striking either.
        labels = known if flagged else dict.fromkeys(LETTERS.values(), 0)
        yield Row(row["prompt"], {"any": flagged, **labels}, 1.0, row["id"], "openai_moderation")


def _tweets(path: Path) -> Iterator[Row]:
    for number, row in enumerate(table(path, "class", "tweet")):
        if row["class"] == _NEUTRAL_TWEET:
            yield Row(row["tweet"], dict.fromkeys(("any", *LETTERS.values()), 0), 0.15, f"tweet/{number}", "davidson")
        elif row["class"] == _HATEFUL_TWEET:
            yield Row(row["tweet"], {"any": 1, "hate": 1}, 0.15, f"tweet/{number}", "davidson")


ASKED = ("illicit", "jailbreak", "prompt_injection")
_HARMLESS = dict.fromkeys(ASKED, 0)
_GOAL = {"illicit": 1, "jailbreak": 0, "prompt_injection": 0}


def requests(data: Path) -> Corpus:
    """What is asked for: something harmful, a model without its rules, or obedience to a document."""
    goal = partial(_column, labels=_GOAL)
    found = _gather(
        data,
        (
            ("AdvBench", "MIT", "harmful_behaviors.csv", partial(goal, of="advbench", column="goal")),
            ("HarmBench", "MIT", "behaviors_text.csv", partial(goal, of="harmbench", column="behavior")),
            ("StrongREJECT", "MIT", "strongreject.csv", partial(goal, of="strongreject", column="forbidden_prompt")),
            ("JailbreakBench goals", "MIT", "goals.csv", partial(goal, of="jailbreakbench", column="goal")),
            ("JailbreakBench artifacts", "MIT", "attack_prompts.jsonl", _attacks),
            ("In-the-wild jailbreak prompts (verazuo)", "MIT", "prompts.jsonl", _wild),
            ("MultiJail", "MIT", "multijail.csv", _multijail),
            ("XSTest (Röttger et al. 2024)", "CC BY 4.0", "prompts.csv", _contrasts),
            ("PIGuard sets: NotInject, WildGuard, BIPIA", "MIT", "piguard_sets.csv", _injections),
            ("CyberSecEval prompt injection (PurpleLlama)", "MIT", "cse_prompt_injection*.jsonl", _overruling),
            ("MT-Bench, Vicuna, Arena-Hard questions", "Apache-2.0", "prompts.jsonl", _chats),
            ("GoEmotions comments", "Apache-2.0", "train.csv", _comments),
            ("Wortschatz Leipzig sentences (lingua)", "CC BY", "texts.csv", _sentences),
        ),
    )
    if not any(1 in row.labels.values() for row in found.rows):
        raise Unfit(f"{data} has no harmful request")
    rows = [*_harmless(), *_lessons()]
    ours = source("harmless requests, our own", "ours", [_OURS, _OUR_CRISIS[0]], len(rows))
    return Corpus(found.rows + rows, (*found.sources, ours))


def crisis(data: Path) -> Corpus:
    """Our own sentences of people in need and of lessons that sound alike, in twelve languages, and everyday texts beside them.

    A sentence and its translations stay together.
    """
    rows = list(_own_crisis())
    ours = source("signs of a crisis and lessons that sound alike, our own", "ours", _OUR_CRISIS, len(rows))
    everyday = _gather(
        data,
        (
            ("MT-Bench, Vicuna, Arena-Hard questions", "Apache-2.0", "prompts.jsonl", _chats),
            ("GoEmotions comments", "Apache-2.0", "train.csv", _comments),
            ("Wortschatz Leipzig sentences (lingua)", "CC BY", "texts.csv", _sentences),
        ),
    )
    beside = [replace(row, labels={"crisis": 0}) for row in (*everyday.rows, *_harmless())]
    return Corpus([*rows, *beside], (*everyday.sources, ours))


def _own_crisis() -> Iterator[Row]:
    for path in _OUR_CRISIS:
        cases = json.loads(path.read_text(encoding="utf-8"))
        for name, label in (("support", 1), ("allow", 0)):
            for code, texts in cases[name].items():
                for place, text in enumerate(texts):
                    group = f"{path.stem}/{name}/{place}"
                    yield Row(text, {"crisis": label}, 2.0, group, f"crisis_{name}_{code}")


def _lessons() -> Iterator[Row]:
    """What learners write, in twelve languages: without it a language is known by the attacks that were collected in it."""
    cases = json.loads(_OUR_CRISIS[0].read_text(encoding="utf-8"))
    for name, texts in cases.items():
        for code in texts:
            for place, text in enumerate(texts[code]):
                yield Row(text, _HARMLESS, 3.0, f"lesson/{name}/{place}", f"lessons_{code}")


def _harmless() -> Iterator[Row]:
    """Everyday requests in the form of harmful ones, and questions of lessons in twelve languages that hold alarming words."""
    ours = json.loads(_OURS.read_text(encoding="utf-8"))
    for place, doing in enumerate(ours["doings"]):
        for shift in range(6):  # each with a third of the frames: all would only say the same more often
            frame = ours["frames"][(place + 3 * shift) % len(ours["frames"])]
            yield Row(frame.format(do=doing), _HARMLESS, 0.5, f"doing/{place}", "ours_requests")
    for code, questions in ours["questions"].items():
        for place, question in enumerate(questions):
            yield Row(question, _HARMLESS, 2.0, f"question/{place}", f"ours_{code}")


def _column(path: Path, *, of: str, column: str, labels: Mapping[str, int]) -> Iterator[Row]:
    for row in table(path, column):
        yield Row(row[column], labels, 1.0, gist(row[column]), of)


def gist(text: str) -> str:
    """What near-copies of an instruction have in common: its longest words."""
    return " ".join(sorted(sorted(set(words(text)), key=lambda word: (-len(word), word))[:3]))


def _attacks(path: Path) -> Iterator[Row]:
    for row in lines(path):
        yield Row(row["prompt"], {"jailbreak": 1}, 0.5, f"jbb/{row['index']}", "jailbreakbench_attacks")


def _wild(path: Path) -> Iterator[Row]:
    for row in lines(path):
        if "prompt" in row:
            yield Row(row["prompt"], {"jailbreak": 1}, 1.0, row["id"], "jailbreak_inthewild")


def _multijail(path: Path) -> Iterator[Row]:
    for row in table(path, "id", "en"):
        for code in ("en", "zh", "it", "ar", "ko"):
            if row.get(code):
                yield Row(row[code], _GOAL, 0.4, f"multijail/{row['id']}", f"multijail_{code}")


def _contrasts(path: Path) -> Iterator[Row]:
    if not {"prompt", "label", "focus"} <= columns(path):
        return
    for row in table(path):
        labels = {**_HARMLESS, "illicit": int(row["label"] == "unsafe")}
        yield Row(row["prompt"], labels, 2.0, f"xstest/{row['id']}", f"xstest_{row['label']}")


def _injections(path: Path) -> Iterator[Row]:
    for row in table(path, "set", "text", "label"):
        harmful = row["label"] == "injection"
        name = row["set"].lower()
        # Many of BIPIA's tasks are harmless sentences that only their place in a document makes an injection.
        labels = {"prompt_injection": 1} if harmful else _HARMLESS
        yield Row(row["text"], labels, 1.0, row["id"], name)


def _overruling(path: Path) -> Iterator[Row]:
    for row in lines(path):
        code = row["speaking_language"].lower()
        yield Row(row["user_input"], {"prompt_injection": 1}, 0.5, row["id"], f"cse_{code}")
        # What a system prompt says is an instruction that is none of an attacker's.
        yield Row(row["test_case_prompt"], _HARMLESS, 0.5, row["id"], "cse_system")


def _chats(path: Path) -> Iterator[Row]:
    for row in lines(path):
        if "turns" in row:
            yield Row(row["turns"][0], _HARMLESS, 1.0, row["id"], "chats")


def _comments(path: Path) -> Iterator[Row]:
    if "labels" in columns(path):
        for number, row in enumerate(table(path)[:6000]):
            yield Row(row["text"], _HARMLESS, 0.3, f"comment/{number}", "goemotions")


def _sentences(path: Path) -> Iterator[Row]:
    for row in table(path, "lang", "kind", "text")[::2]:
        if row["kind"] == "sentences":
            yield Row(row["text"], _HARMLESS, 1.0, row["id"], f"sentences_{row['lang']}")
