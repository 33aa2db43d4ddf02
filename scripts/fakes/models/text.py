"""The words of a fake answer: deterministic, readable, every token distinguishable. Pure."""

import re
from collections.abc import Sequence

_OPENING = "Here is an answer in small steps: "
_WORDS = ("light", "water", "plants", "numbers", "music", "history", "rivers", "planets", "letters", "stories")


def pieces(count: int) -> tuple[str, ...]:
    """`count` tokens: "Here is an answer in small steps: t1 light. ", "t2 water. ", … : a sentence each, so that each may be shown."""
    made = [f"t{i} {_WORDS[(i - 1) % len(_WORDS)]}. " for i in range(1, count + 1)]
    if made:
        made[0] = _OPENING + made[0]
        made[-1] = made[-1].rstrip()
    return tuple(made)


def split(text: str, chars: int = 0) -> tuple[str, ...]:
    """`text` cut into tokens (words with the space behind them), or into pieces of `chars` characters. Nothing is lost."""
    if chars > 0:
        return tuple(text[i : i + chars] for i in range(0, len(text), chars))
    return tuple(re.findall(r"\s*\S+\s*", text)) or ((text,) if text else ())


def count_tokens(texts: Sequence[str]) -> int:
    """Tokens that the fake bills for a prompt: a quarter of its characters, at least one."""
    return max(1, sum(len(text) for text in texts) // 4)
