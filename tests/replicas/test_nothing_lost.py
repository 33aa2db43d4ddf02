"""Everything is killed in the middle of a load: nothing that was answered is lost, nothing is done twice."""

from pathlib import Path

import pytest

from shared.coordination import Spend
from tests.replicas import chaos
from tests.replicas.cloud import cloud
from tests.replicas.conftest import Models, wires

pytestmark = [pytest.mark.replicas, pytest.mark.timeout(900)]


async def test_t07_everything_killed_in_a_load_of_2000_loses_nothing(
    models: Models, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paid_first = {"GEMINI_CONFIDENCE_THRESHOLD": "0", "AI_USER_DAILY_COST_LIMIT": "100", "AI_DAILY_COST_LIMIT": "1000"}
    with cloud(tmp_path, AI_TOTAL_DEADLINE="10", **paid_first, **wires(models)) as site:
        report = await chaos.run(site)
    with capsys.disabled():
        print(f"\n{report.text()}")
    assert report.answered == report.requests == 2000
    assert set(report.messages.values()) == {1}, "two requests were given the same answer"
    assert [message for message in report.messages if report.final_rows[message] != 1] == []
    assert report.turns == sum(report.final_rows.values()) == 2000, "one request left two turns or two final rows"
    assert report.account == Spend(report.ledger, 0)
    assert report.ledger > 0
    assert report.learners_off == []
    assert set(+report.jobs) == {"done"}, report.jobs
    assert report.effects_twice == []
    assert report.summarised == 50
