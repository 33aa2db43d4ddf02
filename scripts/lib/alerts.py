"""`python -m scripts.lib.alerts [FILE]`: writes terraform/alerts.json out of shared/telemetry/rules.py. See scripts/alerts."""

import argparse
import json
from pathlib import Path
from typing import Any

from shared.telemetry.rules import CONTRACT

FILE = Path(__file__).resolve().parents[2] / "terraform" / "alerts.json"
FIELDS = ("title", "metric", "operator", "threshold", "window_seconds", "min_events", "severity", "runbook")


def described() -> dict[str, Any]:
    """What the file says, as data. Shares run from 0 to 1, times are seconds, money is USD."""
    return {
        "written_by": "scripts/alerts, out of shared/telemetry/rules.py",
        "rules": {name: {field: getattr(rule, field) for field in FIELDS} for name, rule in CONTRACT.items()},
    }


def rendered() -> str:
    """What the file says, as text."""
    return json.dumps(described(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="scripts/alerts", description="Write what Terraform makes alert policies of.")
    parser.add_argument("file", type=Path, nargs="?", default=FILE)
    file = parser.parse_args().file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(rendered(), encoding="utf-8")


if __name__ == "__main__":
    main()
