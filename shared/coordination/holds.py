"""Money holds in SQLite, as operations on a connection inside a write transaction: hence exact over all processes.

`spend` has a row per key with what is committed and reserved. `holds` has a row per hold until it is settled;
`hold_keys` says which keys a hold still reserves money under, and loses the row when the hold expires. All amounts
are nano-USD.
"""

import sqlite3

import orjson

from shared.coordination import Hold, Spend

SPEND_KEPT = 40 * 86_400.0
"""Seconds after its last change that a spend row is kept (keys carry their day)."""
HOLD_KEPT = 2 * 86_400.0
"""Seconds after its expiry that a hold can still be settled."""

HOLD_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS spend (key TEXT PRIMARY KEY, committed INTEGER NOT NULL, reserved INTEGER NOT NULL, "
    "created_at REAL NOT NULL, updated_at REAL NOT NULL) WITHOUT ROWID",
    # On the moment of creation, which never changes, so that a charge does not write the index.
    "CREATE INDEX IF NOT EXISTS spend__created ON spend (created_at)",
    "CREATE TABLE IF NOT EXISTS holds (id TEXT PRIMARY KEY, keys TEXT NOT NULL, amount INTEGER NOT NULL, "
    "expires_at REAL NOT NULL, released INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS holds__expires ON holds (released, expires_at)",
    "CREATE TABLE IF NOT EXISTS hold_keys (key TEXT, expires_at REAL, hold TEXT, amount INTEGER NOT NULL, "
    "PRIMARY KEY (key, expires_at, hold)) WITHOUT ROWID",
)
SPEND = (
    "SELECT key, committed, reserved - (SELECT coalesce(sum(amount), 0) FROM hold_keys "
    "WHERE hold_keys.key = spend.key AND expires_at <= ?) FROM spend WHERE key IN (SELECT value FROM json_each(?))"
)
OVERDUE = "SELECT id, ?1 - expires_at FROM holds WHERE expires_at <= ?1 ORDER BY expires_at, id LIMIT ?2"
_CHARGE = (
    "INSERT INTO spend (key, committed, reserved, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4) "
    "ON CONFLICT (key) DO UPDATE SET committed = committed + ?2, reserved = reserved + ?3, updated_at = ?4"
)
_HOLD = "SELECT keys, amount, expires_at, released FROM holds WHERE id = ?"


def reserve(connection: sqlite3.Connection, hold: Hold, now: float) -> str | None:
    """Grant the hold (None) or name the cap that refuses. Expired holds on its keys are given back first."""
    keys = list(dict.fromkeys(cap.key for cap in hold.caps))
    for key in keys:
        expired = connection.execute("SELECT hold FROM hold_keys WHERE key = ? AND expires_at <= ?", (key, now))
        for (id_,) in expired.fetchall():
            _release(connection, id_, now)
    known = connection.execute(_HOLD, (hold.id,)).fetchone()
    if known is not None and not known[3] and known[2] > now:
        return None
    for cap in hold.caps:
        row = connection.execute("SELECT committed + reserved FROM spend WHERE key = ?", (cap.key,)).fetchone()
        if (0 if row is None else row[0]) + hold.amount > cap.limit:
            return cap.key
    if known is not None:  # the same id once more after it expired
        settle(connection, hold.id, 0, now)
    expires_at = now + hold.ttl
    connection.execute(
        "INSERT INTO holds (id, keys, amount, expires_at, released) VALUES (?, ?, ?, ?, 0)",
        (hold.id, orjson.dumps(keys).decode(), hold.amount, expires_at),
    )
    for key in keys:
        connection.execute(_CHARGE, (key, 0, hold.amount, now))
        connection.execute(
            "INSERT INTO hold_keys (key, expires_at, hold, amount) VALUES (?, ?, ?, ?)",
            (key, expires_at, hold.id, hold.amount),
        )
    return None


def settle(connection: sqlite3.Connection, hold_id: str, amount: int, now: float) -> bool:
    """Commit `amount` under the hold's keys and forget the hold; False, and nothing changes, for an id that is not known."""
    _release(connection, hold_id, now, commit=amount)
    return connection.execute("DELETE FROM holds WHERE id = ?", (hold_id,)).rowcount > 0


def correct(connection: sqlite3.Connection, key: str, seen: Spend, committed: int, now: float) -> bool:
    """Set what the key has committed if its spend is what was seen; says whether it was."""
    row = connection.execute(SPEND, (now, orjson.dumps([key]).decode())).fetchone()
    found = Spend(0, 0) if row is None else Spend(row[1], row[2])
    if found != seen:
        return False
    connection.execute(_CHARGE, (key, committed - found.committed, 0, now))
    return True


def release_expired(connection: sqlite3.Connection, now: float, limit: int) -> None:
    """Give back the money of up to `limit` holds past their time."""
    sql = "SELECT id FROM holds WHERE released = 0 AND expires_at <= ? LIMIT ?"
    for (id_,) in connection.execute(sql, (now, limit)).fetchall():
        _release(connection, id_, now)


def sweep_spend(connection: sqlite3.Connection, now: float, limit: int) -> int:
    """Remove up to `limit` rows of holds nobody settled and of spend long past; returns how many."""
    removed = connection.execute(
        "DELETE FROM holds WHERE id IN (SELECT id FROM holds WHERE released = 1 AND expires_at <= ? LIMIT ?)",
        (now - HOLD_KEPT, limit),
    ).rowcount
    removed += connection.execute(
        "DELETE FROM spend WHERE key IN "
        "(SELECT key FROM spend WHERE created_at <= ?1 AND updated_at <= ?1 AND reserved = 0 LIMIT ?2)",
        (now - SPEND_KEPT, limit - removed),
    ).rowcount
    return removed


def _release(connection: sqlite3.Connection, hold_id: str, now: float, commit: int = 0) -> None:
    """Take the hold's money back under all its keys, once, and commit `commit` there; the hold stays known."""
    row = connection.execute(_HOLD, (hold_id,)).fetchone()
    if row is None:
        return
    keys, amount, expires_at, released = row
    for key in orjson.loads(keys):
        connection.execute(_CHARGE, (key, commit, 0 if released else -amount, now))
        if not released:
            connection.execute(
                "DELETE FROM hold_keys WHERE key = ? AND expires_at = ? AND hold = ?", (key, expires_at, hold_id)
            )
    if not released:
        connection.execute("UPDATE holds SET released = 1 WHERE id = ?", (hold_id,))
