"""What is asked of hubs and believed of them, decided without a network."""

import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.collect import websub
from aggregator.collect.websub import Offer
from aggregator.model import Hints, Page, Push, Pushed

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEED = "https://news.example.co.uk/feed.xml"
HUB = "https://hub.example/"
PUSH = Push(
    token="t",
    source="wire",
    hub=HUB,
    topic=FEED,
    callback="https://desk.example/websub/t",
    secret="s" * 43,
    since=NOW,
    due=NOW,
)
AT_WORK = replace(
    PUSH, state="verified", asked_at=NOW, lease_until=NOW + 7 * DAY, due=NOW + 5 * DAY, last_push=NOW - HOUR
)


def found(url: str = FEED, **headers: str) -> Page:
    return Page(url=url, final_url=url, status=200, headers=headers)


@pytest.mark.parametrize(
    ("self_url", "topic"),
    [
        pytest.param(None, FEED, id="the feed says nothing"),
        pytest.param(FEED, FEED, id="where we found it"),
        pytest.param(
            "https://feeds.example.co.uk/rss", "https://feeds.example.co.uk/rss", id="another host of its own"
        ),
        pytest.param(
            "http://news.example.co.uk/feed.xml", "http://news.example.co.uk/feed.xml", id="by another scheme"
        ),
        pytest.param("https://other.co.uk/feed.xml", FEED, id="another's site under the same suffix"),
        pytest.param("https://example.co.uk.evil.example/", FEED, id="a site that sounds alike"),
        pytest.param("ftp://news.example.co.uk/", FEED, id="no web address"),
        pytest.param("https://news.example.co.uk:bad/", FEED, id="no address at all"),
    ],
)
def test_the_topic_is_what_the_feed_calls_itself_on_its_own_site(self_url: str | None, topic: str) -> None:
    assert websub.offer(Hints(hubs=(HUB,), self_url=self_url), found()) == Offer(HUB, topic)


@pytest.mark.parametrize(
    ("page_url", "self_url", "topic"),
    [
        pytest.param("http://127.0.0.1:8/a", "http://127.0.0.2:8/a", "http://127.0.0.1:8/a", id="two IP addresses"),
        pytest.param("http://127.0.0.1:8/a", "http://127.0.0.1:8/b", "http://127.0.0.1:8/b", id="one IP address"),
        pytest.param("http://[::1]:8/a", "http://[::1]/b", "http://[::1]/b", id="one of IPv6"),
        pytest.param("http://wiki/a", "http://blog/a", "http://wiki/a", id="names without a dot"),
        pytest.param(
            "https://a.github.io/", "https://b.github.io/", "https://a.github.io/", id="two tenants of one host"
        ),
    ],
)
def test_a_site_is_what_somebody_registered(page_url: str, self_url: str, topic: str) -> None:
    assert websub.offer(Hints(hubs=(HUB,), self_url=self_url), found(page_url)) == Offer(HUB, topic)


@pytest.mark.parametrize(
    ("hubs", "hub"),
    [
        pytest.param(("http://plain.example/", HUB), HUB, id="the encrypted one"),
        pytest.param(("http://plain.example/", "http://second.example/"), "http://plain.example/", id="else the first"),
        pytest.param(("javascript:alert(1)", HUB), HUB, id="not what is no web address"),
        pytest.param((HUB + "x" * 3000, "http://plain.example/"), "http://plain.example/", id="not a monster"),
    ],
)
def test_one_hub_is_chosen(hubs: tuple[str, ...], hub: str) -> None:
    offer = websub.offer(Hints(hubs=hubs), found())
    assert offer is not None
    assert offer.hub == hub


@pytest.mark.parametrize("hubs", [(), ("mailto:hub@example.org",), ("",)])
def test_without_a_hub_nothing_is_offered(hubs: tuple[str, ...]) -> None:
    assert websub.offer(Hints(hubs=hubs), found()) is None


def test_an_address_with_a_user_in_it_is_no_topic() -> None:
    assert websub.offer(Hints(hubs=(HUB,)), found("https://me:secret@news.example/feed")) is None


