"""What operators hear of their sources: once for each trouble, once when it is over."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from aggregator.app import App
from aggregator.cli import cli
from aggregator.config.load import load
from aggregator.errors import SendError
from aggregator.pipeline import Polled
from tests.support.poller import START, Poller, feed, polling
from tests.support.site import Site
from tests.support.smtp import Sink

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEED = feed("a", "b", "c")
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def poller(tmp_path: Path) -> Iterator[Poller]:
    with polling(tmp_path) as found:
        yield found


def alerts(*rounds: Polled) -> list[str]:
    """kind, and whether it is over, of each alert of these rounds."""
    incidents = [incident for polled in rounds for result in polled.results for incident in result.alerts]
    return [f"{incident.kind} over" if incident.closed else incident.kind for incident in incidents]


@pytest.mark.parametrize(
    ("status", "after"),
    [pytest.param(500, 2, id="passes by itself"), pytest.param(404, 1, id="does not"), pytest.param(403, 1, id="403")],
)
def test_one_alert_when_it_begins_and_one_when_it_is_over(poller: Poller, site: Site, status: int, after: int) -> None:
    poller.source(site.gives("/feed", FEED))
    assert alerts(poller.poll()) == []
    site.gives("/feed", status=status)
    rounds = [poller.due() for _ in range(6)]
    assert [len(alerts(each)) for each in rounds] == [int(number == after) for number in range(1, 7)]
    assert alerts(*rounds) == ["down"]
    site.gives("/feed", FEED)
    assert alerts(poller.due(), poller.due()) == ["down over"]
    assert "incident: down since" in poller.explained()


def test_a_single_slip_is_no_incident(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", FEED))
    poller.poll()
    for _ in range(3):
        site.gives("/feed", status=503)
        assert alerts(poller.due()) == []
        site.gives("/feed", FEED)
        assert alerts(poller.due()) == []


def test_failing_in_several_ways_is_one_incident_and_gone_another(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", status=404))
    said = alerts(poller.poll())
    for answer in (500, 429, 403, 404):
        site.gives("/feed", status=answer)
        said += alerts(poller.due())
    assert said == ["down"]
    site.gives("/feed", status=410)
    assert alerts(poller.due()) == ["down over", "gone"]


def test_a_move_is_told_once_and_over_when_feeds_yaml_follows(poller: Poller, site: Site) -> None:
    new = site.gives("/new", FEED)
    poller.source(site.redirects("/old", 301, new))
    rounds = [poller.poll(), *(poller.due() for _ in range(4))]
    assert alerts(*rounds) == ["moved"]
    poller.source(new)
    assert alerts(poller.due()) == ["moved over"]
    assert poller.state().state == "ok"


def test_states_tell_the_quiet_from_the_dead(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", FEED, headers={"ETag": '"1"'}))
    poller.poll()
    assert (poller.state().state, poller.state().since) == ("ok", START)
    site.gives("/feed", status=304)
    poller.now = START + 13 * DAY
    poller.poll()
    assert poller.state().state == "ok"
    poller.now = START + 15 * DAY
    said = alerts(poller.poll())
    state = poller.state()
    assert (state.state, state.since, said) == ("quiet", poller.now, ["quiet"])
    assert state.health == "it answers, but nothing new has come since 2020-05-14"
    site.gives("/feed", feed("d", "a", "b"))
    assert alerts(poller.due()) == ["quiet over"]
    assert poller.state().state == "ok"


def test_an_empty_feed_is_quiet_and_what_comes_first_is_no_news_without_a_date(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", feed()))
    poller.poll()
    assert (poller.state().state, poller.state().health) == ("quiet", "the feed has no entries")
    undated = feed("a").replace(b"<pubDate>", b"<x>").replace(b"</pubDate>", b"</x>")
    site.gives("/feed", undated)
    poller.due()
    assert not poller.entries()["a"].news


def test_each_state_has_its_reason(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", FEED))
    poller.poll()
    for status, state, words in (
        (429, "throttled", "429 Too Many Requests"),
        (403, "blocked", "403 Forbidden"),
        (451, "blocked", "451 Unavailable For Legal Reasons"),
        (500, "failing", "500 Internal Server Error"),
        (410, "gone", "410 Gone"),
    ):
        site.gives("/feed", status=status)
        before = poller.now
        poller.due()
        found = poller.state()
        assert (found.state, words in found.health) == (state, True), found
        assert found.since is not None
        assert found.since >= before
        assert f"state: {state} since" in poller.explained()


# --- a feed that is missed -------------------------------------------------------------------------------


class Desk:
    """The whole application on a configuration file, its clock moved by the test."""

    def __init__(self, folder: Path, site: Site, **more: object) -> None:
        self.folder = folder
        self.site = site
        self.now = START
        self.said = {
            "publication": {"title": "Desk", "link": "https://desk.example"},
            "poll": {"allow_private_networks": True, "every": "1h"},
            "sources": [{"name": "news", "url": site.url("/feed")}],
            **more,
        }
        self.file.write_text(json.dumps(self.said))
        self.app = App(load(self.file, {}), clock=lambda: self.now)

    @property
    def file(self) -> Path:
        return self.folder / "feeds.yaml"

    def poll(self) -> Polled:
        self.now += 30 * DAY
        return self.app.poll(force=True)

    @property
    def feed(self) -> list[str]:
        """The titles in the operators' feed."""
        tree = etree.parse(self.folder / "state" / "alerts.xml")
        return [str(title) for title in tree.xpath("//a:entry/a:title/text()", namespaces=ATOM)]


