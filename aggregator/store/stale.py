"""What is to be published anew. Whoever changes what a page shows says so in the same transaction.

Rows are added, never changed, and whoever publishes takes away those that it saw: what changes meanwhile is not lost.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Connection, delete, insert, literal, select

from aggregator.store.dialects import slices
from aggregator.store.tables import entries, shelved, stale

Kind = Literal["story", "edition", "shelf"]
"""`shelf`: a list that holds, or held, a story that changed."""


def mark(conn: Connection, ids: Iterable[str], kind: Kind = "story") -> None:
    """These are to be published anew; an edition by `NEWSLETTER/NUMBER`."""
    rows = [{"kind": kind, "name": id_} for id_ in sorted(set(ids))]
    if rows:
        conn.execute(insert(stale), rows)


def mark_told_by(conn: Connection, ids: Iterable[str]) -> None:
    """The stories in which these entries stand."""
    for some in slices(ids):
        theirs = select(literal("story"), entries.c.story).where(entries.c.id.in_(some), entries.c.story.is_not(None))
        conn.execute(insert(stale).from_select(["kind", "name"], theirs.distinct()))


def mark_on(conn: Connection, shelf: str) -> None:
    """All stories of a shelf."""
    theirs = select(literal("story"), shelved.c.story).where(shelved.c.shelf == shelf)
    conn.execute(insert(stale).from_select(["kind", "name"], theirs))


def load(conn: Connection, kind: Kind) -> dict[str, list[int]]:
    """What is to be published anew, with the numbers of the rows that say so."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, name in conn.execute(select(stale.c.id, stale.c.name).where(stale.c.kind == kind)):
        found[name].append(number)
    return dict(found)


def clear(conn: Connection, rows: Iterable[int]) -> None:
    """These are published."""
    for some in slices(rows):
        conn.execute(delete(stale).where(stale.c.id.in_(some)))
