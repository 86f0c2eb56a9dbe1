"""What sites see of us, with their own request logs as witnesses."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.poller import AGENT, START, Poller, conditional, feed, feed_at, paths, polling
from tests.support.site import Handler, Site

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEED = feed("a", "b", "c")
IN_EIGHT_HOURS = "in eight hours"


@pytest.fixture
def poller(tmp_path: Path) -> Iterator[Poller]:
    with polling(tmp_path) as found:
        yield found


@pytest.fixture
def other(open_site: Callable[[str], Site]) -> Site:
    return open_site("127.0.0.2")


# --- validators ------------------------------------------------------------------------------------------

ODD = {
    "strong": {"ETag": '"abc"'},
    "weak": {"ETag": 'W/"abc"'},
    "weak in small letters": {"ETag": "w/abc"},
    "unquoted": {"ETag": "abc def"},
    "half quoted": {"ETag": '"abc'},
    "empty quotes": {"ETag": '""'},
    "with commas": {"ETag": '"a,b", W/"c"'},
    "a date that is none": {"Last-Modified": "yesterday, about noon"},
    "a date in another form": {"Last-Modified": "2020-05-14T10:00:00+08:00"},
    "a date with its day wrong": {"Last-Modified": "Mon, 14 May 2020 10:00:00 GMT"},
    "nought": {"Last-Modified": "0"},
    "both": {"ETag": 'W/"1"', "Last-Modified": "Thu, 14 May 2020 10:00:00 GMT"},
}


@pytest.mark.parametrize("given", ODD.values(), ids=ODD.keys())
def test_validators_go_back_to_the_letter(poller: Poller, site: Site, given: dict[str, str]) -> None:
    poller.source(site.gives("/feed", FEED, headers=given))
    poller.poll()
    poller.due()
    first, second = site.log
    assert not conditional(first)
    assert second.headers.get("if-none-match") == given.get("ETag")
    assert second.headers.get("if-modified-since") == given.get("Last-Modified")


def sent(poller: Poller, site: Site) -> str | None:
    """The ETag that goes along at the next poll."""
    poller.due()
    return site.log[-1].headers.get("if-none-match")


def test_the_newest_validators_go_back(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", FEED, headers={"ETag": '"1"'}))
    poller.poll()
    site.gives("/feed", FEED, headers={"ETag": '"2"'})
    assert sent(poller, site) == '"1"'
    site.gives("/feed", status=304, headers={"ETag": '"3"'})
    assert sent(poller, site) == '"2"', "the body was the same, its validator was not"
    site.gives("/feed", status=304)
    assert sent(poller, site) == '"3"', "a 304 brought it"
    site.gives("/feed", FEED + b" ")
    assert sent(poller, site) == '"3"', "a 304 without one takes none away"
    assert sent(poller, site) is None, "the server has stopped sending one"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 500, "body": b"down"}, id="an error"),
        pytest.param({"status": 404, "body": b"none"}, id="not there"),
        pytest.param({"status": 200, "body": b"<html><body>Back soon</body></html>"}, id="a page that is no feed"),
    ],
)
def test_no_validator_is_taken_from_what_is_no_feed(poller: Poller, site: Site, answer: dict[str, Any]) -> None:
    poller.source(site.gives("/feed", FEED, headers={"ETag": '"good"'}))
    poller.poll()
    site.gives("/feed", headers={"ETag": '"bad"'}, **answer)
    for _ in range(3):
        assert sent(poller, site) == '"good"'
    site.gives("/feed", FEED, headers={"ETag": '"new"'})
    assert sent(poller, site) == '"good"'
    assert sent(poller, site) == '"new"'


def test_validators_belong_to_the_final_address_that_gave_them(poller: Poller, site: Site, other: Site) -> None:
    one = other.gives("/one", FEED, headers={"ETag": '"of one"'})
    two = other.gives("/two", FEED + b" ", headers={"ETag": '"of two"'})
    poller.source(site.redirects("/feed", 302, one))
    poller.poll()
    for target in (two, one, two, one):
        site.redirects("/feed", 302, target)
        poller.due()
    tags = [(asked.path, asked.headers.get("if-none-match")) for asked in other.log]
    later = [("/one", '"of one"'), ("/two", '"of two"'), ("/one", '"of one"')]
    assert tags == [("/one", None), ("/two", None), *later]
    assert not any(conditional(asked) for asked in site.log)


def test_a_cache_that_sends_no_validators_takes_away_no_others(poller: Poller, site: Site, other: Site) -> None:
    poller.source(site.gives("/feed", FEED, headers={"ETag": '"of the feed"'}))
    poller.poll()
    bare = other.gives("/bare", FEED, headers={"ETag": '"of the cache"'})
    site.redirects("/feed", 302, bare)
    poller.due()
    other.gives("/bare", FEED + b" ")
    poller.due()
    site.gives("/feed", FEED, headers={"ETag": '"of the feed"'})
    assert sent(poller, site) == '"of the feed"'


def test_in_a_week_with_restarts_force_and_failures_only_the_first_request_is_unconditional(
    poller: Poller, site: Site
) -> None:
    state = {"number": 0, "asked": 0}

    def answer(handler: Handler) -> None:
        """New bytes now and then, a failure now and then, a 304 else."""
        state["asked"] += 1
        tag = f'W/"{state["number"]}"'
        if state["asked"] % 7 == 3:
            handler.send_error(500)
            return
        if state["asked"] % 5 == 0:
            state["number"] += 1
            tag = f'W/"{state["number"]}"'
        if handler.headers.get("If-None-Match") == tag:
            handler.send_response(304)
            handler.end_headers()
            return
        body = feed(*(f"n{number}" for number in range(state["number"], -1, -1)))
        handler.send_response(200)
        for name, value in (("ETag", tag), ("Content-Length", str(len(body)))):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    site.answers["/feed"] = answer
    poller.source(site.url("/feed"), every="1h")
    while poller.now < START + 7 * DAY:
        poller.poll()
        poller.poll("sample")
        if poller.state().polls % 4 == 0:
            poller.restart()
        if poller.state().polls % 9 == 0:
            poller.poll(force=True)
        poller.now = max(poller.now + timedelta(minutes=40), poller.state().due)
    assert len(site.log) > 200
    assert [conditional(asked) for asked in site.log] == [False] + [True] * (len(site.log) - 1)
    assert len(poller.entries()) == state["number"] + 1
    assert not any({"cookie", "referer"} & set(asked.headers) for asked in site.log)
    assert {asked.headers["user-agent"] for asked in site.log} == {AGENT}


def test_a_source_whose_address_follows_its_redirect_keeps_what_is_known(poller: Poller, site: Site) -> None:
    new = site.gives("/new", FEED, headers={"ETag": '"1"'})
    poller.source(site.redirects("/old", 301, new))
    poller.poll()
    poller.source(new)
    poller.due()
    assert [conditional(asked) for asked in site.asked("/new")] == [False, True]


# --- waiting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 304, 404, 429, 500, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed_whatever_carries_it_and_also_when_forced(
    poller: Poller, site: Site, status: int, form: str
) -> None:
    poller.source(site.gives("/feed", FEED, headers={"ETag": '"1"'}))
    poller.poll()
    poller.now = poller.state().due
    wanted = "18000" if form == "seconds" else format_datetime(poller.now + 5 * HOUR, usegmt=True)
    body = FEED if status == 200 else b""
    site.gives("/feed", body, status=status, headers={"Retry-After": wanted})
    asked_at = poller.now
    poller.poll()
    count = len(site.log)
    for minutes in (1, 60, 239):
        poller.now = asked_at + timedelta(minutes=minutes)
        poller.poll(force=True)
        poller.poll("sample", force=True)
        poller.restart()
    assert len(site.log) == count
    assert "Retry-After 5 h" in poller.explained()
    poller.now = asked_at + 5 * HOUR
    poller.poll(force=True)
    assert len(site.log) == count + 1


def test_retry_after_is_capped_by_max_and_says_so(poller: Poller, site: Site) -> None:
    poller.settings = {"max": "6h"}
    poller.source(site.gives("/feed", status=503, headers={"Retry-After": "999999"}))
    poller.poll()
    assert timedelta(hours=6) <= poller.state().due - poller.now <= timedelta(hours=6.6)
    assert "held to poll.max 6 h" in poller.explained()


@pytest.mark.parametrize(
    ("status", "hours", "state"), [(429, 1, "throttled"), (403, 3, "blocked"), (401, 3, "blocked")]
)
def test_a_refusal_is_given_time(poller: Poller, site: Site, status: int, hours: int, state: str) -> None:
    poller.settings = {"every": "15m"}
    poller.source(site.gives("/feed", status=status))
    poller.poll()
    poller.after(timedelta(hours=hours, minutes=-1))
    assert len(site.log) == 1
    poller.after(timedelta(hours=hours))
    assert len(site.log) == 2
    assert poller.state().state == state


def test_a_feed_that_is_gone_is_not_asked_again(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", status=410))
    poller.poll()
    for _ in range(5):
        poller.now += 30 * DAY
        poller.poll(force=True)
        poller.poll("sample", force=True)
    assert len(site.log) == 1
    assert poller.state().state == "gone"


@pytest.mark.parametrize("status", [404, 500])
def test_what_fails_is_asked_ever_more_seldom_and_never_given_up(poller: Poller, site: Site, status: int) -> None:
    poller.source(site.gives("/feed", status=status))
    poller.poll()
    asked = [poller.now]
    for _ in range(40):
        poller.due()
        asked.append(poller.now)
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert len(site.asked("/feed")) == 41
    assert max(pauses) <= 7 * DAY * 1.1
    assert pauses[-1] >= 7 * DAY
    assert poller.state().failures == 41
    site.gives("/feed", FEED)
    poller.due()
    assert (poller.state().state, poller.state().failures) == ("ok", 0)


def test_a_host_that_is_not_there_is_treated_alike(poller: Poller, site: Site) -> None:
    dead = site.url("/feed", host="127.0.0.3")
    poller.source(dead)
    for _ in range(4):
        poller.poll("sample")
    state = poller.state()
    assert (state.state, state.failures) == ("failing", 4)
    assert 8 * HOUR <= state.due - poller.now <= 8.8 * HOUR


@pytest.mark.parametrize(
    ("headers", "channel", "hours", "rule"),
    [
        pytest.param({"Cache-Control": "max-age=21600"}, "", 6, "max-age 6 h", id="max-age"),
        pytest.param({"Expires": IN_EIGHT_HOURS}, "", 8, "max-age 8 h", id="Expires"),
        pytest.param({"Expires": IN_EIGHT_HOURS, "Cache-Control": "max-age=7200"}, "", 2, "max-age 2 h", id="both"),
        pytest.param({}, "<ttl>240</ttl>", 4, "ttl 4 h", id="ttl"),
        pytest.param(
            {},
            "<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>daily</sy:updatePeriod>"
            "<sy:updateFrequency xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>4</sy:updateFrequency>",
            6,
            "sy:updatePeriod 6 h",
            id="sy:updatePeriod",
        ),
        pytest.param(
            {},
            "<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(13, 20)) + "</skipHours>",
            8,
            "skips 13 h UTC",
            id="skipHours",
        ),
        pytest.param({}, "<skipDays><day>Thursday</day></skipDays>", 12, "skips Thursdays", id="skipDays"),
    ],
)
def test_what_is_asked_for_is_obeyed_and_remembered_through_a_304(  # noqa: PLR0917  the columns of a table
    poller: Poller, site: Site, headers: dict[str, str], channel: str, hours: int, rule: str
) -> None:
    poller.settings = {"every": "1h", "max": "2d"}
    if headers.get("Expires") == IN_EIGHT_HOURS:  # by the server's own clock, which it tells with each answer
        later = datetime.now(UTC) + 8 * HOUR + timedelta(minutes=2)
        headers = headers | {"Expires": format_datetime(later, usegmt=True)}
    site.gives("/feed", feed("a", channel=channel), headers={"ETag": '"1"'} | headers)
    poller.source(site.url("/feed"), every="1h")
    poller.poll()
    assert hours * HOUR <= poller.state().due - START + timedelta(minutes=1)
    assert poller.state().due - START <= (hours + 1) * HOUR
    assert rule in poller.explained()
    if "Expires" not in headers and "skip" not in channel:
        site.gives("/feed", status=304)
        poller.due()
        assert poller.state().due - poller.now >= hours * HOUR


def test_a_304_changes_how_long_an_answer_stays_fresh(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", FEED, headers={"ETag": '"1"'}), every="1h")
    poller.poll()
    site.gives("/feed", status=304, headers={"Cache-Control": "max-age=36000"})
    poller.due()
    assert poller.state().due - poller.now >= 10 * HOUR


def test_the_interval_follows_the_sources_own_rhythm(poller: Poller, site: Site) -> None:
    busy = feed(*(f"b{number}" for number in range(60)), hours=1)
    weekly = feed(*(f"w{number}" for number in range(10)), hours=7 * 24)
    silent = feed_at(START - 300 * DAY, *(f"s{number}" for number in range(10)), hours=24)
    for name, body in (("busy", busy), ("weekly", weekly), ("silent", silent)):
        poller.source(site.gives(f"/{name}", body), name)
    poller.poll()
    waits = {name: poller.state(name).due - START for name in ("busy", "weekly", "silent")}
    assert timedelta(minutes=15) <= waits["busy"] <= timedelta(minutes=20)
    assert waits["busy"] < waits["weekly"] <= waits["silent"]
    assert DAY <= waits["silent"] <= 1.1 * DAY
    assert "its own rhythm: 168 entries a week" in poller.explained("busy")


def test_by_night_a_source_that_sleeps_is_asked_less(poller: Poller, site: Site) -> None:
    """Five entries a day, all of them between 11 and 12 o'clock."""
    days = (
        feed_at(START - timedelta(minutes=5), *(f"d{number}" for number in range(8)), hours=24)
        .decode()
        .replace("</channel></rss>", "")
    )
    more = "".join(
        feed_at(START - timedelta(minutes=10 * part), *(f"p{part}-{number}" for number in range(8)), hours=24)
        .decode()
        .partition("<title>News</title>")[2]
        .replace("</channel></rss>", "")
        for part in range(1, 5)
    )
    poller.source(site.gives("/feed", f"{days}{more}</channel></rss>".encode()))
    poller.poll()
    at_noon = poller.state().due - START
    poller.now = START + 22.6 * HOUR
    poller.poll("sample")
    before_eleven = poller.state().due - poller.now
    assert before_eleven < at_noon / 2


