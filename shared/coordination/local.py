"""Values, counters, money holds and logs in one SQLite file: exact over all processes of a machine, survives kill -9.

Keys are ordered by their UTF-8 bytes, so that a prefix is a range. Times are Unix seconds of the database's clock.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import orjson

from shared.coordination import Hold, Looked, Spend
from shared.coordination.holds import (
    HOLD_SCHEMA,
    OVERDUE,
    SPEND,
    correct,
    release_expired,
    reserve,
    settle,
    sweep_spend,
)
from shared.sqlite import Database

_SCHEMA = (
    'CREATE TABLE IF NOT EXISTS "values" (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at REAL NOT NULL) '
    "WITHOUT ROWID",
    'CREATE INDEX IF NOT EXISTS "values__expires" ON "values" (expires_at)',
    "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, total REAL NOT NULL, expires_at REAL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS counters__expires ON counters (expires_at) WHERE expires_at IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS logs (log TEXT PRIMARY KEY, length INTEGER NOT NULL, expires_at REAL NOT NULL) "
    "WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS logs__expires ON logs (expires_at)",
    "CREATE TABLE IF NOT EXISTS additions (name TEXT PRIMARY KEY, expires_at REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS additions__expires ON additions (expires_at)",
    "CREATE TABLE IF NOT EXISTS log_items (log TEXT, position INTEGER, item BLOB NOT NULL, "
    "PRIMARY KEY (log, position)) WITHOUT ROWID",
)
_GET = 'SELECT key, value FROM "values" WHERE key IN (SELECT value FROM json_each(?)) AND expires_at > ?'
_GET_FEW = tuple(
    f'SELECT key, value FROM "values" WHERE key IN ({", ".join("?" * count)}) AND expires_at > ?'  # noqa: S608 - only marks
    for count in range(17)
)
"""For so many keys; cheaper than unpacking a list of them in SQL."""
_GET_ONE = 'SELECT value FROM "values" WHERE key = ? AND expires_at > ?'
_PUT = (
    'INSERT INTO "values" (key, value, expires_at) VALUES (?, ?, ?) '
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"
)
_ADD = (
    "INSERT INTO counters (key, total, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET "
    "total = CASE WHEN expires_at <= ?4 THEN ?2 ELSE total + ?2 END, "
    "expires_at = CASE WHEN expires_at <= ?4 THEN ?3 ELSE expires_at END RETURNING total"
)
_TOTALS = (
    "SELECT key, total FROM counters WHERE key >= ? AND key < ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY key"
)
_TOTAL = "SELECT total FROM counters WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)"
_ONCE = (
    "INSERT INTO additions (name, expires_at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET expires_at = ?2 "
    "WHERE expires_at <= ?3"
)
_FORGET = "DELETE FROM additions WHERE name IN (SELECT name FROM additions WHERE expires_at <= ? LIMIT 2)"
"""Two go for each that comes, so that nobody has to sweep."""
_ONCE_KEPT = 3600.0
"""Seconds that a named addition is known."""
_TAIL = (
    "SELECT item FROM logs JOIN log_items USING (log) "
    "WHERE log = ? AND expires_at > ? AND position >= ? ORDER BY position"
)


class LocalCoordination:
    """The `Coordination` protocol on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.define(*_SCHEMA, *HOLD_SCHEMA)

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The values that exist and have not expired."""
        if not keys:
            return {}
        now = self._database.clock()
        if len(keys) < len(_GET_FEW):
            return dict(self._database.read(_GET_FEW[len(keys)], (*keys, now)))
        return dict(self._database.read(_GET, (_json(keys), now)))

    async def look(self, keys: Sequence[str], hold: Hold | None = None, unless: Sequence[str] = ()) -> Looked:
        """`get_many(keys)` and in the same moment `reserve(hold)`, unless one of `unless` (among `keys`) has a value.

        Without a hold a plain read. ValueError for a negative amount.
        """
        if hold is None:
            return Looked(await self.get_many(keys))
        _require_money(hold.amount, "hold")
        now, wanted = self._database.clock(), hold

        def operation(connection: sqlite3.Connection) -> Looked:
            values = dict(connection.execute(_GET, (_json(keys), now)).fetchall())
            if any(key in values for key in unless):
                return Looked(values)
            refused = reserve(connection, wanted, now)
            return Looked(values, held=refused is None, refused=refused)

        return await self._database.write(operation)

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Set a value for `ttl` seconds."""
        row = (key, value, self._database.clock() + ttl)
        await self._database.write(lambda connection: _execute(connection, _PUT, row))

    async def put_many(self, values: Mapping[str, bytes], ttl: float) -> None:
        """Set several values for `ttl` seconds."""
        expires_at = self._database.clock() + ttl
        rows = [(key, value, expires_at) for key, value in values.items()]
        await self._database.write(lambda connection: _execute_many(connection, _PUT, rows))

    async def swap(self, key: str, expected: bytes | None, value: bytes | None, ttl: float) -> bool:
        """Compare-and-set: write `value` (None deletes) only if the current value equals `expected` (None: absent)."""
        now = self._database.clock()

        def operation(connection: sqlite3.Connection) -> bool:
            found = connection.execute(_GET_ONE, (key, now)).fetchone()
            if (None if found is None else found[0]) != expected:
                return False
            if value is None:
                connection.execute('DELETE FROM "values" WHERE key = ?', (key,))
            else:
                connection.execute(_PUT, (key, value, now + ttl))
            return True

        return await self._database.write(operation)

    async def clear(self, prefix: str) -> int:
        """Delete every value whose key starts with `prefix`; returns how many (those already expired not counted)."""
        now = self._database.clock()

        def operation(connection: sqlite3.Connection) -> int:
            sql = 'DELETE FROM "values" WHERE key >= ? AND key < ? RETURNING expires_at > ?'
            return sum(live for (live,) in connection.execute(sql, (*_range(prefix), now)).fetchall())

        return await self._database.write(operation)

    async def add(
        self, deltas: Mapping[str, float], ttl: float | None = None, once: str | None = None
    ) -> Mapping[str, float]:
        """Add to counters and return their new totals. `ttl` (seconds) is set when a counter is created.

        Under a name (`once`) that was used within the hour nothing is added: the totals are those there are.
        """
        now = self._database.clock()
        expires_at = None if ttl is None else now + ttl
        rows = [(key, delta, expires_at, now) for key, delta in deltas.items()]

        def operation(connection: sqlite3.Connection) -> dict[str, float]:
            if once is not None:
                connection.execute(_FORGET, (now,))
            if once is not None and not connection.execute(_ONCE, (once, now + _ONCE_KEPT, now)).rowcount:
                found = {key: connection.execute(_TOTAL, (key, now)).fetchone() for key in deltas}
                return {key: 0.0 if row is None else row[0] for key, row in found.items()}
            return {row[0]: connection.execute(_ADD, row).fetchall()[0][0] for row in rows}

        return await self._database.write(operation) if rows else {}

    async def totals(self, prefix: str) -> Mapping[str, float]:
        """Every counter whose key starts with `prefix`."""
        return dict(self._database.read(_TOTALS, (*_range(prefix), self._database.clock())))

    async def reserve(self, hold: Hold) -> str | None:
        """Set money aside under all caps or none: None when granted, else the key of the first cap that refuses.

        A hold whose id is already held is granted without being counted again. ValueError for a negative amount.
        """
        _require_money(hold.amount, "hold")
        return await self._database.write(partial(reserve, hold=hold, now=self._database.clock()))

    async def settle(
        self, bills: Mapping[str, int], values: Mapping[str, bytes] | None = None, ttl: float = 0
    ) -> Sequence[str]:
        """Turn each hold into its bill in nano-USD committed (0 releases it), once, also when it has expired meanwhile;
        and set the values for `ttl` seconds with it. Returns the ids it does not know. ValueError for a negative bill.
        """
        for bill in bills.values():
            _require_money(bill, "settlement")
        now = self._database.clock()
        rows = [(key, value, now + ttl) for key, value in (values or {}).items()]

        def operation(connection: sqlite3.Connection) -> list[str]:
            unknown = [hold_id for hold_id, bill in bills.items() if not settle(connection, hold_id, bill, now)]
            connection.executemany(_PUT, rows)
            return unknown

        return await self._database.write(operation) if bills or rows else []

    async def overdue(self, limit: int = 100) -> Mapping[str, float]:
        """Holds that ran out and that nobody settled, by id, with the seconds since then; the oldest first."""
        return dict(self._database.read(OVERDUE, (self._database.clock(), limit)))

    async def correct(self, key: str, seen: Spend, committed: int) -> bool:
        """Set what a key has committed, if its spend is still exactly what was `seen`. ValueError for less than nothing."""
        _require_money(committed, "correction")
        now = self._database.clock()
        return await self._database.write(partial(correct, key=key, seen=seen, committed=committed, now=now))

    async def spend(self, keys: Iterable[str]) -> Mapping[str, Spend]:
        """What each key has committed and reserved; zeros for unknown keys."""
        found = {key: Spend(0, 0) for key in keys}
        for key, committed, reserved in self._database.read(SPEND, (self._database.clock(), _json(list(found)))):
            found[key] = Spend(committed, reserved)
        return found

    async def append(self, log: str, items: Sequence[bytes], ttl: float) -> None:
        """Append to an ordered log that lives `ttl` seconds after its last append."""
        now, kept = self._database.clock(), list(items)

        def operation(connection: sqlite3.Connection) -> None:
            head = connection.execute("SELECT length, expires_at FROM logs WHERE log = ?", (log,)).fetchone()
            if head is not None and head[1] <= now:
                connection.execute("DELETE FROM log_items WHERE log = ?", (log,))
                head = None
            length = 0 if head is None else head[0]
            rows = [(log, length + index, item) for index, item in enumerate(kept)]
            connection.executemany("INSERT INTO log_items (log, position, item) VALUES (?, ?, ?)", rows)
            sql = (
                "INSERT INTO logs (log, length, expires_at) VALUES (?, ?, ?) "
                "ON CONFLICT (log) DO UPDATE SET length = excluded.length, expires_at = excluded.expires_at"
            )
            connection.execute(sql, (log, length + len(rows), now + ttl))

        await self._database.write(operation)

    async def tail(self, log: str, after: int) -> Sequence[bytes]:
        """Items after the first `after` ones, in order."""
        return [row[0] for row in self._database.read(_TAIL, (log, self._database.clock(), after))]

    async def sweep(self, limit: int = 1000) -> int:
        """Remove up to `limit` expired entries over all sorts; returns how many. A log counts as one.

        Spend rows go 40 days after their last change, holds that nobody settled after two; an expired hold's money is
        given back here as well as by the next `reserve` that meets it.
        """
        return await self._database.write(partial(_sweep, limit=limit, now=self._database.clock()))

    async def close(self) -> None:
        """Close the database, which others may share: it opens again on their next use."""
        await self._database.close()


