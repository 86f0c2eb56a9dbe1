"""From feeds to Atom, site and inbox, on both databases: real HTTP, real SMTP, real files, and a clock that we turn."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from sqlalchemy import Engine

from aggregator import pipeline
from aggregator.collect.cage import InProcess
from aggregator.collect.fetch import HttpFetcher
from aggregator.config import Config
from aggregator.config.workspace import packaged
from aggregator.errors import UsageError
from aggregator.pipeline import Composed, Curated, Delivered, Polled, Published
from aggregator.pipeline.explain import explain
from aggregator.send.smtp import Rate, SmtpMailer
from aggregator.store import deliveries, editions, entries, stories, subscribers
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from tests.support.site import Site, serving
from tests.support.smtp import Sink

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
"""A Thursday."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class World:
    """A publication with its sources, its readers, and all the time in the world."""

    def __init__(self, engine: Engine, folder: Path, site: Site, sink: Sink) -> None:
        self.engine, self.site, self.sink = engine, site, sink
        self.now = NOON
        self.said: dict[str, Any] = {
            "publication": {"title": "Test Briefing", "link": "https://briefing.example"},
            "output": str(folder / "out"),
            "poll": {"allow_private_networks": True, "timeout": "5s"},
            "sources": [],
            "categories": [
                {"slug": "technology", "name": "Technology", "any": ["chip", "芯片"]},
                {"slug": "society", "name": "Society", "any": ["school"]},
            ],
            "newsletters": [{"name": "daily", "title": "Daily", "schedule": "07:00"}],
            "delivery": {"smtp": sink.url, "from": "Desk <desk@briefing.example>", "rate": "1000/s", "timeout": "5s"},
        }

    @property
    def config(self) -> Config:
        return Config.model_validate(self.said)

    @property
    def out(self) -> Path:
        return self.config.output_folder

    def source(self, name: str, *items: str, status: int = 200, **keys: Any) -> None:
        """A source that serves these items now; said again, it serves others."""
        url = self.site.gives(f"/{name}", _feed(name, items), status=status)
        others = [source for source in self.said["sources"] if source["name"] != name]
        self.said["sources"] = [*others, {"name": name, "url": url, "title": name.title(), **keys}]

    def item(self, id_: str, title: str, summary: str = "", *, age: timedelta = HOUR, link: str | None = None) -> str:
        at = format_datetime(self.now - age)
        address = link or f"https://{id_}.example/{id_}"
        return (
            f"<item><guid isPermaLink='false'>{id_}</guid><title>{title}</title><link>{address}</link>"
            f"<pubDate>{at}</pubDate><description>{summary or title}</description></item>"
        )

    def reader(self, email: str, *newsletters: str) -> None:
        with writing(self.engine) as conn:
            subscribers.add(
                conn, email=email, key=email, name=None, newsletters=newsletters or ("daily",), now=self.now
            )  # fmt: skip

    def poll(self, *, force: bool = True) -> Polled:
        fetcher = HttpFetcher(self.config.poll, "test")
        return pipeline.poll(
            self.engine, self.config, fetcher=fetcher, reader=InProcess(), clock=self.clock, force=force
        )

    def curate(self) -> Curated:
        return pipeline.curate(self.engine, self.config, clock=self.clock)

    def compose(self, *, at_once: bool = False) -> tuple[Composed, ...]:
        return pipeline.compose(self.engine, self.config, clock=self.clock, at_once=at_once)

    def publish(self) -> Published:
        return pipeline.publish(self.engine, self.config, folders=(packaged("templates"),))

    def deliver(self) -> Delivered:
        settings = self.config.delivery
        assert settings is not None
        mailer = SmtpMailer(settings.smtp.get_secret_value(), tls="off", timeout=5)
        return pipeline.deliver(
            self.engine,
            self.config,
            mailer=mailer,
            rate=Rate(1000),
            folders=(packaged("templates"),),
            clock=self.clock,
        )

    def read(self) -> None:
        self.poll()
        self.curate()

    def clock(self) -> datetime:
        return self.now

    def stored(self) -> dict[str, Stored]:
        """By guid."""
        with reading(self.engine) as conn:
            return {stored.entry.guid: stored for stored in entries.listed(conn)}

    def told(self, newsletter: str = "daily") -> list[list[str]]:
        """The headlines of each edition, the oldest edition first."""
        with reading(self.engine) as conn:
            kept = editions.load(conn, newsletter)
        return [_headlines(json.loads(each.data)) for each in reversed(kept)]

    def states(self) -> dict[str, str]:
        with reading(self.engine) as conn:
            return {letter.email: letter.state for letter in deliveries.listed(conn)}


