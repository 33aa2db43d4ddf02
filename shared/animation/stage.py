"""What is where: a scene played in the mind, step by step. It finds what cannot be, and what stands on the stage when. Pure."""

import math
from collections.abc import Sequence
from typing import Any

from shared.animation import actions, shapes, things
from shared.animation.drawing import draw
from shared.animation.shapes import Disc, Shapes, Stroke
from shared.animation.values import HALF_HEIGHT, HALF_WIDTH, shade

_MARGIN = 1.5
"""How far the edge of something may stand beyond the frame before it counts as lost."""


class Stage:
    """The things of a scene and where they are. `play` does one step and says what was wrong with it."""

    def __init__(self, listed: Sequence[things.Thing]) -> None:
        self._things: dict[str, Any] = {}
        self._shapes: dict[str, Shapes] = {}
        self._group_of: dict[str, str] = {}
        self.on: list[str] = []
        """What has appeared and not vanished, in that order; the members of a group under its name."""
        self.wrong: list[str] = []
        """What is wrong with the list of things."""
        for thing in listed:
            self._add(thing)

    def shapes(self, name: str) -> Shapes:
        """A thing's shapes as they are now; those of all members for a group."""
        return tuple(shape for leaf in self._leaves(name) for shape in self._shapes[leaf])

    def own(self) -> dict[str, Shapes]:
        """The shapes of every thing that is no group."""
        return dict(self._shapes)

    def play(self, step: actions.Step) -> list[str]:
        """Do a step; what cannot be done is left out and told."""
        problems: list[str] = []
        busy: set[str] = set()
        for action in step.actions:
            problem = self._cannot(action, busy)
            if problem is None:
                busy.update(self._touched(action))
                self._do(action)
                problem = self._lost(action)
            if problem is not None:
                problems.append(f"{action.kind} {action.target!r}: {problem}")
        return problems

    def _add(self, thing: things.Thing) -> None:
        if thing.id in self._things:
            self.wrong.append(f"the id {thing.id!r} stands twice")
            return
        if isinstance(thing, things.Group):
            self._gather(thing)
        else:
            try:
                self._shapes[thing.id] = draw(thing, self._things, self._shapes)
            except ValueError as error:
                self.wrong.append(str(error))
                self._shapes[thing.id] = ()
        self._things[thing.id] = thing

    def _gather(self, group: things.Group) -> None:
        for member in group.members:
            if member not in self._shapes:
                self.wrong.append(
                    f"{member!r} in group {group.id!r} does not stand before it in the list, or is a group"
                )
            elif member in self._group_of:
                self.wrong.append(f"{member!r} is in a group twice")
            else:
                self._group_of[member] = group.id

    def _leaves(self, name: str) -> tuple[str, ...]:
        if name in self._shapes:
            return (name,)
        return tuple(member for member, group in self._group_of.items() if group == name)

    def _touched(self, action: actions.Action) -> set[str]:
        touched = set(self._leaves(action.target))
        return touched | set(self._leaves(action.into)) if isinstance(action, actions.Morph) else touched

    def _cannot(self, action: actions.Action, busy: set[str]) -> str | None:
        for name in (action.target, getattr(action, "into", None), getattr(action, "path", None)):
            if name is not None and name not in self._things:
                return f"there is nothing called {name!r}"
        if self._touched(action) & busy:
            return "it already does something else in this step"
        if isinstance(action, actions.Appear):
            return self._cannot_appear(action.target)
        if isinstance(action, actions.Morph) and (problem := self._cannot_appear(action.into)):
            return f"{action.into!r}: {problem}"
        if isinstance(action, actions.Follow) and (problem := self._no_path(action)):
            return problem
        whole = isinstance(action, actions.FadeOut | actions.Morph)
        if whole and action.target in self._group_of:
            return f"it vanishes with its group {self._group_of[action.target]!r}"
        if action.target not in self.on and self._group_of.get(action.target) not in self.on:
            return "it is not on the stage then: it has to appear first"
        return None

    def _cannot_appear(self, name: str) -> str | None:
        if name in self._group_of:
            return f"it appears with its group {self._group_of[name]!r}"
        return "it is on the stage already" if name in self.on else None

    def _no_path(self, action: actions.Follow) -> str | None:
        path = self.shapes(action.path)
        if len(path) != 1 or not isinstance(path[0], Stroke | Disc) or action.path in self._leaves(action.target):
            return f"{action.path!r} is no single line or figure to follow"
        return None

    def _do(self, action: actions.Action) -> None:
        match action:
            case actions.Appear():
                self.on.append(action.target)
            case actions.FadeOut():
                self.on.remove(action.target)
            case actions.Morph():
                self.on[self.on.index(action.target)] = action.into
            case actions.Highlight():
                pass
            case _:
                self._change(action)

    def _change(self, action: actions.Action) -> None:
        whole = self.shapes(action.target)
        middle = shapes.centre(whole)
        for leaf in self._leaves(action.target):
            own = self._shapes[leaf]
            match action:
                case actions.Move():
                    own = shapes.moved(own, action.x - middle[0], action.y - middle[1])
                case actions.Follow():
                    path = self.shapes(action.path)[0]
                    if isinstance(path, Stroke | Disc):
                        x, y = shapes.end(path)
                        own = shapes.moved(own, x - middle[0], y - middle[1])
                case actions.Rotate():
                    own = shapes.turned(own, middle, math.radians(action.degrees))
                case actions.Scale():
                    own = shapes.scaled(own, middle, action.factor)
                case actions.Recolour():
                    own = shapes.coloured(own, shade(action.colour))
            self._shapes[leaf] = own

    def _lost(self, action: actions.Action) -> str | None:
        shown = action.into if isinstance(action, actions.Morph) else action.target
        if shown not in self.on or not self.shapes(shown):
            return None
        left, bottom, right, top = shapes.box(self.shapes(shown))
        beyond = max(-left - HALF_WIDTH, right - HALF_WIDTH, -bottom - HALF_HEIGHT, top - HALF_HEIGHT)
        return f"it stands {beyond:.1f} units beyond the frame" if beyond > _MARGIN else None
