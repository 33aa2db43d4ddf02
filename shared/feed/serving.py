"""The feed over what is stored: the catalogue, what the learner has done, and pages that stand still.

Store reads: a first page reads the learner's profile (unless it was read seconds ago) and one LearnerFeed, and at most
2 x CANDIDATES items once in CATALOGUE_SECONDS for each language and instance; it puts the order aside with one write to
`coordination`. A further page is one read there. Marks are one read and one write.
For a learner who is done with so many of these that fewer than SHOWN are left, twice as many are read, and again, up to DEEPEST:
3,000 items in four queries, once in CATALOGUE_SECONDS for each language and instance.
"""

import asyncio
import random
import secrets
from collections import OrderedDict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import orjson

from shared.activity.events import Consumed, happenings
from shared.agents.feed import PAGE, CatalogueRequest, FeedEntry, FeedMark, FeedQuery, FeedReply, RankRequest
from shared.documents import Profile
from shared.errors import AlreadyExists, InvalidRequest, NotFound, StaleVersion, Unavailable
from shared.experiments.assign import NOTHING, Chosen
from shared.feed import exposure, phrases
from shared.feed.ranking import Placed, rank, words
from shared.feed.scoring import Item, Learner
from shared.llm import budget
from shared.store import Create, Delete, Put, Where, Write
from shared.stored.feed import FeedItem, LearnerFeed

if TYPE_CHECKING:
    from shared.runtime import Runtime

CANDIDATES: Final = 200
CATALOGUE_SECONDS: Final = 60.0
SHOWN: Final = 100
"""So long a feed is at most."""
PAGING_SECONDS: Final = 1_800.0
MOST_DONE, MOST_DISMISSED, MOST_OPENED = 1_000, 500, 50
DEEPEST: Final = 1_600
"""So many items of a language are looked at: all that a learner can be done with or have dismissed, and SHOWN more."""
_LANGUAGES_KEPT = 12
_RACES = 10


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The newest items of a language by id, newest first, as they were read at `at`; all there are where fewer than `depth`."""

    at: float
    depth: int
    items: dict[str, FeedItem]


_catalogues: "WeakKeyDictionary[Runtime, OrderedDict[str, _Catalogue]]" = WeakKeyDictionary()


def consents(now: "Runtime", profile: Profile | None) -> bool:
    """Whether what is known of this learner may have a part in what they are shown."""
    return now.settings.personalization_enabled and profile is not None and bool(profile.consent.get("personalization"))


def day_seed(now: "Runtime", user_id: str, profile: Profile | None, *, personal: bool) -> str:
    """What the day's place for something new is drawn from: the learner and their day; without consent the day alone."""
    zone = budget.zone_of(profile.time_zone if profile else None, now.settings.ai_time_zone)
    day = budget.day(now.clock(), zone)
    return f"{user_id}:{day}" if personal else day


def learner_of(body: RankRequest, profile: Profile | None, language: str, *, personal: bool) -> Learner:
    """What a ranking may know of a learner who asks for one."""
    if not personal:
        return Learner(language=language, minutes=body.minutes_available)
    level = body.level if body.level is not None else profile.difficulty_preference if profile else None
    return Learner(
        goals=frozenset(goal.casefold() for goal in body.goals),
        mastery=body.mastery,
        level=level,
        formats=frozenset(body.preferred_formats),
        recent=frozenset(body.recent),
        language=language,
        minutes=body.minutes_available,
    )


async def page(
    now: "Runtime", user_id: str, query: FeedQuery, language: str, profile: Profile | None, *, chosen: Chosen = NOTHING
) -> FeedReply:
    """A page of a learner's feed, a first one by `chosen`'s algorithm. Raises NotFound for a cursor whose feed is over."""
    if query.cursor is None:
        name = ""
        way = chosen.steering.algorithm
        language, personal, order = await _fresh(now, user_id, query, language, profile, algorithm=way)
        await exposure.tell(now.store, user_id, chosen.arms, now.clock())
        start = 0
    else:
        name, _, offset = query.cursor.partition(".")
        language, personal, order = await _kept(now, user_id, name)
        start = int(offset)
    end = start + query.limit
    if end < len(order) and not name:
        name = secrets.token_hex(8)
        value = orjson.dumps([language, personal, [entry.model_dump() for entry in order]])
        await now.coordination.put(_key(user_id, name), value, PAGING_SECONDS)
    return FeedReply(
        user_id=user_id,
        language=language,
        personalised=personal,
        items=order[start:end],
        next=f"{name}.{end}" if end < len(order) else None,
    )


