"""The fold of a process, with all that counts by it."""

from typing import TYPE_CHECKING

from shared.activity.fold import Fold, Folded
from shared.analytics.counting import Activity
from shared.experiments.counting import Counting
from shared.experiments.lifecycle import slug

if TYPE_CHECKING:
    from shared.runtime import Runtime


def fold(runtime: "Runtime") -> Fold:
    """Experiments and analytics, over the runtime's store."""
    activity = Activity(runtime.settings.analytics_retention_days, runtime.catalog)
    # Experiments read learners' days: as they are with the batch in them.
    return Fold(runtime.store, (activity, Counting()), runtime.clock)


async def counted(runtime: "Runtime", *, most: bool = False) -> Folded:
    """Count what waits, and have the metrics told of it: what is done while somebody waits for it, or the `most` that one call does."""
    done = await (runtime.fold.run() if most else runtime.fold.drain())
    for (metric, name, *rest), count in done.told.items():
        runtime.metrics.inc(metric, slug(name), *(label.replace(" ", "_") for label in rest), by=count)
    return done
