"""How hard a prompt is, as one float in [0, 1] computed from the text alone, with the reasons that made it.

A router is one number and a threshold (RouteLLM, arXiv 2406.18665): this file is the number. A logistic over counted
features, in all twelve languages; weights are data, set by hand until `scripts/evaluate routing` fits them.
"""

import math
import re
from dataclasses import dataclass

_LOOKED_AT = 8_000  # characters; what is longer is complex anyway

# Words that ask for reasoning over several steps. Stems, so that inflected forms count.
_REASONING = re.compile(
    r"\b(?:prove|proof|deriv|explain why|compar|contrast|analy[sz]|evaluat|critique|design|optimi[sz]|step by step|trade-?off|"
    r"justify|synthesi[sz]|argue|implement|refactor|debug|complexity|"
    r"demuestra|demostrar|deduc|compara|analiza|diseña|paso a paso|justifica|"
    r"démontre|prouve|compare[rz]|analyse[rz]|conçois|étape par étape|justifie|"
    r"beweis|vergleich|analysier|entwirf|entwerfe|schritt für schritt|begründe|herleit|"
    r"dimostra|confronta|analizza|progetta|passo dopo passo|giustifica|"
    r"demonstre|compare|analise|projete|passo a passo|justifique|"
    r"докаж|сравни|проанализ|спроектир|шаг за шагом|обоснуй|выведи)"
    r"|证明|比较|分析|设计|推导|逐步|論証|証明|比較|設計|段階的|증명|비교|분석|설계|단계별"
    r"|أثبت|برهن|قارن|حلل|صمم|خطوة بخطوة|सिद्ध|तुलना|विश्लेषण|कदम दर कदम",
    re.IGNORECASE,
)
_MATH = re.compile(r"[=∑∫√≤≥≠∂∀∃^]|\\(?:frac|int|sum|sqrt)|\d\s*[-+*/×÷]\s*\d")
_CODE = re.compile(r"```|\b(?:def|class|function|import|SELECT|return)\b|[{};]\s*$", re.MULTILINE)
_LIST = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)
_QUESTION = re.compile(r"[?？؟]")
_SENTENCE = re.compile(r"[.!?。！？؟।]+(?:\s|$)|[。！？]")
_MOTION = re.compile(r"\b(?:3d|three-dimensional|transform|morph|sequence|animat|simulat)", re.IGNORECASE)

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
    """Score one prompt. Pure, tens of microseconds for a typical message."""
    head = text[:_LOOKED_AT]
    # A CJK character carries about as much as half an English word.
    size = len(head) if head.isascii() else len(head) + sum(2 for c in head if c > "\u2e80")
    parts = len(_QUESTION.findall(head)) + len(_LIST.findall(head)) + len(_SENTENCE.findall(head)) // 3
    features = {
        "length": max(0.0, math.log2(max(size, 1) / 40)),
        "reasoning": min(len(_REASONING.findall(head)), 3),
        "math": min(len(_MATH.findall(head)), 3),
        "code": min(len(_CODE.findall(head)), 3),
        "parts": max(0, min(parts, 5) - 1),
        "motion": min(len(_MOTION.findall(head)), 2),
    }
    shares = {name: _WEIGHTS[name] * value for name, value in features.items() if value}
    logit = _BIAS + sum(shares.values())
    ranked = sorted(shares, key=lambda name: -shares[name])
    return Complexity(round(1 / (1 + math.exp(-logit)), 4), tuple(ranked[:3]))
