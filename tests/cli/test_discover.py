"""`sources discover`: from an address of any kind to the feeds behind it, asked for over loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator.config.load import load
from tests.support.site import Site, serving
from tests.support.workspace import Workspace, rss

EMPTY = b"<rss version='2.0'><channel><title>Nothing yet</title></channel></rss>"
FRONT = (
    b"<html><head>"
    b"<link rel=alternate type=application/rss+xml title='Comments' href=/comments/feed>"
    b"<link rel=alternate type=application/rss+xml title='Gone' href=/gone.xml>"
    b"<link rel=alternate type=application/rss+xml title='Sport' href=/category/sport/feed>"
    b"<link rel=alternate type=application/rss+xml title='Empty' href=/empty.xml>"
    b"<link rel=alternate type=application/rss+xml title='Main' href=/main.xml>"
    b"</head><body><h1>The Valley</h1></body></html>"
)


@pytest.fixture
def valley() -> Iterator[Site]:
    """A paper with a main feed, that of a part, one of comments, an empty and a dead one."""
    with serving("127.0.0.1") as site:
        site.gives("/", FRONT, headers={"Content-Type": "text/html"})
        site.gives("/main.xml", rss("The Valley", {"a": "A bridge is opened", "b": "The river rises"}))
        site.gives("/category/sport/feed", rss("Valley sport", {"s": "A match is won"}))
        site.gives("/comments/feed", rss("Valley comments", {"c": "I agree"}))
        site.gives("/empty.xml", EMPTY)
        yield site


def test_a_page_gives_its_feeds_the_likeliest_first(empty: Any, valley: Site) -> None:
    said = empty("sources", "discover", valley.url("/"), "--json")
    assert said.code == 0, said.err
    assert [row["title"] for row in said.rows] == ["The Valley", "Valley sport", "Nothing yet", "Valley comments"]
    first = said.rows[0]
    assert first["newest"].endswith("Z")
    assert {key: first[key] for key in ("number", "url", "format", "entries", "how", "configured")} == {
        "number": 1,
        "url": valley.url("/main.xml"),
        "format": "rss20",
        "entries": 2,
        "how": "link",
        "configured": None,
    }
    assert not valley.asked("/feed"), "the common places are for pages that name no feed"


def test_the_table_says_how_to_add_one(empty: Any, valley: Site) -> None:
    said = empty("sources", "discover", valley.url("/"))
    assert "The Valley" in said.out
    assert said.out.endswith(f"add one: aggregator sources add {valley.url('/main.xml')}\n")


def test_a_feed_is_its_own_answer(empty: Any, valley: Site) -> None:
    (row,) = empty("sources", "discover", valley.url("/main.xml"), "--json").rows
    assert (row["url"], row["how"], row["entries"]) == (valley.url("/main.xml"), "page", 2)
    assert [asked.path for asked in valley.log] == ["/main.xml"]


def test_a_feed_that_has_moved_for_good_is_offered_where_it_is(empty: Any, valley: Site) -> None:
    valley.redirects("/old", 301, "/main.xml")
    (row,) = empty("sources", "discover", valley.url("/old"), "--json").rows
    assert row["url"] == valley.url("/main.xml")


def test_a_bare_host_is_asked_securely_and_then_as_it_can_be(empty: Any, valley: Site) -> None:
    said = empty("sources", "discover", f"127.0.0.1:{valley.port}", "--json")
    assert said.rows[0]["url"] == valley.url("/main.xml"), said.err


def test_common_places_where_a_page_names_none(empty: Any, valley: Site) -> None:
    valley.gives("/blog/", b"<html><body>Welcome</body></html>")
    valley.gives("/blog/atom.xml", rss("The blog", {"x": "First post"}))
    rows = empty("sources", "discover", valley.url("/blog/"), "--json").rows
    assert [(row["url"], row["how"]) for row in rows] == [(valley.url("/blog/atom.xml"), "common place")]
    assert len(valley.log) <= 13


def test_at_most_a_dozen_of_what_a_page_names_is_asked(empty: Any, valley: Site) -> None:
    many = b"".join(b"<a href='/feed/%d'>RSS</a>" % number for number in range(40))
    valley.gives("/many", b"<html><body>" + many + b"</body></html>")
    assert empty("sources", "discover", valley.url("/many")).code == 1
    assert len([asked for asked in valley.log if asked.path.startswith("/feed/")]) == 12


def test_a_dead_address_of_a_living_site_leads_to_its_front_page(empty: Any, valley: Site) -> None:
    rows = empty("sources", "discover", valley.url("/old/feed.xml"), "--json").rows
    assert rows[0]["url"] == valley.url("/main.xml")


def test_nothing_found_says_what_was_tried(empty: Any, valley: Site) -> None:
    valley.gives("/bare/", b"<html><body>Nothing here</body></html>")
    said = empty("sources", "discover", valley.url("/bare/"))
    assert (said.code, said.out) == (1, "")
    assert f"no feed was found at {valley.url('/bare/')}. Tried: {valley.url('/bare/')}: " in said.err
    assert "and 12 further addresses" in said.err
    assert "hint: " in said.err


def test_a_host_that_is_away_is_told(empty: Any) -> None:
    said = empty("sources", "discover", "127.0.0.1:9")
    assert said.code == 1
    assert "Tried: https://127.0.0.1:9: no connection to 127.0.0.1" in said.err
    assert "http://127.0.0.1:9: no connection" in said.err


@pytest.mark.parametrize("url", ["", "gopher://x.example/", "http://", "two words", "file:///etc/passwd"])
def test_what_is_no_address_is_told(empty: Any, url: str) -> None:
    said = empty("sources", "discover", url)
    assert said.code == 2
    assert "is no web address" in said.err


def test_the_chosen_one_is_added_and_known_afterwards(empty: Any, valley: Site, tmp_path: Path) -> None:
    assert empty("sources", "discover", valley.url("/"), "--add-first").code == 0
    assert empty("sources", "discover", valley.url("/"), "--add", "2").code == 0
    added = {source.name: source.url for source in load(tmp_path / "feeds.yaml", {}).sources}
    assert added["the-valley"] == valley.url("/main.xml")
    assert added["valley-sport"] == valley.url("/category/sport/feed")
    rows = empty("sources", "discover", valley.url("/"), "--json").rows
    assert [row["configured"] for row in rows] == ["the-valley", "valley-sport", None, None]
    said = empty("sources", "discover", valley.url("/"), "--add", "9")
    assert (said.code, "there are 4 feeds, not 9" in said.err) == (2, True)


def test_private_networks_stay_out_of_reach_where_they_are_not_allowed(call: Any, valley: Site, tmp_path: Path) -> None:
    Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9", more={"poll": {}})
    assert call("sources", "discover", valley.url("/")).code == 1
    assert not valley.log
