"""What `explain SOURCE` says of its hub."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from aggregator.collect import websub
from aggregator.config import Config, Source
from aggregator.model import Push
from aggregator.store import pushes


def push_lines(conn: Connection, config: Config, source: Source, now: datetime) -> Iterator[tuple[str, str]]:
    """A label and what it says; nothing for a source whose feed names no hub."""
    push = pushes.of(conn, source.name)
    if push is None:
        return
    yield "hub", f"{config.masked(push.hub)}, for the topic {config.masked(push.topic)}"
    yield "push", f"{push.state}: {_state(push, now)}"
    if push.state != "verified" or push.failures:
        yield "hub asked", f"{_time(push.asked_at)}, next {_time(push.due)}"
    if push.forged:
        yield "forged", f"{push.forged} messages under its callback address without the right signature, ignored"
    waiting = pushes.count(conn, source.name)
    if waiting:
        yield "pushed", f"{waiting} messages wait to be read by the next poll"


def _state(push: Push, now: datetime) -> str:
    why = websub.why(push, now)
    return (
        f"{why}; polled less often" if why else f"{push.reason or _WAITS[push.state]}; polled as if there were no hub"
    )


_WAITS = {
    "offered": "the hub will be asked",
    "asked": "the hub has not verified yet",
    "verified": "nothing was pushed yet, or the lease has run out",
    "silent": "the hub does not push what polling finds",
    "denied": "the hub denied it",
}


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "never"
