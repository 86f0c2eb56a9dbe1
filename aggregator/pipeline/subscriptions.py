"""What a reader does by the links of a letter: look, leave, come back.

A token stands in place of an account. Whatever we did not sign, and whatever was erased since, gives None: callers
show the same to both.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.send import tokens
from aggregator.store import deliveries, journal, secrets, subscribers
from aggregator.store.engine import reading, writing


@dataclass(frozen=True, slots=True)
class Subscription:
    """One reader's subscription to one newsletter, as a letter's links see it."""

    newsletter: str
    ended: bool
    others: tuple[str, ...] = ()
    """Which further newsletters the same reader gets."""


def look(engine: Engine, token: str) -> Subscription | None:
    """Changes nothing: programs that scan mails for bad links follow every address in them."""
    with reading(engine) as conn:
        id_ = _id(conn, token)
        return None if id_ is None else _load(conn, id_)


def unsubscribe(engine: Engine, token: str, now: datetime) -> Subscription | None:
    """End the subscription, and in the same transaction whatever was planned for it. Once or often, it is the same."""
    with writing(engine) as conn:
        id_ = _id(conn, token)
        before = None if id_ is None else _load(conn, id_)
        if id_ is None or before is None:
            return None
        ended = subscribers.end(conn, id_, now)
        stopped = deliveries.cancel(conn, id_, "the reader unsubscribed", now)
        if ended or stopped:
            event = f"subscription {id_} ended by its reader; {stopped} waiting letters cancelled"
            journal.write(conn, now, before.newsletter, event)
        return _load(conn, id_)


def resume(engine: Engine, token: str, now: datetime) -> Subscription | None:
    """Take an unsubscription back. Letters that it cancelled stay so; the next edition comes again."""
    with writing(engine) as conn:
        id_ = _id(conn, token)
        before = None if id_ is None else _load(conn, id_)
        if id_ is None or before is None:
            return None
        if subscribers.resume(conn, id_):
            journal.write(conn, now, before.newsletter, f"subscription {id_} resumed by its reader")
        return _load(conn, id_)


def _id(conn: Connection, token: str) -> int | None:
    """Without a secret no token was ever made."""
    secret = secrets.find(conn, "tokens")
    return None if secret is None else tokens.read(secret, "reader", token)


def _load(conn: Connection, id_: int) -> Subscription | None:
    found = subscribers.subscription(conn, id_)
    if found is None:
        return None
    subscriber, newsletter, ended = found
    others = tuple(name for name in subscribers.newsletters_of(conn, subscriber) if name != newsletter)
    return Subscription(newsletter, ended is not None, others)
