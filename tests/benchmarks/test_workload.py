"""The mixed traffic is what its description says, and the same every time."""

from collections import Counter

import pytest

from scripts.benchmarks import memory, workload
from scripts.benchmarks.trials import FAULTS, FAULTY, steps
from scripts.fakes.models.faults import parse_words
from shared.llm.complexity import measure
from shared.safety.personal import is_personal
from shared.settings import Settings

SIZE = 2000


def turns(size: int = SIZE) -> list[workload.Turn]:
    return [turn for conversation in workload.mixed(size) for turn in conversation.turns]


def test_the_same_seed_gives_the_same_traffic() -> None:
    assert workload.mixed(200) == workload.mixed(200)
    assert workload.mixed(200) != workload.mixed(200, seed=9)


@pytest.mark.parametrize("size", [1, 2, 119, 600])
def test_there_are_as_many_messages_as_asked_for(size: int) -> None:
    assert len(turns(size)) == size


def test_the_mix_is_as_described() -> None:
    kinds = Counter(turn.kind for turn in turns())
    shares = {kind: count / SIZE for kind, count in kinds.items()}
    assert shares["common"] == pytest.approx(0.52, abs=0.05)
    assert shares["fresh"] == pytest.approx(0.19, abs=0.03)
    assert shares["personal"] == pytest.approx(0.1, abs=0.03)
    assert shares["follow-up"] == pytest.approx(0.2, abs=0.04)
    assert sum(turn.stream for turn in turns()) / SIZE == pytest.approx(0.4, abs=0.04)


def test_hard_questions_are_hard_for_the_product_and_easy_ones_easy() -> None:
    threshold = Settings.model_fields["gemini_confidence_threshold"].default
    hard = [turn for turn in turns() if measure(turn.message).score >= threshold]
    assert all("step by step" in turn.message for turn in hard)
    assert len(hard) / SIZE == pytest.approx(0.2, abs=0.05)
    assert measure(workload.HARDEST).score >= threshold


def test_only_what_says_something_about_the_learner_is_personal() -> None:
    assert {turn.kind for turn in turns() if is_personal(turn.message)} == {"personal"}
    assert all(is_personal(turn.message) for turn in turns() if turn.kind == "personal")


def test_new_questions_are_new() -> None:
    fresh = [turn.message for turn in turns() if turn.kind == "fresh"]
    assert len(set(fresh)) == len(fresh)
    assert len(set(workload.pool())) == len(workload.pool())


def test_simultaneous_conversations_have_learners_of_their_own() -> None:
    found = workload.simultaneous(64, turns=3)
    assert len({conversation.learner for conversation in found}) == 64
    assert {len(conversation.turns) for conversation in found} == {3}


def test_failing_models_fail_as_often_as_said_and_in_words_the_fake_knows() -> None:
    answers = steps("150ms-n40", FAULTY)
    failing = [answer for answer in answers if answer != "150ms-n40"]
    assert len(failing) / len(answers) == pytest.approx(FAULTY, abs=0.01)
    assert set(failing) == set(FAULTS)
    for answer in set(answers):
        parse_words(answer)
    assert set(steps("ok", 0.0)) == {"ok"}


def test_the_soak_asks_old_and_new_in_both_forms() -> None:
    asked = [memory.request(number) for number in range(10_000)]
    repeated = Counter(text for text, _ in asked)
    assert sum(count for count in repeated.values() if count > 1) / len(asked) == pytest.approx(0.3)
    assert sum(stream for _, stream in asked) / len(asked) == pytest.approx(0.3)
    assert sum(count > 1 for count in repeated.values()) == memory.COMMON