def _feed(name: str, items: tuple[str, ...]) -> bytes:
    text = f"<?xml version='1.0'?><rss version='2.0'><channel><title>{name}</title>{''.join(items)}</channel></rss>"
    return text.encode()


def _headlines(data: Any) -> list[str]:
    """Wherever an edition's JSON has a headline."""
    if isinstance(data, dict):
        own = [data["headline"]] if "headline" in data else []
        return own + [line for value in data.values() for line in _headlines(value)]
    return [line for value in data for line in _headlines(value)] if isinstance(data, list) else []


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


@pytest.fixture
def world(engine: Engine, tmp_path: Path, sink: Sink) -> Iterator[World]:
    with serving("127.0.0.1") as site:
        yield World(engine, tmp_path, site, sink)


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def a_first_edition(world: World) -> None:
    """Two outlets tell one event, a third repeats the first, one tells another; two readers get it."""
    plant = "TSMC plans a chip plant in Arizona"
    text = (
        "The Taiwanese company wants to spend 12 billion dollars on a plant in Arizona, two people who know of it said. "
        * 2
    )
    world.source("wire", world.item("w1", plant, text), world.item("w2", "A school in Lanzhou reopens"))
    world.source(
        "paper", world.item("p1", "TSMC to spend 12 billion dollars on Arizona chip plant", "TSMC wants a plant.")
    )
    world.source(
        "copy", world.item("c1", f"{plant} | Copy", text, age=HOUR / 2, link="https://w1.example/w1?utm_source=copy")
    )
    world.reader("ann@example.org")
    world.reader("bob@example.org")
    world.read()
    world.compose(at_once=True)
    world.publish()
    world.deliver()


def test_the_whole_job(world: World, sink: Sink) -> None:
    a_first_edition(world)
    stored = world.stored()
    assert stored["c1"].judgement is not None
    assert stored["c1"].judgement.duplicate_of is not None
    assert stored["c1"].judgement.duplicate_of.value == stored["w1"].entry.id
    assert len({one.judgement.story.value for one in stored.values() if one.judgement}) == 2
    with reading(world.engine) as conn:
        big = next(story for story in stories.newest(conn, {}) if len(story.reports) == 3)
    assert big.kicker == "technology"
    atom = feedparser.parse((world.out / "atom.xml").read_bytes())
    assert {entry.title for entry in atom.entries} >= {"A school in Lanzhou reopens"}
    assert atom.bozo == 0
    assert (world.out / "stories" / f"{big.id}.html").exists()
    assert (world.out / "editions" / "daily" / "1" / "email.html").exists()
    letters = [message_from_bytes(one.letter) for one in sink.accepted]
    assert sorted(letter["To"] for letter in letters) == ["ann@example.org", "bob@example.org"]
    assert len({letter["List-Unsubscribe"] for letter in letters}) == 2
    assert world.states() == {"ann@example.org": "accepted", "bob@example.org": "accepted"}


