"""Entries as they were sorted, a slice at a time; and those that are sorted again: their categories and section change, and
nothing else of what was judged of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, bindparam, func, select, update

from aggregator.model import Choice, Entry, Scored
from aggregator.store import entries as stored_entries
from aggregator.store.dialects import slices
from aggregator.store.entries import Stored, digest
from aggregator.store.tables import entries, stories

_SORTED = (entries.c.curated.is_not(None), entries.c.retracted_at.is_(None))
"""What waits to be curated is sorted then; what was taken back is shown to nobody."""
_NOT_READ: Mapping[str, Entry] = {}


def newest(conn: Connection, *, since: datetime, after: Stored | None, limit: int) -> list[Stored]:
    """The entries of the time since then, the newest first; those that follow `after`."""
    query = select(entries).where(*_SORTED, entries.c.at >= since)
    if after is not None:
        at = after.entry.when
        query = query.where(entries.c.at <= at, (entries.c.at < at) | (entries.c.id > after.entry.id))
    return stored_entries.found(conn, query.order_by(entries.c.at.desc(), entries.c.id).limit(limit))


def of_stories(conn: Connection, ids: Sequence[str], *, since: datetime) -> list[Stored]:
    """The entries of that time that stand in these stories."""
    found: list[Stored] = []
    for some in slices(ids):
        query = select(entries).where(entries.c.story.in_(some), *_SORTED, entries.c.at >= since)
        found += stored_entries.found(conn, query.order_by(entries.c.at.desc(), entries.c.id))
    return found


def write(
    conn: Connection, sorted_: Mapping[str, tuple[Sequence[Scored], Choice]], *, read: Mapping[str, Entry] = _NOT_READ
) -> None:
    """By entry: its categories, best first, and its section. `read`: entries as they were read before; one that its
    publisher changed since waits to be curated, and is sorted then.
    """
    rows = [
        {
            "of": id_,
            "read_digest": digest(read[id_]) if id_ in read else None,
            "categories": [[scored.slug, scored.score, scored.reason] for scored in categories],
            "section": section.value,
            "section_reason": section.reason,
        }
        for id_, (categories, section) in sorted_.items()
    ]
    if rows:
        as_read = entries.c.digest == func.coalesce(bindparam("read_digest", type_=Text), entries.c.digest)
        conn.execute(update(entries).where(entries.c.id == bindparam("of"), as_read), rows)


@dataclass(frozen=True, slots=True)
class Counts:
    """By slug: entries that have the category, entries of which it is the first, stories that have it. Of all `looked_at`,
    so many are `without` one.
    """

    entries: Counter[str]
    leading: Counter[str]
    stories: Counter[str]
    looked_at: int
    without: int


def counts(conn: Connection, *, since: datetime) -> Counts:
    """Of the entries, and of the stories with news, of the time since then."""
    having, leading, told, looked_at = Counter[str](), Counter[str](), Counter[str](), 0
    for row in conn.execute(select(entries.c.categories).where(*_SORTED, entries.c.at >= since)):
        slugs = [slug for slug, _, _ in row.categories or ()]
        having.update(slugs)
        leading.update(slugs[:1])
        looked_at += 1
    for row in conn.execute(select(stories.c.categories).where(stories.c.last_published >= since)):
        told.update(row.categories)
    return Counts(having, leading, told, looked_at, looked_at - leading.total())
