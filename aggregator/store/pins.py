"""What an editor wants in the next edition. A pin is used up once its newsletter has told the story."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from aggregator.model import Pin
from aggregator.store.dialects import upsert
from aggregator.store.tables import pins, told


def put(conn: Connection, wanted: Sequence[Pin]) -> None:
    """Who pins again says anew whether the story leads."""
    rows = [{"newsletter": one.newsletter, "story": one.story, "lead": one.lead, "at": one.at} for one in wanted]
    upsert(conn, pins, rows, key=["newsletter", "story"])


def take(conn: Connection, story: str, newsletters: Iterable[str]) -> None:
    conn.execute(delete(pins).where(pins.c.story == story, pins.c.newsletter.in_(list(newsletters))))


def of_newsletter(conn: Connection, newsletter: str) -> dict[str, Pin]:
    """By story."""
    found = conn.execute(select(pins).where(pins.c.newsletter == newsletter).order_by(pins.c.at, pins.c.story))
    return {row.story: Pin(story=row.story, newsletter=newsletter, lead=row.lead, at=row.at) for row in found}


def of_story(conn: Connection, story: str) -> dict[str, Pin]:
    """By newsletter."""
    found = conn.execute(select(pins).where(pins.c.story == story).order_by(pins.c.newsletter))
    return {row.newsletter: Pin(story=story, newsletter=row.newsletter, lead=row.lead, at=row.at) for row in found}


def follow(conn: Connection, story: str, into: str) -> None:
    """A story became a part of another: what was wanted of it is wanted of that one."""
    there = of_story(conn, into)
    rows = [
        {"newsletter": one.newsletter, "story": into, "lead": one.lead, "at": one.at}
        for one in of_story(conn, story).values()
        if one.newsletter not in there or one.lead
    ]
    upsert(conn, pins, rows, key=["newsletter", "story"])
    conn.execute(delete(pins).where(pins.c.story == story))


def use(conn: Connection, newsletter: str) -> None:
    """Forget those that this newsletter has told."""
    known = select(told.c.story).where(told.c.newsletter == newsletter)
    conn.execute(delete(pins).where(pins.c.newsletter == newsletter, pins.c.story.in_(known)))
