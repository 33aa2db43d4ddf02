"""The monitoring module's files as Terraform reads them, without Terraform: templates filled in, PromQL taken apart."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import promql_parser
import yaml

ROOT = Path(__file__).resolve().parents[2] / "terraform"
MODULE = ROOT / "monitoring"


def rules() -> dict[str, dict[str, Any]]:
    """The fleet's rules as Terraform gets them."""
    found: dict[str, dict[str, Any]] = json.loads((ROOT / "alerts.json").read_text(encoding="utf-8"))["rules"]
    return found


def metrics() -> dict[str, dict[str, Any]]:
    """metrics.yaml: what is counted from lines."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((MODULE / "metrics.yaml").read_text(encoding="utf-8"))
    return found


def filled(name: str, served: str = "lyo-mentor") -> Any:
    """A template of queries with the values of an installation "lyo"; a name that locals.tf does not give is a KeyError.

    `served`: the services that people call, as an expression.
    """
    names = {
        "metric": {key: f"logging_googleapis_com:user_lyo_{key}" for key in metrics()}
        | {"requests": "run_googleapis_com:request_count"},
        "run": 'monitored_resource="cloud_run_revision"',
        "services": "lyo-gpu|lyo-jobs|lyo-mentor|lyo-ops",
        "served": served,
        "gpu": "lyo-gpu",
        "queue": "lyo-jobs",
        "region": "europe-west4",
        "rules": rules(),
    }
    text = (MODULE / name).read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{([a-z_.]+)\}", lambda found: _named(names, found[1]), text))


def _named(names: Mapping[str, Any], path: str) -> str:
    value: Any = names
    for step in path.split("."):
        value = value[step]
    return f"{value:g}" if isinstance(value, float) else str(value)


def selectors(query: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric that a PromQL query reads, with the labels it picks by. Raises ValueError where it is no PromQL."""
    for node in _nodes(promql_parser.parse(query)):
        if isinstance(node, promql_parser.VectorSelector):
            yield node.name or "", {matcher.name for matcher in node.matchers.matchers}


def grouped(query: str) -> set[str]:
    """The labels that a PromQL query groups by, a histogram's own left out."""
    found: set[str] = set()
    for node in _nodes(promql_parser.parse(query)):
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            found.update(node.modifier.labels)
    return found - {"le"}


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for field in ("lhs", "rhs", "expr", "vector_selector", "args"):
        below = getattr(node, field, None)
        for child in below if isinstance(below, list) else [] if below is None else [below]:
            yield from _nodes(child)


def matches(condition: str, line: Mapping[str, Any]) -> bool:
    """Whether Cloud Logging would count a line of ours: the few forms of its filter language that metrics.yaml uses."""
    return all(_holds(part, line) for part in condition.split(" AND "))


def _holds(part: str, line: Mapping[str, Any]) -> bool:
    if part == "severity>=ERROR":
        return line["severity"] in ("ERROR", "CRITICAL")
    found = re.fullmatch(r'jsonPayload\.(\w+)=(?:"([^"]*)"|\(([^)]*)\))', part)
    assert found is not None, f"a form of filter that this reader does not know: {part}"
    wanted = [found[2]] if found[3] is None else [word.strip('"') for word in found[3].split(" OR ")]
    return line.get(found[1]) in wanted
