"""WebSub, the hub's side: it calls us to verify what we asked, to deny it, and to hand over what is new.

Called from the web process, so nothing is parsed here: bytes with the right signature are put down for the next poll.
A stranger who does not know a callback address makes nothing be written.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.collect import websub
from aggregator.collect.urls import host
from aggregator.model import Push
from aggregator.store import journal, pushes
from aggregator.store.engine import reading, writing

_LONGEST_TYPE = 200


def verify(engine: Engine, token: str, said: Mapping[str, str], now: datetime) -> str | None:
    """What to answer to a hub that verifies or denies; None where we asked for no such thing."""
    with reading(engine) as conn:
        push = pushes.get(conn, token)
    if push is None or not websub.wants(push, said):
        return None
    with writing(engine) as conn:
        held = pushes.held(conn, token)
        if held is None or not websub.wants(held, said):
            return None
        _note(conn, held, said, now)
    return said.get("hub.challenge", "") if said["hub.mode"] != "denied" else ""


def _note(conn: Connection, push: Push, said: Mapping[str, str], now: datetime) -> None:
    hub = host(push.hub)
    if push.state == "ending":
        pushes.remove(conn, push.token)
        journal.write(conn, now, push.source, f"unsubscribed at the hub {hub}")
        return
    if said["hub.mode"] == "denied":
        after = websub.denied(push, websub.one_line(said.get("hub.reason", "")), now)
        event = f"the hub {hub} does not push: {after.reason}"
    else:
        after = websub.verified(push, said.get("hub.lease_seconds", ""), now)
        event = f"the hub {hub} verified the subscription, lease until {after.lease_until:%Y-%m-%dT%H:%M:%SZ}"
    pushes.save(conn, after)
    journal.write(conn, now, push.source, event)


def is_known(engine: Engine, token: str) -> bool:
    """Whether a message under this address is awaited. (One that we end is told to end.)"""
    with reading(engine) as conn:
        push = pushes.get(conn, token)
    return push is not None and push.state != "ending"


def receive(engine: Engine, token: str, *, signature: str, content_type: str, body: bytes, now: datetime) -> None:
    """Put a message down for reading; one without the right signature is counted and forgotten."""
    with reading(engine) as conn:
        push = pushes.get(conn, token)
    if push is None:
        return
    signed = websub.is_signed(push, signature, body)
    with writing(engine) as conn:
        held = pushes.held(conn, token)
        if held is None:
            return
        if not signed:
            pushes.forged(conn, token)
            return
        pushes.save(conn, websub.received(held, now))
        kind = content_type[:_LONGEST_TYPE]
        dropped = pushes.keep(conn, token, content_type=kind, body=body, now=now, most=websub.MOST_WAITING)
        if dropped:
            hub, most = host(held.hub), websub.MOST_WAITING
            journal.write(conn, now, held.source, f"{dropped} pushed by the hub {hub} dropped: more than {most} wait")
