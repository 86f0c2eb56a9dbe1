"""What curating looks stories and articles up by, kept between its runs: features, profiles, shingles.

Only the curator writes here, of whom there is one. All of it follows from entries and what was judged of them.
"""

import struct
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, select

from aggregator.store.dialects import among, write_many
from aggregator.store.tables import profiles, sketches, terms


class Term(NamedTuple):
    """How many stories ever had a feature, and the numbers of those that had it last, with the days on which they had it
    (ordinals), the newest at the end.
    """

    stories: int
    numbers: Sequence[int]
    days: Sequence[int]


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
    query = select(terms.c.term, terms.c.stories, terms.c.postings).where(among(conn, terms.c.term, sorted(names)))
    return {name: Term(stories, *_unpacked(packed)) for name, stories, packed in conn.execute(query)}


def write_terms(conn: Connection, changed: Mapping[str, tuple[int, Mapping[int, int]]]) -> None:
    """Name -> how many stories ever had it, and its postings: number -> day."""
    rows = [(name, stories, _packed(postings)) for name, (stories, postings) in sorted(changed.items())]
    write_many(conn, terms, rows, key=["term"])


def read_profiles(conn: Connection, numbers: Collection[int]) -> list[Profiled]:
    return _profiles(conn, among(conn, profiles.c.number, sorted(numbers)))


def profiles_of(conn: Connection, stories: Collection[str]) -> list[Profiled]:
    return _profiles(conn, among(conn, profiles.c.story, sorted(stories)))


def write_profiles(conn: Connection, changed: Sequence[Profiled], gone: Sequence[int]) -> None:
    conn.execute(delete(profiles).where(among(conn, profiles.c.number, gone)))
    write_many(conn, profiles, changed, key=["number"])


def read_sketches(conn: Connection, shingles: Collection[int]) -> dict[int, Sketched]:
    wanted = among(conn, sketches.c.shingle, sorted(shingles))
    query = select(sketches.c.shingle, sketches.c.day, sketches.c.entries).where(wanted)
    return {shingle: Sketched(day, tuple(ids.split())) for shingle, day, ids in conn.execute(query)}


def write_sketches(conn: Connection, changed: Mapping[int, Sketched]) -> None:
    rows = [(shingle, sketched.day, " ".join(sketched.entries)) for shingle, sketched in sorted(changed.items())]
    write_many(conn, sketches, rows, key=["shingle"])


def sweep_sketches(conn: Connection, before: int) -> None:
    """Take away the shingles that were met last before this day."""
    conn.execute(delete(sketches).where(sketches.c.day < before))


def _profiles(conn: Connection, wanted: ColumnElement[bool]) -> list[Profiled]:
    query = select(profiles.c.number, profiles.c.story, profiles.c.data).where(wanted)
    return [Profiled(*row) for row in conn.execute(query)]


def _packed(postings: Mapping[int, int]) -> bytes:
    """The numbers, then the days: four bytes each, the lowest first."""
    return struct.pack(f"<{2 * len(postings)}I", *postings, *postings.values())


def _unpacked(packed: bytes) -> tuple[Sequence[int], Sequence[int]]:
    both = struct.unpack(f"<{len(packed) // 4}I", packed)
    return both[: len(both) // 2], both[len(both) // 2 :]
