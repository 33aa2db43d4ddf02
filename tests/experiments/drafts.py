"""Experiments for tests, as operators ask for them."""

from typing import Any

from shared.agents.experiments import ExperimentDraft
from shared.documents import LiveConfig
from shared.experiments.definition import Defaults, define
from shared.experiments.lifecycle import start
from shared.stored.experiments import Experiment

DEFAULTS = Defaults(100, 14)
CONFIGURED = ("gemma_4_on_device", "gpt_4_mini")
OWN = {"name": "score", "kind": "mean"}


def body(**changes: Any) -> dict[str, Any]:
    """A flag on or off, by a metric of its own."""
    return {
        "name": "Hints",
        "experiment_type": "feature",
        "variants": [
            {"name": "off", "config": {}, "is_control": True, "weight": 0.5},
            {"name": "on", "config": {"hints": True}, "weight": 0.5},
        ],
        "metrics": {"primary_metric": "score", "definitions": [OWN]},
        **changes,
    }


def draft(name: str = "exp_1", **changes: Any) -> Experiment:
    """The same as a draft of that id, made at 1,000."""
    return define(ExperimentDraft.model_validate(body(**changes)), DEFAULTS, id=name, by="ada", now=1_000.0)


def started(name: str = "exp_1", live: LiveConfig | None = None, **changes: Any) -> tuple[Experiment, LiveConfig]:
    """The same, running since 2,000."""
    config = live or LiveConfig(id="live")
    made = draft(name, **changes)
    return start(made, config, configured=CONFIGURED, salt=f"salt-{made.id}", by="ada", now=2_000.0, why="go")
