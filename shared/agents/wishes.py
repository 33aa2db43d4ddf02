"""What an agent wants of an answer beyond its form: said to the model once, then measured and shown as it is. Pure.

An outline whose lessons are a little too long is worth asking for a better one, and still worth more than none. So `problems`
of an answer's form are told every time, wishes only of the first answer: a question has one round of mending, and once that is
used up a wish would throw away an answer that fits.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.agents.task import problems
from shared.llm.call import Answer

M = TypeVar("M", bound=BaseModel)


def wished(
    model: type[M], wishes: Callable[[M], Sequence[str]], needs: Callable[[M], Sequence[str]] | None = None
) -> Callable[[str], list[str]]:
    """A `Task.check` of one question: the form and `needs` at each look, `wishes` at the first one."""
    first = True
    shape = problems(model, needs)

    def check(text: str) -> list[str]:
        nonlocal first
        wrong, wishing, first = shape(text), first, False
        return wrong if wrong or not wishing else list(wishes(model.model_validate_json(text)))

    return check


def read(model: type[M], answer: Answer) -> M | None:
    """The answer's contents; None where safety spoke instead, and `answer.text` is help or a refusal."""
    if answer.verdict.action != "allow":
        return None
    try:
        return model.model_validate_json(answer.text)
    except ValidationError:
        return None