@pytest.fixture
def desk(tmp_path: Path, site: Site) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**more: object) -> Desk:
        made.append(Desk(tmp_path, site, **more))
        return made[-1]

    yield make
    for each in made:
        each.app.close()


def page(*links: str) -> bytes:
    tags = "".join(f"<link rel='alternate' type='application/rss+xml' href='{link}'>" for link in links)
    return (
        f"<!doctype html><html><head><title>The News</title>{tags}</head><body><p>Welcome.</p></body></html>".encode()
    )


def test_a_missed_feed_is_looked_for_and_the_finding_proposed(desk: Callable[..., Desk], site: Site) -> None:
    site.gives("/feed", FEED)
    at = desk()
    at.poll()
    site.gives("/feed", status=404)
    site.gives("/", page("/comments/rss", "/elsewhere/rss", "/other/rss"))
    site.gives("/elsewhere/rss", feed("z", "a", "b"))
    site.gives("/other/rss", feed("q", title="Another"))
    at.poll()
    assert "/" not in [asked.path for asked in site.log], "once is no reason to search a site"
    at.poll()
    assert "/" in [asked.path for asked in site.log]
    poller = Poller.__new__(Poller)
    poller.engine, poller.now, poller.sources, poller.settings = at.app.engine, at.now, at.said["sources"], {}  # type: ignore[assignment]
    assert poller.state("news").proposed_url == site.url("/elsewhere/rss"), "it has entries that we know"
    assert "`sources adopt news` takes it" in poller.explained("news")
    asked = len(site.asked("/"))
    at.poll()
    assert len(site.asked("/")) == asked, "not at each failure"
    assert site.asked("/feed")[-1] is not None
    site.gives("/feed", FEED)
    at.poll()
    assert poller.state("news").proposed_url is None


def test_the_operators_feed_tells_begin_and_end(desk: Callable[..., Desk], site: Site) -> None:
    site.gives("/feed", FEED)
    at = desk()
    at.poll()
    assert not (at.folder / "state" / "alerts.xml").exists()
    site.gives("/feed", status=404)
    at.poll()
    at.poll()
    assert at.feed == ["news cannot be read"]
    before = (at.folder / "state" / "alerts.xml").read_bytes()
    at.poll()
    assert (at.folder / "state" / "alerts.xml").read_bytes() == before
    site.gives("/feed", feed("d", "a", "b"))
    at.poll()
    assert at.feed == ["news: it is over that it cannot be read", "news cannot be read"]


def test_operators_get_one_letter_about_each_beginning_and_each_end(desk: Callable[..., Desk], site: Site) -> None:
    site.gives("/feed", status=404)
    with Sink() as sink:
        at = desk(delivery={"smtp": sink.url, "from": "Desk <desk@desk.example>"}, alerts={"mail": "ops@desk.example"})
        at.poll()
        assert [at.app.mail_alerts(), at.app.mail_alerts()] == [1, 0]
        at.poll()
        assert at.app.mail_alerts() == 0
        site.gives("/feed", FEED)
        at.poll()
        assert [at.app.mail_alerts(), at.app.mail_alerts()] == [1, 0]
    letters = [message_from_bytes(one.letter, policy=policy.default) for one in sink.accepted]
    assert [letter["Subject"] for letter in letters] == [
        "Desk: news cannot be read",
        "Desk: news: it is over that it cannot be read",
    ]
    assert "404 Not Found" in letters[0].get_content()
    assert {letter["To"] for letter in letters} == {"ops@desk.example"}


def test_a_mail_server_that_is_away_loses_no_alert(desk: Callable[..., Desk], site: Site) -> None:
    site.gives("/feed", status=404)
    at = desk(
        delivery={"smtp": "smtp://127.0.0.1:1", "from": "Desk <desk@desk.example>"}, alerts={"mail": "ops@desk.example"}
    )
    at.poll()
    for _ in range(2):
        with pytest.raises(SendError):
            at.app.mail_alerts()


def test_run_once_tells_operators_too(desk: Callable[..., Desk], site: Site) -> None:
    site.gives("/feed", status=404)
    with Sink() as sink:
        at = desk(delivery={"smtp": sink.url, "from": "Desk <desk@desk.example>"}, alerts={"mail": "ops@desk.example"})
        said = CliRunner().invoke(cli, ["--config", str(at.file), "run", "--once"])
    assert "incidents told to operators: 1" in said.output
    assert len(sink.accepted) == 1
