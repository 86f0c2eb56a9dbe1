"""Entries that were taken back: they stay here, and are in no story, on no page and in no feed any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, exists, func, select, update

from aggregator.store import journal, stale
from aggregator.store.dialects import slices
from aggregator.store.tables import entries, entry_keys, profiles, stories

_TITLED = 2000
"""Headlines of one source among which the one is looked for that a notice means."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""An index finds what is later than a time, but not what is no null."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A story of which no entry stands. `section`, `categories`, and when it was `first` published: where it stood."""

    story: str
    at: datetime
    section: str
    categories: tuple[str, ...]
    first: datetime


@dataclass(frozen=True, slots=True)
class Retracted:
    entry: str
    title: str
    at: datetime
    reason: str


def retract(conn: Connection, reasons: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """Take entries back, each for its reason; those that stood until now.

    The rest of their stories, and what repeats them, waits to be curated again. They are found by no key any more, and
    nothing joins a story of which nothing is left.
    """
    standing = [id_ for id_, found in _stand(conn, list(reasons)).items() if found]
    for id_ in standing:
        values = {"retracted": reasons[id_], "retracted_at": now}
        conn.execute(update(entries).where(entries.c.id == id_).values(**values))
        conn.execute(delete(entry_keys).where(entry_keys.c.entry == id_))
        _judge_again(conn, id_)
    _forget_stories(conn, standing)
    stale.mark_told_by(conn, standing)
    journal.write_all(conn, now, [(id_, f"retracted: {reasons[id_]}") for id_ in standing])
    return tuple(standing)


def restore(conn: Connection, ids: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Let them stand again, in the stories where they stood; those that were taken back until now."""
    gone = [id_ for id_, found in _stand(conn, ids).items() if not found]
    for id_ in gone:
        values = {"retracted": None, "retracted_at": None, "curated": None}
        conn.execute(update(entries).where(entries.c.id == id_).values(**values))
        _judge_again(conn, id_)
    stale.mark_told_by(conn, gone)
    journal.write_all(conn, now, [(id_, "restored: it stands again") for id_ in gone])
    return tuple(gone)


def known(conn: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Which of these are entries, taken back or not."""
    return frozenset(_stand(conn, ids))


def withdrawn(conn: Connection, ids: Sequence[str] | None = None) -> list[Withdrawn]:
    """The stories that are gone, the last first; with `ids`, those of these."""
    lost = select(entries.c.story, entries.c.retracted_at).where(entries.c.retracted_at > _EVER)
    if ids is not None:
        lost = lost.where(entries.c.story.in_(ids))
    last = {row.story: row.retracted_at for row in conn.execute(lost.order_by(entries.c.retracted_at)) if row.story}
    found: list[Withdrawn] = []
    for some in slices(sorted(last)):
        stand = select(entries.c.story).where(entries.c.story.in_(some), entries.c.retracted_at.is_(None))
        standing = frozenset(conn.execute(stand).scalars())
        columns = (stories.c.id, stories.c.section, stories.c.categories, stories.c.first_published)
        query = select(*columns).where(stories.c.id.in_(some))
        rows = (row for row in conn.execute(query) if row.id not in standing)
        found += [
            Withdrawn(row.id, last[row.id], row.section, tuple(row.categories), row.first_published) for row in rows
        ]
    return sorted(found, key=lambda one: (one.at, one.story), reverse=True)


def last(conn: Connection) -> datetime | None:
    """When something was last taken back."""
    newest = select(func.max(entries.c.retracted_at)).where(entries.c.retracted_at > _EVER)
    found: datetime | None = conn.execute(newest).scalar()
    return found


def of_story(conn: Connection, story: str) -> list[Retracted]:
    """What a story has lost, the first first."""
    columns = (entries.c.id, entries.c.title, entries.c.retracted_at, entries.c.retracted)
    query = select(*columns).where(entries.c.story == story, entries.c.retracted_at.is_not(None))
    return [Retracted(*row) for row in conn.execute(query.order_by(entries.c.retracted_at, entries.c.id))]


def titled(conn: Connection, source: str, *, address: str | None = None) -> list[tuple[str, str]]:
    """(id, headline) of a source's newest standing entries; with `address`, of those that stand there."""
    query = select(entries.c.id, entries.c.title).where(entries.c.source == source, entries.c.retracted_at.is_(None))
    if address is not None:
        query = query.where(entries.c.canonical_url == address)
    newest = query.order_by(entries.c.seen.desc(), entries.c.at.desc(), entries.c.id).limit(_TITLED)
    return [(row.id, row.title) for row in conn.execute(newest)]


def _stand(conn: Connection, ids: Sequence[str]) -> dict[str, bool]:
    """Which of them are here, and stand."""
    found: dict[str, bool] = {}
    for some in slices(ids):
        query = select(entries.c.id, entries.c.retracted_at.is_(None).label("stands")).where(entries.c.id.in_(some))
        found |= {row.id: bool(row.stands) for row in conn.execute(query)}
    return {id_: found[id_] for id_ in ids if id_ in found}


def _judge_again(conn: Connection, id_: str) -> None:
    """What stands with an entry, and what repeats it."""
    story = select(entries.c.story).where(entries.c.id == id_).scalar_subquery()
    for beside in (entries.c.story == story, entries.c.duplicate_of == id_):
        conn.execute(update(entries).where(beside).values(curated=None))


def _forget_stories(conn: Connection, ids: Sequence[str]) -> None:
    """What the curator knows of their stories, where nothing of them stands: the next report would join it by their words."""
    other = entries.alias()
    stands = exists().where(other.c.story == profiles.c.story, other.c.retracted_at.is_(None))
    for some in slices(ids):
        theirs = select(entries.c.story).where(entries.c.id.in_(some))
        conn.execute(delete(profiles).where(profiles.c.story.in_(theirs), ~stands))
