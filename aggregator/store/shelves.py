"""Publish's own memory: in which lists a story stands as it was published, and what its page names.

Only whoever publishes writes here. From what stood before and what stands now follows which lists are to be made anew,
and nobody needs to look through all stories to know what a list holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from aggregator.store.dialects import insert_new, slices, upsert
from aggregator.store.tables import drawers, listings, named, press, shelved


@dataclass(frozen=True, slots=True)
class Listing:
    """A story as the archive's lists and the search have it. `data`: what they say of it."""

    story: str
    first: datetime
    last: datetime
    updated: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story stands: `listing` is None for one that has a page and is in no list. `named`: whose headlines its
    page shows.
    """

    listing: Listing | None
    shelves: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stored:
    """A drawer of the archive. `updated`: the last of its stories; None where it is empty."""

    name: str
    stories: int
    updated: datetime | None
    split: bool


# --- stories ---------------------------------------------------------------------------------------------


def places(conn: Connection, ids: Iterable[str]) -> dict[str, Place]:
    """Of those of these that stand somewhere."""
    shelves: defaultdict[str, set[str]] = defaultdict(set)
    others: defaultdict[str, set[str]] = defaultdict(set)
    listed: dict[str, Listing] = {}
    for some in slices(ids):
        listed |= {one.story: one for one in _listings(conn, listings.c.story.in_(some))}
        for row in conn.execute(select(shelved.c.story, shelved.c.shelf).where(shelved.c.story.in_(some))):
            shelves[row.story].add(row.shelf)
        for row in conn.execute(select(named.c.story, named.c.other).where(named.c.story.in_(some))):
            others[row.story].add(row.other)
    found = listed.keys() | shelves.keys() | others.keys()
    return {id_: Place(listed.get(id_), frozenset(shelves[id_]), frozenset(others[id_])) for id_ in found}


def put(conn: Connection, before: Mapping[str, Place], after: Mapping[str, Place]) -> None:
    """Write what differs; what has no place any more is forgotten."""
    changed = [id_ for id_, place in after.items() if place != before.get(id_)]
    _forget(conn, [id_ for id_ in {*before, *changed} if id_ in before and (id_ in changed or id_ not in after)])
    placed = [(id_, after[id_]) for id_ in changed]
    columns = ("story", "first", "last", "updated", "data")
    rows = [{name: getattr(place.listing, name) for name in columns} for _, place in placed if place.listing]
    upsert(conn, listings, rows, key=["story"])
    rows = [
        {"story": id_, "shelf": shelf, "last": place.listing.last}
        for id_, place in placed
        if place.listing is not None
        for shelf in sorted(place.shelves)
    ]
    insert_new(conn, shelved, rows, key=["story", "shelf"])
    rows = [{"story": id_, "other": other} for id_, place in placed for other in sorted(place.named)]
    insert_new(conn, named, rows, key=["story", "other"])


def _forget(conn: Connection, ids: Iterable[str]) -> None:
    for some in slices(ids):
        for table in (listings, shelved, named):
            conn.execute(delete(table).where(table.c.story.in_(some)))


def naming(conn: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Whose pages show the headline of one of these."""
    found: set[str] = set()
    for some in slices(ids):
        found.update(conn.execute(select(named.c.story).where(named.c.other.in_(some))).scalars())
    return frozenset(found)


def all_ids(conn: Connection) -> frozenset[str]:
    """Every story that stands somewhere, or whose page names another."""
    listed, naming = select(listings.c.story), select(named.c.story)
    return frozenset(conn.execute(listed.union(naming)).scalars())


# --- lists -----------------------------------------------------------------------------------------------


def newest(conn: Connection, shelf: str | None, *, limit: int) -> list[str]:
    """The ids of what stands there (None: anywhere), the latest news first."""
    if shelf is None:
        query = select(listings.c.story).order_by(listings.c.last.desc(), listings.c.story)
    else:
        ours = select(shelved.c.story).where(shelved.c.shelf == shelf)
        query = ours.order_by(shelved.c.last.desc(), shelved.c.story)
    return list(conn.execute(query.limit(limit)).scalars())


def counts(conn: Connection) -> dict[str, int]:
    """How many stories stand on each shelf."""
    query = select(shelved.c.shelf, func.count()).group_by(shelved.c.shelf)
    return {row[0]: row[1] for row in conn.execute(query)}


def count(conn: Connection, shelf: str | None) -> int:
    query = select(func.count()).select_from(listings if shelf is None else shelved)
    return conn.execute(query if shelf is None else query.where(shelved.c.shelf == shelf)).scalar_one()


def between(conn: Connection, start: datetime, end: datetime) -> tuple[int, datetime | None]:
    """How many stories were first published in this time, and when the last of them was updated."""
    query = select(func.count(), func.max(listings.c.updated))
    number, updated = conn.execute(query.where(listings.c.first >= start, listings.c.first < end)).one()
    return number, updated


def read(
    conn: Connection, start: datetime, end: datetime, *, offset: int = 0, limit: int | None = None
) -> list[Listing]:
    """What was first published in this time, the oldest first."""
    found = _listings(conn, listings.c.first >= start, listings.c.first < end, offset=offset, limit=limit)
    return list(found)


def firsts(conn: Connection) -> Iterator[datetime]:
    """When each story was first published."""
    yield from conn.execute(select(listings.c.first)).scalars()


def firsts_of(conn: Connection, ids: Iterable[str]) -> dict[str, datetime]:
    """When those of these that stand in lists were first published, by id."""
    found: dict[str, datetime] = {}
    for some in slices(ids):
        query = select(listings.c.story, listings.c.first).where(listings.c.story.in_(some))
        found |= {row.story: row.first for row in conn.execute(query)}
    return found


def updates(conn: Connection, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
    """When each story that was first published in this time was updated, the oldest first."""
    query = select(listings.c.story, listings.c.updated).where(listings.c.first >= start, listings.c.first < end)
    return [(row.story, row.updated) for row in conn.execute(query.order_by(listings.c.first, listings.c.story))]


def _listings(conn: Connection, *wanted: Any, offset: int = 0, limit: int | None = None) -> Iterator[Listing]:
    query = select(listings).where(*wanted).order_by(listings.c.first, listings.c.story)
    for row in conn.execute(query.offset(offset).limit(limit) if limit is not None else query):
        yield Listing(row.story, row.first, row.last, row.updated, row.data)


# --- drawers ---------------------------------------------------------------------------------------------


def drawers_known(conn: Connection) -> dict[str, Stored]:
    """By name."""
    return {row.name: Stored(row.name, row.stories, row.updated, row.split) for row in conn.execute(select(drawers))}


def record_drawers(conn: Connection, changed: Sequence[Stored]) -> None:
    names = ("name", "stories", "updated", "split")
    upsert(conn, drawers, [{name: getattr(one, name) for name in names} for one in changed], key=["name"])


# --- the press -------------------------------------------------------------------------------------------


def press_known(conn: Connection) -> dict[str, str]:
    """What the pages were made with last."""
    return {row.name: row.value for row in conn.execute(select(press))}


def record_press(conn: Connection, values: Mapping[str, str], gone: Iterable[str] = ()) -> None:
    upsert(conn, press, [{"name": name, "value": value} for name, value in values.items()], key=["name"])
    for some in slices(gone):
        conn.execute(delete(press).where(press.c.name.in_(some)))