def test_a_thousand_overdue_sources_have_their_turn_one_after_the_other(poller: Poller, site: Site) -> None:
    for number in range(60):
        poller.source(site.gives(f"/{number}", feed(f"e{number}")), f"s{number}")
    assert len(poller.poll(most=10).results) == 60, "those that are new are asked at once"
    poller.now += 3 * DAY
    assert [len(poller.poll(most=25).results) for _ in range(4)] == [25, 25, 10, 0]
    assert len({poller.state(f"s{number}").due for number in range(60)}) > 50


# --- where we ask ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_move_is_adopted_at_the_third_poll(poller: Poller, site: Site, status: int) -> None:
    poller.source(site.redirects("/old", status, site.gives("/new", FEED, headers={"ETag": '"1"'})))
    poller.poll()
    for _ in range(4):
        poller.due()
    assert paths(site) == ["/old", "/new"] * 3 + ["/new"] * 2
    assert poller.state().state == "moved"
    assert "address adopted" in poller.explained()
    assert [conditional(asked) for asked in site.asked("/new")] == [False] + [True] * 4


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_one_never(poller: Poller, site: Site, status: int) -> None:
    poller.source(site.redirects("/old", status, site.gives("/new", FEED)))
    for _ in range(6):
        poller.poll("sample")
    assert paths(site) == ["/old", "/new"] * 6
    assert poller.state().adopted_url is None


