"""The curriculum agent: course outlines, lessons with check questions, learning paths. Thin: request -> task -> model -> reply."""

import asyncio
from collections.abc import Sequence
from typing import cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import asking, ids, runtime
from shared.activity.events import Graded, happening
from shared.agents import curriculum as outlines
from shared.agents import curriculum_lesson as lessons
from shared.agents import curriculum_path as paths
from shared.agents.curriculum import OutlineReply, OutlineRequest
from shared.agents.curriculum_lesson import CheckReply, CheckRequest, LessonReply, LessonRequest
from shared.agents.curriculum_path import PathReply, PathRequest
from shared.agents.curriculum_words import word
from shared.courses.marking import Mark, mark
from shared.llm.call import Answer
from shared.store import Create, Put, Write
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import reply

_TEACHING = ("curriculum", "mentor")
"""Agents whose experiments what a learner has understood tells of."""

edge = Edge("curriculum", description="Course outlines, lessons with check questions, and learning paths.")


@edge.post("/curriculum/course-outline", body=OutlineRequest, reply=OutlineReply, limit="model")
async def course_outline(call: Call, body: OutlineRequest) -> Response:
    """A course for a subject and its goals: modules and lessons in an order that their prerequisites allow, and what was checked."""
    now = runtime.current()
    who = await asking.asker(now, call, body.language, "\n".join((body.subject, *body.goals)))
    return await asking.respond(
        now,
        call,
        outlines.task(body, who.language),
        who,
        show=lambda answer: outlines.show(body, who.language, answer),
    )


@edge.post("/curriculum/lesson-content", body=LessonRequest, reply=LessonReply, limit="model")
async def lesson_content(call: Call, body: LessonRequest) -> Response:
    """A lesson: objectives, explanation, worked example, check questions. Their answers stay here: POST /curriculum/check."""
    now = runtime.current()
    who = await asking.asker(now, call, body.language, "\n".join((body.topic, *body.objectives)))
    lesson_id, user_id, made_at = ids.new("l"), call.caller.user_id, now.clock()
    days = now.settings.conversation_retention_days

    def keep(answer: Answer) -> Sequence[Write]:
        document = lessons.document(lesson_id, user_id, who.language, answer, now=made_at, days=days)
        return () if document is None else (Put(document),)

    return await asking.respond(
        now,
        call,
        lessons.task(body, who.language),
        who,
        show=lambda answer: lessons.show(body, who.language, lesson_id, answer),
        keep=keep,
    )


@edge.post("/curriculum/learning-path", body=PathRequest, reply=PathReply, limit="model")
async def learning_path(call: Call, body: PathRequest) -> Response:
    """The order in which to learn what is missing for the goals, within the time there is. A model only words why."""
    now = runtime.current()
    titles = "\n".join(filter(None, (body.note, *(skill.title for skill in body.skills[:20]))))
    if body.outline is not None:
        titles += f"\n{body.outline.title}"
    who = await asking.asker(now, call, body.language, titles)
    # Hundreds of skills take a tenth of a second, in which others are served.
    ready = await asyncio.to_thread(paths.planned, body, who.language)
    return await asking.respond(
        now,
        call,
        paths.task(body, ready),
        who,
        show=lambda answer: paths.show(ready, answer),
    )


@edge.post("/curriculum/check", body=CheckRequest, reply=CheckReply)
async def check(call: Call, body: CheckRequest) -> Response:
    """Grade an answer to a lesson's check question. The same wrong answer counts once, however often it is sent."""
    now = runtime.current()
    user_id, live = call.caller.user_id, await now.recent.live()
    profile = await now.recent.profile(user_id) if live.experiments else None

    def tell(made: Mark) -> Sequence[Write]:
        language, item = made.lesson.language, f"{body.lesson_id}:{body.question_id}"
        chosen = asking.chosen_for(now, live, call, agents=_TEACHING, language=language, profile=profile)
        graded = Graded(
            user_id, f"g:{item}:{made.tries}", made.correct, item=item, arms=chosen.arms, beside=chosen.beside
        )
        return (Create(happening(graded, now.clock())),)

    marked = await mark(now.store, user_id, body.lesson_id, body.question_id, body.answer, tell=tell)
    return reply(
        CheckReply(
            lesson_id=body.lesson_id,
            question_id=body.question_id,
            correct=marked.correct,
            feedback=_feedback(marked),
            explanation=marked.question.explanation if marked.revealed else None,
            tries_left=marked.tries_left,
            solved=marked.solved,
            questions=len(marked.lesson.questions),
        )
    )


def _feedback(marked: Mark) -> str:
    language = marked.lesson.language
    if marked.correct:
        return word("right", language)
    if marked.before:
        return word("solved", language)
    if marked.revealed:
        return word("revealed", language)
    return f"{word('wrong', language)} {marked.question.hint}".rstrip()


@functions_framework.aio.http
async def curriculum(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