async def mark(
    now: "Runtime", user_id: str, marks: Sequence[FeedMark], *, personal: bool, chosen: Chosen = NOTHING
) -> LearnerFeed:
    """Keep what the learner did; what they opened only with their consent. The same marks again change nothing.

    What was not kept before is told to those who count, in the same commit, with the variants that were `chosen`.
    """
    moment = now.clock()
    keep_until = moment + now.settings.conversation_retention_days * 86_400.0
    for race in range(_RACES):
        found = await now.store.get_versioned(LearnerFeed, user_id)
        before = LearnerFeed(id=user_id) if found is None else found[0]
        after = marked(before, marks, personal=personal).model_copy(update={"expires_at": keep_until})
        told = happenings(_consumed(before, marks, chosen), moment)
        kept = Create(after) if found is None else Put(after, expect=found[1])
        try:
            await now.store.commit(kept, *(Create(one) for one in told))
        except (AlreadyExists, StaleVersion):
            await asyncio.sleep(random.uniform(0, 0.01 * race))
            continue
        return after
    raise Unavailable("This learner's items are being marked elsewhere at the same moment.")


def _consumed(before: LearnerFeed, marks: Sequence[FeedMark], chosen: Chosen) -> list[Consumed]:
    """One event for each item and what was done with it. Its id counts once, for what is kept only without consent or for long."""
    kept = {"completed": before.done, "dismissed": before.dismissed, "opened": before.opened}
    fresh = dict.fromkeys((one.item_id, one.event) for one in marks if one.item_id not in kept[one.event])
    return [
        Consumed(before.id, f"c:{before.id}:{item}:{how}", item, how, arms=chosen.arms, beside=chosen.beside)
        for item, how in fresh
    ]


def marked(feed: LearnerFeed, marks: Sequence[FeedMark], *, personal: bool) -> LearnerFeed:
    """The learner's document after these marks."""
    done, dismissed, opened = list(feed.done), list(feed.dismissed), list(feed.opened) if personal else []
    lists = {"completed": done, "dismissed": dismissed, "opened": opened}
    for event in marks:
        into = lists[event.event]
        if event.event == "opened" and not personal:
            continue
        if event.item_id in into:
            into.remove(event.item_id)
        into.append(event.item_id)
    return feed.model_copy(
        update={"done": done[-MOST_DONE:], "dismissed": dismissed[-MOST_DISMISSED:], "opened": opened[-MOST_OPENED:]}
    )


async def store(now: "Runtime", body: CatalogueRequest) -> None:
    """Put items into the catalogue and take others out, in one commit. Raises InvalidRequest where there is nothing to do."""
    if not body.items and not body.remove:
        raise InvalidRequest("Give items or ids to remove.", fields=[("items", "Needs at least one, or remove does")])
    both = {item.id for item in body.items} & set(body.remove)
    if both:
        raise InvalidRequest("An item is both stored and removed.", fields=[("remove", f"{min(both)} is in items too")])
    # Of two with one id the last counts: one commit writes a document once.
    latest = {item.id: FeedItem(**item.model_dump()) for item in body.items}
    writes: list[Write] = [Put(item) for item in latest.values()]
    writes += [Delete(FeedItem, name) for name in dict.fromkeys(body.remove)]
    await now.store.commit(*writes)
    _catalogues.pop(now, None)


