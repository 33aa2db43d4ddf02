"""That a learner has met a variant of an experiment in their feed: told once by each instance, counted once in all.

A page of the feed leaves nothing else behind. Were a learner counted only once they open something, the variant whose feed makes
more of them do so would look as if it had more learners, and others.
"""

from collections import OrderedDict
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from shared import log
from shared.activity.events import Exposed, happenings
from shared.errors import LyoError
from shared.store import Create, Store

_MOST = 20_000
_log = log.get(__name__)
_told: "WeakKeyDictionary[Store, OrderedDict[tuple[str, str], str]]" = WeakKeyDictionary()


async def tell(store: Store, unit: str, arms: Mapping[str, str], now: float) -> None:
    """Note the variants (`arms`: by experiment id) that this process has not noted of the unit yet. `now` in Unix seconds.

    Never raises LyoError: the feed does not depend on it, and the next page tells.
    """
    if not arms:
        return
    known = _told.setdefault(store, OrderedDict())
    left = {experiment: variant for experiment, variant in arms.items() if known.get((unit, experiment)) != variant}
    if not left:
        return
    events = [Exposed(unit, f"x:{unit}:{name}:{variant}", name, variant) for name, variant in left.items()]
    try:
        await store.commit(*(Create(one) for one in happenings(events, now)))
    except LyoError as error:
        log.event(_log, "exposure.untold", experiments=len(left), error=error.code)
        return
    for name, variant in left.items():
        known[unit, name] = variant
    while len(known) > _MOST:
        known.popitem(last=False)