@pytest.mark.parametrize(
    "then",
    [
        pytest.param({"status": 404}, id="nothing is there"),
        pytest.param({"body": b"<html><body>Domain for sale</body></html>"}, id="a page"),
        pytest.param({"body": feed("x", "y", title="Cheap watches")}, id="another feed"),
    ],
)
def test_an_adopted_address_that_is_that_feed_no_more_is_taken_back(
    poller: Poller, site: Site, then: dict[str, Any]
) -> None:
    poller.source(site.redirects("/old", 301, site.gives("/new", FEED)))
    for _ in range(3):
        poller.poll("sample")
    assert poller.state().adopted_url == site.url("/new")
    site.gives("/new", **then)
    site.gives("/old", FEED)
    poller.due()
    assert poller.state().adopted_url is None
    assert set(poller.entries()) == {"a", "b", "c"}
    poller.due()
    assert paths(site)[-1] == "/old"
    assert poller.state().state == "ok"
    assert "back to the configured one" in poller.explained()


def test_credentials_and_own_headers_go_to_their_own_host_only(poller: Poller, site: Site, other: Site) -> None:
    target = other.gives("/feed", FEED)
    poller.source(site.redirects("/basic", 301, target), "basic", basic="desk:s3cret", headers={"X-Key": "k"})
    poller.source(site.redirects("/bearer", 302, target), "bearer", bearer="t0ken")
    for _ in range(5):
        poller.poll("basic", "bearer")
    said = {asked.path: asked.headers for asked in site.log}
    assert said["/basic"]["authorization"] == "Basic ZGVzazpzM2NyZXQ="
    assert said["/basic"]["x-key"] == "k"
    assert said["/bearer"]["authorization"] == "Bearer t0ken"
    assert other.log
    assert not any({"authorization", "x-key", "cookie"} & set(asked.headers) for asked in other.log)


