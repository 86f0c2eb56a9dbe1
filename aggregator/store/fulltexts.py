"""Which articles were asked for: each at most once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.model import Entry
from aggregator.store import entries as stored
from aggregator.store.dialects import insert_new, slices
from aggregator.store.tables import entries, fulltexts

_BATCH = 100


def untried(conn: Connection, sources: Iterable[str], *, since: datetime, shorter: int, most: int) -> list[Entry]:
    """News of these sources that came since then, have fewer words and whose articles nobody has asked for: the newest
    first, at most so many of one source.
    """
    query = select(entries.c.id, entries.c.source).where(
        entries.c.source.in_(list(sources)),
        entries.c.seen >= since,
        entries.c.news,
        entries.c.held.is_(None),
        entries.c.words < shorter,
        entries.c.url.is_not(None),
        entries.c.retracted_at.is_(None),
        entries.c.id.not_in(select(fulltexts.c.entry)),
    )
    taken: Counter[str] = Counter()
    found = []
    for row in conn.execute(query.order_by(entries.c.at.desc(), entries.c.id)).all():
        taken[row.source] += 1
        if taken[row.source] <= most and (one := stored.get(conn, row.id)) is not None:
            found.append(one.entry)
    return found


def own_contents(conn: Connection, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(id, HTML) of those of these entries whose content their feed itself published, a part of them at a time: some are
    long.
    """
    for some in slices(ids, _BATCH):
        own = select(entries.c.id, entries.c.content).where(
            entries.c.id.in_(some), entries.c.fed.is_(None), entries.c.content != "", entries.c.retracted_at.is_(None)
        )
        yield from ((row.id, row.content) for row in conn.execute(own))


def note(conn: Connection, entry: str, at: datetime, outcome: str) -> None:
    insert_new(conn, fulltexts, [{"entry": entry, "at": at, "outcome": outcome}], key=["entry"])
