"""What we remember of sources between polls."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from aggregator.model import PollState
from aggregator.store.tables import insert_new, sources, upsert


def remember(conn: Connection, states: Iterable[PollState]) -> int:
    """Add the sources that are not known yet; how many that were."""
    return insert_new(conn, sources, [asdict(state) for state in states], key=["source"])


def save(conn: Connection, state: PollState) -> None:
    upsert(conn, sources, [asdict(state)], key=["source"])


def forget(conn: Connection, name: str) -> None:
    """Drop what we remember of a source, as if it had never been polled; its entries stay."""
    conn.execute(delete(sources).where(sources.c.source == name))


def load(conn: Connection, names: Iterable[str] | None = None) -> dict[str, PollState]:
    """By name; without `names`, all."""
    query = select(sources).order_by(sources.c.source)
    if names is not None:
        query = query.where(sources.c.source.in_(list(names)))
    return {row.source: _state(row) for row in conn.execute(query)}


def due(conn: Connection, now: datetime) -> dict[str, PollState]:
    """Those whose time has come, the longest overdue first."""
    query = select(sources).where(sources.c.due <= now).order_by(sources.c.due, sources.c.source)
    return {row.source: _state(row) for row in conn.execute(query)}


def titles(conn: Connection) -> dict[str, str | None]:
    """The title that each source's own feed gives itself."""
    return {row.source: row.title for row in conn.execute(select(sources.c.source, sources.c.title))}


def _state(row: Row[Any]) -> PollState:
    return PollState(**row._mapping)  # noqa: SLF001  the documented way to a row's names
