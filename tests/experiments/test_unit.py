"""A unit's bounds: its ids, what waits, its body's size."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.activity.events import Event
from shared.experiments import seen, unit_body
from shared.experiments.exact import SCALE
from shared.experiments.rules import Rules, rules_of
from shared.experiments.seen import EACH, ROUNDS, Seen, hashed
from shared.experiments.unit import BUCKETS, MOST_BEFORE, Unit, part, take
from shared.stored.experiments import ExperimentMetric
from tests.experiments.counted import DAY, METRICS, START, answered, experiment, exposed, outcome


def rules(*metrics: ExperimentMetric) -> Rules:
    found = rules_of(experiment(metrics=metrics or METRICS))
    assert found is not None
    return found


def sums(unit: Unit, of: Rules, metric: str = "score") -> tuple[float, ...]:
    found = part(unit, of)
    assert found is not None
    return tuple(number / 1e9 for number in found.vectors[metric])


def test_an_event_with_a_time_of_its_own_never_counts_twice_however_late() -> None:
    of, unit, many = rules(), Unit(), EACH * (ROUNDS + 2)
    take(unit, "u", START, answered("u", "r"), of)
    events = [outcome("u", f"o{number}", 1, at=START + number) for number in range(many)]
    for number, event in enumerate(events):
        assert take(unit, "u", START + number, event, of) == "counted"
        unit = unit_body.decoded(unit_body.encoded(unit))
    for event in events:
        assert take(unit, "u", START + 5 * DAY, event, of) in ("known", "late")
    assert sums(unit, of)[0] == many
    assert unit.late >= EACH
    # What is newer than all that is forgotten is taken.
    assert take(unit, "u", START + 5 * DAY, outcome("u", "fresh", 1, at=START + many), of) == "counted"


def test_the_same_id_for_another_metric_is_another_event() -> None:
    of, unit = rules(), Unit()
    take(unit, "u", START, answered("u", "same"), of)
    assert take(unit, "u", START, outcome("u", "same", 1), of) == "counted"
    assert take(unit, "u", START, outcome("u", "same", 1, "bought"), of) == "counted"
    assert take(unit, "u", START + 9, outcome("u", "same", 1, "bought"), of) == "known"


def test_what_waits_is_bounded_and_keeps_its_sums_while_days_fit() -> None:
    of, unit = rules(), Unit()
    for number in range(3 * MOST_BEFORE):
        take(unit, "u", START + number * 600, outcome("u", f"o{number}", 1), of)
        assert len(unit.before) <= MOST_BEFORE
    take(unit, "u", START + 27 * DAY, answered("u", "r"), of)
    assert sums(unit, of) == (0, 1, 3 * MOST_BEFORE, 1)


def test_what_was_long_before_the_exposure_is_no_covariate() -> None:
    of, unit = rules(), Unit()
    for days, value in ((29, 1), (28, 2), (1, 4)):
        take(unit, "u", START, outcome("u", f"o{days}", value, at=START - days * DAY), of)
    take(unit, "u", START, answered("u", "r"), of)
    assert sums(unit, of) == (0, 1, 6, 1)


def test_a_body_is_below_64_kilobytes_whatever_comes() -> None:
    metrics = [ExperimentMetric(name=f"a_metric_with_a_long_name_{n}", kind="mean") for n in range(9)]
    metrics += [ExperimentMetric(name=f"a_quantile_of_something_{n}", kind="quantile", quantile=0.9) for n in range(3)]
    of, unit = rules(*metrics), Unit()
    for number in range(500):
        past = START - DAY * (number % 120)
        take(unit, "u", START, outcome("u", f"b{number}", 1e12 - number, metrics[number % 9].name, at=past), of)
    for number in range(40):
        take(unit, "u", START + number, answered("u", f"r{number}", delivered=f"a-model-of-a-provider-{number}"), of)
    for number in range(9000):
        value, name = 1.013 ** (number % 4000 - 1500), metrics[number % 12].name
        take(unit, "u", START + number * 60, outcome("u", f"o{number}", min(value, 1e12), name), of)
    assert sum(map(len, unit.spread.values())) == BUCKETS
    body = unit_body.encoded(unit)
    assert 30_000 < len(body.encode()) < 65_536
    assert unit_body.encoded(unit_body.decoded(body)) == body
    assert unit_body.decoded(body) == unit


def test_known_ids_are_the_newest_rounds() -> None:
    known = Seen()
    for number in range(EACH * (ROUNDS + 1)):
        known.add(hashed(str(number)), float(number))
    assert len(known.known) == EACH * ROUNDS
    assert known.horizon == EACH - 1
    assert seen.decoded(seen.encoded(known)) == known


WAITING = st.lists(
    st.tuples(
        st.integers(-26 * 24, 2 * 24),
        st.sampled_from(["score", "rate", "bought", "size"]),
        st.integers(0, 1 + MOST_BEFORE // 2),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(WAITING)
@example([(-2, "size", 300)])
@example([(1, "size", 300)])
@example([(-30, "score", 200), (-20, "score", 200), (1, "score", 40)])
def test_an_exposure_that_comes_last_gives_the_same_or_what_is_missing_is_told(
    bunches: list[tuple[int, str, int]],
) -> None:
    """Bunches of values, a second apart, some hours before or after the exposure, which comes in first, or when all have waited."""
    of, met = rules(), (START, exposed("u"))
    events: list[tuple[float, Event]] = [
        (at, outcome("u", f"{place}-{one}", 1, metric, at=at))
        for place, (hours, metric, many) in enumerate(bunches)
        for one in range(many)
        if (at := START + hours * 3600.0 + one)
    ]
    truth = [(metric, hours >= 0) for hours, metric, many in bunches for _ in range(many)]

    def left_out(order: list[tuple[float, Event]]) -> tuple[list[int], int]:
        """How many values there are less than there were, by metric and side of the exposure; and how many of these are told of."""
        unit = Unit()
        for came, event in order:
            take(unit, "u", came, event, of)
            assert len(unit.before) <= MOST_BEFORE
        unit = unit_body.decoded(unit_body.encoded(unit))
        found = part(unit, of)
        assert found is not None
        after = {name: pair[0] // SCALE for name, pair in unit.sums.items()}
        after |= {name: sum(spread.values()) for name, spread in unit.spread.items()}
        assert unit.converted == after.get("score", 0)
        before = {name: found.vectors[name][2] // SCALE for name in ("score", "rate")}
        missing = [truth.count((name, True)) - after.get(name, 0) for name in ("score", "rate", "bought", "size")]
        return [*missing, *(truth.count((name, False)) - before[name] for name in before)], unit.late

    events.sort(key=lambda one: one[0])
    first = [one for one in events if one[0] < START]
    for order in ([*first, met, *events[len(first) :]], [*events, met]):
        missing, late = left_out(order)
        assert min(missing) >= 0
        assert sum(missing) <= late