def test_every_step_again_changes_nothing(world: World, sink: Sink) -> None:
    a_first_edition(world)
    before = snapshot(world.out)
    assert world.poll().new == 0
    assert world.curate().entries == 0
    (again,) = world.compose(at_once=True)
    assert again.number is None
    assert again.outcome.startswith("nothing to tell")
    assert world.publish().written == ()
    assert world.deliver() == Delivered()
    assert snapshot(world.out) == before
    assert len(sink.accepted) == 2


def test_what_commits_late_is_still_told(world: World) -> None:
    """An entry seen before an edition was made, yet committed after it: selection by time would lose it for ever."""
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.read()
    world.compose(at_once=True)
    world.now += HOUR
    world.source("late", world.item("b", "A school in Lanzhou reopens", age=3 * HOUR))
    world.read()
    world.compose(at_once=True)
    assert world.told() == [["A chip plant is planned"], ["A school in Lanzhou reopens"]]


def test_each_newsletter_tells_a_story_once(world: World) -> None:
    world.said["newsletters"].append({"name": "weekly", "title": "Weekly", "schedule": "08:00 sun"})
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.read()
    world.compose(at_once=True)
    world.now += HOUR
    world.source("paper", world.item("b", "A chip plant is planned, it is said", "A chip plant is planned."))
    world.read()
    world.compose(at_once=True)
    assert world.told("daily") == world.told("weekly") == [["A chip plant is planned"]]


def test_one_bad_source_harms_nobody(world: World) -> None:
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.source("broken", status=500)
    world.said["sources"].append({"name": "page", "url": world.site.gives("/page", b"<html><body>Hello</body></html>")})
    polled = world.poll()
    assert {result.source for result in polled.failed} == {"broken", "page"}
    assert polled.new == 1


def test_a_first_poll_fills_the_archive_and_tells_no_old_news(world: World) -> None:
    world.source(
        "wire", world.item("new", "A chip plant is planned"), world.item("old", "A school opened", age=5 * DAY)
    )
    world.read()
    assert {guid: one.news for guid, one in world.stored().items()} == {"new": True, "old": False}
    world.compose(at_once=True)
    assert world.told() == [["A chip plant is planned"]]


def test_a_corrected_headline_reaches_the_story_and_the_feed(world: World) -> None:
    world.source("wire", world.item("a", "A chip plnt is planned"))
    world.read()
    world.publish()
    world.now += HOUR
    world.source("wire", world.item("a", "A chip plant is planned", age=2 * HOUR))
    world.read()
    assert "atom.xml" in world.publish().written
    (entry,) = feedparser.parse((world.out / "atom.xml").read_bytes()).entries
    assert entry.title == "A chip plant is planned"
    assert entry.updated == "2026-05-14T13:00:00+00:00"


def test_slots_that_were_missed_are_told_once(world: World) -> None:
    world.source("wire")
    world.compose()
    world.now += 3 * DAY
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.read()
    (made,) = world.compose()
    assert made.slot == datetime(2026, 5, 17, 7, tzinfo=UTC)
    assert world.compose() == ()
    with reading(world.engine) as conn:
        outcomes = [slot.outcome for slot in editions.slots_of(conn, "daily")]
    assert outcomes[0] == "1 stories, 0 letters"
    assert [outcome.partition(":")[0] for outcome in outcomes[1:]] == ["missed", "missed"]


def test_nothing_to_tell_makes_no_edition_and_says_so(world: World) -> None:
    world.source("wire")
    world.compose()
    world.now += DAY
    (made,) = world.compose()
    assert (made.number, made.outcome) == (None, "nothing to tell: no untold story")
    assert explain(world.engine, world.config, "daily", world.now)[2][1] == made.outcome
    assert world.told() == []


def test_who_leaves_before_it_goes_out_gets_no_letter(world: World, sink: Sink) -> None:
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.reader("ann@example.org")
    world.reader("bob@example.org")
    world.read()
    world.compose(at_once=True)
    with writing(world.engine) as conn:
        ((_, subscription), _) = subscribers.readers(conn, "daily")
        subscribers.end(conn, subscription, world.now)
        deliveries.cancel(conn, subscription, "unsubscribed", world.now)
    assert world.deliver().accepted == 1
    assert world.states() == {"ann@example.org": "cancelled", "bob@example.org": "accepted"}


