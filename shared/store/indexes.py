"""Which queries a Document class allows, and the SQL that answers them.

One table per collection: (id, body JSON, version, expires_at), and one expression index per declared shape. Tables keep
their rowid: with bodies of kilobytes, WITHOUT ROWID doubled the time of a commit (53 against 109 us, measured). The class
declares the shapes, so that each store refuses what Firestore would refuse: `check_shape` is for all of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from shared.documents import Document
from shared.store import Where

_Conditions = tuple[tuple[str, str, type], ...]
"""Field, operator and type of value of each condition: what a statement's text depends on."""
LIVE = "(expires_at IS NULL OR expires_at > ?)"
_UPSERT = (
    "INSERT INTO {} (id, body, expires_at, version) VALUES (?1, ?2, ?3, {}) ON CONFLICT (id) "
    "DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at, version = excluded.version"
)
"""Takes id, body and expiry; `put_version` the version too, for who has to know it."""


class Table:
    """The SQL texts of one collection; the same text each time keeps the prepared statements hot."""

    def __init__(self, kind: type[Document]) -> None:
        name = f'"document_{kind.collection}"'
        self.kind = kind
        # The names come from class definitions, never from a caller: hence S608 is silenced here.
        self.get = f"SELECT body FROM {name} WHERE id = ? AND {LIVE}"  # noqa: S608
        self.versioned = f"SELECT body, version FROM {name} WHERE id = ? AND {LIVE}"  # noqa: S608
        self.version = f"SELECT version FROM {name} WHERE id = ? AND {LIVE}"  # noqa: S608
        self.delete = f"DELETE FROM {name} WHERE id = ?"  # noqa: S608
        # A version is a random number, not a count: a document deleted and made anew never meets an old one.
        self.put = _UPSERT.format(name, "random()")
        self.put_version = _UPSERT.format(name, "?4")
        self.create = (
            f"INSERT INTO {name} (id, body, expires_at, version) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"  # noqa: S608
        )
        self.replace = (
            f"UPDATE {name} SET body = ?, expires_at = ?, version = ? WHERE id = ? AND version = ? AND {LIVE}"  # noqa: S608
        )
        self.body_and_expiry = f"SELECT body, expires_at FROM {name} WHERE id = ? AND {LIVE}"  # noqa: S608
        self.purge = (
            f"DELETE FROM {name} WHERE id IN "  # noqa: S608
            f"(SELECT id FROM {name} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)"
        )
        self.name = name

    def schema(self) -> list[str]:
        """The table, one index for each declared shape, and one to find what has expired."""
        collection = self.kind.collection
        statements = [
            f"CREATE TABLE IF NOT EXISTS {self.name} (id TEXT PRIMARY KEY, body TEXT NOT NULL, "
            "version INTEGER NOT NULL, expires_at REAL)",
            f'CREATE INDEX IF NOT EXISTS "document_{collection}__expires" ON {self.name} (expires_at) '
            "WHERE expires_at IS NOT NULL",
        ]
        # One index is read in both directions here; Firestore needs one for each.
        for shape in dict.fromkeys(tuple(field.removeprefix("-") for field in shape) for shape in self.kind.indexes):
            columns = ", ".join(_value(field) for field in shape)
            index = "__".join((f"document_{collection}", *shape))
            statements.append(f'CREATE INDEX IF NOT EXISTS "{index}" ON {self.name} ({columns}, id)')
        return statements

    def query(
        self, where: Sequence[Where], order: str | None, descending: bool, limit: int, now: float
    ) -> tuple[str, list[Any]]:
        """The SELECT of `Store.query` with its arguments. ValueError for a shape that is not declared."""
        order = check_shape(self.kind, where, order, descending)
        check_limit(limit)
        arguments: list[Any] = [*(condition.value for condition in where), now, limit]
        return _select(self.name, _conditions(where), order, descending), arguments

    def total(self, field: str, where: Sequence[Where], now: float) -> tuple[str, list[Any]]:
        """The SELECT of `Store.total` with its arguments. ValueError for a shape that is not declared."""
        check_total(self.kind, where, field)
        return _sum(self.name, _conditions(where), field), [*(condition.value for condition in where), now]


def check_limit(limit: int) -> None:
    """ValueError when a query's limit is not a number of documents."""
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")


def check_total(kind: type[Document], where: Sequence[Where], field: str) -> None:
    """ValueError when a sum of `field` under these conditions is not declared."""
    if any(condition.op != "==" for condition in where):
        raise ValueError("total takes equality conditions only")
    equal = sorted(condition.field for condition in where)
    if not any(shape[-1] == field and sorted(shape[:-1]) == equal for shape in kind.sums):
        raise ValueError(f"{kind.__name__}.sums declares no total of {field} by {tuple(equal)}")


def check_shape(kind: type[Document], where: Sequence[Where], order: str | None, descending: bool) -> str | None:
    """The field to order by (the range field when none is named), or ValueError naming the undeclared shape.

    A shape's last field is what results are ordered by, with `-` before it when the order is descending.
    """
    equal = [condition.field for condition in where if condition.op == "=="]
    ranged = {condition.field for condition in where if condition.op != "=="}
    if order is None and ranged:
        order = next(iter(ranged))
    tail = () if order is None else ("-" * descending + order,)
    if ranged <= {order} and not (descending and order is None):
        for shape in kind.indexes:
            cut = len(shape) - len(tail)
            if shape[cut:] == tail and sorted(shape[:cut]) == sorted(equal):
                return order
    raise ValueError(f"{kind.__name__}.indexes declares no query by {(*equal, *sorted(ranged - {order}), *tail)}")


def _value(field: str) -> str:
    return f"json_extract(body, '$.{field}')"


def _conditions(where: Sequence[Where]) -> _Conditions:
    return tuple((condition.field, condition.op, type(condition.value)) for condition in where)


@lru_cache(maxsize=1024)
def _sum(name: str, conditions: _Conditions, field: str) -> str:
    # What is no number counts as nothing, as in Firestore.
    number = f"CASE WHEN json_type(body, '$.{field}') IN ('integer', 'real') THEN {_value(field)} END"
    parts = [_condition(*condition) for condition in conditions]
    return f"SELECT coalesce(sum({number}), 0) FROM {name} WHERE {' AND '.join((*parts, LIVE))}"  # noqa: S608


@lru_cache(maxsize=1024)
def _select(name: str, conditions: _Conditions, order: str | None, descending: bool) -> str:
    parts = [_condition(field, op, kind) for field, op, kind in conditions]
    direction = "DESC" if descending else "ASC"
    keys = ([_value(order)] if order is not None else []) + ["id"]
    ordering = ", ".join(f"{key} {direction}" for key in keys)
    return f"SELECT body FROM {name} WHERE {' AND '.join((*parts, LIVE))} ORDER BY {ordering} LIMIT ?"  # noqa: S608


def _condition(field: str, op: str, kind: type) -> str:
    """One comparison that only meets values of its own type, as in Firestore (SQLite has no booleans, and text > 1)."""
    value = _value(field)
    if op == "==":
        if kind is str:
            return f"{value} = ?"
        types = "('true', 'false')" if kind is bool else "('integer', 'real')"
        return f"({value} = ? AND json_type(body, '$.{field}') IN {types})"
    if kind is str:
        return f"({value} {op} ? AND {value} >= '')" if op[0] == "<" else f"{value} {op} ?"
    return f"({value} {op} ? AND {value} < '')" if op[0] == ">" else f"{value} {op} ?"
