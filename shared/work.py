"""The kinds of background work there are, and who does them. To add one: a module with KIND and run, and a line here."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from shared.animation.rendering import job as rendering
from shared.dialogue import summarise
from shared.jobs import Handler

if TYPE_CHECKING:
    from shared.runtime import Runtime


def handlers(runtime: "Runtime") -> Mapping[str, Handler]:
    """Handler by job kind."""
    return {summarise.KIND: partial(summarise.run, runtime), rendering.KIND: partial(rendering.run, runtime)}
