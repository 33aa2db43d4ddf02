"""What has happened and is not yet counted: the outbox between the requests and all that is kept of them in sums."""

from typing import ClassVar, Final

from shared.stored.document import Document

PLACES: Final = 8
"""Outboxes that are folded independently; a unit's events are all in one."""


class Happening(Document):
    """Events of one commit, all of one place, until the fold has counted and deleted them. Written once, in the commit of what it tells of.

    `body` is a JSON list of events (`shared.activity.events`). The index grows at one end in each of PLACES places: 4,000
    commits/s in all.
    """

    collection: ClassVar[str] = "happenings"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("place", "at"),)

    place: str
    at: float
    """When the server took it in, Unix seconds."""
    body: str


class LearnerActivity(Document):
    """What a learner did, day by day, as far back as ANALYTICS_RETENTION_DAYS. Id: the learner's. Written by the fold of their place.

    `body` is JSON (`shared.analytics.learner`).
    """

    collection: ClassVar[str] = "learner_activity"

    body: str


class Rollup(Document):
    """All activity of an hour or a day. Id: `h:YYYY-MM-DDTHH:place` or `d:YYYY-MM-DD:place` (UTC). Written by the fold of its place.

    `body` is JSON (`shared.analytics.rollup`): whole numbers only, so that any order gives the same.
    """

    collection: ClassVar[str] = "rollups"

    body: str
