"""People and their wishes."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from aggregator.model import Subscriber, SubscriberState
from aggregator.store.dialects import insert_new
from aggregator.store.tables import subscribers, subscriptions


def add(
    conn: Connection,
    *,
    email: str,
    key: str,
    name: str | None,
    newsletters: Iterable[str],
    now: datetime,
    state: SubscriberState = "active",
) -> bool:
    """Add a person, or newsletters to a person; whether anything is new. `key` is the address made comparable.

    Who had left and is added again is back: the caller has the consent.
    """
    row = {"email": email, "email_key": key, "name": name, "state": state, "created": now}
    new = insert_new(conn, subscribers, [row], key=["email_key"]) > 0
    person = conn.execute(select(subscribers).where(subscribers.c.email_key == key)).one()
    if not new and (person.state != state or (name and name != person.name)):
        values = {"state": state, "name": name or person.name}
        conn.execute(update(subscribers).where(subscribers.c.id == person.id).values(**values))
        new = person.state != state
    for newsletter in newsletters:
        new = _subscribe(conn, person.id, newsletter, now) or new
    return new


def _subscribe(conn: Connection, subscriber: int, newsletter: str, now: datetime) -> bool:
    wish = {"subscriber": subscriber, "newsletter": newsletter, "created": now, "ended": None}
    if insert_new(conn, subscriptions, [wish], key=["subscriber", "newsletter"]):
        return True
    ended = update(subscriptions).where(
        subscriptions.c.subscriber == subscriber,
        subscriptions.c.newsletter == newsletter,
        subscriptions.c.ended.is_not(None),
    )
    return conn.execute(ended.values(ended=None, created=now)).rowcount > 0


def left(conn: Connection, key: str) -> frozenset[str]:
    """The newsletters that a person has unsubscribed from."""
    ended = select(subscriptions.c.newsletter).join(subscribers, subscribers.c.id == subscriptions.c.subscriber)
    ended = ended.where(subscribers.c.email_key == key, subscriptions.c.ended.is_not(None))
    return frozenset(conn.execute(ended).scalars())


def remove(conn: Connection, key: str) -> bool:
    """Erase a person with every trace in the ledger; whether there was one."""
    return conn.execute(delete(subscribers).where(subscribers.c.email_key == key)).rowcount > 0


def load(conn: Connection) -> list[Subscriber]:
    """Everybody, in the order in which they came, with the newsletters that they get."""
    wishes: dict[int, list[str]] = defaultdict(list)
    current = select(subscriptions).where(subscriptions.c.ended.is_(None)).order_by(subscriptions.c.id)
    for row in conn.execute(current):
        wishes[row.subscriber].append(row.newsletter)
    return [_subscriber(row, wishes[row.id]) for row in conn.execute(select(subscribers).order_by(subscribers.c.id))]


def readers(conn: Connection, newsletter: str) -> list[tuple[int, int]]:
    """(subscriber, subscription) of everybody who is to get this newsletter."""
    query = (
        select(subscribers.c.id, subscriptions.c.id.label("subscription"))
        .join(subscriptions, subscriptions.c.subscriber == subscribers.c.id)
        .where(
            subscribers.c.state == "active", subscriptions.c.newsletter == newsletter, subscriptions.c.ended.is_(None)
        )
        .order_by(subscribers.c.id)
    )
    return [(row.id, row.subscription) for row in conn.execute(query)]


def subscription(conn: Connection, id_: int) -> tuple[int, str, datetime | None] | None:
    """(subscriber, newsletter, when it ended) of a subscription."""
    row = conn.execute(select(subscriptions).where(subscriptions.c.id == id_)).one_or_none()
    return None if row is None else (row.subscriber, row.newsletter, row.ended)


def newsletters_of(conn: Connection, subscriber: int) -> list[str]:
    """What a person gets, in the order of subscribing."""
    wishes = select(subscriptions.c.newsletter).where(
        subscriptions.c.subscriber == subscriber, subscriptions.c.ended.is_(None)
    )
    return list(conn.execute(wishes.order_by(subscriptions.c.id)).scalars())


def end(conn: Connection, subscription: int, now: datetime) -> bool:
    """Unsubscribe; whether it changed anything."""
    current = update(subscriptions).where(subscriptions.c.id == subscription, subscriptions.c.ended.is_(None))
    return conn.execute(current.values(ended=now)).rowcount > 0


def resume(conn: Connection, subscription: int) -> bool:
    """Take an unsubscription back; whether it changed anything."""
    ended = update(subscriptions).where(subscriptions.c.id == subscription, subscriptions.c.ended.is_not(None))
    return conn.execute(ended.values(ended=None)).rowcount > 0


def _subscriber(row: Row[Any], newsletters: list[str]) -> Subscriber:
    return Subscriber(
        id=row.id,
        email=row.email,
        name=row.name,
        state=row.state,
        newsletters=tuple(newsletters),
        created=row.created,
    )
