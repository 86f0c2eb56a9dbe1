"""What curating looks stories and articles up by, kept between its runs: features, profiles, shingles.

Only the curator writes here, of whom there is one. All of it follows from entries and what was judged of them.
"""

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from aggregator.store.tables import profiles, sketches, terms, upsert

_BATCH = 2000
"""Values in one question: SQLite takes 32,766, PostgreSQL 65,535."""


class Term(NamedTuple):
    """How many stories ever had a feature, and postings of those that had it last (signed 64-bit numbers)."""

    stories: int
    postings: tuple[int, ...]


class Profiled(NamedTuple):
    """`data`: what the curator wrote of the story."""

    number: int
    story: str
    data: bytes


class Sketched(NamedTuple):
    """A shingle: the day on which it was met last (an ordinal), and the entries that had it last, the newest first."""

    day: int
    entries: tuple[str, ...]


def size(conn: Connection) -> tuple[int, int]:
    """How many stories have a profile, and the highest number."""
    count, last = conn.execute(select(func.count(), func.max(profiles.c.number)).select_from(profiles)).one()
    return count, last or 0


def read_terms(conn: Connection, names: Collection[str]) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for some in _parts(sorted(names)):
        query = select(terms.c.term, terms.c.stories, terms.c.postings).where(terms.c.term.in_(some))
        found |= {term: Term(stories, _unpacked(packed)) for term, stories, packed in conn.execute(query)}
    return found


def write_terms(conn: Connection, changed: Mapping[str, Term]) -> None:
    rows = [
        {"term": name, "stories": term.stories, "postings": _packed(term.postings)}
        for name, term in sorted(changed.items())
    ]
    upsert(conn, terms, rows, key=["term"])


def read_profiles(conn: Connection, numbers: Collection[int]) -> list[Profiled]:
    return _profiles(conn, profiles.c.number, sorted(numbers))


def profiles_of(conn: Connection, stories: Collection[str]) -> list[Profiled]:
    return _profiles(conn, profiles.c.story, sorted(stories))


def write_profiles(conn: Connection, changed: Sequence[Profiled], gone: Sequence[int]) -> None:
    for some in _parts(gone):
        conn.execute(delete(profiles).where(profiles.c.number.in_(some)))
    upsert(conn, profiles, [profiled._asdict() for profiled in changed], key=["number"])


def read_sketches(conn: Connection, shingles: Collection[int]) -> dict[int, Sketched]:
    found: dict[int, Sketched] = {}
    for some in _parts(sorted(shingles)):
        query = select(sketches.c.shingle, sketches.c.day, sketches.c.entries).where(sketches.c.shingle.in_(some))
        found |= {shingle: Sketched(day, tuple(ids.split())) for shingle, day, ids in conn.execute(query)}
    return found


def write_sketches(conn: Connection, changed: Mapping[int, Sketched]) -> None:
    rows = [
        {"shingle": shingle, "day": sketched.day, "entries": " ".join(sketched.entries)}
        for shingle, sketched in sorted(changed.items())
    ]
    upsert(conn, sketches, rows, key=["shingle"])


def sweep_sketches(conn: Connection, before: int) -> int:
    """Take away the shingles that were met last before this day; how many that were."""
    return conn.execute(delete(sketches).where(sketches.c.day < before)).rowcount


def _profiles(conn: Connection, column: Any, wanted: Sequence[Any]) -> list[Profiled]:
    query = select(profiles.c.number, profiles.c.story, profiles.c.data)
    return [Profiled(*row) for some in _parts(wanted) for row in conn.execute(query.where(column.in_(some)))]


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


def _packed(postings: Iterable[int]) -> bytes:
    numbers = tuple(postings)
    return struct.pack(f"<{len(numbers)}q", *numbers)


def _unpacked(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)
