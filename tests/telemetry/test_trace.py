"""Where a trace comes from, who decides whether it is kept, and that nothing is made of one that is not."""

import random
import time

import pytest

from shared import log
from shared.telemetry import trace, trace_wire
from shared.telemetry.trace import NOTHING, Span, Tracer

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
LOW = "0af7651916cd43dd0000000000000001"
"""Its second half is below every share but 0."""


class Kept(list[Span]):
    """A sink that shows what it has."""

    def take(self, span: Span) -> None:
        self.append(span)

    async def close(self) -> None:
        """Nothing is sent."""


def place(tracer: Tracer, **headers: str) -> trace.Remote:
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return tracer.request(named, service="mentor", method="POST", route="/mentor/chat")


@pytest.mark.parametrize(
    ("header", "value", "sampled"),
    [
        ("traceparent", f"00-{TRACE}-{PARENT}-01", True),
        ("traceparent", f"00-{TRACE}-{PARENT}-00", False),
        ("traceparent", f"00-{TRACE}-{PARENT}-03", True),  # flags that are not known yet do not matter
        ("traceparent", f"01-{TRACE}-{PARENT}-01-later", True),  # nor what a later version adds
        ("x_cloud_trace_context", f"{TRACE.upper()}/{int(PARENT, 16)};o=1", True),
        ("x_cloud_trace_context", f"{TRACE}/{int(PARENT, 16)};o=0", False),
        ("x_cloud_trace_context", f"{TRACE}/{int(PARENT, 16)}", False),
    ],
)
def test_a_callers_trace_is_continued_and_its_wish_honoured(header: str, value: str, sampled: bool) -> None:
    kept = Kept()
    with place(Tracer(kept, ratio=0), **{header: value}) as here:
        assert here.trace_id == TRACE
        assert here.sampled is sampled
        assert trace.traceparent().startswith(f"00-{TRACE}-")
        assert trace.traceparent().endswith("-01" if sampled else "-00")
    assert [span.parent_id for span in kept] == ([PARENT] if sampled else [])
    assert log.place.get() is None


@pytest.mark.parametrize(
    "value",
    [
        f"00-{TRACE}-{PARENT}-01-more",  # version 00 ends there
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01\n",
        "canary.learner@example.org",
        "",
    ],
)
def test_a_header_that_is_no_trace_is_no_trace(value: str) -> None:
    kept = Kept()
    assert place(Tracer(kept, ratio=0), traceparent=value) is NOTHING
    with place(Tracer(kept, ratio=1), traceparent=value) as here:
        assert here.trace_id != TRACE
    assert kept[0].parent_id == ""


def test_w3cs_header_wins_over_googles() -> None:
    both = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x_cloud_trace_context": f"{LOW}/7;o=1"}
    with place(Tracer(Kept()), **both) as here:
        assert here.trace_id == TRACE
    both["traceparent"] = "broken"
    with place(Tracer(Kept()), **both) as here:
        assert here.trace_id == LOW


def test_the_share_is_decided_by_the_trace_alone_so_that_all_services_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    random.seed(7)
    monkeypatch.setattr(trace, "FORCED_PER_SECOND", 10_000)
    first, second = Tracer(Kept(), ratio=0.25), Tracer(Kept(), ratio=0.25)
    kept = 0
    for _ in range(4000):
        header = f"00-{random.getrandbits(128):032x}-{PARENT}-00"
        answers = []
        for tracer in (first, second):
            with place(tracer, traceparent=header) as here:
                answers.append(here.sampled)
        assert answers[0] == answers[1]
        kept += answers[0]
    assert 850 < kept < 1150


def test_a_trace_that_begins_here_is_kept_by_everybody_with_that_share() -> None:
    mine, other = Kept(), Kept()
    while len(mine) < 20:
        with place(Tracer(mine, ratio=0.05)):
            told = trace.traceparent()
        if told:
            with place(Tracer(other, ratio=0.05), traceparent=told[:-2] + "00"):
                pass
    assert [span.trace_id for span in other] == [span.trace_id for span in mine]
    assert [span.parent_id for span in other] == [span.span_id for span in mine]


@pytest.mark.parametrize(("flag", "ratio"), [("01", 0.0), ("00", 0.99), ("01", 0.99)])
def test_callers_cannot_have_everything_kept_at_our_expense(flag: str, ratio: float) -> None:
    kept = Kept()
    tracer = Tracer(kept, ratio=ratio)
    began = time.monotonic()
    for _ in range(10 * trace.FORCED_PER_SECOND):
        with place(tracer, traceparent=f"00-{TRACE}-{PARENT}-{flag}") as here:
            assert trace.traceparent().endswith("-01") is here.sampled  # nobody further on keeps it either
    seconds = int(time.monotonic() - began) + 2
    assert trace.FORCED_PER_SECOND <= len(kept) <= seconds * trace.FORCED_PER_SECOND


def test_without_a_trace_nothing_is_made() -> None:
    assert place(Tracer()) is NOTHING
    assert place(Tracer(Kept(), ratio=0)) is NOTHING
    with trace.begin("answer") as span:
        assert span is NOTHING
        span.set(agent="mentor")
        span.fail("timeout")
        assert trace.current() is NOTHING
        assert trace.traceparent() == ""
    with place(Tracer(), traceparent=f"00-{TRACE}-{PARENT}-01") as here:  # tracing is off, and lines name the trace
        assert trace.begin("answer") is NOTHING
        assert here.sampled
        assert trace.traceparent() == f"00-{TRACE}-{PARENT}-01"
    assert log.place.get() is None


def test_spans_are_below_each_other_and_know_what_failed() -> None:
    def work() -> None:
        with place(tracer) as root:
            with trace.begin("answer") as answer:
                answer.set(agent="mentor", outcome="ok")
                with trace.begin("chat", "gemma", kind=trace.CLIENT):
                    trace.current().set(outcome="timeout")
                    trace.current().fail("timeout")
                assert trace.current() is answer
            assert trace.current() is root
            raise KeyError("a learner's words")

    kept = Kept()
    tracer = Tracer(kept, ratio=1)
    with pytest.raises(KeyError):
        work()
    chat, answered, request = kept
    assert (chat.name, chat.error, chat.attributes) == ("chat gemma", "timeout", {"outcome": "timeout"})
    assert [chat.parent_id, answered.parent_id] == [answered.span_id, request.span_id]
    assert {span.trace_id for span in kept} == {request.trace_id}
    assert request.error == "KeyError"
    assert not answered.error
    assert all(span.started <= span.ended for span in kept)


def test_ending_twice_is_ending_once() -> None:
    kept = Kept()
    span = place(Tracer(kept, ratio=1))
    span.end()
    span.end()
    assert len(kept) == 1


def test_background_work_goes_on_in_the_trace_that_asked_for_it() -> None:
    kept = Kept()
    with Tracer(kept).work(f"00-{TRACE}-{PARENT}-01", service="jobs", name="deliver", of="summarise"):
        pass
    assert (kept[0].trace_id, kept[0].parent_id, kept[0].name) == (TRACE, PARENT, "deliver summarise")
    assert Tracer(kept).work("", service="jobs", name="deliver", of="x") is NOTHING
    assert Tracer(kept).work("n\u00f6", service="jobs", name="deliver", of="x") is NOTHING


def test_t46_every_attribute_has_a_name_and_none_is_a_learners_word() -> None:
    assert set(trace_wire.NAMES) == set(trace.Attributes.__annotations__)
    assert not log.LEARNER_FIELDS & set(trace_wire.NAMES)
