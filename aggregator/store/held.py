"""Entries that are held for review: never curated, published or mailed, until somebody decides."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from aggregator.store.dialects import slices
from aggregator.store.tables import entries


def is_held() -> tuple[ColumnElement[bool], ...]:
    return entries.c.curated.is_(None), entries.c.held.is_not(None), entries.c.dropped.is_(None)


def of_source(conn: Connection, source: str) -> list[str]:
    """What of this source waits for review, the oldest first."""
    query = select(entries.c.source, entries.c.at, entries.c.id).where(*is_held())
    # Looked through here: SQLite would rather look through all that the source ever brought.
    return [row.id for row in sorted(conn.execute(query), key=lambda row: (row.at, row.id)) if row.source == source]


def by_source(conn: Connection) -> dict[str, int]:
    """How many of each wait for review."""
    query = select(entries.c.source, func.count().label("number")).where(*is_held()).group_by(entries.c.source)
    return {row.source: row.number for row in conn.execute(query)}


def release(conn: Connection, ids: Sequence[str], *, news: bool) -> None:
    """They wait to be curated, as news or as what was there before."""
    for some in slices(ids):
        these = update(entries).where(entries.c.id.in_(some))
        conn.execute(these.values(held=None, dropped=None, news=news, curated=None))


def drop(conn: Connection, ids: Sequence[str], now: datetime) -> None:
    """They stay known, so that no poll brings them back, and nobody sees them."""
    for some in slices(ids):
        conn.execute(update(entries).where(entries.c.id.in_(some)).values(dropped=now))
