"""What comes again under another guid: the marks by which a source's old entries are found, and their other guids."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from aggregator.model import Entry
from aggregator.store import entries as stored
from aggregator.store.dialects import insert_new, slices, upsert
from aggregator.store.tables import aliases, entries, marks, sources

MOST_ALIASES = 8
"""Guids that are kept of an entry beside its first: a feed that makes them up anew at each poll has no end of them."""
MOST_MARKED = 32
"""Entries that are kept under one mark, the newest: a headline that a source uses every day finds none of them."""
_PAIRS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """`id`: what the id of `entry` would be under this guid. `address`: its canonical one until then, where it has
    another since.
    """

    id: str
    source: str
    guid: str
    entry: str
    at: datetime
    reason: str
    address: str | None = None


def by_alias(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Of ids under which we have no entry: which entry it is that has such a guid now."""
    found: dict[str, str] = {}
    for some in slices(ids):
        query = select(aliases.c.id, aliases.c.entry).where(aliases.c.id.in_(some))
        found |= {row.id: row.entry for row in conn.execute(query)}
    return found


def name(conn: Connection, found: Sequence[Alias]) -> frozenset[str]:
    """These entries are known under one more guid from now on; the oldest of too many is forgotten, unless an address went
    with it. Which of them had no other before.
    """
    names = ("id", "source", "guid", "entry", "address", "at", "reason")
    upsert(conn, aliases, [{each: getattr(alias, each) for each in names} for alias in found], key=["id"])
    by_entry: defaultdict[str, list[str]] = defaultdict(list)
    for some in slices(sorted({alias.entry for alias in found})):
        query = select(aliases.c.entry, aliases.c.id).where(aliases.c.entry.in_(some))
        for row in conn.execute(query.order_by(aliases.c.address.is_(None), aliases.c.at.desc(), aliases.c.id)):
            by_entry[row.entry].append(row.id)
    for some in slices([id_ for ids in by_entry.values() for id_ in ids[MOST_ALIASES:]]):
        conn.execute(delete(aliases).where(aliases.c.id.in_(some)))
    return frozenset(entry for entry, ids in by_entry.items() if len(ids) == 1)


def of_entry(conn: Connection, entry: str) -> list[Alias]:
    """The newest first."""
    query = select(aliases).where(aliases.c.entry == entry).order_by(aliases.c.at.desc(), aliases.c.id)
    return [Alias(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001  the documented way


def mark(conn: Connection, marked: Iterable[tuple[str, Iterable[int]]]) -> None:
    """(entry, its marks): found under them from now on, and under those that it had."""
    rows = [{"mark": each, "entry": entry} for entry, its in marked for each in its]
    insert_new(conn, marks, rows, key=["mark", "entry"])


def marked(conn: Connection, wanted: Collection[int]) -> dict[int, list[str]]:
    """Mark -> the entries that have it, the newest first."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for some in slices(sorted(wanted)):
        query = select(marks).where(marks.c.mark.in_(some)).order_by(marks.c.mark, marks.c.entry)
        for row in conn.execute(query):
            found[row.mark].append(row.entry)
    return {mark: ids if len(ids) <= MOST_MARKED else _newest(conn, mark, ids) for mark, ids in found.items()}


def _newest(conn: Connection, mark: int, ids: Sequence[str]) -> list[str]:
    """The others lose the mark."""
    moments: dict[str, datetime] = {}
    for some in slices(ids):
        query = select(entries.c.id, entries.c.at).where(entries.c.id.in_(some))
        moments |= {row.id: row.at for row in conn.execute(query)}
    newest = sorted(moments, key=lambda id_: (moments[id_], id_), reverse=True)
    for some in slices(sorted(set(ids) - set(newest[:MOST_MARKED]))):
        conn.execute(delete(marks).where(marks.c.mark == mark, marks.c.entry.in_(some)))
    return newest[:MOST_MARKED]


def at_times(conn: Connection, moments: Collection[tuple[str, datetime]]) -> dict[tuple[str, datetime], list[str]]:
    """(source, time) -> the entries of that very time."""
    found: defaultdict[tuple[str, datetime], list[str]] = defaultdict(list)
    wanted = sorted(moments)
    for start in range(0, len(wanted), _PAIRS):
        # Two lists and no list of pairs: SQLite would read the whole table for that.
        names, times = (sorted(set(values)) for values in zip(*wanted[start : start + _PAIRS], strict=True))
        query = select(entries.c.source, entries.c.at, entries.c.id).where(
            entries.c.source.in_(names), entries.c.at.in_(times)
        )
        for row in conn.execute(query.order_by(entries.c.id)):
            if (row.source, row.at) in moments and len(known := found[row.source, row.at]) < MOST_MARKED:
                known.append(row.id)
    return dict(found)


def load(conn: Connection, ids: Collection[str]) -> dict[str, Entry]:
    """By id."""
    return {one.id: one for one in stored.some(conn, sorted(ids))}


def with_entries(conn: Connection, names: Collection[str]) -> frozenset[str]:
    """Which of these sources have ever brought anything."""
    found: set[str] = set()
    there = select(entries.c.id).where(entries.c.source == sources.c.source).exists()
    for some in slices(sorted(names)):
        found.update(conn.execute(select(sources.c.source).where(sources.c.source.in_(some), there)).scalars())
    return frozenset(found)


def brought_before(conn: Connection, entry: Entry) -> bool:
    """Whether its source had brought others when it came."""
    before = (entries.c.source == entry.source, entries.c.seen < entry.seen)
    return conn.execute(select(entries.c.id).where(*before).limit(1)).first() is not None


def times_of(conn: Connection, source: str, since: datetime) -> list[tuple[datetime, datetime]]:
    """Of what it brought since then and what is not held: its own time, and when it was seen."""
    ours = (entries.c.source == source, entries.c.at >= since, entries.c.held.is_(None))
    return [(row.at, row.seen) for row in conn.execute(select(entries.c.at, entries.c.seen).where(*ours))]


def newest_time(conn: Connection, source: str) -> datetime | None:
    """Of what it brought and what is not held."""
    ours = select(entries.c.at).where(entries.c.source == source, entries.c.held.is_(None))
    found: datetime | None = conn.execute(ours.order_by(entries.c.at.desc()).limit(1)).scalar()
    return found
