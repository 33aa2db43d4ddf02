"""How hard a prompt is, as one float in [0, 1] computed from the text alone, with the reasons that made it.

A router is one number and a threshold (RouteLLM, arXiv 2406.18665): this file is the number. A logistic over counted
features, in all twelve languages; weights are data, set by hand until `scripts/evaluate routing` fits them.
"""

import math
import re
from dataclasses import dataclass

_LOOKED_AT = 8_000  # characters; what is longer is complex anyway

# Words that ask for reasoning over several steps, by their beginnings, so that inflected forms count.
_STEMS = (  # noqa: SIM905 - a table of words is read as words
    "prove proof deriv compar contrast analy evaluat critique design optimi synthesi argue justif implement refactor debug "
    "complexit demuestr demostr deduc diseñ démontr prouv conçoi concevoi beweis vergleich entwirf entwerf begründ herleit "
    "dimostr confront progett giustific demonstr projet comprov докаж сравн проанализ спроектир обоснуй выведи"
).split()
_PHRASES = (
    "step by step", "explain why", "trade-off", "paso a paso", "étape par étape", "schritt für schritt", "passo a passo",
    "passo dopo passo", "шаг за шагом", "证明", "比较", "分析", "设计", "推导", "逐步", "論証", "証明", "比較", "設計", "段階的",
    "증명", "비교", "분석", "설계", "단계별", "أثبت", "برهن", "قارن", "حلل", "صمم", "خطوة بخطوة", "सिद्ध", "तुलना",
    "विश्लेषण", "कदम दर कदम",
)  # fmt: skip
_ASCII_PHRASES = tuple(phrase for phrase in _PHRASES if phrase.isascii())
_BY_START: dict[str, tuple[str, ...]] = {
    start: tuple(stem for stem in _STEMS if stem.startswith(start)) for start in {stem[:3] for stem in _STEMS}
}
_OPERATORS = re.compile(r"[=∑∫√≤≥≠∂∀∃^×÷]|\\(?:frac|int|sum|sqrt)|\d\s*[-+*/]\s*\d")
_CODE = re.compile(r"```|^\s*(?:def|class|function|import|SELECT|return)\b|[{};]\s*$", re.MULTILINE)
_LIST = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)
_MOTION = ("3d", "three-dimensional", "transform", "morph", "sequence", "animat", "simulat")
_ASKS = "?？؟"
_ENDS = ".!。！।"

_BIAS = -3.0
_WEIGHTS = {
    "length": 0.62,
    "reasoning": 1.25,
    "math": 0.55,
    "code": 1.0,
    "parts": 0.45,
    "motion": 0.9,
}


@dataclass(frozen=True, slots=True)
class Complexity:
    """`score` in [0, 1]; `reasons` are the features that pushed it up most, strongest first."""

    score: float
    reasons: tuple[str, ...]


def measure(text: str) -> Complexity:
    """Score one prompt. Pure; about ten microseconds for a typical message, so it may run on every one."""
    head = text[:_LOOKED_AT].lower()
    plain = head.isascii()
    # A CJK character carries about as much as half an English word.
    size = len(head) if plain else len(head) + sum(2 for c in head if c > "\u2e80")
    lines = "\n" in head
    parts = _count(head, _ASKS[:1] if plain else _ASKS) + _count(head, _ENDS[:2] if plain else _ENDS) // 3
    features = {
        "length": max(0.0, math.log2(max(size, 1) / 40)),
        "reasoning": min(_reasoning(head, plain), 3),
        "math": min(len(_OPERATORS.findall(head)), 3),
        "code": min(len(_CODE.findall(head)), 3) if lines or head.endswith((";", "}", "{")) or "`" in head else 0,
        "parts": max(0, min(parts + (len(_LIST.findall(head)) if lines else 0), 5) - 1),
        "motion": min(_contained(_MOTION, head), 2),
    }
    shares = {name: _WEIGHTS[name] * value for name, value in features.items() if value}
    logit = _BIAS + sum(shares.values())
    ranked = sorted(shares, key=lambda name: -shares[name])
    return Complexity(round(1 / (1 + math.exp(-logit)), 4), tuple(ranked[:3]))


def _reasoning(head: str, plain: bool) -> int:
    found = _contained(_ASCII_PHRASES if plain else _PHRASES, head)
    for word in head.split():
        stems = _BY_START.get(word[:3])
        if stems is not None and word.startswith(stems):
            found += 1
    return found


def _contained(words: tuple[str, ...], text: str) -> int:
    found = 0
    for word in words:  # a generator under sum() takes twice as long
        if word in text:
            found += 1
    return found


def _count(text: str, characters: str) -> int:
    found = 0
    for character in characters:
        found += text.count(character)
    return found
