"""The safety seam: a verdict on a learner's question, on a sentence of an answer, and on a document from outside. Pure.

Rules come first: signs of a crisis in twelve languages (support beats everything), then what is plainly harmful, in a question also
where its letters are spaced out or written as digits. Beside them stand
trained models (`shared.safety.moderation`) whose lines are drawn far out, because refusing a lesson on war, drugs or the body is a
fault too. What a text scores and whether it is refused are two things: `scripts/evaluate safety` reports both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from shared.safety import injection, rules
from shared.safety.categories import HATE, ILLICIT, JAILBREAK, PROMPT_INJECTION, SELF_HARM, SEXUAL, SEXUAL_MINORS
from shared.safety.disguise import plainer
from shared.safety.harmful_answers import harm_in
from shared.safety.harmful_steps import tells_how
from shared.safety.illicit import asks_for_harm
from shared.safety.moderation import content_model, crisis_model, request_model
from shared.safety.pieces import pieces
from shared.safety.verdict import ALLOW, Verdict
from shared.textmodel.linear import Model

CONTENT_LINES = {SEXUAL_MINORS: 0.35, SEXUAL: 0.6, HATE: 0.93}
"""Probability from which content is refused. Of 2,800 newspaper sentences in twelve languages, 740 chat prompts, 523 instructions and
660 prompts with alarming words, none of which the model was fitted to, none lies beyond."""
ANSWER_LINES = {**CONTENT_LINES, SELF_HARM: 0.9}
"""The same for what is about to be shown; here a text on self-harm is no cry for help but a danger."""
PIECE: Final = 400
"""Characters of a long text that are judged together: an order or a slur hidden in it must not drown."""
ORDER_LINE: Final = 0.97
"""The line for one piece of a long document: with many pieces a line that one in three hundred harmless texts crosses is too near."""

HINDI_LINE: Final = 0.93
"""The line for a Hindi document: a quarter of the orders that were collected to learn from are in Hindi, so the model holds the language
itself for a sign. Here 0.7 % of 578 questions from encyclopedia articles lie beyond, at the common line 4.8 %."""
_HINDI = re.compile("[\u0900-\u097f]")


_LETTERS = re.compile(r"[^\W\d_]")
_FEWEST_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Judge:
    """The verdicts by given models: what a text contains, what it asks for, whether its writer is in need."""

    content: Model
    requests: Model
    crisis: Model

    def question(self, text: str) -> Verdict:
        """What to do with what a learner wrote: `support`, `block` or `allow`."""
        spellings = (text, *plainer(text))
        for spelling in spellings:
            verdict = rules.check(spelling)
            if verdict.action != "allow":
                return verdict
        found = list(dict.fromkeys(name for spelling in spellings for name in _asked(spelling)))
        if SELF_HARM in found or (not found and self._in_need(text)):
            return rules.SELF_HARM
        if not found and len(_LETTERS.findall(text)) < _FEWEST_LETTERS:
            return ALLOW  # too little for a model: a question mark alone is all of its features
        asked, lines = self.requests.scores(text), self.requests.header.thresholds
        found += [name for name in (ILLICIT, JAILBREAK) if name not in found and asked[name] > lines[name]]
        return _verdict(list(dict.fromkeys(found + self._contained(text, CONTENT_LINES))))

    def _in_need(self, text: str) -> bool:
        line = self.crisis.header.thresholds["crisis"]
        return self.crisis.scores(text)["crisis"] > line and not rules.is_idiom(text)

    def answer(self, text: str) -> Verdict:
        """Whether a sentence of an answer may be shown: alone, or with a sentence of what stands before it."""
        return _verdict(list(dict.fromkeys(_said(text) + self._contained(text, ANSWER_LINES))))

    def document(self, text: str) -> Verdict:
        """Whether a text from outside may stand in a prompt: `block` where it gives the model orders."""
        if injection.gives_orders(text):
            return _verdict([PROMPT_INJECTION])
        parts, lines = list(pieces(text, PIECE)), self.requests.header.thresholds
        least = max(ORDER_LINE if len(parts) > 1 else 0.0, HINDI_LINE if _HINDI.search(text) else 0.0)
        for piece in parts:
            scores = self.requests.scores(piece)
            for name in (PROMPT_INJECTION, JAILBREAK):
                if scores[name] > max(lines[name], least):
                    return _verdict([name])
        return ALLOW

    def _contained(self, text: str, lines: Mapping[str, float]) -> list[str]:
        judged = [self.content.scores(piece) for piece in pieces(text, PIECE)]
        return [name for name, line in lines.items() if any(scores[name] > line for scores in judged)]


@cache
def shipped() -> Judge:
    """The judge that ships with the product; its models are read on the first use."""
    return Judge(content_model(), request_model(), crisis_model())


def question(text: str) -> Verdict:
    """`Judge.question` of the shipped models."""
    return shipped().question(text)


def answer(text: str) -> Verdict:
    """`Judge.answer` of the shipped models."""
    return shipped().answer(text)


def document(text: str) -> Verdict:
    """`Judge.document` of the shipped models."""
    return shipped().document(text)


def _said(text: str) -> list[str]:
    """What the rules find in what is said to somebody."""
    found = harm_in(text)
    return [ILLICIT, *found] if ILLICIT not in found and tells_how(text) else found


def _asked(text: str) -> list[str]:
    """What the rules find in a question: a wish for harm, or the harm itself."""
    found = _said(text)
    return [ILLICIT, *found] if ILLICIT not in found and asks_for_harm(text) else found


def _verdict(found: list[str]) -> Verdict:
    return Verdict("block", tuple(found)) if found else ALLOW