def test_a_source_is_asked_through_its_proxy(poller: Poller, site: Site, other: Site) -> None:
    """A proxy is asked for the whole address; it is another server than the one that is named."""
    other.gives("http://feeds.example/rss", FEED)
    poller.source("http://feeds.example/rss", proxy=other.url("").rstrip("/"))
    (result,) = poller.poll().results
    assert (result.outcome, result.new) == ("read", 3)
    assert paths(other) == ["http://feeds.example/rss"]


# --- together --------------------------------------------------------------------------------------------


def test_a_domain_that_says_too_many_is_asked_more_slowly_from_then_on(poller: Poller, site: Site) -> None:
    """A bare address: its feeds are slowed down together, yet none waits for the Retry-After of another."""
    for number in range(6):
        poller.source(site.gives(f"/{number}", feed(f"e{number}")), f"s{number}")
    site.gives("/0", status=429, headers={"Retry-After": "3600"})
    poller.poll()
    assert len(site.log) == 6
    assert "1 s between two requests" in poller.explained("s1")
    poller.restart()
    poller.now += 2 * HOUR
    poller.sources = poller.sources[1:4]
    poller.poll()
    times = [asked.at for asked in site.log[-3:]]
    assert all(later - earlier >= 0.95 for earlier, later in pairwise(times))


