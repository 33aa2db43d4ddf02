"""Text of both directions side by side: isolates (Unicode UAX 9) round what runs the other way. Pure.

Nothing here ever takes a direction mark away: what a writer or a model set stays.
"""

import re

from shared.language.names import is_rtl

LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"
"""Left-to-right isolate, first-strong isolate (the text decides), and the end of either."""

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# Operands with operators between them; a bare number or word needs no isolate, the algorithm shows it rightly.
_OPERAND = r"(?:[A-Za-z0-9\u00b2\u00b3\u221a\u03c0_]{1,40}(?:[.,]\d{1,20}){0,6}|\([^()\n\u0590-\u08ff]{1,80}\))"
_FORMULA = re.compile(rf"[-−+]?{_OPERAND}(?:[ \t]?[-−+*/×÷·=<>≤≥≠^%][ \t]?[-−]?{_OPERAND})+")
_LINE = re.compile("```.*?(?:```|\\Z)|[^\n]*\n|[^\n]+", re.DOTALL)  # a block of code counts as one line
_KEPT = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]{0,400}`|\$[^$\n]{0,400}\$|\\\(.{0,400}?\\\)|\\\[.{0,400}?\\\]"
    "|[\u2066-\u2068][^\u2069]{0,400}\u2069",
    re.DOTALL,
)


def isolated(text: str, language: str) -> str:
    """`text` as a part of a sentence in `language`: isolated where either of them runs from right to left."""
    return f"{FSI}{text}{PDI}" if text and (is_rtl(language) or _RTL.search(text)) else text


def formulas_isolated(text: str, language: str) -> str:
    """`text` with each formula in it kept from left to right, where `language` runs the other way ("5 - x = 3" in Arabic).

    Code, LaTeX, what is isolated already and lines without a letter of that direction stay as they are, so sentences of a
    text can be done one by one. Other languages' texts come back unchanged.
    """
    if not is_rtl(language):
        return text
    parts: list[str] = []
    for line in _LINE.findall(text):
        if not _RTL.search(line):
            parts.append(line)
            continue
        end = 0
        for kept in _KEPT.finditer(line):
            parts += (_isolate(line[end : kept.start()]), kept.group())
            end = kept.end()
        parts.append(_isolate(line[end:]))
    return "".join(parts)


def _isolate(text: str) -> str:
    return _FORMULA.sub(lambda found: f"{LRI}{found.group()}{PDI}", text)
