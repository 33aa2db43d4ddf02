"""The breaker's state machine."""

from hypothesis import given
from hypothesis import strategies as st

from shared.llm.breaker import CLOSED, BreakerState, Policy, admit, decode, encode, failed, succeeded

POLICY = Policy(failures=3, window=60, cooldown=5, cooldown_limit=40, probe=30)


def opened(now: float = 0.0) -> BreakerState:
    state = CLOSED
    for _ in range(3):
        state = failed(state, now, POLICY)
    return state


def test_three_failures_in_a_row_open_it_and_a_success_between_starts_over() -> None:
    twice = failed(failed(CLOSED, 0, POLICY), 1, POLICY)
    assert twice.status(1) == "closed"
    assert failed(twice, 2, POLICY).status(2) == "open"
    assert failed(succeeded(twice, 2), 3, POLICY).status(3) == "closed"


def test_old_failures_do_not_count() -> None:
    assert failed(failed(failed(CLOSED, 0, POLICY), 1, POLICY), 100, POLICY).status(100) == "closed"


def test_a_hard_failure_or_a_retry_after_opens_at_once() -> None:
    assert failed(CLOSED, 0, POLICY, hard=True).status(1) == "open"
    assert failed(CLOSED, 0, POLICY, retry_after=9).open_until == 9


def test_each_reopening_doubles_the_cooldown_up_to_the_limit() -> None:
    state, now, waits = opened(), 0.0, []
    for _ in range(5):
        waits.append(state.open_until - now)
        now = state.open_until
        state = failed(state, now, POLICY)
    assert waits == [5, 10, 20, 40, 40]


def test_half_open_lets_one_probe_through_until_its_time_is_over() -> None:
    state = opened()
    assert admit(state, 4, POLICY) is None
    probing = admit(state, 6, POLICY)
    assert probing is not None
    assert admit(probing, 7, POLICY) is None
    assert admit(probing, 37, POLICY) is not None
    assert succeeded(probing, 8) == CLOSED


def test_a_late_success_does_not_close_an_open_breaker() -> None:
    assert succeeded(opened(), 1).status(1) == "open"


@given(
    st.lists(
        st.tuples(st.sampled_from(["fail", "hard", "ok", "ask"]), st.floats(0, 30), st.none() | st.floats(0, 100)),
        max_size=60,
    )
)
def test_any_history_keeps_its_promises(history: list[tuple[str, float, float | None]]) -> None:
    state, now = CLOSED, 1000.0
    for what, step, retry_after in history:
        now += step
        before = state
        if what == "ok":
            state = succeeded(state, now)
        elif what == "ask":
            state = admit(state, now, POLICY) or state
        else:
            state = failed(state, now, POLICY, hard=what == "hard", retry_after=retry_after)
            assert state.open_until >= before.open_until or before.status(now) != "open"
        assert state.open_until <= now + max(POLICY.cooldown_limit, 100)
        assert decode(encode(state)) == state