def test_the_pause_that_one_feed_of_a_domain_is_given_holds_for_all_of_it(poller: Poller, other: Site) -> None:
    """Names of one registrable domain, reached through a proxy: there is no name server here."""
    proxy = other.url("").rstrip("/")
    poller.settings = {"per_host": 1}
    for name in ("a", "b", "c"):
        url = f"http://{name}.news.co.uk/feed"
        other.gives(url, feed(name))
        poller.source(url, name, proxy=proxy)
    other.gives("http://a.news.co.uk/feed", status=429, headers={"Retry-After": "7200"})
    outcomes = [result.outcome for result in poller.poll().results]
    assert sorted(outcomes) == ["failed", "held", "held"]
    assert len(other.log) == 1
    held = poller.state("b")
    assert (held.state, held.failures) == ("new", 0)
    assert 2 * HOUR <= held.due - START <= 2.2 * HOUR
    assert "news.co.uk asked for a pause" in poller.explained("b")
    poller.now = START + HOUR
    poller.poll("b", "c")
    assert len(other.log) == 1, "remembered, and not to be forced"
    poller.now = START + 3 * HOUR
    poller.poll("b", "c")
    assert len(other.log) == 3


def test_a_domain_is_held_no_longer_than_max(poller: Poller, other: Site) -> None:
    poller.settings = {"max": "6h"}
    other.gives("http://a.news.co.uk/feed", status=429, headers={"Retry-After": "999999"})
    poller.source("http://a.news.co.uk/feed", proxy=other.url("").rstrip("/"))
    poller.poll()
    (result,) = poller.due().results
    assert (result.outcome, len(other.log)) == ("failed", 2)
    assert poller.now - START <= 6.6 * HOUR