async def _fresh(
    now: "Runtime", user_id: str, query: FeedQuery, language: str, profile: Profile | None, *, algorithm: str | None
) -> tuple[str, bool, list[FeedEntry]]:
    personal = consents(now, profile)
    own = await now.store.get(LearnerFeed, user_id) or LearnerFeed(id=user_id)
    gone = {*own.done, *own.dismissed}
    items = await _candidates(now, language, gone)
    learner = Learner(language=language, minutes=query.minutes_available)
    if personal:
        opened = [_item(items[name]) for name in own.opened if name in items]
        learner = Learner(
            level=profile.difficulty_preference if profile else None,
            taste=words(opened),
            recent=frozenset(own.opened),
            language=language,
            minutes=query.minutes_available,
        )
    seed = day_seed(now, user_id, profile, personal=personal)
    left = [_item(item) for name, item in items.items() if name not in gone][:CANDIDATES]
    order = rank(left, learner, now.clock(), seed, algorithm=algorithm)[:SHOWN]
    return language, personal, [_entry(placed, language) for placed in order]


async def _kept(now: "Runtime", user_id: str, name: str) -> tuple[str, bool, list[FeedEntry]]:
    key = _key(user_id, name)
    raw = (await now.coordination.get_many([key])).get(key)
    if raw is None:
        raise NotFound("This feed is over: begin again without a cursor.")
    language, personal, entries = orjson.loads(raw)
    return language, personal, [FeedEntry.model_validate(entry) for entry in entries]


def _key(user_id: str, name: str) -> str:
    return f"feed:{user_id}:{name}"


async def _candidates(now: "Runtime", language: str, gone: Set[str]) -> dict[str, FeedItem]:
    """The newest items of a language by id, `gone` ones too; where few others are left, those of the default language behind them."""
    found = await _left(now, language, gone)
    default = now.settings.ai_default_language
    if len(found.keys() - gone) < PAGE and default != language:
        behind = await _left(now, default, gone)
        found = found | {name: item for name, item in behind.items() if name not in found}
    return found


async def _left(now: "Runtime", language: str, gone: Set[str]) -> dict[str, FeedItem]:
    """As many of a language's newest items as leave SHOWN that are not `gone`: DEEPEST at most."""
    depth = CANDIDATES
    found = await _catalogue(now, language, depth)
    while len(found) >= depth and len(found.keys() - gone) < SHOWN and depth < DEEPEST:
        depth = min(2 * depth, DEEPEST)
        found = await _catalogue(now, language, depth)
    return found


async def _catalogue(now: "Runtime", language: str, depth: int) -> dict[str, FeedItem]:
    """At least the newest `depth` items. Read from the newest on: items of one moment have no place to go on from."""
    kept = _catalogues.setdefault(now, OrderedDict())
    known = kept.get(language)
    old = known is None or now.clock() - known.at > CATALOGUE_SECONDS
    if known is None or old or len(known.items) >= known.depth < depth:
        items = await now.store.query(
            FeedItem, Where("language", "==", language), order="published_at", descending=True, limit=depth
        )
        known = kept[language] = _Catalogue(now.clock(), depth, {item.id: item for item in items})
        while len(kept) > _LANGUAGES_KEPT:
            kept.popitem(last=False)
    return known.items


def _item(stored: FeedItem) -> Item:
    return Item(
        id=stored.id,
        title=stored.title,
        topics=tuple(stored.topics),
        skills=tuple(stored.skills),
        difficulty=stored.difficulty,
        format=stored.format,
        language=stored.language,
        minutes=stored.minutes,
        published_at=stored.published_at,
        quality=stored.quality,
        popularity=stored.popularity,
    )


def _entry(placed: Placed, language: str) -> FeedEntry:
    item = placed.item
    return FeedEntry.model_validate(
        {
            "id": item.id,
            "position": placed.position,
            "score": placed.score,
            "reasons": phrases.reasons(placed, language),
            "reason_codes": list(placed.reasons),
            "title": item.title,
            "topics": list(item.topics),
            "skills": list(item.skills),
            "difficulty": item.difficulty,
            "format": item.format,
            "language": item.language,
            "minutes": item.minutes,
        }
    )