def test_a_letter_that_is_deferred_is_tried_again_later(world: World, sink: Sink) -> None:
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.reader("ann@example.org")
    world.read()
    world.compose(at_once=True)
    sink.fail("RCPT", "451 4.7.1 later, please")
    assert world.deliver() == Delivered(deferred=1)
    assert world.deliver() == Delivered(), "not before its time"
    world.now += 6 * HOUR
    assert world.deliver() == Delivered(accepted=1)
    (letter,) = sink.accepted
    assert message_from_bytes(letter.letter)["Date"] == "Thu, 14 May 2026 12:00:00 +0000", "the same at every attempt"


def test_a_letter_that_is_refused_keeps_the_reason(world: World, sink: Sink) -> None:
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.reader("ann@example.org")
    world.read()
    world.compose(at_once=True)
    sink.fail("RCPT", "550 5.1.1 no such person")
    assert world.deliver() == Delivered(refused=1)
    with reading(world.engine) as conn:
        (letter,) = deliveries.listed(conn)
    assert letter.state == "refused"
    assert "5.1.1" in (letter.reason or "")
    world.now += DAY
    assert world.deliver() == Delivered()


@pytest.mark.parametrize(("policy", "state", "accepted"), [("hold", "in_doubt", 1), ("resend", "accepted", 2)])
def test_a_letter_in_doubt_follows_the_policy(world: World, sink: Sink, policy: str, state: str, accepted: int) -> None:
    world.said["newsletters"][0]["in_doubt"] = policy
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.reader("ann@example.org")
    world.read()
    world.compose(at_once=True)
    sink.fail("dot", drop=True, accept=True)
    world.deliver()
    world.now += 6 * HOUR
    world.deliver()
    assert world.states() == {"ann@example.org": state}
    assert len(sink.accepted) == accepted
    assert len({message_from_bytes(one.letter)["Message-ID"] for one in sink.accepted}) == 1


def test_a_server_that_is_away_costs_nobody_an_attempt(world: World) -> None:
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.reader("ann@example.org")
    world.read()
    world.compose(at_once=True)
    with Sink() as gone:
        address = gone.url
    world.said["delivery"]["smtp"] = address
    assert world.deliver().away
    with reading(world.engine) as conn:
        (letter,) = deliveries.listed(conn)
    assert (letter.state, letter.attempts) == ("planned", 0)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda world: world.stored()["c1"].entry.id, id="an entry"),
        pytest.param(lambda world: world.stored()["w1"].judgement.story.value, id="a story"),
        pytest.param(lambda _: "wire", id="a source"),
        pytest.param(lambda _: "daily", id="a newsletter"),
        pytest.param(lambda _: "daily/1", id="an edition"),
        pytest.param(lambda _: "d1", id="a delivery"),
    ],
)
def test_everything_can_be_explained(world: World, ask: Callable[[World], str]) -> None:
    a_first_edition(world)
    lines = explain(world.engine, world.config, ask(world), world.now)
    assert len(lines) > 2
    assert all(label and text for label, text in lines)


def test_what_does_not_exist_is_not_explained(world: World) -> None:
    world.source("wire")
    with pytest.raises(UsageError, match="there is no entry"):
        explain(world.engine, world.config, "d999999999999999999999", world.now)


def test_an_edited_address_starts_anew(world: World) -> None:
    world.source("wire", world.item("a", "A chip plant is planned"))
    world.read()
    world.said["sources"][0]["url"] = world.site.gives("/moved", _feed("wire", (world.item("b", "A school opens"),)))
    assert world.poll(force=False).new == 1, "due at once, without the old address's validators"
