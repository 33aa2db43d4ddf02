"""The first rules of the safety seam: signs of suicidal or self-harming intent in twelve languages.

They are the floor under the trained model of `shared.safety.check`. They look for what people say of themselves ("I want to die"),
for how-to questions, for worry about somebody close, and for harm that others do to the writer; recall comes first, because the
answer is a help text on top of the lesson, not a refusal. A topic ("suicide prevention essay", "Romeo's suicide") or an
idiom ("this homework is killing me") is not intent. Rules never say `block`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from shared.patterns import LazyPattern
from shared.safety import (
    crisis_english,
    crisis_latin,
    crisis_scripts,
    crisis_signs,
    crisis_ways_english,
    crisis_ways_latin,
    crisis_ways_scripts,
    disclosures,
)
from shared.safety.folding import DROPPED, fold
from shared.safety.verdict import ALLOW, Verdict

SELF_HARM = Verdict("support", ("self_harm",))
ABUSE = Verdict("support", ("abuse",))

_TOKEN = re.compile("[a-z0-9]+")
_SPACE = re.compile(r"\s+")
_BESIDE_DIE = frozenset(("i", "im", "id", "my", "wanna", "want", "let", "to"))
"""Words of which one stands in every English text that fits a rule on `die`: the German article is in every message."""
_SCRIPT_LETTERS = {
    "ru": "[\u0400-\u04ff]",
    "zh": "[\u3400-\u9fff]",
    "ja": "[\u3041-\u30ff]",
    "ko": "[\uac00-\ud7a3]",
    "ar": "[\u0620-\u06d3]",
    "hi": "[\u0900-\u097f]",
}

_BEGIN = r"(?:^|[.!?;:\n])\W{0,5}"
_END = r"(?=\W{0,5}$|\s{0,5}[.!?;,:\n])"

_Rule = tuple[LazyPattern, bool]
"""A pattern, and whether it is weak: not counted in a text about a topic to study."""


def _compile(patterns: Iterable[str], macros: Mapping[str, str]) -> tuple[_Rule, ...]:
    """The strong ones and the weak ones, each as one alternation."""
    strong: list[str] = []
    weak: list[str] = []
    for pattern in patterns:
        (weak if pattern.startswith("?") else strong).append(_expand(pattern.removeprefix("?"), macros))
    return tuple((LazyPattern("|".join(group)), is_weak) for group, is_weak in ((strong, False), (weak, True)) if group)


def _expand(pattern: str, macros: Mapping[str, str]) -> str:
    """The notation of `crisis_latin` as a regular expression, in folded form; begin and end are those of a sentence."""
    for name, meaning in macros.items():
        pattern = pattern.replace(f"<{name}>", meaning)
    pattern = unicodedata.normalize("NFC", DROPPED.sub("", unicodedata.normalize("NFKD", pattern)))
    pattern = pattern.replace(r"^\W*", _BEGIN).replace(r"\W*$", _END)
    return pattern.replace(" ?", r"\W{0,5}").replace(" ", r"\W{1,5}")


def _by_trigger() -> dict[str, tuple[_Rule, ...]]:
    """Trigger word -> the rules to try when it occurs."""
    index: dict[str, tuple[_Rule, ...]] = {}
    modules = (crisis_english, crisis_latin, crisis_ways_english, crisis_ways_latin)
    macros = {**crisis_english.MACROS, **crisis_latin.MACROS, **crisis_ways_english.MACROS}
    for groups in (groups for module in modules for groups in module.GROUPS.values()):
        for triggers, patterns in groups:
            rules = _compile(patterns, macros)
            for trigger in triggers.split():
                index[trigger] = index.get(trigger, ()) + rules
    return index


_ANY_SCRIPT = re.compile("[\u0400-\u04ff\u0620-\u06d3\u0900-\u097f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class _Tables:
    """Everything, put together once."""

    by_trigger: dict[str, tuple[_Rule, ...]]
    by_script: tuple[tuple[re.Pattern[str], tuple[_Rule, ...]], ...]
    study: LazyPattern
    benign: LazyPattern


@cache
def _tables() -> _Tables:
    """Put together on the first check; each pattern is compiled when its trigger word first occurs."""
    modules = (crisis_english, crisis_latin, crisis_scripts, crisis_ways_latin, crisis_ways_scripts)
    return _Tables(
        by_trigger=_by_trigger(),
        by_script=tuple(
            (re.compile(letters), _compile((*crisis_scripts.GROUPS[code], *crisis_ways_scripts.GROUPS[code]), {}))
            for code, letters in _SCRIPT_LETTERS.items()
        ),
        study=LazyPattern(lambda: "|".join(_expand(module.STUDY, {}) for module in modules)),
        benign=LazyPattern(lambda: "|".join(_expand(idiom, {}) for module in modules for idiom in module.BENIGN)),
    )


def check(text: str) -> Verdict:
    """`support` with category `self_harm` or `abuse` when the text says so, else `allow`. Pure; linear in the length of the text."""
    folded = fold(text)
    if told := disclosures.in_danger(_SPACE.sub(" ", folded)):
        return ABUSE if told == "abuse" else SELF_HARM
    rules = _candidates(folded)
    if not _fits(rules, folded) and not crisis_signs.shown(_SPACE.sub(" ", folded)):
        return ALLOW
    # Rare from here on: take the idioms out, and leave weak signs aside when the text is about a topic.
    judged = _tables().benign.sub(" . ", folded)
    if _tables().study.search(judged):
        rules = [rule for rule in rules if not rule[1]]
    return SELF_HARM if _fits(rules, judged) or crisis_signs.shown(_SPACE.sub(" ", judged)) else ALLOW


def is_idiom(text: str) -> bool:
    """Whether the text has one of the known idioms that only sound like a crisis."""
    return _tables().benign.search(fold(text)) is not None


def _candidates(folded: str) -> list[_Rule]:
    """The rules worth trying: those of the trigger words that occur, and those of the scripts that occur."""
    tables = _tables()
    tokens = set(_TOKEN.findall(folded))
    triggers = tables.by_trigger.keys() & tokens
    if "die" in triggers and tokens.isdisjoint(_BESIDE_DIE):
        triggers.discard("die")
    rules = [rule for trigger in triggers for rule in tables.by_trigger[trigger]]
    if not folded.isascii() and _ANY_SCRIPT.search(folded):
        for letters, of_script in tables.by_script:
            if letters.search(folded):
                rules.extend(of_script)
    return rules


def _fits(rules: Iterable[_Rule], text: str) -> bool:
    return any(pattern.search(text) for pattern, _ in rules)
