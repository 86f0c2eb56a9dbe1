"""Hubs hear of every change of a feed, once, whoever made it; and one that does not answer holds up nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aggregator.collect.budget import Budgets
from aggregator.collect.fetch import HttpFetcher
from aggregator.config import Config
from aggregator.errors import BusyError, FetchError
from aggregator.model import Page, Request
from aggregator.pipeline.explaining.explain import explain
from aggregator.pipeline.ping import WAITS, Pinged, ping
from aggregator.publish import syndicate
from aggregator.store import pings, schema
from aggregator.store.engine import open_engine, reading
from aggregator.store.locks import exclusive
from tests.support import briefing_week
from tests.support.hub import Hub, hub
from tests.support.site import Site

START = datetime(2020, 5, 14, 12, tzinfo=UTC)
SITE = "https://desk.example.org"


@dataclass
class Publisher:
    """Two feeds of a publication in a folder, and a clock that stands still."""

    engine: Engine
    config: Config
    now: datetime = START
    feeds: tuple[str, ...] = field(default=("atom.xml", "categories/trade/feed.json"))

    def writes(self, path: str, said: str) -> None:
        file = self.config.output_folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said)

    def pings(self, *, after: timedelta = timedelta()) -> Pinged:
        self.now += after
        fetcher = HttpFetcher(self.config.poll, "tests", budgets=Budgets(), clock=lambda: self.now)
        return ping(self.engine, self.config, fetcher=lambda: fetcher, clock=lambda: self.now)

    def explained(self, path: str) -> str:
        return "\n".join(f"{label}: {text}" for label, text in explain(self.engine, self.config, path, self.now))


@pytest.fixture
def one() -> Iterator[Hub]:
    with hub() as made:
        yield made


@pytest.fixture
def publisher(tmp_path: Path, one: Hub, database: str) -> Iterator[Publisher]:
    engine = open_engine(database)
    schema.ensure(engine)
    made = Publisher(engine, _config(tmp_path, one.url))
    for path in made.feeds:
        made.writes(path, "first")
    yield made
    engine.dispose()


def _config(folder: Path, *hubs: str, link: str = SITE) -> Config:
    config = briefing_week.config(hubs=list(hubs), link=link)
    poll = config.poll.model_copy(update={"allow_private_networks": True, "timeout": timedelta(seconds=5)})
    return config.model_copy(update={"poll": poll, "output": folder / "out"})


def topics(hub: Hub) -> list[str]:
    return sorted(form["hub.url"] for form in hub.asked)


def test_a_hub_hears_of_every_feed_once_and_of_each_change(publisher: Publisher, one: Hub) -> None:
    assert publisher.pings() == Pinged(told=2)
    assert one.asked[0].keys() == {"hub.mode", "hub.url", "hub.topic"}
    assert one.modes == ["publish", "publish"]
    assert topics(one) == [f"{SITE}/atom.xml", f"{SITE}/categories/trade/feed.json"]
    assert publisher.pings(after=timedelta(days=1)) == Pinged()
    publisher.writes("atom.xml", "second")
    assert publisher.pings() == Pinged(told=1)
    assert topics(one) == [f"{SITE}/atom.xml", f"{SITE}/atom.xml", f"{SITE}/categories/trade/feed.json"]


def test_a_hub_that_goes_and_looks_finds_what_is_new(
    publisher: Publisher, one: Hub, site: Site, tmp_path: Path
) -> None:
    one.fetches = True
    publisher.config = _config(tmp_path, one.url, link=site.url(""))
    for said in ("first", "second"):
        publisher.writes("atom.xml", said)
        site.gives("/atom.xml", (tmp_path / "out/atom.xml").read_bytes())
        publisher.pings()
        one.settled()
        assert one.fetched[site.url("/atom.xml")] == said


def test_the_same_bytes_are_no_change(publisher: Publisher, one: Hub) -> None:
    publisher.pings()
    for path in publisher.feeds:
        publisher.writes(path, "first")
    assert publisher.pings() == Pinged()
    assert len(one.asked) == 2


def test_what_is_no_feed_is_not_told(publisher: Publisher, one: Hub) -> None:
    for path in ("index.html", "archive/2020-05/atom.xml", "editions/daily/1/index.html"):
        publisher.writes(path, "first")
    publisher.pings()
    assert len(one.asked) == 2


def test_every_feed_is_one_that_hubs_are_told_of() -> None:
    config = briefing_week.config()
    found = list(syndicate.paths(config))
    lists = 1 + len(config.categories) + len(config.sections) + len(config.newsletters)
    assert len(found) == len(set(found)) == 3 * lists


def test_a_hub_that_fails_is_told_later_and_ever_more_seldom(publisher: Publisher, one: Hub) -> None:
    (publisher.config.output_folder / "categories/trade/feed.json").unlink()
    one.status = 503
    tries = 1
    (reason,) = publisher.pings().failed
    assert reason.startswith("the hub 127.0.0.1 was not told: ")
    for wait in WAITS:
        assert publisher.pings(after=wait - timedelta(seconds=1)) == Pinged()
        assert publisher.pings(after=timedelta(seconds=1)).failed == (reason,)
        tries += 1
        assert len(one.asked) == tries
    assert publisher.pings(after=timedelta(days=30)) == Pinged(), "given up"
    assert f"given up after {tries} tries, until the feed changes" in publisher.explained("atom.xml")
    one.status = 202
    publisher.writes("atom.xml", "second")
    assert publisher.pings() == Pinged(told=1)
    assert "the hub 127.0.0.1 was told at last" in publisher.explained("atom.xml")


def test_a_hub_that_is_away_does_not_keep_another_from_hearing(publisher: Publisher, one: Hub, tmp_path: Path) -> None:
    publisher.config = _config(tmp_path, "http://127.0.0.1:9/", one.url)
    done = publisher.pings()
    assert (done.told, len(done.failed)) == (2, 1)
    assert len(one.asked) == 2
    assert publisher.pings(after=WAITS[0]).told == 0
    assert len(one.asked) == 2, "what it heard it is not told again"


def test_a_crash_between_question_and_answer_tells_again(publisher: Publisher, one: Hub) -> None:
    class Dying:
        def batches(self, requests: Iterable[Request]) -> Iterator[Sequence[tuple[Request, Page | FetchError]]]:
            assert list(requests)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ping(publisher.engine, publisher.config, fetcher=Dying, clock=lambda: publisher.now)
    assert "it was asked, and has not answered" in publisher.explained("atom.xml")
    assert publisher.pings() == Pinged()
    assert publisher.pings(after=WAITS[0]) == Pinged(told=2)


def test_a_hub_that_is_no_longer_configured_is_forgotten(publisher: Publisher, one: Hub, tmp_path: Path) -> None:
    publisher.pings()
    publisher.config = _config(tmp_path)
    publisher.writes("atom.xml", "second")
    assert publisher.pings() == Pinged()
    with reading(publisher.engine) as conn:
        assert pings.load(conn) == []
    assert "hub: none: `publication.hubs` is empty" in publisher.explained("atom.xml")


def test_two_processes_do_not_tell_the_same(publisher: Publisher, one: Hub) -> None:
    with exclusive(publisher.engine, "ping"), pytest.raises(BusyError):
        publisher.pings()
    assert one.asked == []


def test_status_says_what_is_still_to_be_told(publisher: Publisher, one: Hub) -> None:
    def said() -> dict[str, str]:
        with reading(publisher.engine) as conn:
            return pings.standing(conn)

    assert said() == {}
    publisher.pings()
    assert said() == {one.url: "knows all 2 feeds"}
    one.status = 503
    publisher.writes("atom.xml", "second")
    publisher.pings()
    assert said() == {one.url: "is to hear of 1 of 2 feeds"}
    for wait in WAITS:
        publisher.pings(after=wait)
    assert said() == {one.url: "is to hear of 0 of 2 feeds, was given up for 1"}


def test_explain_says_what_a_hub_knows(publisher: Publisher) -> None:
    publisher.pings()
    said = publisher.explained("categories/trade/feed.json")
    assert f"feed: categories/trade/feed.json: {SITE}/categories/trade/feed.json" in said
    assert "told 2020-05-14T12:00:00Z, and nothing changed since" in said
