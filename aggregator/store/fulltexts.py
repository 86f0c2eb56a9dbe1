"""Which articles were asked for: each at most once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.model import Entry
from aggregator.store import entries as stored
from aggregator.store.tables import entries, fulltexts, insert_new


def untried(conn: Connection, sources: Iterable[str], since: datetime) -> list[Entry]:
    """News of these sources that came since then, whose articles nobody has asked for; the newest first."""
    query = select(entries.c.id).where(
        entries.c.source.in_(list(sources)),
        entries.c.seen >= since,
        entries.c.news,
        entries.c.url.is_not(None),
        entries.c.id.not_in(select(fulltexts.c.entry)),
    )
    newest = query.order_by(entries.c.at.desc(), entries.c.id)
    found = (stored.get(conn, one) for one in conn.execute(newest).scalars().all())
    return [one.entry for one in found if one is not None]


def note(conn: Connection, entry: str, at: datetime, outcome: str) -> None:
    insert_new(conn, fulltexts, [{"entry": entry, "at": at, "outcome": outcome}], key=["entry"])
