"""The ledger: one row for each edition on its way to one subscriber.

planned → claimed → dotted → accepted, or deferred (back to a claim later), refused, in_doubt, cancelled.
A row is claimed in one statement, and every later write is guarded by the fencing token of that claim: whoever lost
its claim writes nothing. The commit that marks a row `dotted` comes before its final dot, and takes with it the
`accepted` of the one before, so that a crash leaves at most one letter a connection in doubt.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Exists, Row, Select, func, select, update

from aggregator.model import Delivery, DeliveryState
from aggregator.store.dialects import insert_new
from aggregator.store.tables import deliveries, subscribers, subscriptions

OPEN: tuple[DeliveryState, ...] = ("planned", "deferred")


def plan(
    conn: Connection,
    newsletter: str,
    number: int,
    readers: Sequence[tuple[int, int]],
    *,
    message_id: Callable[[int], str],
    now: datetime,
) -> int:
    """A row for each (subscriber, subscription) that has none yet; how many are new."""
    rows = [
        {
            "newsletter": newsletter,
            "number": number,
            "subscriber": subscriber,
            "subscription": subscription,
            "state": "planned",
            "attempts": 0,
            "due": now,
            "token": 0,
            "message_id": message_id(subscriber),
            "created": now,
            "updated": now,
        }
        for subscriber, subscription in readers
    ]
    return insert_new(conn, deliveries, rows, key=["newsletter", "number", "subscriber"])


def claim(conn: Connection, now: datetime, *, limit: int, edition: tuple[str, int] | None = None) -> list[Delivery]:
    """Take up to `limit` rows that are due, all of one edition where one is named. One statement."""
    waiting = select(deliveries.c.id).where(deliveries.c.state.in_(OPEN), deliveries.c.due <= now)
    if edition is not None:
        waiting = waiting.where(deliveries.c.newsletter == edition[0], deliveries.c.number == edition[1])
    waiting = waiting.order_by(deliveries.c.due, deliveries.c.id).limit(limit)
    if conn.dialect.name == "postgresql":
        waiting = waiting.with_for_update(skip_locked=True)
    taken = (
        update(deliveries)
        .where(deliveries.c.id.in_(waiting))
        .values(state="claimed", token=deliveries.c.token + 1, attempts=deliveries.c.attempts + 1, updated=now)
        .returning(deliveries.c.id)
    )
    ids = list(conn.execute(taken).scalars())
    rows = conn.execute(_query().where(deliveries.c.id.in_(ids)).order_by(deliveries.c.id))
    return [_delivery(row) for row in rows]


def due_editions(conn: Connection, now: datetime) -> list[tuple[str, int]]:
    """The editions that have letters to send now, the oldest first."""
    query = (
        select(deliveries.c.newsletter, deliveries.c.number)
        .where(deliveries.c.state.in_(OPEN), deliveries.c.due <= now)
        .group_by(deliveries.c.newsletter, deliveries.c.number)
        .order_by(func.min(deliveries.c.id))
    )
    return [(row.newsletter, row.number) for row in conn.execute(query)]


def dot(conn: Connection, delivery: Delivery, now: datetime) -> bool:
    """Before the final dot: whether this letter may go out. False when the claim is lost or the reader has left."""
    return _write(conn, delivery, "claimed", _is_reader(), state="dotted", updated=now)


def accept(conn: Connection, delivery: Delivery, now: datetime) -> bool:
    return _write(conn, delivery, "dotted", state="accepted", updated=now, reason=None)


def defer(conn: Connection, delivery: Delivery, due: datetime, reason: str, now: datetime) -> bool:
    return _settle(conn, delivery, state="deferred", due=due, reason=reason, updated=now)


def refuse(conn: Connection, delivery: Delivery, reason: str, now: datetime) -> bool:
    return _settle(conn, delivery, state="refused", reason=reason, updated=now)


def doubt(conn: Connection, delivery: Delivery, reason: str, now: datetime) -> bool:
    return _settle(conn, delivery, state="in_doubt", reason=reason, updated=now)


def release(conn: Connection, unsent: Iterable[Delivery], now: datetime) -> None:
    """Give claims back that were never begun: as if they had not been claimed."""
    for delivery in unsent:
        _write(conn, delivery, "claimed", state="planned", attempts=deliveries.c.attempts - 1, updated=now)


def orphans(conn: Connection) -> list[Delivery]:
    """Rows that a process left behind in the middle. Only for who holds the lock on delivering."""
    rows = conn.execute(_query().where(deliveries.c.state.in_(("claimed", "dotted"))).order_by(deliveries.c.id))
    return [_delivery(row) for row in rows]


def cancel(conn: Connection, subscription: int, reason: str, now: datetime) -> int:
    """Stop what was planned for a subscription, also what is claimed but not yet dotted; how many letters."""
    waiting = update(deliveries).where(
        deliveries.c.subscription == subscription, deliveries.c.state.in_((*OPEN, "claimed"))
    )
    return conn.execute(waiting.values(state="cancelled", reason=reason, updated=now)).rowcount


def cancel_left(conn: Connection, now: datetime) -> int:
    """Stop what was planned for readers who have left since; how many letters."""
    waiting = update(deliveries).where(deliveries.c.state.in_(OPEN), ~_is_reader())
    values = {"state": "cancelled", "reason": "the reader left before it went out", "updated": now}
    return conn.execute(waiting.values(**values)).rowcount


def _is_reader() -> Exists:
    """Whether the subscription that a letter was planned for is still wanted."""
    current = subscriptions.join(subscribers, subscribers.c.id == subscriptions.c.subscriber)
    return (
        select(subscriptions.c.id)
        .select_from(current)
        .where(
            subscriptions.c.id == deliveries.c.subscription,
            subscriptions.c.ended.is_(None),
            subscribers.c.state == "active",
        )
        .correlate(deliveries)
        .exists()
    )


def listed(
    conn: Connection,
    *,
    newsletter: str | None = None,
    number: int | None = None,
    state: str | None = None,
    subscriber: str | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """The newest first; `subscriber` is an address made comparable."""
    query = _query().order_by(deliveries.c.id.desc()).limit(limit)
    query = query.where(deliveries.c.newsletter == newsletter) if newsletter is not None else query
    query = query.where(deliveries.c.number == number) if number is not None else query
    query = query.where(deliveries.c.state == state) if state is not None else query
    query = query.where(subscribers.c.email_key == subscriber) if subscriber is not None else query
    return [_delivery(row) for row in conn.execute(query)]


def get(conn: Connection, id_: int) -> Delivery | None:
    row = conn.execute(_query().where(deliveries.c.id == id_)).one_or_none()
    return None if row is None else _delivery(row)


def counts(conn: Connection, newsletter: str | None = None, number: int | None = None) -> dict[str, int]:
    """How many letters are in each state; of one edition where one is named."""
    query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    if newsletter is not None:
        query = query.where(deliveries.c.newsletter == newsletter, deliveries.c.number == number)
    return {state: count for state, count in conn.execute(query)}  # noqa: C416  a Row is no tuple to mypy


def _settle(conn: Connection, delivery: Delivery, **values: Any) -> bool:
    return _write(conn, delivery, ("claimed", "dotted"), **values)


def _write(
    conn: Connection, delivery: Delivery, was: str | tuple[str, ...], *also: ColumnElement[bool], **values: Any
) -> bool:
    states = (was,) if isinstance(was, str) else was
    ours = update(deliveries).where(
        deliveries.c.id == delivery.id, deliveries.c.token == delivery.token, deliveries.c.state.in_(states), *also
    )
    return conn.execute(ours.values(**values)).rowcount == 1


def _query() -> Select[Any]:
    joined = deliveries.join(subscribers, subscribers.c.id == deliveries.c.subscriber)
    return select(deliveries, subscribers.c.email, subscribers.c.name).select_from(joined)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        newsletter=row.newsletter,
        number=row.number,
        subscriber=row.subscriber,
        email=row.email,
        name=row.name,
        subscription=row.subscription,
        state=row.state,
        attempts=row.attempts,
        token=row.token,
        message_id=row.message_id,
        updated=row.updated,
        due=row.due,
        reason=row.reason,
        created=row.created,
    )
