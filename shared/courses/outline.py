"""What a course outline is, and how one is put in order. Pure.

A model may give lessons any names and refer to them by any of them; what a learner sees has ids of ours (`m2l3`: the third
lesson of the second module), prerequisites that exist, and every lesson behind what it needs wherever an order of the modules
allows that. Where lessons need each other in a circle, the needs for a later one are left out: what is left has an order.
"""

from collections.abc import Hashable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.courses.words import printable

Line = Annotated[str, Field(min_length=1, max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
K = TypeVar("K", bound=Hashable)


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)

    _printable = field_validator("*", mode="before")(printable)


class Lesson(_Closed):
    """One lesson. `prerequisites`: ids of lessons that come before it. `minutes`: the learner's time for it."""

    id: Name
    title: Line
    objectives: list[Line] = Field(min_length=1, max_length=8)
    prerequisites: list[Name] = Field(default_factory=list, max_length=12)
    skills: list[Name] = Field(default_factory=list, max_length=12)
    minutes: int = Field(ge=1, le=1_200)


class Module(_Closed):
    """Lessons that belong together, in the order they are taken."""

    title: Line
    lessons: list[Lesson] = Field(min_length=1, max_length=15)


class Outline(_Closed):
    """A course: modules in the order they are taken."""

    title: Line
    summary: Annotated[str, Field(min_length=1, max_length=1_500)]
    modules: list[Module] = Field(min_length=1, max_length=24)


def lessons(outline: Outline) -> list[Lesson]:
    """All lessons in the order they are taken."""
    return [lesson for module in outline.modules for lesson in module.lessons]


def unknown(outline: Outline) -> list[tuple[str, str]]:
    """Prerequisites that are no lesson: (lesson's id, what it names)."""
    names = _names(outline)
    return [
        (lesson.id, needed)
        for lesson in lessons(outline)
        for needed in lesson.prerequisites
        if _key(needed) not in names
    ]


def misplaced(outline: Outline) -> list[tuple[str, str]]:
    """Prerequisites that do not come before the lesson that needs them: (lesson's id, the other's id)."""
    names = _names(outline)
    found: list[tuple[str, str]] = []
    for place, lesson in enumerate(lessons(outline)):
        for needed in lesson.prerequisites:
            other = names.get(_key(needed))
            if other is not None and other >= place:
                found.append((lesson.id, needed))
    return found


def in_circles(outline: Outline) -> list[tuple[str, str]]:
    """Needs that `settle` leaves out because lessons need each other in a circle: (lesson's title, the later one's title)."""
    flat = lessons(outline)
    return [(flat[place].title, flat[other].title) for place, other in sorted(_circling(_needs(outline)))]


def settle(outline: Outline) -> Outline:
    """The same course with ids of ours, without prerequisites that do not exist or make circles, in an order that they allow."""
    flat = lessons(outline)
    places = {id(lesson): place for place, lesson in enumerate(flat)}
    home = [number for number, module in enumerate(outline.modules) for _ in module.lessons]
    whole = _needs(outline)
    left_out = _circling(whole)
    needs = [[other for other in needed if (place, other) not in left_out] for place, needed in enumerate(whole)]
    between = {number: set[int]() for number in range(len(outline.modules))}
    for place, needed in enumerate(needs):
        between[home[place]] |= {home[other] for other in needed} - {home[place]}
    order: list[list[int]] = []
    for number in ordered(between):
        own = [places[id(lesson)] for lesson in outline.modules[number].lessons]
        order.append(ordered({place: {other for other in needs[place] if home[other] == number} for place in own}))
    kept = [outline.modules[number] for number in ordered(between)]
    ids = {place: f"m{m}l{n}" for m, module in enumerate(order, 1) for n, place in enumerate(module, 1)}
    modules = [
        module.model_copy(update={"lessons": [_placed(flat[place], ids, place, needs[place]) for place in inside]})
        for module, inside in zip(kept, order, strict=True)
    ]
    return outline.model_copy(update={"modules": modules})


def ordered(needs: Mapping[K, set[K]]) -> list[K]:
    """The keys with each behind what it needs, otherwise in the order given; as given where they go round in a circle."""
    rank = {key: place for place, key in enumerate(needs)}
    sorter = TopologicalSorter({key: [other for other in needed if other in rank] for key, needed in needs.items()})
    try:
        sorter.prepare()
    except CycleError:
        return list(needs)
    found: list[K] = []
    ready = set(sorter.get_ready())
    while ready:
        first = min(ready, key=lambda key: rank[key])
        ready.remove(first)
        found.append(first)
        sorter.done(first)
        ready.update(sorter.get_ready())
    return found


def circle(needs: Mapping[K, Sequence[K]]) -> list[K]:
    """Keys that need each other in a circle, in its order; empty where there is none."""
    try:
        TopologicalSorter({key: list(needed) for key, needed in needs.items()}).prepare()
    except CycleError as error:
        found: list[K] = error.args[1]
        return found
    return []


def _needs(outline: Outline) -> list[list[int]]:
    """By place of a lesson the places of those it needs."""
    names = _names(outline)
    return [
        sorted({names[_key(needed)] for needed in lesson.prerequisites if _key(needed) in names} - {place})
        for place, lesson in enumerate(lessons(outline))
    ]


def _circling(needs: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """Of needs that lie on a circle those for a later place. Each circle has one, and without them there is none."""
    if not circle(dict(enumerate(needs))):
        return set()
    # A bit for each lesson that is needed in the end (Warshall 1962).
    reach = [sum(1 << other for other in needed) for needed in needs]
    for middle in range(len(reach)):
        for place in range(len(reach)):
            if reach[place] >> middle & 1:
                reach[place] |= reach[middle]
    return {
        (place, other)
        for place, needed in enumerate(needs)
        for other in needed
        if other > place and reach[other] >> place & 1
    }


def _placed(lesson: Lesson, ids: Mapping[int, str], place: int, needs: Sequence[int]) -> Lesson:
    rank = {other: number for number, other in enumerate(ids)}  # `ids` stands in the order the lessons are taken
    return lesson.model_copy(
        update={"id": ids[place], "prerequisites": [ids[other] for other in sorted(needs, key=rank.__getitem__)]}
    )


def _names(outline: Outline) -> dict[str, int]:
    """Every name a lesson can be meant by: its id before its title, the first lesson of a name before later ones."""
    flat = lessons(outline)
    found: dict[str, int] = {}
    for place, lesson in enumerate(flat):
        found.setdefault(_key(lesson.id), place)
    for place, lesson in enumerate(flat):
        found.setdefault(_key(lesson.title), place)
    return found


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
