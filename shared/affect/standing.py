"""Which rule holds for a learner, and whether something is due: pure, with the moment as an argument.

One effect for each event: an event that was noted before changes nothing, and what it raised is found again by its id.
"""

from collections.abc import Iterable, Mapping, Sequence

from shared.affect.rules import BY_TRIGGER, CALM, RULES, Rule
from shared.stored.affect import Affect, Noted, Raised

MOST_NOTED = 60
MOST_RAISED = 40
KEPT_SECONDS = 30 * 86_400.0


def levels(signs: Mapping[str, float]) -> dict[str, float]:
    """Trigger -> how strongly these signs speak for it, of those that they speak for at all."""
    found = {rule.trigger: _level(rule, signs) for rule in RULES}
    return {trigger: round(level, 3) for trigger, level in found.items() if level > 0}


def telling(found: Mapping[str, float]) -> bool:
    """Whether any of these levels counts as an event of its rule."""
    return any(level >= BY_TRIGGER[trigger].telling for trigger, level in found.items())


def strength(rule: Rule, noted: Sequence[Noted], now: float) -> tuple[float, int]:
    """(what stands for the rule, telling events within its window). Levels fade by half-life, and halve at a calm event."""
    total, count, last = 0.0, 0, now
    for event in sorted((event for event in noted if now - rule.window < event.at <= now), key=lambda event: event.at):
        total *= 0.5 ** (max(0.0, event.at - last) / rule.half_life)
        last = event.at
        level = event.levels.get(rule.trigger, 0.0)
        if level >= rule.telling:
            total += level
            count += 1
        elif not level:
            total *= CALM
    return total * 0.5 ** (max(0.0, now - last) / rule.half_life), count


def seen(affect: Affect | None, event_id: str) -> bool:
    """Whether this event was noted."""
    return affect is not None and any(event.event_id == event_id for event in affect.noted)


def raised_by(affect: Affect | None, event_ids: Iterable[str]) -> list[Raised]:
    """What these events raised, in the order of the rules."""
    wanted = frozenset(event_ids)
    found = [raised for raised in (affect.raised if affect else ()) if raised.event_id in wanted]
    order = list(BY_TRIGGER)
    return sorted(found, key=lambda raised: order.index(raised.trigger) if raised.trigger in order else len(order))


def help_due(now: float) -> Raised:
    """The offer of help that somebody's words ask for at this moment, whatever is kept of them."""
    rule = BY_TRIGGER["crisis"]
    return Raised(event_id="", trigger=rule.trigger, action=rule.action, at=now, strength=1.0, events=1)


def note(affect: Affect, events: Sequence[Noted], now: float) -> Affect:
    """The learner's standing after these events. Events noted before are passed over."""
    noted, raised = list(affect.noted), list(affect.raised)
    active = _still(affect.active, noted, now)
    for event in events:
        if any(known.event_id == event.event_id for known in noted):
            continue
        noted.append(event)
        for rule in RULES:
            total, count = strength(rule, noted, event.at)
            if total < rule.leave:
                active.discard(rule.trigger)
            elif total >= rule.enter and count >= rule.least and event.levels.get(rule.trigger, 0) >= rule.telling:
                active.add(rule.trigger)
                if _cool(rule, raised, event.at):
                    raised.append(_raise(rule, event, total, count))
    return affect.model_copy(
        update={
            "noted": sorted(noted, key=lambda event: event.at)[-MOST_NOTED:],
            "active": [rule.trigger for rule in RULES if rule.trigger in _still(active, noted, now)],
            "raised": raised[-MOST_RAISED:],
            "updated_at": now,
            "expires_at": now + KEPT_SECONDS,
        }
    )


def standing(affect: Affect | None, now: float) -> list[str]:
    """The triggers whose rule holds now."""
    if affect is None:
        return []
    held = _still(affect.active, affect.noted, now)
    return [rule.trigger for rule in RULES if rule.trigger in held]


def _still(active: Iterable[str], noted: Sequence[Noted], now: float) -> set[str]:
    held = (BY_TRIGGER[trigger] for trigger in active if trigger in BY_TRIGGER)
    return {rule.trigger for rule in held if strength(rule, noted, now)[0] >= rule.leave}


def _level(rule: Rule, signs: Mapping[str, float]) -> float:
    left = 1.0
    for sign in rule.signs:
        left *= 1 - sign.of(signs.get(sign.name, 0.0))
    return 1 - left


def _cool(rule: Rule, raised: Sequence[Raised], at: float) -> bool:
    return all(abs(at - other.at) >= rule.cooldown for other in raised if other.trigger == rule.trigger)


def _raise(rule: Rule, event: Noted, total: float, count: int) -> Raised:
    return Raised(
        event_id=event.event_id,
        trigger=rule.trigger,
        action=rule.action,
        at=event.at,
        strength=round(total, 3),
        events=count,
    )
