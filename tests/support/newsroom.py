"""A whole publication on loopback: its feeds, its mail server, its workspace, and a clock that tests move."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import Engine, update

from aggregator.app import App
from aggregator.config.load import load
from aggregator.model import Delivery, Story
from aggregator.pipeline.outlets import outlets
from aggregator.send.addresses import normal
from aggregator.store import deliveries, editions, entries, stories, subscribers
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from aggregator.store.tables import newsletters
from tests.support.site import Site, serving
from tests.support.smtp import Sink

MORNING = datetime(2020, 5, 14, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SLOT = MORNING + 2 * HOUR
"""When the daily is due."""


@dataclass(frozen=True, slots=True)
class Article:
    guid: str
    title: str
    summary: str
    published: datetime | None = MORNING - HOUR
    link: str | None = None


BARLEY = Article("barley", "Beijing weighs duties on Australian barley", "Growers in four states wait for the tariff.")
SAMPLES = Article("samples", "Laboratories were told to destroy virus samples", "An order of January is confirmed.")
ROCKET = Article("rocket", "Long March rocket stage falls into the Atlantic", "The core was the heaviest in decades.")
YUAN = Article("yuan", "Four cities try out a digital currency", "Civil servants in Suzhou get their allowances in it.")
CANOLA = Article("canola", "Canola exporters look for other harbours", "Shipments from Vancouver have fallen by half.")


def rss(name: str, articles: tuple[Article, ...]) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(article.guid)}</guid><title>{escape(article.title)}</title>"
        f"<link>{escape(article.link or f'https://{name}.example/{article.guid}')}</link>"
        f"<description>{escape(article.summary)}</description>"
        + (f"<pubDate>{format_datetime(article.published)}</pubDate>" if article.published else "")
        + "</item>"
        for article in articles
    )
    head = f"<title>{name.title()}</title><link>https://{name}.example/</link><description/>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


@dataclass
class Newsroom:
    folder: Path
    database: str
    site: Site
    sink: Sink
    now: datetime = MORNING
    sources: list[dict[str, Any]] = field(default_factory=list)
    newsletters: list[dict[str, Any]] = field(
        default_factory=lambda: [{"name": "daily", "title": "The Daily", "schedule": "07:00"}]
    )
    delivery: dict[str, Any] = field(default_factory=dict)
    poll: dict[str, Any] = field(default_factory=dict)
    publication: dict[str, Any] = field(default_factory=dict)
    _apps: list[App] = field(default_factory=list, repr=False)

    @property
    def file(self) -> Path:
        return self.folder / "feeds.yaml"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @cached_property
    def engine(self) -> Engine:
        """A connection of the test's own, to look with."""
        return self.app().engine

    def has_source(self, name: str, *articles: Article, **more: Any) -> None:
        """One more source, with these articles."""
        self.sources.append({"name": name, "title": name.title(), "url": self.site.url(f"/{name}.rss"), **more})
        self.tells(name, *articles)

    def tells(self, name: str, *articles: Article) -> None:
        """From now on, the source's feed holds these."""
        self.site.gives(f"/{name}.rss", rss(name, articles), headers={"Content-Type": "application/rss+xml"})

    def write(self) -> Path:
        """feeds.yaml as things stand (JSON is YAML)."""
        said = {
            "publication": {"title": "Test Briefing", "link": "https://briefing.example"} | self.publication,
            "database": self.database,
            "poll": {"allow_private_networks": True, "timeout": "3s", "per_host": 20, "min": "1s"} | self.poll,
            "sources": [{"every": "1s", **source} for source in self.sources],
            "categories": [{"slug": "trade", "name": "Trade", "any": ["barley", "canola", "tariff"]}],
            "newsletters": self.newsletters,
            "delivery": {
                "smtp": self.sink.url, "from": "Desk <desk@briefing.example>", "rate": 1000, "timeout": "5s",
            } | self.delivery,
        }  # fmt: skip
        # Whole, at one stroke: a daemon may be reading it.
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")
        return fresh.replace(self.file)

    def app(self) -> App:
        """On the test's clock."""
        made = App(load(self.write(), {}), clock=lambda: self.now)
        self._apps.append(made)
        return made

    def subscribe(self, *emails: str, newsletters: tuple[str, ...] = ("daily",)) -> None:
        with writing(self.engine) as conn:
            for email in emails:
                subscribers.add(
                    conn, email=email, key=normal(email), name=None, newsletters=newsletters, now=self.now
                )  # fmt: skip

    def met_newsletters(self, at: datetime) -> None:
        """As if each newsletter had been met then."""
        config = load(self.write(), {})
        with writing(self.engine) as conn:
            for newsletter in config.newsletters:
                zone, schedule = config.zone_of(newsletter).key, str(newsletter.schedule)
                editions.meet(conn, newsletter.name, schedule=schedule, zone=zone, now=at)
            conn.execute(update(newsletters).values(since=at))

    def entries(self) -> dict[str, Stored]:
        """By guid."""
        with reading(self.engine) as conn:
            return {stored.entry.guid: stored for stored in entries.listed(conn)}

    def stories(self) -> dict[str, Story]:
        """By title."""
        config = load(self.write(), {})
        with reading(self.engine) as conn:
            return {story.title: story for story in stories.newest(conn, outlets(conn, config))}

    def letters(self) -> list[Delivery]:
        with reading(self.engine) as conn:
            return sorted(deliveries.listed(conn), key=lambda letter: letter.id)

    def editions(self) -> list[editions.Kept]:
        with reading(self.engine) as conn:
            return editions.load(conn)

    def mailed(self) -> Counter[str]:
        """Message-ID -> how often the server took it."""
        return Counter(
            line.partition(b":")[2].strip().decode()
            for accepted in self.sink.accepted
            for line in accepted.letter.splitlines()
            if line.lower().startswith(b"message-id:")
        )

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Path -> (modification time, bytes) of all that is published."""
        found = (path for path in sorted(self.out.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.out)): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}

    def close(self) -> None:
        for app in self._apps:
            app.close()


@contextmanager
def opened(folder: Path, database: str) -> Iterator[Newsroom]:
    with serving("127.0.0.1") as site, Sink() as sink:
        room = Newsroom(folder, database, site, sink)
        try:
            yield room
        finally:
            room.close()
