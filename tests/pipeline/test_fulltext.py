"""Full texts: articles fetched over loopback, once each, with nothing that stands around them."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.collect.cage import Cage
from aggregator.collect.fetch import HttpFetcher
from aggregator.collect.fulltext import available, mistakes
from aggregator.config import Config
from aggregator.model import Entry, Page
from aggregator.pipeline.fulltext import MOST, Completed, complete
from aggregator.pipeline.poll import poll
from aggregator.store import entries, journal, schema
from aggregator.store.engine import open_engine, reading, writing
from tests.support.databases import database, postgres_folder
from tests.support.site import Site, serving

__all__ = ["database", "postgres_folder"]

pytestmark = pytest.mark.skipif(not available(), reason="the extra `fulltext` is not installed")
NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
ENGLISH = [
    "The harbour board has agreed to dredge the old channel before winter, after two summers in which ferries ran aground.",
    "Work is to begin on the eastern side, where the sand lies highest, and to move west as the tides allow it.",
    "Fishermen had asked for years that the channel be kept open, but the money went to the new pier every time.",
    "The board's chair said that the pier would be of little use to anybody if no boat could reach it any more.",
    "What is dug out will be brought to the beach south of the town, which the sea has narrowed by half in ten years.",
]
CHINESE = [
    "港务局决定在入冬以前疏浚老航道，此前两个夏天里渡轮多次搁浅，岛上居民的生活受到很大影响。",
    "工程将从泥沙堆积最高的东侧开始，然后随着潮汐的变化逐步向西推进，预计需要四个月才能完成。",
    "渔民多年来一直要求保持航道畅通，但是经费每一次都被用在新码头上，他们对此十分不满。",
    "港务局负责人表示，如果没有船只能够靠近，新码头对任何人都不会有多大用处，因此必须先做这件事。",
    "挖出来的沙子将运到镇子南边的海滩，那里在十年之内已经被海水侵蚀了一半，游客也越来越少。",
]
AROUND = ("Sign up for our tides letter", "Most read this week", "All rights reserved by the board")


def article(paragraphs: list[str], language: str = "en") -> bytes:
    listed = "".join(f"<p>{text}</p>" for text in paragraphs)
    links = "".join(
        f'<li><a href="/other/{number}">Another headline of the day {number}</a></li>' for number in range(12)
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>The channel</title></head><body>'
        f'<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav><main><article><h1>The channel</h1>'
        f'{listed}<script>alert("x")</script></article></main><aside class="sidebar"><h2>{AROUND[1]}</h2><ul>{links}</ul></aside>'
        f'<div class="newsletter-signup"><p>{AROUND[0]}</p></div><footer><p>{AROUND[2]}</p></footer></body></html>'
    ).encode()


def feed(site: Site, items: dict[str, str], base: str = "/a/") -> bytes:
    listed = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>On {name}</title><link>{site.url(f'{base}{name}')}</link>"
        f"<pubDate>Thu, 14 May 2020 08:00:00 GMT</pubDate><description>{said}</description></item>"
        for name, said in items.items()
    )
    return f"<rss version='2.0'><channel><title>Harbour</title>{listed}</channel></rss>".encode()


@dataclass
class Harbour:
    site: Site
    config: Config
    now: datetime = NOW
    engine: Any = field(init=False)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.config.database_url)
        schema.ensure(self.engine)

    def polls(self, items: dict[str, str], source: str = "harbour") -> Any:
        self.site.gives(f"/{source}.xml", feed(self.site, items))
        with Cage() as cage:
            fetcher = HttpFetcher(self.config.poll, "test")
            return poll(self.engine, self.config, fetcher=fetcher, reader=cage, clock=lambda: self.now, force=True)

    def completes(self) -> Completed:
        with Cage() as cage:
            fetcher = HttpFetcher(self.config.poll, "test")
            return complete(self.engine, self.config, fetcher=fetcher, reader=cage, clock=lambda: self.now)

    def entries(self) -> dict[str, Entry]:
        with reading(self.engine) as conn:
            return {one.entry.guid: one.entry for one in entries.listed(conn)}

    def told(self, guid: str) -> list[str]:
        with reading(self.engine) as conn:
            return [event for _, event in journal.read(conn, self.entries()[guid].id)]

    def asked(self) -> list[str]:
        return [asked.path for asked in self.site.log if not asked.path.endswith(".xml")]


@pytest.fixture
def harbour(database: str) -> Iterator[Harbour]:
    with serving("127.0.0.1") as site:
        made = Harbour(site, configured(site, database.replace("+psycopg", "")))
        yield made
        made.engine.dispose()


def configured(site: Site, database: str, *, fulltext: bool = True) -> Config:
    return Config.model_validate({
        "publication": {"title": "Test", "link": "https://desk.example"},
        "database": database,
        "poll": {"allow_private_networks": True, "min": "1s", "every": "1s", "timeout": "5s", "backfill": "7d"},
        "sources": [
            {
                "name": "harbour",
                "url": site.url("/harbour.xml"),
                "fulltext": fulltext,
                "headers": {"Authorization": "Bearer hush"},
            }
        ],
    })  # fmt: skip


@pytest.mark.parametrize(("paragraphs", "language"), [(ENGLISH, "en"), (CHINESE, "zh")], ids=["English", "Chinese"])
def test_the_article_and_nothing_around_it(harbour: Harbour, paragraphs: list[str], language: str) -> None:
    harbour.site.gives("/a/channel", article(paragraphs, language), headers={"Content-Type": "text/html"})
    harbour.polls({"channel": "A few lines."})
    assert harbour.completes() == Completed(full=1)
    entry = harbour.entries()["channel"]
    assert all(text in entry.content for text in paragraphs)
    assert not [text for text in (*AROUND, "Another headline", "alert") if text in entry.content]
    assert entry.summary == "A few lines."
    assert entry.words > 90
    assert harbour.told("channel") == [f"full text, {entry.words} words"]
    (asked,) = harbour.site.asked("/a/channel")
    assert "authorization" not in asked.headers, "a source's headers are for its feed"


def test_an_entry_without_a_summary_gets_one(harbour: Harbour) -> None:
    harbour.site.gives("/a/channel", article(ENGLISH), headers={"Content-Type": "text/html"})
    harbour.polls({"channel": ""})
    harbour.completes()
    assert ENGLISH[0] in harbour.entries()["channel"].summary


def test_nothing_is_fetched_twice_and_the_next_poll_changes_nothing(harbour: Harbour) -> None:
    harbour.site.gives("/a/channel", article(ENGLISH))
    harbour.polls({"channel": "A few lines."})
    harbour.completes()
    full = harbour.entries()["channel"]
    harbour.now += timedelta(hours=1)
    again = harbour.polls({"channel": "A few lines.", "fog": "Fog all day."})
    assert [(result.new, result.changed) for result in again.results] == [(1, 0)]
    assert harbour.completes() == Completed(kept=1)
    assert harbour.completes() == Completed()
    assert harbour.entries()["channel"] == full
    assert harbour.asked() == ["/a/channel", "/a/fog"]


def test_what_its_feed_really_changes_is_taken_over(harbour: Harbour) -> None:
    harbour.site.gives("/a/channel", article(ENGLISH))
    harbour.polls({"channel": "A few lines."})
    harbour.completes()
    full = harbour.entries()["channel"]
    harbour.now += timedelta(hours=1)
    corrected = harbour.polls({"channel": "A few lines, corrected."})
    assert [result.changed for result in corrected.results] == [1]
    entry = harbour.entries()["channel"]
    assert (entry.summary, entry.content, entry.words) == ("A few lines, corrected.", full.content, full.words)
    assert [result.changed for result in harbour.polls({"channel": "A few lines, corrected.", "x": ""}).results] == [0]
    long = "Now the feed has it all. " * 100
    assert [result.changed for result in harbour.polls({"channel": long}).results] == [1]
    assert "Now the feed has it all." in harbour.entries()["channel"].content
    assert [result.changed for result in harbour.polls({"channel": long, "y": ""}).results] == [0]
    harbour.completes()
    assert harbour.asked().count("/a/channel") == 1


def test_a_full_text_waits_to_be_curated_whatever_the_curator_read_before(harbour: Harbour) -> None:
    harbour.polls({"channel": "A few lines."})
    with reading(harbour.engine) as conn:
        (read,) = entries.waiting(conn, limit=10)
    with writing(harbour.engine) as conn:
        assert entries.fill(conn, read.entry, content="<p>All of it.</p>", summary="A few lines.", words=300)
        assert not entries.fill(conn, read.entry, content="<p>Twice.</p>", summary="A few lines.", words=300)
    with reading(harbour.engine) as conn:
        (waiting,) = entries.waiting(conn, limit=10)
    assert waiting.entry.content == "<p>All of it.</p>"
    assert entries.digest(waiting.entry) != entries.digest(read.entry)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param({"status": 404}, "the server answered 404", id="404"),
        pytest.param({"body": article(["For subscribers only. Log in to read on."])}, "no more to say", id="paywall"),
        pytest.param({"body": b"%PDF-1.4", "headers": {"Content-Type": "application/pdf"}}, "no page but application/pdf", id="PDF"),
        pytest.param({"body": b""}, "no", id="nothing"),
        pytest.param({"body": b"\x00\xff" * 3000, "headers": {"Content-Type": "text/html"}}, "no", id="noise"),
    ],
)  # fmt: skip
def test_what_gives_no_article_stays_as_its_feed_has_it(harbour: Harbour, answer: dict[str, Any], reason: str) -> None:
    harbour.site.gives("/a/channel", **answer)
    harbour.polls({"channel": "A few lines."})
    before = harbour.entries()["channel"]
    assert harbour.completes() == Completed(kept=1)
    assert harbour.entries()["channel"] == before
    (told,) = harbour.told("channel")
    assert told.startswith("no full text: ")
    assert reason in told
    assert harbour.completes() == Completed()
    assert harbour.asked() == ["/a/channel"]


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param({"status": 403}, id="forbidden"),
        pytest.param({"status": 429, "headers": {"Retry-After": "60"}}, id="too many"),
        pytest.param({"status": 503, "headers": {"Retry-After": "60"}}, id="later"),
    ],
)
def test_a_server_that_refuses_is_left_alone_for_this_run(harbour: Harbour, refusal: dict[str, Any]) -> None:
    names = ["a", "b", "c"]
    for name in names:
        harbour.site.gives(f"/a/{name}", **refusal)
    harbour.polls(dict.fromkeys(names, "A few lines."))
    assert harbour.completes() == Completed(kept=1)
    assert len(harbour.asked()) == 1


def test_at_most_so_many_in_one_run_and_the_rest_in_the_next(harbour: Harbour) -> None:
    names = [f"n{number}" for number in range(MOST + 2)]
    for name in names:
        harbour.site.gives(f"/a/{name}", article([f"{name}: {text}" for text in ENGLISH]))
    harbour.polls(dict.fromkeys(names, "A few lines."))
    assert harbour.completes() == Completed(full=MOST)
    assert harbour.completes() == Completed(full=2)
    assert sorted(harbour.asked()) == sorted(f"/a/{name}" for name in names)
    assert harbour.site.busiest == 1, "one article a source at a time"


def test_long_entries_and_other_sources_are_left_alone(harbour: Harbour, database: str) -> None:
    harbour.polls({"long": "This feed has the whole text of it. " * 40})
    assert harbour.completes() == Completed()
    harbour.config = configured(harbour.site, database.replace("+psycopg", ""), fulltext=False)
    harbour.now += timedelta(hours=1)
    harbour.polls({"short": "A few lines."})
    assert harbour.completes() == Completed()
    assert harbour.asked() == []


def test_without_the_extra_it_is_a_mistake_and_nothing_is_asked(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert mistakes(harbour.config) == []
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    (mistake,) = mistakes(harbour.config)
    assert mistake.key == "sources[0].fulltext"
    assert mistake.hint == "pip install 'aggregator[fulltext]'"
    harbour.polls({"channel": "A few lines."})
    assert harbour.completes() == Completed()
    assert harbour.asked() == []


def test_the_cage_bounds_it_too() -> None:
    url = "https://harbour.example/a/channel"
    page = Page(url=url, final_url=url, status=200, headers={}, body=article(ENGLISH))
    with Cage() as cage:
        found = cage.article(page)
    assert isinstance(found, str)
    assert ENGLISH[0] in found
