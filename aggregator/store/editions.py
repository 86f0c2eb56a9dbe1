"""Editions, the slots that they were made for, and which stories each newsletter has told."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from aggregator.model import Verdict
from aggregator.store import stale
from aggregator.store.dialects import insert_new, upsert
from aggregator.store.tables import editions, newsletters, slots, told, verdicts

_TOLD = frozenset({"lead", "item", "link"})
"""What stands so is in the letter: readers met it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An edition as stored: `data` is its JSON."""

    newsletter: str
    number: int
    slot: datetime
    composed: datetime
    data: str


@dataclass(frozen=True, slots=True)
class Slot:
    """What became of a time at which a newsletter was due; `number` is None where no edition was made."""

    newsletter: str
    slot: datetime
    decided: datetime
    number: int | None
    outcome: str


def meet(conn: Connection, newsletter: str, *, schedule: str, zone: str, now: datetime) -> datetime:
    """Up to when the slots of a newsletter are dealt with.

    It starts now where we meet it, or meet it on another schedule. What a clock that was ahead once dated later than now
    does not count.
    """
    row = {"newsletter": newsletter, "schedule": schedule, "zone": zone, "since": now}
    insert_new(conn, newsletters, [row], key=["newsletter"])
    known = newsletters.c
    anew = or_(known.schedule != schedule, known.zone != zone, known.since > now)
    conn.execute(update(newsletters).where(known.newsletter == newsletter, anew).values(row))
    since: datetime = conn.execute(select(known.since).where(known.newsletter == newsletter)).scalar_one()
    decided = select(func.max(slots.c.slot)).where(slots.c.newsletter == newsletter, slots.c.decided <= now)
    return max(since, conn.execute(decided).scalar() or since)


def forget_others(conn: Connection, names: Iterable[str]) -> None:
    """A newsletter that was taken out of feeds.yaml is met anew if it returns; its slots in between were not missed."""
    conn.execute(delete(newsletters).where(newsletters.c.newsletter.not_in(list(names))))


def made_for(conn: Connection, newsletter: str, since: datetime) -> dict[datetime, int]:
    """Slot -> number of the edition that was made for it."""
    query = select(editions.c.slot, editions.c.number)
    found = conn.execute(query.where(editions.c.newsletter == newsletter, editions.c.slot >= since))
    return {row.slot: row.number for row in found}


def decide(conn: Connection, slot: Slot) -> None:
    """Record what became of a slot."""
    upsert(conn, slots, [asdict(slot)], key=["newsletter", "slot"])


def slots_of(conn: Connection, newsletter: str, *, until: datetime | None = None, limit: int = 10) -> list[Slot]:
    """The newest first; with `until`, what was decided by then."""
    query = select(slots).where(slots.c.newsletter == newsletter).order_by(slots.c.slot.desc()).limit(limit)
    if until is not None:
        query = query.where(slots.c.decided <= until)
    return [Slot(row.newsletter, row.slot, row.decided, row.number, row.outcome) for row in conn.execute(query)]


def next_number(conn: Connection, newsletter: str) -> int:
    last = conn.execute(select(func.max(editions.c.number)).where(editions.c.newsletter == newsletter)).scalar()
    return (last or 0) + 1


def keep(conn: Connection, edition: Kept, found: Sequence[Verdict]) -> None:
    """Store an edition, the stories that are told by it, and why each story stands in it or was left out."""
    name, number = edition.newsletter, edition.number
    conn.execute(
        insert(editions),
        {
            "newsletter": name,
            "number": number,
            "slot": edition.slot,
            "composed": edition.composed,
            "data": edition.data,
        },
    )
    stale.mark(conn, [f"{name}/{number}"], "edition")
    insert_new(
        conn,
        told,
        [{"newsletter": name, "story": one.story, "number": number} for one in found if one.stands in _TOLD],
        key=["newsletter", "story"],
    )
    rows = [{"newsletter": name, "number": number, **asdict(one)} for one in found]
    insert_new(conn, verdicts, rows, key=["newsletter", "number", "story"])


def load(conn: Connection, newsletter: str | None = None, *, limit: int | None = None) -> list[Kept]:
    """The newest first."""
    query = select(editions).order_by(editions.c.composed.desc(), editions.c.newsletter, editions.c.number.desc())
    if newsletter is not None:
        query = query.where(editions.c.newsletter == newsletter)
    return [
        Kept(row.newsletter, row.number, row.slot, row.composed, row.data) for row in conn.execute(query.limit(limit))
    ]


def numbers(conn: Connection) -> list[tuple[str, int, datetime]]:
    """Newsletter, number and slot of all editions, the newest first."""
    query = select(editions.c.newsletter, editions.c.number, editions.c.slot)
    order = (editions.c.composed.desc(), editions.c.newsletter, editions.c.number.desc())
    return [(row.newsletter, row.number, row.slot) for row in conn.execute(query.order_by(*order))]


def get(conn: Connection, newsletter: str, number: int) -> Kept | None:
    query = select(editions).where(editions.c.newsletter == newsletter, editions.c.number == number)
    row = conn.execute(query).one_or_none()
    return None if row is None else Kept(row.newsletter, row.number, row.slot, row.composed, row.data)


def told_too(conn: Connection, story: str, other: str) -> None:
    """Whoever told a story has told the one that it became a part of: readers met the event."""
    known = select(told.c.newsletter).where(told.c.story == other)
    query = select(told.c.newsletter, told.c.number).where(told.c.story == story, told.c.newsletter.not_in(known))
    rows = [{"newsletter": row.newsletter, "story": other, "number": row.number} for row in conn.execute(query)]
    insert_new(conn, told, rows, key=["newsletter", "story"])


def told_by(conn: Connection, story: str) -> dict[str, int]:
    """The newsletters that have told this story, each with the number of the edition that did."""
    query = select(told.c.newsletter, told.c.number).where(told.c.story == story)
    return {row.newsletter: row.number for row in conn.execute(query)}


def told_of(conn: Connection, newsletter: str, stories: Iterable[str]) -> set[str]:
    """Which of these stories this newsletter has told."""
    query = select(told.c.story).where(told.c.newsletter == newsletter, told.c.story.in_(list(stories)))
    return set(conn.execute(query).scalars())


def verdicts_on(conn: Connection, story: str) -> list[tuple[str, int, Verdict]]:
    """(newsletter, number, verdict) of every edition that considered this story."""
    query = select(verdicts).where(verdicts.c.story == story).order_by(verdicts.c.newsletter, verdicts.c.number)
    return [(row.newsletter, row.number, _verdict(row)) for row in conn.execute(query)]


def verdicts_in(conn: Connection, newsletter: str, number: int) -> list[Verdict]:
    """On every story that an edition considered, in its order."""
    query = select(verdicts).where(verdicts.c.newsletter == newsletter, verdicts.c.number == number)
    return [_verdict(row) for row in conn.execute(query.order_by(verdicts.c.place, verdicts.c.story))]


def _verdict(row: Any) -> Verdict:
    return Verdict(story=row.story, place=row.place, stands=row.stands, reason=row.reason, figures=row.figures)
