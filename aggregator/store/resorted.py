"""Entries as they were sorted, a slice at a time, and what they are sorted into anew."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from aggregator.model import Choice, Scored
from aggregator.store import entries as stored_entries
from aggregator.store.dialects import slices
from aggregator.store.entries import Stored, digest
from aggregator.store.tables import entries, stories

_SORTED = (entries.c.curated.is_not(None), entries.c.retracted_at.is_(None))
"""What waits to be curated is sorted then; what was taken back is shown to nobody."""


@dataclass(frozen=True, slots=True)
class Again:
    """What an entry, as it was read, is sorted into now."""

    read: Stored
    categories: tuple[Scored, ...]
    section: Choice


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


def write(conn: Connection, sorted_: Sequence[Again]) -> None:
    """What its publisher changed since it was read waits to be curated, and is sorted then."""
    rows = [
        {
            "of": one.read.entry.id,
            "read_digest": digest(one.read.entry),
            "to": [[scored.slug, scored.score, scored.reason] for scored in one.categories],
            "where": one.section.value,
            "why": one.section.reason,
        }
        for one in sorted_
    ]
    if rows:
        as_read = (entries.c.id == bindparam("of"), entries.c.digest == bindparam("read_digest"))
        said: dict[str, Any] = {
            "categories": bindparam("to"),
            "section": bindparam("where"),
            "section_reason": bindparam("why"),
        }
        conn.execute(update(entries).where(*as_read).values(**said), rows)


@dataclass(frozen=True, slots=True)
class Counts:
    """By slug: entries that have the category, entries of which it is the first, stories that have it."""

    entries: Counter[str]
    leading: Counter[str]
    stories: Counter[str]


def counts(conn: Connection, *, since: datetime) -> Counts:
    """Of the entries, and of the stories with news, of the time since then."""
    found = Counts(Counter(), Counter(), Counter())
    for row in conn.execute(select(entries.c.categories).where(*_SORTED, entries.c.at >= since)):
        slugs = [slug for slug, _, _ in row.categories or ()]
        found.entries.update(slugs)
        found.leading.update(slugs[:1])
    for row in conn.execute(select(stories.c.categories).where(stories.c.last_published >= since)):
        found.stories.update(row.categories)
    return found
