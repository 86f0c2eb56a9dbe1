"""Subscriptions at hubs, and what hubs sent that waits to be read."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from aggregator.model import Push, Pushed
from aggregator.store.dialects import upsert
from aggregator.store.tables import pushed, pushes


def save(conn: Connection, push: Push) -> None:
    upsert(conn, pushes, [asdict(push)], key=["token"])


def change(conn: Connection, before: Push, after: Push) -> bool:
    """Write what was decided of `before`, unless the hub said something in between; whether it was written."""
    as_read = (
        pushes.c.token == before.token,
        pushes.c.state == before.state,
        pushes.c.due == before.due,
        pushes.c.failures == before.failures,
    )
    return conn.execute(update(pushes).where(*as_read).values(**asdict(after))).rowcount > 0


def get(conn: Connection, token: str) -> Push | None:
    row = conn.execute(select(pushes).where(pushes.c.token == token)).one_or_none()
    return None if row is None else _push(row)


def held(conn: Connection, token: str) -> Push | None:
    """The same, and nobody else changes it until the end of this write transaction."""
    row = conn.execute(select(pushes).where(pushes.c.token == token).with_for_update()).one_or_none()
    return None if row is None else _push(row)


def of(conn: Connection, source: str) -> Push | None:
    """The one that a source has, if any; those that are ending aside."""
    mine = select(pushes).where(pushes.c.source == source, pushes.c.state != "ending")
    row = conn.execute(mine.order_by(pushes.c.since.desc(), pushes.c.token).limit(1)).one_or_none()
    return None if row is None else _push(row)


def load(conn: Connection) -> list[Push]:
    """All of them, those that have waited longest first."""
    return [_push(row) for row in conn.execute(select(pushes).order_by(pushes.c.due, pushes.c.token))]


def with_one(conn: Connection) -> frozenset[str]:
    """The sources that have any."""
    return frozenset(conn.execute(select(pushes.c.source).distinct()).scalars())


def active(conn: Connection, now: datetime) -> Mapping[str, Push]:
    """By source: those under which a hub pushes, so that the source may be polled less often."""
    works = (pushes.c.state == "verified", pushes.c.lease_until > now, pushes.c.last_push.is_not(None))
    return {row.source: _push(row) for row in conn.execute(select(pushes).where(*works))}


def remove(conn: Connection, token: str) -> None:
    """With all that waits under it."""
    conn.execute(delete(pushes).where(pushes.c.token == token))


def forged(conn: Connection, token: str) -> None:
    """Count a message without the right signature."""
    conn.execute(update(pushes).where(pushes.c.token == token).values(forged=pushes.c.forged + 1))


def keep(conn: Connection, token: str, *, content_type: str, body: bytes, now: datetime, most: int) -> int:
    """Keep what came until it is read, and no more than `most` of it: how many of the oldest were dropped."""
    conn.execute(insert(pushed), {"push": token, "at": now, "content_type": content_type, "body": body})
    newest = select(pushed.c.id).where(pushed.c.push == token).order_by(pushed.c.id.desc()).limit(most)
    kept = list(conn.execute(newest).scalars())
    return conn.execute(delete(pushed).where(pushed.c.push == token, pushed.c.id.not_in(kept))).rowcount


def waiting(conn: Connection) -> list[int]:
    """The numbers of what waits to be read, in the order in which it came."""
    return list(conn.execute(select(pushed.c.id).order_by(pushed.c.id)).scalars())


def count(conn: Connection, source: str) -> int:
    """How many messages of a source wait to be read."""
    mine = select(func.count()).select_from(pushed.join(pushes, pushes.c.token == pushed.c.push))
    return conn.execute(mine.where(pushes.c.source == source)).scalar_one()


def take(conn: Connection, id_: int) -> Pushed | None:
    """What waits under this number; it waits on until it is `done`."""
    columns = (pushed, pushes.c.source, pushes.c.hub, pushes.c.topic)
    query = select(*columns).join(pushes, pushes.c.token == pushed.c.push).where(pushed.c.id == id_)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    return Pushed(
        id=row.id,
        source=row.source,
        hub=row.hub,
        topic=row.topic,
        at=row.at,
        content_type=row.content_type,
        body=row.body,
    )


def done(conn: Connection, id_: int) -> None:
    conn.execute(delete(pushed).where(pushed.c.id == id_))


def _push(row: Row[Any]) -> Push:
    return Push(**row._mapping)  # noqa: SLF001  the documented way to a row's names
