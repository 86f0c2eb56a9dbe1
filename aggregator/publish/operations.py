"""What operators hear of sources and editions, as an Atom feed: an entry when trouble begins, and one when it is over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aggregator.config import Config
from aggregator.model import Incident
from aggregator.publish.feeds.ids import tag_uri
from aggregator.publish.theme import legal

MOST = 100
WORDS = {
    "down": "cannot be read",
    "gone": "is gone",
    "quiet": "has gone quiet",
    "moved": "has moved",
    "flood": "has entries that are held for review",
    "plain": "goes out in the plain template",
    "held": "cannot be mailed",
}
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Event:
    id: str
    at: datetime
    title: str
    text: str


def alerts_atom(config: Config, incidents: Sequence[Incident]) -> bytes:
    """The newest first. The bytes change only when something has happened."""
    from feedgen.feed import FeedGenerator

    events = sorted(_events(config, incidents), key=lambda event: (event.at, event.id), reverse=True)[:MOST]
    feed = FeedGenerator()
    feed.id(tag_uri(config, "operations"))
    feed.title(legal(f"{config.publication.title}: operations"))
    feed.author({"name": legal(config.publication.title)})
    feed.updated(max((event.at for event in events), default=_EPOCH))
    feed.generator("aggregator")
    for event in events:
        _entry(feed, event)
    return bytes(feed.atom_str(pretty=True)) + b"\n"


def _entry(feed: Any, event: _Event) -> None:
    entry = feed.add_entry(order="append")
    entry.id(event.id)
    entry.title(event.title)
    entry.updated(event.at)
    entry.content(event.text, type="text")


def _events(config: Config, incidents: Sequence[Incident]) -> Iterator[_Event]:
    for incident in incidents:
        about = tag_uri(config, "operations", str(incident.id))
        yield _Event(about, incident.opened, begin(incident), legal(incident.reason))
        if incident.closed is not None:
            yield _Event(f"{about}/over", incident.closed, end(incident), legal(_how_it_began(incident)))


def begin(incident: Incident) -> str:
    """In a line: what is the matter."""
    return legal(f"{incident.subject} {WORDS[incident.kind]}")


def end(incident: Incident) -> str:
    return legal(f"{incident.subject}: it is over that it {WORDS[incident.kind]}")


def _how_it_began(incident: Incident) -> str:
    return f"It began {incident.opened:%Y-%m-%d %H:%M} UTC: {incident.reason}"
