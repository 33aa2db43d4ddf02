"""scripts/monthly-cost: the arithmetic, and that the operations guide says what the command says."""

import re
import shlex
import subprocess
import sys

import pytest

from scripts.lib import monthly
from scripts.lib.monthly import Price, Traffic, table
from tests.processes import ROOT

GUIDE = (ROOT / "terraform/README.md").read_text()
ROWS = re.findall(r"^\| [^|]+ \| ([0-9.]+)[^|]*\| `scripts/monthly-cost ?([^`]*)` \|$", GUIDE, re.MULTILINE)


def usd(*arguments: str) -> float:
    command = [sys.executable, "-m", "scripts.lib.monthly", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


@pytest.mark.parametrize(("said", "arguments"), ROWS)
def test_the_guide_says_what_the_command_says(said: str, arguments: str) -> None:
    assert usd(*shlex.split(arguments)) == float(said)


def test_the_guide_has_rows() -> None:
    assert len(ROWS) == 4


def test_what_is_free_costs_nothing_and_a_plan_costs_from_the_first() -> None:
    assert Price("", 0.5, 10, plan=False).of(10) == 0
    assert Price("", 0.5, 10, plan=False).of(12) == 1
    assert Price("", 0.5, 10, plan=True).of(10) == 0
    assert Price("", 0.5, 10, plan=True).of(12) == 6


@pytest.mark.parametrize(
    ("cron", "times"),
    [
        ("* * * * *", 43_800),
        ("*/10 * * * *", 4_380),
        ("5 3 * * *", 30.4),
        ("0,30 */6 * * *", 243.3),
        ("*/4 7-15 * * 1-5", 2933),
    ],
)
def test_calls_by_the_clock(cron: str, times: float) -> None:
    assert monthly._in_a_month(cron) == pytest.approx(times, rel=0.01)


def test_a_line_that_names_dates_is_refused() -> None:
    with pytest.raises(ValueError, match="days of the month"):
        monthly._in_a_month("0 0 1 * *")


def test_more_traffic_never_costs_less() -> None:
    sums = [sum(usd for *_, usd in table(Traffic(messages=count))) for count in (0, 10_000, 1_000_000, 10_000_000)]
    assert sums == sorted(sums)
    assert sums[-1] > sums[0]


def test_every_unit_has_a_dated_price_with_its_source() -> None:
    assert set(monthly.units(Traffic())) == set(monthly.prices())
