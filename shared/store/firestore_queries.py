"""Queries and sums as Firestore takes them. The shapes are checked before (`shared.store.indexes`)."""

from collections.abc import Sequence
from typing import Any

from shared.documents import Document
from shared.store import Where
from shared.store import firestore_values as values

_OPERATORS = {
    "==": "EQUAL",
    ">=": "GREATER_THAN_OR_EQUAL",
    ">": "GREATER_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    "<": "LESS_THAN",
}
_READ_AT_ONCE = 1000
"""Index entries that a sum reads for the price of one document."""


def select(query: Any, kind: type[Document], where: Sequence[Where], order: str | None, descending: bool) -> None:
    """Fill a StructuredQuery: every condition, ordered by one field and then by id, as the composite indexes are."""
    query.from_.add(collection_id=kind.collection)
    for condition in where:
        one = query.where.composite_filter.filters.add().field_filter
        one.field.field_path = condition.field
        one.op = type(one).Operator.Value(_OPERATORS[condition.op])
        values.write(one.value, condition.value)
    if where:
        composite = query.where.composite_filter
        composite.op = type(composite).Operator.Value("AND")
    for name in (order, "id") if order is not None else ("id",):
        by = query.order_by.add()
        by.field.field_path = name
        by.direction = 2 if descending else 1


def go_on_after(query: Any, document: Any) -> None:
    """Start behind a document that the query gave."""
    query.ClearField("start_at")
    query.start_at.before = False
    for by in query.order_by:
        query.start_at.values.add().CopyFrom(document.fields[by.field.field_path])


def sum_of(aggregation: Any, field: str) -> None:
    """Ask for the sum of a field, and for the number of documents, which says what it costs."""
    total = aggregation.aggregations.add(alias="total")
    total.sum.field.field_path = field
    count = aggregation.aggregations.add(alias="count")
    count.count.SetInParent()


def summed(result: Any) -> tuple[int | float, int]:
    """The sum, and the documents it is billed as."""
    fields = result.aggregate_fields
    count = fields["count"].integer_value
    return values.read(fields["total"]) or 0, max(1, -(-count // _READ_AT_ONCE))


def expired(query: Any, kind: type[Document], now: float, limit: int) -> None:
    """Fill a StructuredQuery for the names of documents whose time is over; an `expires_at` of 0 is none."""
    query.from_.add(collection_id=kind.collection)
    query.select.fields.add(field_path="__name__")
    composite = query.where.composite_filter
    composite.op = type(composite).Operator.Value("AND")
    for op, value in (("GREATER_THAN", 0.0), ("LESS_THAN_OR_EQUAL", now)):
        one = composite.filters.add().field_filter
        one.field.field_path = "expires_at"
        one.op = type(one).Operator.Value(op)
        one.value.double_value = value
    query.limit.value = limit