def _sweep(connection: sqlite3.Connection, limit: int, now: float) -> int:
    removed = 0
    for table, name in (('"values"', "key"), ("counters", "key"), ("additions", "name")):
        # All names are written one line above.
        sql = f"DELETE FROM {table} WHERE {name} IN (SELECT {name} FROM {table} WHERE expires_at <= ? LIMIT ?)"  # noqa: S608
        removed += connection.execute(sql, (now, limit - removed)).rowcount
    expired = connection.execute(
        "SELECT log FROM logs WHERE expires_at <= ? LIMIT ?", (now, limit - removed)
    ).fetchall()
    for row in expired:
        connection.execute("DELETE FROM log_items WHERE log = ?", row)
        connection.execute("DELETE FROM logs WHERE log = ?", row)
    removed += len(expired)
    release_expired(connection, now, limit)
    return removed + sweep_spend(connection, now, limit - removed)


def _require_money(amount: int, what: str) -> None:
    if amount < 0:
        raise ValueError(f"a {what} cannot be negative: {amount}")


def _execute_many(connection: sqlite3.Connection, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
    connection.executemany(sql, rows)


def _execute(connection: sqlite3.Connection, sql: str, arguments: Sequence[object]) -> None:
    connection.execute(sql, arguments)


def _json(keys: Sequence[str]) -> str:
    return orjson.dumps(keys).decode()


def _range(prefix: str) -> tuple[str, str]:
    """The bounds of all keys with this prefix: from the prefix itself to before the highest character there is."""
    return prefix, prefix + "\U0010ffff"
