"""Polling as the daemon does it, round by round on a clock that tests move, with real sites as witnesses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aggregator import pipeline
from aggregator.collect.budget import Budgets
from aggregator.collect.cage import InProcess
from aggregator.collect.fetch import HttpFetcher
from aggregator.config import Config
from aggregator.model import Fetch, PollState
from aggregator.pipeline import Polled
from aggregator.pipeline.explaining.explain import explain
from aggregator.store import entries, schema, sources
from aggregator.store.engine import open_engine, reading
from aggregator.store.entries import Stored
from tests.support.site import Asked, Site

START = datetime(2020, 5, 14, 12, tzinfo=UTC)
AGENT = "aggregator/9 (+https://desk.example; desk@desk.example)"


@dataclass
class Poller:
    """`restart` forgets all that is not in the database."""

    folder: Path
    now: datetime = START
    sources: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
        self.engine = open_engine(f"sqlite:///{self.folder / 'poller.db'}")
        schema.ensure(self.engine)

    @property
    def config(self) -> Config:
        poll = {"allow_private_networks": True, "every": "1h"} | self.settings
        publication = {"title": "Desk", "link": "https://desk.example"}
        return Config.model_validate({"publication": publication, "poll": poll, "sources": self.sources})

    def source(self, url: str, name: str = "sample", **keys: Any) -> None:
        self.sources = [row for row in self.sources if row["name"] != name]
        self.sources.append({"name": name, "url": url, **keys})

    def poll(self, *names: str, force: bool = False, most: int | None = None) -> Polled:
        budgets = Budgets()
        fetcher = HttpFetcher(self.config.poll, AGENT, budgets=budgets, clock=lambda: self.now)
        return pipeline.poll(
            self.engine,
            self.config,
            fetcher=fetcher,
            reader=InProcess(),
            budgets=budgets,
            clock=lambda: self.now,
            names=names,
            force=force,
            most=most,
        )

    def due(self, name: str = "sample") -> Polled:
        """A round at the very moment when the source is due."""
        self.now = max(self.now, self.state(name).due)
        return self.poll()

    def after(self, time: timedelta) -> Polled:
        self.now += time
        return self.poll()

    def state(self, name: str = "sample") -> PollState:
        with reading(self.engine) as conn:
            return sources.load(conn, [name])[name]

    def ledger(self, name: str = "sample") -> list[Fetch]:
        with reading(self.engine) as conn:
            return sources.ledger(conn, name)

    def entries(self) -> dict[str, Stored]:
        """By guid."""
        with reading(self.engine) as conn:
            return {stored.entry.guid: stored for stored in entries.listed(conn)}

    def explained(self, name: str = "sample") -> str:
        return "\n".join(f"{label}: {text}" for label, text in explain(self.engine, self.config, name, self.now))


@contextmanager
def polling(folder: Path) -> Iterator[Poller]:
    poller = Poller(folder)
    try:
        yield poller
    finally:
        poller.engine.dispose()


def feed(*guids: str, title: str = "News", channel: str = "", hours: int = 1) -> bytes:
    """RSS with an item for each, the first the newest, `hours` apart, the newest an hour before `START`."""
    return feed_at(START - timedelta(hours=1), *guids, title=title, channel=channel, hours=hours)


def feed_at(newest: datetime, *guids: str, title: str = "News", channel: str = "", hours: int = 1) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>Report {guid}</title>"
        f"<link>https://news.example/{guid}</link>"
        f"<pubDate>{newest - timedelta(hours=hours * at):%a, %d %b %Y %H:%M:%S GMT}</pubDate></item>"
        for at, guid in enumerate(guids)
    )
    start = "<?xml version='1.0'?><rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
    return f"{start}<title>{title}</title>{channel}{items}</channel></rss>".encode()


def conditional(asked: Asked) -> bool:
    return "if-none-match" in asked.headers or "if-modified-since" in asked.headers


def paths(site: Site) -> list[str]:
    return [asked.path for asked in site.log]
