"""Formulas as plain text: a small notation without LaTeX becomes characters that every font has. Pure."""

import re

_RAISED = str.maketrans("0123456789+-=()nixk", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱˣᵏ")
_LOWERED = str.maketrans("0123456789+-=()aeioxnk", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢₒₓₙₖ")
_NAMES = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "theta": "θ", "lambda": "λ",
    "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "Sigma": "Σ", "tau": "τ", "phi": "φ", "omega": "ω", "Omega": "Ω",
    "infinity": "∞", "sum": "∑", "integral": "∫", "sqrt": "√",
}  # fmt: skip
_SIGNS = (("<=>", "⇔"), ("=>", "⇒"), ("->", "→"), ("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("+-", "±"), ("*", "·"))
_WORD = re.compile(r"[A-Za-z]+")
_SHIFTED = re.compile(r"([_^])(?:\(([^()^_]{1,12})\)|([A-Za-z]|-?[0-9]{1,6}))")
_FORBIDDEN = re.compile(r"[\\${}`]")


def shown(formula: str) -> str:
    """`x^2 <= sqrt(pi)` as `x² ≤ √(π)`. Raises ValueError for LaTeX and markup, which nobody would set here."""
    if found := _FORBIDDEN.search(formula):
        raise ValueError(f"{found.group()!r}: formulas are plain text such as x^2 + sqrt(y) <= pi, without LaTeX")
    text = _SHIFTED.sub(_shifted, formula)
    for sign, character in _SIGNS:
        text = text.replace(sign, character)
    return _WORD.sub(lambda word: _NAMES.get(word.group(), word.group()), text)


def _shifted(match: re.Match[str]) -> str:
    inner = match[2] or match[3]
    moved = inner.translate(_RAISED if match[1] == "^" else _LOWERED)
    # Only whole: half a raised exponent would be another formula.
    return moved if not any(one == other for one, other in zip(inner, moved, strict=True)) else match.group()
