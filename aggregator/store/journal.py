"""What happened, in one line each, for `explain`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from aggregator.store.tables import journal


def write(conn: Connection, at: datetime, subject: str, event: str) -> None:
    conn.execute(insert(journal), {"at": at, "subject": subject, "event": event})


def write_all(conn: Connection, at: datetime, events: Sequence[tuple[str, str]]) -> None:
    """(subject, event), in this order."""
    if events:
        conn.execute(insert(journal), [{"at": at, "subject": subject, "event": event} for subject, event in events])


def read(conn: Connection, subject: str, *, limit: int = 50) -> list[tuple[datetime, str]]:
    """The newest events of a subject, oldest first."""
    query = select(journal.c.at, journal.c.event).where(journal.c.subject == subject)
    newest = conn.execute(query.order_by(journal.c.id.desc()).limit(limit)).all()
    return [(row.at, row.event) for row in reversed(newest)]
