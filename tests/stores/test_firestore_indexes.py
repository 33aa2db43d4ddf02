"""What is declared, what Terraform is told, and what the code asks for are the same."""

import ast
import json
from collections.abc import Iterator
from typing import ClassVar

import pytest

from scripts.lib.indexes import FILE, described, rendered
from shared import documents
from shared.documents import DOCUMENTS, Document
from shared.store import Where
from shared.store.indexes import check_shape, check_total
from tests.architecture.sources import sources


class Shaped(Document):
    collection: ClassVar[str] = "shaped"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("a", "b"), ("a", "-b"), ("c",))


def test_terraforms_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == rendered(), "run scripts/indexes"
    assert json.loads(rendered()) == described()
    assert set(described()["collections"]) == {kind.collection for kind in DOCUMENTS}


def test_an_index_has_the_shapes_fields_then_the_id_in_the_last_ones_direction() -> None:
    (collection,) = described([Shaped])["collections"].values()
    assert [[(field["field_path"], field["order"][:3]) for field in index] for index in collection["composite"]] == [
        [("a", "ASC"), ("b", "ASC"), ("id", "ASC")],
        [("a", "ASC"), ("b", "DES"), ("id", "DES")],
        [("c", "ASC"), ("id", "ASC")],
    ]


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.collection)
def test_shapes_name_fields_that_exist_and_none_twice(kind: type[Document]) -> None:
    for shape in (*kind.indexes, *kind.sums):
        assert {field.removeprefix("-") for field in shape} <= kind.model_fields.keys()
        assert not any(field.startswith("-") for field in shape[:-1])
    declared = (*kind.indexes, *kind.sums)
    assert len(set(declared)) == len(declared)


def asked() -> Iterator[tuple[str, ast.Call]]:
    """The product's `….query(Kind, …)` and `….total(Kind, …)` that spell out what they ask; the stores refuse the others."""
    for source in sources("main.py", "functions", "shared"):
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("query", "total")
                and node.args
                and isinstance(node.args[0], ast.Name)
                and isinstance(getattr(documents, node.args[0].id, None), type)
                and all(isinstance(argument, ast.Call | ast.Constant) for argument in node.args[1:])
            ):
                yield f"{source.where}:{node.lineno}", node


def conditions(call: ast.Call) -> list[Where]:
    """The literal `Where("field", "op", …)` arguments; their values do not matter."""
    return [
        Where(ast.literal_eval(argument.args[0]), ast.literal_eval(argument.args[1]), 0)
        for argument in call.args
        if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Name) and argument.func.id == "Where"
    ]


def test_every_query_in_the_code_is_declared() -> None:
    found = list(asked())
    assert len(found) >= 4, "the product's queries are not seen any more"
    for where, call in found:
        assert isinstance(call.args[0], ast.Name)
        assert isinstance(call.func, ast.Attribute)
        kind = getattr(documents, call.args[0].id)
        named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg in ("order", "descending")}
        given = {name: ast.literal_eval(value) for name, value in named.items()}
        try:
            if call.func.attr == "query":
                check_shape(kind, conditions(call), given.get("order"), given.get("descending", False))
            else:
                check_total(kind, conditions(call), ast.literal_eval(call.args[1]))
        except ValueError as error:
            pytest.fail(f"{where}: {error}", pytrace=False)
