"""A hub on loopback and our own web server: what is pushed arrives, and nothing else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from aggregator.app import App
from aggregator.collect import schedule, websub
from aggregator.collect.cage import Cage
from aggregator.collect.fetch import HttpFetcher
from aggregator.config import Config
from aggregator.model import Hints, Page, PollState, Push, PushState, Reading
from aggregator.pipeline import PollResult, push, read_pushed, subscribe
from aggregator.pipeline.explaining.explain import explain
from aggregator.store import entries, journal, pushes, sources
from aggregator.store.engine import reading, writing
from tests.support.hub import Hub, behind, hub
from tests.support.newsroom import BARLEY, CANOLA, DAY, HOUR, MORNING, ROCKET, SAMPLES, Article, rss
from tests.support.site import serving as site_at
from tests.support.web import configured, serving

TOPIC = "https://wire.example/feed"


@dataclass
class Desk:
    """A publication of one source, whose feed names the hub."""

    folder: Path
    database: str
    hub: Hub
    now: datetime = MORNING
    port: int = 1
    public: str | None = ""
    said: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Any] = field(default_factory=dict)
    poll: dict[str, Any] = field(default_factory=dict)
    app: App = field(init=False)

    def __post_init__(self) -> None:
        self.app = App(self.config, clock=self.clock)

    def clock(self) -> datetime:
        return self.now

    @property
    def config(self) -> Config:
        public = f"http://127.0.0.1:{self.port}" if self.public == "" else self.public
        said: dict[str, Any] = {
            "database": self.database,
            "poll": {"allow_private_networks": True, "timeout": "5s", "per_host": 20, "max_bytes": 200_000} | self.poll,
            "sources": [{"name": "wire", "url": TOPIC} | self.source],
            "web": {"public_url": public} if public else {},
        }
        return configured(self.folder, **said | self.said)

    def polled(self, *, new: int = 0, hubs: tuple[str, ...] | None = None, topic: str = TOPIC) -> None:
        """As after a poll that read the feed."""
        config = self.config
        source = config.source("wire")
        assert source is not None
        hints = Hints(hubs=(self.hub.url,) if hubs is None else hubs, self_url=topic)
        page = Page(url=TOPIC, final_url=TOPIC, status=200, headers={})
        state = replace(schedule.first_state(source, self.now), last_new=self.now, last_polled=self.now)
        with writing(self.app.engine) as conn:
            sources.save(conn, replace(state, due=self.now + 6 * HOUR))
            push.met(conn, config, source, Reading(format="rss20", hints=hints), page, new=new, now=self.now)

    def asks(self) -> int:
        """Ask the hubs that are due, and wait until they have verified."""
        fetcher = HttpFetcher(self.config.poll, "test/1")
        count = subscribe(self.app.engine, self.config, fetcher=fetcher, clock=self.clock)
        self.hub.settled()
        return count

    def subscribed(self) -> Push:
        self.polled()
        self.asks()
        return self.push

    def reads(self) -> tuple[PollResult, ...]:
        with Cage() as cage:
            return read_pushed(self.app.engine, self.config, reader=cage, clock=self.clock)

    @property
    def push(self) -> Push:
        with reading(self.app.engine) as conn:
            found = pushes.of(conn, "wire")
        assert found is not None
        return found

    @property
    def state(self) -> str:
        return self.push.state

    @property
    def active(self) -> set[str]:
        with reading(self.app.engine) as conn:
            return set(pushes.active(conn, self.now))

    @property
    def rows(self) -> list[Push]:
        with reading(self.app.engine) as conn:
            return pushes.load(conn)

    @property
    def waiting(self) -> int:
        with reading(self.app.engine) as conn:
            return len(pushes.waiting(conn))

    @property
    def titles(self) -> set[str]:
        with reading(self.app.engine) as conn:
            return {stored.entry.title for stored in entries.listed(conn)}

    @property
    def events(self) -> list[str]:
        with reading(self.app.engine) as conn:
            return [event for _, event in journal.read(conn, "wire")]

    def explained(self) -> dict[str, str]:
        return dict(explain(self.app.engine, self.config, "wire", self.now))


@contextmanager
def opened(folder: Path, database: str, **more: Any) -> Iterator[Desk]:
    with hub() as one:
        desk = Desk(folder, database, one, **more)
        with serving(desk.app) as desk.port:
            yield desk


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[Desk]:
    with opened(tmp_path, database) as made:
        yield made


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Desk]:
    """On SQLite alone: where the database makes no difference."""
    with opened(tmp_path, f"sqlite:///{tmp_path / 'state.db'}") as made:
        yield made


def feed(*articles: Article) -> bytes:
    return rss("wire", articles)


def test_what_a_hub_pushes_arrives(desk: Desk) -> None:
    made = desk.subscribed()
    (form,) = desk.hub.asked
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == TOPIC
    assert form["hub.callback"] == f"http://127.0.0.1:{desk.port}/websub/{made.token}"
    assert form["hub.lease_seconds"] == "604800"
    assert 40 <= len(form["hub.secret"].encode()) < 200
    assert made.state == "verified"
    assert made.lease_until == MORNING + 10 * DAY
    assert desk.active == set(), "a hub that has pushed nothing yet is not relied upon"
    desk.now += HOUR
    assert desk.hub.pushes(feed(BARLEY, SAMPLES)).status == 202
    assert desk.titles == set(), "nothing is read in the web process"
    assert [(result.source, result.outcome, result.new) for result in desk.reads()] == [("wire", "read", 2)]
    assert desk.titles == {BARLEY.title, SAMPLES.title}
    assert desk.waiting == 0
    assert desk.active == {"wire"}
    assert desk.reads() == ()
    assert "2 new, 0 changed, pushed by the hub 127.0.0.1" in desk.events
    said = desk.explained()
    assert said["hub"] == f"{desk.hub.url}, for the topic {TOPIC}"
    assert said["push"] == (
        "verified: pushed by the hub 127.0.0.1, last 2020-05-14T06:00:00Z, lease until 2020-05-24T05:00:00Z; "
        "polled less often"
    )
    assert made.secret not in str(said)
    assert made.token not in str(said)


def test_what_is_pushed_is_stored_as_what_is_polled(desk: Desk) -> None:
    desk.subscribed()
    desk.hub.pushes(feed(BARLEY))
    desk.hub.pushes(feed(replace(BARLEY, title="Barley duties are in force"), CANOLA))
    assert [(result.new, result.changed) for result in desk.reads()] == [(1, 0), (1, 1)]
    with reading(desk.app.engine) as conn:
        stored = {one.entry.guid: one for one in entries.listed(conn)}
    assert stored["barley"].entry.title == "Barley duties are in force"
    assert all(one.news and one.entry.source == "wire" for one in stored.values())


def test_what_is_pushed_goes_through_the_same_guard(desk: Desk) -> None:
    desk.subscribed()
    desk.hub.pushes(feed(BARLEY, SAMPLES))
    desk.hub.pushes(feed(replace(BARLEY, guid="anew", link="https://moved.example/b")))
    long_past = [replace(ROCKET, guid=f"r{n}", title=f"Rocket {n}", published=MORNING - 30 * DAY) for n in range(9)]
    desk.hub.pushes(feed(*long_past))
    desk.hub.pushes(feed(CANOLA))
    results = desk.reads()
    assert [(result.new, result.for_review) for result in results] == [(2, 0), (0, 0), (0, 9), (1, 0)]
    assert [incident.kind for result in results for incident in result.alerts] == ["flood"]
    assert desk.titles == {BARLEY.title, SAMPLES.title, CANOLA.title}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_each_algorithm_is_taken(here: Desk, algorithm: str) -> None:
    here.subscribed()
    assert here.hub.pushes(feed(ROCKET), algorithm=algorithm).status == 202
    assert here.waiting == 1


def test_a_source_whose_news_all_come_by_its_hub_is_not_quiet(here: Desk) -> None:
    here.subscribed()
    here.now += 20 * DAY
    here.hub.pushes(feed(replace(BARLEY, published=here.now - HOUR)))
    here.reads()
    with reading(here.app.engine) as conn:
        state = sources.load(conn, ["wire"])["wire"]
    assert state.last_new == here.now
    assert state.times[0] == (here.now - HOUR).timestamp() // 60


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param("", id="none"),
        pytest.param("sha256=" + "0" * 64, id="another"),
        pytest.param("sha256=", id="empty"),
        pytest.param("md5=d41d8cd98f00b204e9800998ecf8427e", id="a weak algorithm"),
        pytest.param("shake_128=00", id="an algorithm that hashlib knows"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param("sha256=é", id="not ASCII"),
    ],
)
def test_a_wrong_signature_changes_nothing_and_is_told_nothing(here: Desk, signature: str) -> None:
    here.subscribed()
    right = here.hub.pushes(feed(BARLEY))
    here.reads()
    wrong = here.hub.pushes(feed(ROCKET), signature=signature)
    assert (wrong.status, wrong.text) == (right.status, right.text)
    assert here.reads() == ()
    assert here.titles == {BARLEY.title}
    assert here.push.forged == 1
    assert here.explained()["forged"].startswith("1 messages")


def test_a_signature_of_another_body_is_wrong(here: Desk) -> None:
    here.subscribed()
    body = feed(BARLEY)
    here.hub.pushes(body)
    sent = next(iter(here.hub.subscriptions.values()))
    assert websub.is_signed(here.push, _signed(sent["hub.secret"], body), body)
    here.hub.pushes(feed(ROCKET), signature=_signed(sent["hub.secret"], body))
    assert here.waiting == 1


def _signed(secret: str, body: bytes) -> str:
    import hmac

    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"hub.topic": "https://other.example/feed"}, id="another topic"),
        pytest.param({"hub.topic": TOPIC + "/"}, id="nearly the topic"),
        pytest.param({"hub.mode": "unsubscribe"}, id="an unsubscription that we did not ask for"),
        pytest.param({"hub.mode": "publish"}, id="another mode"),
        pytest.param({"hub.challenge": ""}, id="no challenge"),
    ],
)
def test_what_we_did_not_ask_for_is_not_confirmed(here: Desk, changed: dict[str, str]) -> None:
    made = here.subscribed()
    right = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "x", "hub.lease_seconds": "99"}
    answer = here.hub.calls(made.callback, right | changed)
    assert (answer.status, answer.text) == (404, "")
    assert here.push == made


def test_an_address_that_we_did_not_make_is_nobodys(here: Desk) -> None:
    made = here.subscribed()
    other = made.callback[:-1] + ("A" if made.callback[-1] != "A" else "B")
    said = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "x"}
    assert here.hub.calls(other, said).status == 404
    assert here.hub.pushes(feed(ROCKET), to=other).status == 410
    assert here.waiting == 0


def test_a_subscription_that_was_never_asked_for_cannot_be_verified(here: Desk) -> None:
    here.polled()
    said = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "x"}
    callback = f"http://127.0.0.1:{here.port}/websub/{here.push.token}"
    assert here.hub.calls(callback, said).status == 404
    assert here.state == "offered"


def test_a_hostile_challenge_is_plain_text(here: Desk) -> None:
    here.hub.challenge = "<script>alert(1)</script>\r\nX-Evil: 1"
    here.subscribed()
    (answer,) = here.hub.verified
    assert answer.text == here.hub.challenge
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "x-evil" not in answer.headers


def test_a_lease_is_renewed_before_its_end(desk: Desk) -> None:
    before = desk.subscribed()
    desk.now += 6 * DAY
    assert desk.asks() == 0
    desk.now += DAY
    assert desk.asks() == 1
    after = desk.push
    assert desk.hub.modes == ["subscribe", "subscribe"]
    assert (after.token, after.secret) == (before.token, before.secret)
    assert after.lease_until == desk.now + 10 * DAY


def test_a_denied_subscription_is_polled_and_asked_for_again_after_a_week(desk: Desk) -> None:
    desk.hub.denies = "not\nfor you\u202e"
    made = desk.subscribed()
    assert made.state == "denied"
    assert made.reason == "the hub denied it: not for you"
    assert desk.hub.verified[0].status == 200
    assert desk.active == set()
    assert "the hub 127.0.0.1 does not push: the hub denied it: not for you" in desk.events
    desk.now += 6 * DAY
    assert desk.asks() == 0
    desk.hub.denies = None
    desk.now += DAY
    desk.asks()
    assert desk.state == "verified"


def test_a_hub_may_deny_later_what_it_granted(here: Desk) -> None:
    made = here.subscribed()
    here.hub.pushes(feed(BARLEY))
    assert here.active == {"wire"}
    here.hub.calls(made.callback, {"hub.mode": "denied", "hub.topic": TOPIC})
    assert here.active == set()
    assert here.state == "denied"


def test_a_hub_that_is_down_is_asked_ever_more_seldom(desk: Desk) -> None:
    desk.hub.status = 503
    desk.polled()
    waits = []
    for _ in range(10):
        assert desk.asks() == 1
        waits.append(desk.push.due - desk.now)
        assert desk.asks() == 0
        desk.now = desk.push.due
    assert waits[:3] == [timedelta(minutes=15), timedelta(minutes=30), HOUR]
    assert waits[-1] == DAY
    assert desk.active == set()
    assert "503" in desk.explained()["push"]
    assert "polled as if there were no hub" in desk.explained()["push"]
    assert sum("503" in event for event in desk.events) == 1, "the same failure is told once"
    desk.hub.status = 202
    desk.asks()
    assert (desk.push.state, desk.push.failures) == ("verified", 0)


def test_a_hub_that_goes_away_is_relied_upon_until_the_lease_ends(here: Desk) -> None:
    here.subscribed()
    here.hub.pushes(feed(BARLEY))
    here.hub.status = 500
    here.now += 9 * DAY
    here.asks()
    assert here.active == {"wire"}
    here.now += DAY
    assert here.active == set()


def test_a_hub_is_followed_where_it_leads(here: Desk) -> None:
    here.hub.moved_to = "/hub/new"
    assert here.subscribed().state == "verified"
    assert len(here.hub.asked) == 1


def test_a_hub_that_leads_in_a_circle_is_a_failure(here: Desk) -> None:
    here.hub.moved_to = here.hub.url
    made = here.subscribed()
    assert made.state == "asked"
    assert "308" in made.reason


def test_a_silent_hub_is_not_relied_upon(desk: Desk) -> None:
    desk.subscribed()
    desk.hub.pushes(feed(BARLEY))
    desk.polled(new=1)
    assert desk.active == {"wire"}, "once may be a race"
    desk.polled(new=0)
    desk.polled(new=2)
    assert desk.state == "silent"
    assert desk.active == set()
    assert desk.explained()["push"].startswith("silent: 2 polls in a row found what the hub had not pushed")
    assert any("is silent" in event for event in desk.events)
    desk.now += DAY
    assert desk.asks() == 1, "it may have forgotten us"
    assert desk.state == "silent", "to verify is no proof"
    desk.hub.pushes(feed(ROCKET))
    assert desk.state == "verified"
    assert desk.active == {"wire"}


def test_a_push_between_makes_good_what_was_missed(here: Desk) -> None:
    here.subscribed()
    for _ in range(3):
        here.hub.pushes(feed(BARLEY))
        here.polled(new=1)
    assert here.state == "verified"


def test_a_subscription_survives_a_restart(tmp_path: Path, database: str) -> None:
    with opened(tmp_path, database) as first:
        made = first.subscribed()
        form = first.hub.subscriptions[made.callback]
    with opened(tmp_path, database, now=MORNING + HOUR) as second:
        again = f"http://127.0.0.1:{second.port}/websub/{made.token}"
        second.hub.subscriptions[again] = form
        assert second.hub.pushes(feed(BARLEY)).status == 202
        second.public = made.callback.partition("/websub/")[0]
        assert second.asks() == 0
        assert [result.new for result in second.reads()] == [1]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param({"name": "other"}, "the source is no longer in feeds.yaml", id="removed"),
        pytest.param({"paused": True}, "the source is paused", id="paused"),
        pytest.param({"websub": False}, "`websub` is false", id="switched off"),
        pytest.param({"headers": {"Authorization": "x"}}, "its address is not for strangers", id="private"),
    ],
)
def test_who_is_not_to_be_pushed_any_more_is_unsubscribed(desk: Desk, source: dict[str, Any], why: str) -> None:
    made = desk.subscribed()
    desk.hub.pushes(feed(BARLEY))
    desk.source = source
    assert desk.asks() == 1
    assert desk.hub.modes == ["subscribe", "unsubscribe"]
    assert desk.hub.subscriptions == {}
    assert desk.rows == []
    assert f"no longer pushed by the hub 127.0.0.1: {why}" in desk.events
    assert "unsubscribed at the hub 127.0.0.1" in desk.events
    assert desk.hub.pushes(feed(BARLEY), to=made.callback).status == 410
    assert desk.waiting == 0
    assert desk.asks() == 0


def test_a_hub_that_does_not_hear_an_unsubscription_is_left_in_the_end(here: Desk) -> None:
    made = here.subscribed()
    here.hub.status = 500
    here.source = {"paused": True}
    for _ in range(websub.ENDING_TRIES):
        assert here.asks() == 1
        here.now += HOUR * 6
    assert here.hub.pushes(feed(BARLEY), to=made.callback).status == 410
    here.asks()
    assert here.rows == []


@pytest.mark.parametrize("changed", ["hub", "topic"])
def test_another_hub_or_topic_is_subscribed_to_in_place_of_the_old(here: Desk, changed: str) -> None:
    old = here.subscribed()
    if changed == "hub":
        here.polled(hubs=(here.hub.url + "/second",))
    else:
        here.polled(topic="https://wire.example/other")
    assert here.asks() == 2
    assert sorted(here.hub.modes) == ["subscribe", "subscribe", "unsubscribe"]
    assert here.push.token != old.token
    assert here.state == "verified"
    assert set(here.hub.subscriptions) == {here.push.callback}


def test_a_feed_that_names_no_hub_any_more_is_unsubscribed(here: Desk) -> None:
    here.subscribed()
    here.polled(hubs=())
    here.asks()
    assert here.rows == []


def test_without_a_public_address_no_hub_is_asked(here: Desk) -> None:
    here.public = None
    here.polled()
    assert here.rows == []
    assert here.asks() == 0
    assert here.hub.asked == []


def test_when_the_public_address_goes_nothing_is_left(here: Desk) -> None:
    here.subscribed()
    here.public = None
    here.asks()
    assert here.rows == []
    assert here.hub.modes == ["subscribe"], "there is no address under which a hub could verify it"


def test_a_hub_inside_the_network_is_refused(here: Desk) -> None:
    here.poll = {"allow_private_networks": False}
    here.polled()
    here.asks()
    assert here.hub.asked == []
    assert "not a public address" in here.push.reason
    assert here.push.failures == 1


@pytest.mark.parametrize("size", [200_001, 5_000_000])
def test_more_than_a_feed_may_hold_is_refused(here: Desk, size: int) -> None:
    here.subscribed()
    assert here.hub.pushes(b"x" * size).status == 413
    assert here.waiting == 0
    assert here.hub.pushes(b"x" * 200_000).status == 202


def test_elsewhere_the_old_limit_stands(here: Desk) -> None:
    here.subscribed()
    token = f"http://127.0.0.1:{here.port}/u/unknown"
    assert (
        here.hub.pushes(b"confirm=" + b"x" * 100_000, to=token, kind="application/x-www-form-urlencoded").status == 413
    )


def test_the_oldest_goes_when_too_many_wait(desk: Desk) -> None:
    desk.subscribed()
    for number in range(websub.MOST_WAITING + 2):
        desk.hub.pushes(feed(replace(BARLEY, guid=str(number), title=f"Barley {number}")))
    assert desk.waiting == websub.MOST_WAITING
    assert desk.events.count("1 pushed by the hub 127.0.0.1 dropped: more than 10 wait") == 2
    desk.reads()
    assert desk.titles == {f"Barley {number}" for number in range(2, websub.MOST_WAITING + 2)}


def test_what_cannot_be_read_is_polled_for(here: Desk) -> None:
    here.subscribed()
    here.hub.pushes(b"<html><p>Something changed.</p></html>", kind="text/html")
    here.now += HOUR
    (result,) = here.reads()
    assert result.outcome == "failed"
    assert result.reason.startswith("what the hub 127.0.0.1 pushed cannot be read")
    assert here.waiting == 0
    with reading(here.app.engine) as conn:
        state = sources.load(conn, ["wire"])["wire"]
    assert (state.due, state.reason) == (here.now, "its hub pushed what cannot be read")


def test_what_waits_for_a_paused_source_is_dropped(here: Desk) -> None:
    here.subscribed()
    here.hub.pushes(feed(BARLEY))
    here.source = {"paused": True}
    assert here.reads() == ()
    assert (here.waiting, here.titles) == (0, set())


def test_the_callback_works_below_a_prefix(here: Desk) -> None:
    with behind("/desk/news", here.port) as public:
        here.public = f"{public}/"
        made = here.subscribed()
        assert made.callback == f"{public}/websub/{made.token}"
        assert made.state == "verified"
        assert here.hub.pushes(feed(BARLEY)).status == 202
        assert [result.new for result in here.reads()] == [1]


@pytest.mark.parametrize(
    ("lease", "until"),
    [
        pytest.param("3600", HOUR, id="an hour"),
        pytest.param("99999999", timedelta(days=30), id="years"),
        pytest.param(None, websub.LEASE, id="not said"),
        pytest.param("0", websub.LEASE, id="none"),
        pytest.param("-5", websub.LEASE, id="negative"),
        pytest.param("soon", websub.LEASE, id="no number"),
    ],
)
def test_a_lease_is_taken_within_bounds(here: Desk, lease: str | None, until: timedelta) -> None:
    here.hub.lease = lease
    assert here.subscribed().lease_until == MORNING + until


def test_the_database_and_the_rule_agree_on_who_is_at_work(desk: Desk) -> None:
    cases = [
        {"state": state, "lease_until": lease, "last_push": last}
        for state in get_args(PushState)
        for lease in (None, MORNING, MORNING + HOUR)
        for last in (None, MORNING - HOUR)
    ]
    made = desk.subscribed()
    rows = [replace(made, token=str(at), source=f"s{at}", **case) for at, case in enumerate(cases)]
    with writing(desk.app.engine) as conn:
        for row in rows:
            pushes.save(conn, row)
    assert desk.active == {row.source for row in rows if websub.is_active(row, MORNING)}
    assert len(desk.active) == 1


@pytest.mark.parametrize("named_in", ["the header", "the feed"])
def test_from_the_feed_to_the_readers_by_way_of_polls_alone(desk: Desk, named_in: str) -> None:
    """A source that is pushed is polled far less often; when its hub falls silent, as before."""
    with site_at("127.0.0.1") as site:
        url = site.url("/feed")
        links = f'<{desk.hub.url}>; rel="hub", <{url}>; rel="self"'
        atom = "".join(
            f"<link xmlns='http://www.w3.org/2005/Atom' rel='{rel}' href='{href}'/>"
            for rel, href in (("hub", desk.hub.url), ("self", url))
        )

        def tells(*articles: Article) -> None:
            kind = {"Content-Type": "application/rss+xml"}
            if named_in == "the header":
                site.gives("/feed", feed(*articles), headers=kind | {"Link": links})
            else:
                body = feed(*articles).replace(b"<description/>", b"<description/>" + atom.encode(), 1)
                site.gives("/feed", body, headers=kind)

        tells(BARLEY)
        desk.source = {"url": url, "every": "30m"}
        desk.poll = {"max": "5h", "min": "1m"}
        first = polled(desk)
        assert timedelta(minutes=30) <= first.due - desk.now <= timedelta(minutes=33)
        assert desk.state == "verified"
        assert desk.hub.asked[0]["hub.topic"] == url
        desk.hub.pushes(feed(SAMPLES))
        desk.now = first.due
        pushed = polled(desk)
        assert desk.titles == {BARLEY.title, SAMPLES.title}
        assert timedelta(hours=5) <= pushed.due - desk.now <= timedelta(hours=5.5), "poll.max still holds"
        assert pushed.reason.startswith("pushed by the hub 127.0.0.1, last 2020-05-14T05:00:00Z, lease until")
        assert "pushed by the hub" in desk.explained()["next poll"]
        for news in ((ROCKET,), (ROCKET, CANOLA)):
            desk.now = polled(desk).due
            tells(BARLEY, SAMPLES, *news)
        last = polled(desk)
        assert desk.state == "silent"
        assert timedelta(minutes=30) <= last.due - desk.now <= timedelta(minutes=33)


def polled(desk: Desk) -> PollState:
    """Everything that a tick of the daemon does about sources."""
    app = App(desk.config, clock=desk.clock)
    try:
        app.poll()
    finally:
        app.close()
    desk.hub.settled()
    with reading(desk.app.engine) as conn:
        return sources.load(conn, ["wire"])["wire"]
