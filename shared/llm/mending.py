"""Whether a whole answer is of the form that was asked for, and the one round in which a model may mend it. Pure."""

from typing import Final

import orjson

from shared.language.answer import matches
from shared.language.names import LANGUAGES
from shared.llm import screening
from shared.llm.attempt import Attempt, Run
from shared.llm.types import Failure, Message, ProviderError

MOST_PROBLEMS: Final = 12
"""Problems that are told to the model: more would cost more than they mend."""
_LONGEST: Final = 300  # characters of one problem
_SENT_BACK: Final = 40_000  # characters of an answer: what is longer is not worth sending back


def judge(run: Run, attempt: Attempt) -> None:
    """Make a finished attempt fail where its answer does not fit; what was shown already can only be flagged.

    With a schema prose, half an object, an object that holds what must not be shown, or one that the agent's check finds wrong is
    no answer. One in another language than the learner's is asked for once more, where nothing of it was shown.
    """
    if attempt.error is not None or attempt.ending != "ok":
        return
    if run.call.schema is None:
        _judge_language(run, attempt, attempt.said)
    elif attempt.finish != "stop":
        _unfit(attempt, "the JSON was not finished")
    elif (said := _texts(attempt.said)) is None:
        _unfit(attempt, "not the JSON that was asked for", "The answer is not one JSON object of the schema.")
    elif not screening.may_be_shown(run.call, said):
        _unfit(attempt, "withheld")
    elif run.call.check is not None and (found := tuple(run.call.check(attempt.said))):
        _unfit(attempt, "it does not fit", *found)
    else:
        _judge_language(run, attempt, said)


def round(run: Run, attempt: Attempt) -> tuple[Message, ...] | None:  # noqa: A001 - a round of mending, as in `mending.round`
    """The prompt with which the same model is asked to mend this attempt's answer; None where that is not to be tried."""
    if (
        not attempt.problems
        or run.mended
        or len(attempt.said) > _SENT_BACK
        or (run.call.schema is not None and run.call.check is None)
    ):
        return None
    run.mended = True
    said = "\n".join(f"- {problem[:_LONGEST]}" for problem in attempt.problems[:MOST_PROBLEMS])
    mend = f"That answer cannot be used:\n{said}\nGive the whole answer again, with this put right and nothing else changed."
    return (*run.call.messages, Message("assistant", attempt.said), Message("user", mend))


def _judge_language(run: Run, attempt: Attempt, text: str) -> None:
    if matches(text, run.call.language) is not False:
        return
    shown = run.stream and run.call.schema is None
    if shown or run.mended:
        attempt.flags.append("other_language")
    else:
        name = LANGUAGES[run.call.language]
        _unfit(attempt, "another language", f"It is not written in {name.english} ({name.own}).")


def _texts(said: str) -> str | None:
    """The texts of an answer's JSON, a line each; None where it is no JSON."""
    try:
        return screening.spoken(orjson.loads(said))
    except ValueError:
        return None


def _unfit(attempt: Attempt, why: str, *problems: str) -> None:
    attempt.ending = None
    attempt.error = ProviderError(Failure.UNFIT, why, usage=attempt.usage)
    attempt.problems = problems
