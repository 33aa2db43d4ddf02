"""`scripts/simulate`: real traffic through a real server, and recorded looks that come out as they were."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts.simulating.course import Course, summary
from scripts.simulating.traffic import recorded
from tests.processes import ROOT, environment

LOOKS = """experiment_id,variant_id,metric_id,time_since_start,count_c,count_t,mean_c,mean_t,variance_c,variance_t
e1,1,1,1,4000,4000,10.0,11.0,4.0,4.0
e1,1,1,2,8000,8000,10.5,11.0,4.5,4.0
e1,1,1,2.5,9000,9000,10.5,11.0,,
e1,1,1,3,12000,12000,10.5,12.0,4.5,6.0
short,1,1,1,4000,4000,10.0,11.0,4.0,4.0
"""


def test_an_effect_is_found_through_the_api() -> None:
    command = [sys.executable, "-m", "scripts.simulating", "--aa", "1", "--ab", "1", "--effect", "1.0"]
    done = subprocess.run(
        [*command, "--units", "240", "--look", "80"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    _, treated = said["traffic"]
    assert (treated["experiments"], treated["always_valid"]) == (1, 1.0)
    assert 80 <= treated["median_stop"] <= 240
    assert treated["covered"] == 1.0


def test_recorded_looks_come_out_with_their_means_and_standard_errors(tmp_path: Path) -> None:
    (tmp_path / "asos.csv").write_text(LOOKS)
    units = 2_400
    (series,) = recorded(tmp_path, units)
    assert series.name == "e1-1-1", "one look is no course"
    sizes = list(series.looks(units, 50))
    assert sizes == [800, 800, 800]
    chance = np.random.default_rng(1)
    for treated, mean, variance in ((False, 10.5, 4.5), (True, 12.0, 6.0)):
        drawn = [
            series.draw(chance, look, treated=treated)[0][0]
            for look, size in enumerate(sizes)
            for _ in range(size * 20)
        ]
        assert np.mean(drawn) == pytest.approx(mean, abs=0.02)
        within = [np.var(drawn[look * 16_000 : (look + 1) * 16_000]) for look in range(3)]
        assert all(one < variance * units / 24_000 * 1.7 for one in within), "as much smaller as there are fewer units"


def test_a_summary_counts_what_was_seen() -> None:
    courses = [Course(0.1, 100, True, True, False, 0.1, True), Course(0.1, None, True, False, True, 0.2, False)]
    said = summary("A/B", courses)
    assert (said["always_valid"], said["median_stop"], said["fixed_peeked"]) == (0.5, 100, 1.0)
    assert (said["fixed_at_end"], said["srm_alarms"], said["covered"]) == (0.5, 0.5, 0.5)
