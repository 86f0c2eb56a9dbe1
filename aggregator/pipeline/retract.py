"""What is taken back: by a feed's tombstone, by a mark in a headline that its publisher changed, by the operator's word."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.curate.retraction import is_same, is_very, mark, takes_back
from aggregator.errors import UsageError
from aggregator.model import Entry
from aggregator.store import retractions, revisions
from aggregator.store.engine import writing
from aggregator.store.entries import Added
from aggregator.store.locks import exclusive


@dataclass(frozen=True, slots=True)
class Told:
    """What one feed says, just written down: its entries, under our names; which are `deleted`; what was new or changed."""

    entries: Sequence[Entry]
    deleted: Collection[str]
    added: Added


def heed(conn: Connection, feeds: Iterable[Told], now: datetime) -> tuple[str, ...]:
    """Take back what these feeds say is taken back; each speaks of its own entries only."""
    reasons: dict[str, str] = {}
    for told in feeds:
        reasons |= dict.fromkeys(told.deleted, "its feed says that it was deleted (a tombstone, RFC 6721)")
        added = told.added
        came = frozenset((*added.new, *added.changed))
        marked = {entry.id: entry for entry in told.entries if entry.id in came and mark(entry.title) is not None}
        reasons |= dict(_changed(conn, marked, added.changed))
        for id_ in added.new:
            if id_ in marked:
                reasons |= _noticed(conn, marked[id_])
    return retractions.retract(conn, reasons, now) if reasons else ()


def _changed(conn: Connection, marked: dict[str, Entry], changed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A mark was put before the headline, or in its place."""
    for id_ in changed:
        if id_ in marked and (before := revisions.of(conn, id_)) and takes_back(marked[id_].title, before[-1].title):
            yield id_, f"its publisher changed its headline to “{marked[id_].title}”"


def _noticed(conn: Connection, notice: Entry) -> dict[str, str]:
    """A new entry that says of one which we have of the same source that it is taken back: of what stands at its address,
    or else has the very headline that follows its mark.
    """
    meant = _meant(conn, notice)
    if meant is None:
        return {}
    said = f"its publisher took it back by another entry, {notice.id}: “{notice.title}”"
    return {meant: said, notice.id: f"it says no more than that {meant} was taken back"}


def _meant(conn: Connection, notice: Entry) -> str | None:
    """The newest of those that it may mean."""
    found = mark(notice.title)
    assert found is not None, "it bears a mark"
    there = retractions.titled(conn, notice.source, address=notice.canonical_url) if notice.canonical_url else []
    here = [id_ for id_, title in there if _is_other(notice, id_, title) and (not found[1] or is_same(found[1], title))]
    if here or not found[1]:
        return next(iter(here), None)
    of_source = retractions.titled(conn, notice.source)
    named = (id_ for id_, title in of_source if _is_other(notice, id_, title) and is_very(found[1], title))
    return next(named, None)


def _is_other(notice: Entry, id_: str, title: str) -> bool:
    return id_ != notice.id and mark(title) is None


def retract(
    engine: Engine, ids: Sequence[str], *, reason: str, now: datetime, wait: float = 0
) -> tuple[str, ...]:  # fmt: skip
    """By the operator's word; those that stood until now. What is left of their stories is to be curated.

    Raises UsageError for what is no entry, BusyError when another process curates.
    """
    with exclusive(engine, "curate", wait=wait), writing(engine) as conn:
        _expect(conn, ids)
        return retractions.retract(conn, dict.fromkeys(ids, f"by the operator: {reason}"), now)


def restore(engine: Engine, ids: Sequence[str], *, now: datetime, wait: float = 0) -> tuple[str, ...]:
    """Undo it, whoever took them back. Raises as `retract` does."""
    with exclusive(engine, "curate", wait=wait), writing(engine) as conn:
        _expect(conn, ids)
        return retractions.restore(conn, ids, now)


def _expect(conn: Connection, ids: Sequence[str]) -> None:
    known = retractions.known(conn, ids)
    for id_ in ids:
        if id_ not in known:
            raise UsageError(f"there is no entry {id_!r}", hint="`entries` lists them")
