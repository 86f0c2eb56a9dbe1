"""Old posts under new names add nothing, and what comes as a flood waits for an operator."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from aggregator.store import entries
from aggregator.store.engine import reading
from tests.support.newsroom import Newsroom, opened
from tests.support.poller import START, Poller, polling
from tests.support.site import Site

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Post:
    guid: str
    title: str
    link: str
    text: str = ""
    at: datetime | None = None


def feed(*posts: Post, title: str = "The Delta Gazette") -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(post.guid)}</guid><title>{escape(post.title)}</title>"
        f"<link>{escape(post.link)}</link><description>{escape(post.text)}</description>"
        + (f"<pubDate>{format_datetime(post.at)}</pubDate>" if post.at else "")
        + "</item>"
        for post in posts
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode()


PLACES = [
    "Hangzhou",
    "Ningbo",
    "Chengdu",
    "Harbin",
    "Xiamen",
    "Lanzhou",
    "Dalian",
    "Kunming",
    "Hefei",
    "Urumqi",
    "Nanning",
    "Guiyang",
]
THINGS = [
    (
        "opens a ferry line across the estuary",
        "The first boat left the new pier at dawn with some forty passengers on it",
    ),
    (
        "bans lorries from its old centre",
        "Shopkeepers fear for their deliveries while residents welcome quieter nights",
    ),
    (
        "counts fewer swans on its lakes",
        "Volunteers walked the shores for three weekends and blamed the warm winter for it",
    ),
    ("sells its municipal brewery", "Two bidders from the coast remained in the last round which nobody had expected"),
    (
        "restores a theatre of the twenties",
        "Carpenters found painted ceilings behind plaster boards that hid them for decades",
    ),
    ("moves its vegetable market", "Traders got eight weeks to take their stalls to the hall beyond the ring road"),
    ("lends bicycles to nurses", "Hospitals keep them in locked sheds from which each shift takes its own"),
    ("finds a well under its library", "Builders struck masonry while they dug the foundations of the reading room"),
]


def post(number: int, **values: Any) -> Post:
    place, (what, told) = PLACES[number % len(PLACES)], THINGS[number // len(PLACES) % len(THINGS)]
    said: dict[str, Any] = {
        "guid": f"tag:old-{number}",
        "title": f"{place} {what}",
        "link": f"https://gazette.example/2020/{number:04}/{place.lower()}-{what.replace(' ', '-')}",
        "text": f"{told}. So said the office of {place}, which gave no date for the next step. Its mayor called it modest.",
        "at": START - 2 * HOUR - number * DAY / 2,
    }
    return Post(**said | values)


OLD = [post(number) for number in range(20)]


@pytest.fixture
def poller(tmp_path: Path) -> Iterator[Poller]:
    with polling(tmp_path) as found:
        yield found


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with opened(tmp_path, f"sqlite:///{tmp_path / 'room.db'}") as made:
        yield made


def read(poller: Poller, site: Site, *posts: Post, after: timedelta = HOUR, title: str = "The Delta Gazette") -> Any:
    """What comes of the next poll, where the feed holds these."""
    site.gives("/feed", feed(*posts, title=title))
    poller.source(site.url("/feed"))
    poller.now += after
    (result,) = poller.poll("sample").results
    return result


def held(poller: Poller) -> list[str]:
    with reading(poller.engine) as conn:
        return entries.held_of(conn, "sample")


def ids(poller: Poller) -> dict[str, str]:
    """Of all that is kept and not held: id -> title."""
    return {stored.entry.id: stored.entry.title for stored in poller.entries().values()}


# --- old posts under new names ---------------------------------------------------------------------------


def moved(found: Post) -> Post:
    return replace(found, link=found.link.replace("gazette.example/2020", "delta.example/news"))


def typo_corrected(found: Post) -> Post:
    return replace(found, title=found.title.replace("n", "nn", 1).replace("its", "the"))


def with_a_footer(found: Post) -> Post:
    return replace(found, text=f"{found.text} Read on at the Delta, our new home: letters@delta.example")


CHANGES = {
    "new guids": lambda one, number: replace(one, guid=f"urn:uuid:{number}"),
    "new addresses": lambda one, _: moved(one),
    "new guids and addresses": lambda one, number: moved(replace(one, guid=f"?p={number}")),
    "guids that are the new addresses": lambda one, _: replace(moved(one), guid=moved(one).link),
    "https": lambda one, number: replace(one, guid=f"x{number}", link=one.link.replace("https", "http")),
    "new parameters": lambda one, number: replace(one, guid=f"x{number}", link=f"{one.link}?session={number}"),
    "numbers for addresses": lambda one, number: replace(
        one, guid=f"x{number}", link=f"https://gazette.example/?p={900 + number}"
    ),
    "dates set to now": lambda one, number: moved(replace(one, guid=f"x{number}", at=START + HOUR / 2)),
    "no dates any more": lambda one, number: moved(replace(one, guid=f"x{number}", at=None)),
    "another boilerplate": lambda one, number: with_a_footer(moved(replace(one, guid=f"x{number}"))),
    "typos corrected": lambda one, number: typo_corrected(moved(replace(one, guid=f"x{number}"))),
    "typos corrected, dates set to now": lambda one, number: typo_corrected(
        moved(replace(one, guid=f"x{number}", at=START + HOUR / 2))
    ),
    "cut texts": lambda one, number: moved(replace(one, guid=f"x{number}", text=one.text[:70] + "…")),
    "no texts, dates set to now": lambda one, number: moved(
        replace(one, guid=f"x{number}", text="", at=START + HOUR / 2)
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_old_posts_under_new_names_add_nothing(poller: Poller, site: Site, change: Any) -> None:
    read(poller, site, *OLD)
    before = ids(poller)
    result = read(poller, site, *(change(one, number) for number, one in enumerate(OLD)))
    assert (result.new, result.for_review, result.gap) == (0, 0, False)
    assert ids(poller).keys() == before.keys()
    again_ = read(
        poller, site, *(change(one, number) for number, one in enumerate(OLD)), Post("b", "Late", "", "", None)
    )
    assert (again_.new, again_.changed) == (1, 0), "and what is new among them is new"
