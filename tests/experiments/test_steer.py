"""What variants come to, and how a call is changed by them."""

from shared.documents import LiveConfig
from shared.experiments.steer import AS_IT_IS, steering
from shared.llm import steered
from shared.llm.types import Schema
from shared.optimization.levels import Base, knobs
from shared.stored.experiments import RunningVariant
from tests.product import call

BASE = Base(0.7, 3600)
USUAL = knobs(BASE, ())


def variant(**changes: object) -> RunningVariant:
    return RunningVariant(name="v", weight=1, **changes)


def test_a_control_that_changes_nothing_is_how_it_is() -> None:
    assert steering([]) is AS_IT_IS
    assert steering([variant(), variant()]) is AS_IT_IS
    question = call()
    assert steered.applied(question, USUAL) is question


def test_each_instruction_and_each_setting_has_a_mark_of_its_own() -> None:
    some = [
        variant(instruction="Be brief."),
        variant(instruction="Be long."),
        variant(live={"complexity_threshold": 0.2}),
        variant(live={"complexity_threshold": 0.3}),
        variant(live={"optimization_level": "maximum"}),
        variant(instruction="Be brief.", live={"complexity_threshold": 0.2}),
    ]
    assert len({steering([one]).mark for one in some} | {""}) == len(some) + 1
    assert steering([variant(prefer_model="claude")]).mark == ""
    one, other = (
        {"cache_ttl_seconds": 1, "complexity_threshold": 0},
        {"complexity_threshold": 0, "cache_ttl_seconds": 1},
    )
    assert steering([variant(live=one)]).mark == steering([variant(live=other)]).mark


def test_an_instruction_stands_at_the_end_of_the_system_message() -> None:
    question = call(steering=steering([variant(instruction="Use sport.")]))
    asked = steered.applied(question, USUAL)
    assert [message.content for message in asked.messages] == ["Teach.\n\nUse sport.", "What is a prime number?"]
    assert asked.messages[0].role == "system"
    assert asked.version == f"test-1~{question.steering.mark}"
    assert question.messages[0].content == "Teach."


def test_a_levels_length_is_for_text_and_not_for_forms() -> None:
    short = knobs(BASE, ({"optimization_level": "maximum"},))
    assert steered.applied(call(max_output_tokens=1000), short).max_output_tokens == 700
    assert steered.applied(call(max_output_tokens=300), short).max_output_tokens == 256
    assert steered.applied(call(max_output_tokens=100), short).max_output_tokens == 100
    form = call(max_output_tokens=1000, schema=Schema("x", {}))
    assert steered.applied(form, short) is form


def test_a_variants_settings_hold_over_the_operators_but_for_what_they_disabled() -> None:
    live = LiveConfig(id="live", complexity_threshold=0.4, cache_ttl_seconds=60, disabled_models=["claude"])
    plain = steered.holding(BASE, live, call())
    assert (plain.complexity_threshold, plain.cache_ttl_seconds, plain.disabled_models) == (0.4, 60, ("claude",))
    told = call(steering=steering([variant(live={"complexity_threshold": 0.9, "disabled_models": ["gpt_4"]})]))
    held = steered.holding(BASE, live, told)
    assert (held.complexity_threshold, held.cache_ttl_seconds, held.disabled_models) == (0.9, 60, ("claude", "gpt_4"))
