"""functions/catalog.yaml and the functions agree."""

import ast
from pathlib import Path

import pytest

from shared import deployables
from shared.deployables import Deployable, load
from shared.errors import ConfigurationError
from tests.architecture.sources import ROOT, sources

ENTRIES = load()


def test_one_entry_for_each_function_and_one_function_for_each_entry() -> None:
    modules = {path.stem for path in (ROOT / "functions").glob("[a-z]*.py")}
    assert {entry.name for entry in ENTRIES} == modules


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_module_exports_its_target_and_its_edge(entry: Deployable) -> None:
    (source,) = [source for source in sources("functions") if source.name == entry.module]
    assigned = {
        target.id
        for node in source.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    assert "edge" in assigned, f"{source.where} has no `edge`"
    if entry.service == "container":
        assert "app" in assigned, f"{source.where} has no `app`, which its image and the development server run"
        return
    targets = {
        node.name: [ast.unparse(decorator) for decorator in node.decorator_list]
        for node in source.tree.body
        if isinstance(node, ast.AsyncFunctionDef)
    }
    assert "functions_framework.aio.http" in targets.get(entry.name, []), "the target is found by the entry's name"


def write(tmp_path: Path, *entries: str) -> Path:
    path = tmp_path / "catalog.yaml"
    path.write_text("functions:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries))
    return path


GOOD = (
    "name: {name}, module: functions.{name}, description: d, service: function, paths: [{path}], memory: 1Gi, cpu: 1, "
    "concurrency: 1, timeout: 1, min_instances: 0, max_instances: 1, public: true, roles: [store], schedules: []"
)


DAILY = "{name: daily, cron: '0 0 * * *', path: /b}"


def test_a_catalogue_is_read(tmp_path: Path) -> None:
    (entry,) = load(write(tmp_path, GOOD.format(name="a", path="/a")))
    assert entry.serves("/a")
    assert entry.serves("/a/b")
    assert not entry.serves("/ab")


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([GOOD.format(name="a", path="a")], "functions.0.paths.0"),
        ([GOOD.format(name="a", path="/a"), GOOD.format(name="a", path="/b")], "name listed twice: a"),
        ([GOOD.format(name="a", path="/a"), GOOD.format(name="b", path="/a")], "path listed twice: /a"),
        ([GOOD.format(name="a", path="/a").replace("functions.a", "functions.b")], "module must be functions.a"),
        ([GOOD.format(name="a", path="/a").replace("[store]", "[owner]")], "functions.0.roles.0"),
        ([GOOD.format(name="a", path="/a") + ", extra: 1"], "functions.0.extra"),
        ([GOOD.format(name="a", path="/a").replace("min_instances: 0", "min_instances: 2")], "over max_instances"),
        ([GOOD.format(name="a", path="/a").replace("schedules: []", f"schedules: [{DAILY}]")], "schedule path /b"),
        ([GOOD.format(name="a", path="/a").replace("function,", "container,", 1)], "has a dockerfile"),
        ([GOOD.format(name="a", path="/a") + ", front: a"], "a public entry needs no front"),
        ([GOOD.format(name="a", path="/a").replace("true", "false") + ", front: b"], "a: front b is no public entry"),
    ],
)
def test_a_wrong_catalogue_is_refused_in_one_line(tmp_path: Path, entries: list[str], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(write(tmp_path, *entries))
    assert says in caught.value.detail
    assert "\n" not in caught.value.detail


def test_a_missing_catalogue_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"catalog\.yaml"):
        load(tmp_path / "catalog.yaml")


def test_the_catalogue_lies_beside_the_functions() -> None:
    assert ROOT / "functions" / "catalog.yaml" == deployables.CATALOG
