"""What of an answer may be shown yet. Pure: texts in, texts out, as they may go to the learner.

Text is held back until the sentence it belongs to is whole and was judged, with a little of what stands before it. Only the very
first words go out before: a learner waits for those, and three words that were judged harmless are no forbidden sentence. Whole
answers and streamed ones take this same way, so they get the same verdict and the same text.
"""

import re
from collections.abc import Callable
from typing import Final

from shared.llm.call import Guard
from shared.safety.verdict import ALLOW, Verdict

OPENING_WORDS: Final = 3
"""Words of the first sentence that may be shown before it is whole: at 50 tokens/s they are there within 150 ms."""
OPENING_SIGNS: Final = 6
"""The same for scripts that are written without spaces."""
LONGEST: Final = 160
"""Characters that are held back at most: a list or a formula may go on for long without a full stop."""
_BEFORE: Final = 300  # characters of what was shown that a judgement may look at

_END = re.compile(
    r"[.!?\u2026\u0964\u061f]+[\"'\u201d\u2019\u00bb)\]*_]*\s+|[\u3002\uff01\uff1f]+[\u300d\u300f\uff09\u201d]*|\n+"
)
_FORMULA = re.compile(r"[0-9A-Za-z+=*/^(\u0660-\u0669]")
_OPENING = re.compile(rf"\s*(?:\S+\s+){{{OPENING_WORDS}}}")
_UNSPACED_OPENING = re.compile(
    rf"(?:[^\u3040-\u30ff\u3400-\u9fff]{{0,12}}[\u3040-\u30ff\u3400-\u9fff]){{{OPENING_SIGNS}}}"
)


class Holdback:
    """One answer on its way to the learner. `guard` judges each sentence; see `Guard`.

    `dress`, where there is one, makes of a whole sentence what is shown of it; first words that may begin a formula wait for theirs.
    """

    def __init__(self, guard: Guard, dress: Callable[[str], str] | None = None) -> None:
        self._guard = guard
        self._dress = dress
        self._pending = ""
        self._shown: list[str] = []
        self._before = ""
        self.verdict: Verdict = ALLOW

    @property
    def withheld(self) -> bool:
        """Whether a sentence was not let through: nothing more of the answer will be."""
        return self.verdict.action == "block"

    @property
    def text(self) -> str:
        """What was let through."""
        return "".join(self._shown)

    def feed(self, text: str) -> str:
        """Take a piece of the answer; what may be shown now, which is often nothing."""
        if self.withheld:
            return ""
        self._pending += text
        out = ""
        while end := self._boundary():
            out += self._judged(end)
        return out

    def finish(self) -> str:
        """The answer is at its end: the rest, as far as it may be shown."""
        out = self.feed("")
        return out + self._judged(len(self._pending)) if self._pending else out

    def _boundary(self) -> int:
        """How much of what is pending can be judged now; 0: nothing yet. The same wherever a text is cut on its way."""
        if not self._shown and (end := self._opening()):
            return end
        found = _END.search(self._pending)
        if found is not None and found.end() <= LONGEST:
            return found.end()
        if len(self._pending) <= LONGEST:
            return 0
        space = self._pending.rfind(" ", LONGEST // 2, LONGEST)
        return LONGEST if space < 0 else space + 1

    def _opening(self) -> int:
        """The end of the answer's first words, once another sign stands behind them."""
        for found in (_OPENING.match(self._pending), _UNSPACED_OPENING.match(self._pending)):
            if found is not None:
                return 0 if self._dress is not None and _FORMULA.search(found.group()) else found.end()
        return 0

    def _judged(self, end: int) -> str:
        """Let the first `end` characters through, or end the answer here."""
        piece = self._pending[:end]
        self.verdict = self._guard(piece, self._before)
        if self.withheld:
            self._pending = ""
            return ""
        self._pending = self._pending[end:]
        shown = piece if self._dress is None else self._dress(piece)
        self._shown.append(shown)
        self._before = (self._before + piece)[-_BEFORE:]
        return shown
