"""Keys that this installation made for itself."""

import secrets as random

from sqlalchemy import Connection, select

from aggregator.store.dialects import insert_new
from aggregator.store.tables import secrets as table

_BYTES = 32


def key(conn: Connection, name: str) -> bytes:
    """The key of that name, made at the first call. Call it in a write transaction."""
    insert_new(conn, table, [{"name": name, "value": random.token_bytes(_BYTES)}], key=["name"])
    return bytes(conn.execute(select(table.c.value).where(table.c.name == name)).scalar_one())


def find(conn: Connection, name: str) -> bytes | None:
    """The key of that name, if it was ever made. Writes nothing."""
    found = conn.execute(select(table.c.value).where(table.c.name == name)).scalar_one_or_none()
    return None if found is None else bytes(found)