# --- what was missed -------------------------------------------------------------------------------------


def test_a_gap_is_told_and_the_source_asked_more_often_for_a_while(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", feed("a", "b")), every="8h")
    poller.poll()
    site.gives("/feed", feed("x", "y"))
    (result,) = poller.due().results
    assert result.gap
    assert poller.state().due - poller.now <= 4.4 * HOUR
    assert "gap: no entry in common" in poller.explained()
    site.gives("/feed", feed("z", "x", "y"))
    (result,) = poller.due().results
    assert not result.gap
    assert 4.9 * HOUR <= poller.state().due - poller.now <= 5.6 * HOUR


def test_after_a_gap_the_pages_of_older_entries_are_read_back_to_where_we_were(poller: Poller, site: Site) -> None:
    def channel(path: str, rel: str = "prev-archive") -> str:
        return f"<atom:link rel='{rel}' href='{path}'/>"

    poller.source(site.gives("/feed", feed("a", "b", channel=channel("/1"))), every="12h")
    poller.poll()
    newest = START + 6 * HOUR
    site.gives("/feed", feed_at(newest, "h", "g", channel=channel("/2")))
    site.gives("/2", feed_at(newest - 2 * HOUR, "f", "e", channel=channel("/1")))
    site.gives("/1", feed_at(newest - 4 * HOUR, "d", "c", "a", channel=channel("/0")))
    site.gives("/0", feed("never"))
    poller.due()
    assert paths(site) == ["/feed", "/feed", "/2", "/1"]
    found = poller.entries()
    assert set(found) == set("abcdefgh")
    assert all(found[guid].news for guid in "cdefgh")


def test_a_first_poll_reads_no_archive(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", feed("a", channel="<atom:link rel='prev-archive' href='/1'/>")))
    poller.poll()
    assert paths(site) == ["/feed"]


def test_pages_of_older_entries_that_lead_in_a_circle_end(poller: Poller, site: Site) -> None:
    link = "<atom:link rel='next' href='{}'/>"
    poller.source(site.gives("/feed", feed("a")))
    poller.poll()
    site.gives("/feed", feed("x", channel=link.format("/1")))
    site.gives("/1", feed("y", channel=link.format("/2")))
    site.gives("/2", feed("z", channel=link.format("/1")))
    poller.due()
    assert paths(site) == ["/feed", "/feed", "/1", "/2"]


# --- the ledger ------------------------------------------------------------------------------------------


def test_every_fetch_has_its_line_and_the_oldest_make_room(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/feed", FEED, headers={"ETag": '"1"'}), every="15m")
    poller.poll()
    (line,) = poller.ledger()
    assert (line.status, line.received, line.new, line.outcome) == (200, len(FEED), 3, "3 new, 0 changed")
    assert line.took > 0
    site.gives("/feed", status=304)
    poller.due()
    site.gives("/feed", status=500)
    poller.due()
    newest = poller.ledger()
    assert [line.status for line in newest] == [500, 304, 200]
    assert newest[0].outcome.startswith("failed: the server answered 500")
    site.gives("/feed", status=304)
    for _ in range(70):
        poller.due()
    assert [line.status for line in poller.ledger()] == [304] * 60