@pytest.mark.parametrize(
    "link",
    [
        '<https://first.example/>; rel="hub", <https://www.example.co.uk/a>; rel="self"',
        "<https://first.example/>;rel=hub,<https://www.example.co.uk/a>;rel=self",
        '<https://www.example.co.uk/a>; title="a, b"; REL="alternate SELF", <//first.example/>; rel="Hub"',
    ],
)
def test_the_answers_header_goes_before_the_document(link: str) -> None:
    offer = websub.offer(Hints(hubs=(HUB,), self_url=FEED), found(link=link))
    assert offer == Offer("https://first.example/", "https://www.example.co.uk/a")


@given(st.text())
def test_no_header_is_too_strange(link: str) -> None:
    offer = websub.offer(Hints(), found(link=link))
    assert offer is None or offer.hub.startswith(("http://", "https://"))


@given(st.binary(), st.text(max_size=80))
def test_only_the_secret_signs(body: bytes, guess: str) -> None:
    right = hmac.new(PUSH.secret.encode(), body, "sha256").hexdigest()
    assert websub.is_signed(PUSH, f"sha256={right}", body)
    assert websub.is_signed(PUSH, f"SHA256={right.upper()}", body)
    assert not websub.is_signed(PUSH, f"sha256={right}", body + b"\0")
    assert not websub.is_signed(PUSH, f"sha512={right}", body)
    assert not websub.is_signed(PUSH, guess, body)
    assert not websub.is_signed(PUSH, f"sha256={guess}", body)


@given(st.lists(st.sampled_from(["ask", "verify", "push", "miss", "deny", "wait"]), max_size=30))
def test_a_hub_is_relied_upon_only_while_it_pushes_under_a_lease(steps: list[str]) -> None:
    push, now, since_push = PUSH, NOW, None
    for step in steps:
        now += HOUR
        match step:
            case "ask":
                push = websub.asked(push, now)
                assert now < push.due <= now + DAY
            case "verify":
                if push.asked_at is not None and push.state in {"asked", "verified", "silent"}:
                    push = websub.verified(push, "7200", now)
                    assert now < push.due
            case "push":
                push, since_push = websub.received(push, now), 0
            case "miss":
                push = websub.polled(push, 1, now)
                since_push = None if since_push is None else since_push + 1
            case "deny":
                push = websub.denied(push, "", now)
            case _:
                now += DAY
        if websub.is_active(push, now):
            assert push.state == "verified"
            assert push.lease_until is not None
            assert push.lease_until > now
            assert since_push is not None


@pytest.mark.parametrize(
    "push",
    [
        pytest.param(replace(AT_WORK, lease_until=NOW), id="the lease has run out"),
        pytest.param(replace(AT_WORK, last_push=None), id="nothing was pushed yet"),
        pytest.param(replace(AT_WORK, state="silent"), id="silent"),
        pytest.param(replace(AT_WORK, state="denied"), id="denied"),
        pytest.param(PUSH, id="not asked yet"),
    ],
)
def test_who_is_polled_as_before(push: Push) -> None:
    assert websub.why(push, NOW) == ""


def test_who_is_polled_less_often_and_why() -> None:
    assert websub.why(AT_WORK, NOW) == (
        "pushed by the hub hub.example, last 2020-05-14T11:00:00Z, lease until 2020-05-21T12:00:00Z"
    )


def test_a_short_lease_is_not_renewed_at_every_tick() -> None:
    push = websub.verified(websub.asked(PUSH, NOW), "3", NOW)
    assert push.lease_until == NOW + timedelta(seconds=3)
    assert push.due == NOW + timedelta(minutes=5)


def test_a_reading_of_what_was_pushed_starts_at_the_topic() -> None:
    pushed = Pushed(
        id=1, source="wire", hub=HUB, topic=FEED, at=NOW, content_type="application/atom+xml", body=b"<feed/>"
    )
    page = websub.page(pushed)
    assert (page.final_url, page.status, page.body) == (FEED, 200, b"<feed/>")
    assert page.headers == {"content-type": "application/atom+xml"}


def test_what_a_poll_found_is_no_fault_of_a_hub_that_never_pushed() -> None:
    push = replace(AT_WORK, last_push=None)
    for _ in range(5):
        push = websub.polled(push, 3, NOW)
    assert push.state == "verified"
