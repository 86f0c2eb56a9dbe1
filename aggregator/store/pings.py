"""What each WebSub hub was told of each of our feeds, and what it is still to be told."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from aggregator.store.dialects import upsert
from aggregator.store.tables import pings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """One feed (its path) at one hub. `stamp` and `digest` are of the file as it was seen last.

    `due` is when the hub is told next; None where it knows all, or was given up until the feed changes again.
    """

    hub: str
    path: str
    stamp: str
    digest: str
    due: datetime | None
    failures: int = 0
    told: datetime | None = None
    reason: str = ""


def load(conn: Connection, path: str | None = None) -> list[Ping]:
    query = select(pings).order_by(pings.c.hub, pings.c.path)
    rows = conn.execute(query if path is None else query.where(pings.c.path == path))
    return [Ping(**row) for row in rows.mappings()]


def standing(conn: Connection) -> dict[str, str]:
    """By hub: what it knows, in words."""
    found: dict[str, list[Ping]] = {}
    for one in load(conn):
        found.setdefault(one.hub, []).append(one)
    return {hub: _standing(its) for hub, its in found.items()}


def _standing(its: Sequence[Ping]) -> str:
    owed = sum(one.due is not None for one in its)
    lost = sum(one.due is None and one.failures > 0 for one in its)
    if not owed and not lost:
        return f"knows all {len(its)} feeds"
    return f"is to hear of {owed} of {len(its)} feeds" + (f", was given up for {lost}" if lost else "")


def save(conn: Connection, changed: Sequence[Ping]) -> None:
    upsert(conn, pings, [asdict(one) for one in changed], key=["hub", "path"])


def remove(conn: Connection, gone: Iterable[Ping]) -> None:
    for one in gone:
        conn.execute(delete(pings).where(pings.c.hub == one.hub, pings.c.path == one.path))
