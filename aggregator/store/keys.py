"""The keys under which the same article is found again: addresses, guids, texts, headlines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, select

from aggregator.model import Entry
from aggregator.store.dialects import among, insert_new, slices
from aggregator.store.tables import aliases, entry_keys

MOST = 40
"""So many entries are found under one key: a publisher's stock phrase is shared by thousands."""

Key = tuple[str, str]
"""A kind and a value."""


def holders(conn: Connection, keys: Iterable[Key]) -> dict[Key, list[str]]:
    """Which judged entries are found under these keys: those that came last first, at most `MOST` a key."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in dict.fromkeys(keys):
        by_kind[kind].append(value)
    found: dict[Key, list[str]] = defaultdict(list)
    for kind, values in by_kind.items():
        wanted = (entry_keys.c.kind == kind, among(conn, entry_keys.c.value, values))
        newest = (entry_keys.c.seen.desc(), entry_keys.c.entry.desc())
        for row in conn.execute(select(entry_keys.c.value, entry_keys.c.entry).where(*wanted).order_by(*newest)):
            found[kind, row.value].append(row.entry)
    return found


def write(conn: Connection, found: Iterable[tuple[Entry, Sequence[Key]]], *, again: Sequence[str]) -> None:
    """Entries are found under these keys; those that come again, by their ids, under no others."""
    for some in slices(again):
        old = entry_keys.c.entry.in_(some)
        conn.execute(delete(entry_keys).where(old, ~_moved_from()))
    rows = [
        {"kind": kind, "value": value, "entry": entry.id, "seen": entry.seen}
        for entry, keys in found
        for kind, value in sorted(set(keys))
    ]
    insert_new(conn, entry_keys, rows, key=["kind", "value", "entry"])


def forget(conn: Connection, held: Iterable[tuple[Key, str]]) -> None:
    """Entries that are found under these keys no more, as others have come."""
    rows = [{"a": kind, "b": value, "c": entry} for (kind, value), entry in held]
    if rows:
        ours = (entry_keys.c.kind == bindparam("a"), entry_keys.c.value == bindparam("b"))
        conn.execute(delete(entry_keys).where(*ours, entry_keys.c.entry == bindparam("c")), rows)


def _moved_from() -> ColumnElement[bool]:
    """An address that its entry had before its source moved: who links to it means that entry."""
    before = select(aliases.c.address).where(aliases.c.entry == entry_keys.c.entry, aliases.c.address.is_not(None))
    return and_(entry_keys.c.kind == "address", entry_keys.c.value.in_(before))
