"""What `explain` says of a feed of ours, by its path in the output folder."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.pipeline.ping import WAITS
from aggregator.publish import syndicate
from aggregator.publish.feeds.ids import place
from aggregator.store import journal, pings
from aggregator.store.pings import Ping


def feed_lines(conn: Connection, config: Config, id_: str, now: datetime) -> Iterator[tuple[str, str]]:
    """A label and what it says; nothing for what is no feed."""
    known = pings.load(conn, id_)
    configured = id_ in set(syndicate.paths(config))
    if not configured and not known:
        return
    yield "feed", f"{id_}: {place(config, id_)}" if configured else f"{id_}: no longer published"
    yield "content", _CONTENT[config.publication.feed_content]
    if not config.publication.hubs:
        yield "hub", "none: `publication.hubs` is empty"
    for one in known:
        yield "hub", f"{config.masked(one.hub)}: {_state(one, now)}"
    for at, event in journal.read(conn, id_):
        yield _time(at), event


_CONTENT = {
    "full": "what a source's own feed published, where it may be republished (`republish`, and an address without a key); else a summary",
    "summary": "summaries (`publication.feed_content`)",
}


def _state(one: Ping, now: datetime) -> str:
    if one.due is None and not one.failures:
        return f"told {_time(one.told)}, and nothing changed since"
    if one.due is None:
        return f"{one.reason}; given up until the feed changes"
    if not one.failures:
        return "to be told at once"
    when = "at once" if one.due <= now else _time(one.due)
    return f"{one.reason or 'it was asked, and has not answered'}; told again {when}, {one.failures} of {len(WAITS) + 1} tries made"


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "never"
