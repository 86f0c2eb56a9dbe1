"""Which feeds a page offers: pages of every kind, broken ones too, and the places where feeds commonly are."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.collect.cage import Cage, InProcess
from aggregator.collect.discover import common_places, is_about_comments, links
from aggregator.config.kinds import is_web_address
from aggregator.errors import ParseError
from aggregator.model import FeedLink, Page
from aggregator.pipeline.discover import candidates

URL = "https://paper.example/news/today.html"


def found(page: str, url: str = URL) -> list[str]:
    return [link.url for link in links(page.encode(), None, url)]


def page(body: bytes, url: str = URL) -> Page:
    return Page(url=url, final_url=url, status=200, headers={"content-type": "text/html"}, body=body)


@pytest.mark.parametrize(
    ("markup", "urls"),
    [
        pytest.param('<link rel="alternate" type="application/rss+xml" href="/rss">', ["https://paper.example/rss"], id="rss"),
        pytest.param("<LINK REL=Alternate TYPE=Application/Atom+XML HREF=a.xml>", ["https://paper.example/news/a.xml"], id="any case, no quotes"),
        pytest.param('<link rel="home alternate" type="application/feed+json; charset=utf-8" href="/f.json">', ["https://paper.example/f.json"], id="tokens and parameters"),
        pytest.param('<link rel="feed" href="/all">', ["https://paper.example/all"], id="rel=feed"),
        pytest.param('<link rel="alternate" type="application/rdf+xml" href="/i.rdf">', ["https://paper.example/i.rdf"], id="rdf"),
        pytest.param('<link rel="alternate" hreflang="fr" href="/fr/">', [], id="another language"),
        pytest.param('<link rel="stylesheet" type="application/rss+xml" href="/rss">', [], id="no alternate"),
        pytest.param('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">', [], id="an interface of WordPress"),
        pytest.param('<base href="https://cdn.example/x/"><link rel="alternate" type="text/xml" href="f.xml">', ["https://cdn.example/x/f.xml"], id="base"),
        pytest.param('<a href="/feed/">Follow</a>', ["https://paper.example/feed/"], id="anchor by address"),
        pytest.param('<a href="/follow">RSS订阅</a>', ["https://paper.example/follow"], id="anchor by Chinese text"),
        pytest.param('<a href="/s"><img alt="RSS" src="i.png"></a>', ["https://paper.example/s"], id="anchor by its image"),
        pytest.param('<a href="/?feed=rss2">Follow</a>', ["https://paper.example/?feed=rss2"], id="anchor by query"),
        pytest.param('<a href="feed://paper.example/a.rss">x</a><a href="feed:https://paper.example/b.rss">y</a>', ["https://paper.example/a.rss", "https://paper.example/b.rss"], id="feed: scheme"),
        pytest.param('<a href="/feedback">Feedback</a><a href="/sitemap.xml">Map</a><a href="#rss">RSS</a>', [], id="what only looks like it"),
        pytest.param('<a href="javascript:rss()">RSS</a><a href="mailto:rss@paper.example">RSS</a>', [], id="no web address"),
        pytest.param('<a href="/rss">a</a><link rel="alternate" type="application/rss+xml" href="/rss"><a href="/rss#top">b</a>', ["https://paper.example/rss"], id="duplicates"),
        pytest.param('<a href="/rss.xml">RSS</a><link rel="alternate" type="application/atom+xml" href="/atom">', ["https://paper.example/atom", "https://paper.example/rss.xml"], id="declared before linked"),
        pytest.param("<link rel=alternate type=application/rss+xml href=/comments/feed/><link rel=alternate type=application/rss+xml href=/feed/ title=All>", ["https://paper.example/feed/", "https://paper.example/comments/feed/"], id="comments last"),
        pytest.param('<div><p></b></i><a href="/rss"><table><tr></div><a href=/atom.xml', ["https://paper.example/rss"], id="broken"),
        pytest.param("just text", [], id="text"),
    ],
)  # fmt: skip
def test_what_a_page_offers(markup: str, urls: list[str]) -> None:
    assert found(markup) == urls


def test_what_is_said_of_a_link() -> None:
    markup = "<meta charset=gbk><link rel=alternate type=application/rss+xml title='  今日\n要闻 ' href=/f><a href=/g.rss>一</a>"
    assert links(markup.encode("gbk"), "text/html", URL) == (
        FeedLink(url="https://paper.example/f", title="今日 要闻", kind="application/rss+xml", how="link"),
        FeedLink(url="https://paper.example/g.rss", title="一", how="anchor"),
    )


@pytest.mark.parametrize("body", [b"", b"   ", b"\x00\x00"], ids=repr)
def test_what_is_no_page_is_said_so(body: bytes) -> None:
    with pytest.raises(ParseError, match="no HTML"):
        links(body, None, URL)


def test_ten_megabytes_are_looked_at_in_time() -> None:
    head = b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head><body>"
    body = head + b"<p>All quiet in the valley. <a href='/feed/x'>more</a></p>" * 180_000
    began = time.process_time()
    assert len(body) > 10_000_000
    assert [link.url for link in links(body, None, URL)] == [
        "https://paper.example/rss",
        "https://paper.example/feed/x",
    ]
    assert time.process_time() - began < 20


@given(st.text(max_size=60), st.text(alphabet="<>/ab=\"' \nrelinkhftypsx+中", max_size=200))
def test_any_text_gives_web_addresses_or_an_error(href: str, text: str) -> None:
    page = f"<a href='{href}'>RSS</a><a href='//{href}/rss'>RSS</a>{text}"
    try:
        offered = links(page.encode("utf-8", "replace"), None, URL)
    except ParseError:
        return
    assert all(is_web_address(link.url) and "#" not in link.url for link in offered)
    assert len({link.url for link in offered}) == len(offered)


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://paper.example", "https://paper.example/feed"),
        ("https://paper.example/blog/", "https://paper.example/blog/feed"),
        ("https://paper.example/blog/post.html?x=1", "https://paper.example/blog/feed"),
        ("https://github.com/owner/tool/issues", "https://github.com/owner/tool/releases.atom"),
        ("https://medium.com/@somebody", "https://medium.com/feed/@somebody"),
        ("https://letters.substack.com/p/one", "https://letters.substack.com/feed"),
        ("https://garden.blogspot.com/2020/", "https://garden.blogspot.com/feeds/posts/default"),
        ("https://www.reddit.com/r/python/", "https://www.reddit.com/r/python/.rss"),
        (
            "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv/videos",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv",
        ),
        (
            "https://www.youtube.com/playlist?list=PL0123",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PL0123",
        ),
    ],
)
def test_the_common_place_that_is_tried_first(url: str, first: str) -> None:
    places = common_places(url)
    assert places[0] == first
    assert len(set(places)) == len(places)


def test_the_cage_finds_what_we_find() -> None:
    markup = b"<link rel=alternate type=application/rss+xml href=/rss title=A><a href=/atom.xml>B</a>"
    with Cage() as cage:
        assert cage.links(page(markup)) == InProcess().links(page(markup)) == links(markup, "text/html", URL)
        nothing = cage.links(page(b""))
        assert isinstance(nothing, ParseError)
        assert "no HTML" in nothing.message


def test_a_page_that_takes_for_ever_is_given_up() -> None:
    endless = b"<a " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">"
    with Cage(seconds=1) as cage:
        given_up = cage.links(page(endless))
        assert isinstance(given_up, ParseError)
        assert "more than 1 s" in given_up.message


def test_candidates_for_a_dead_address() -> None:
    markup = (
        b"<link rel=alternate type=application/rss+xml href=/old.xml>"
        b"<link rel=alternate type=application/rss+xml href=/comments/feed>"
        b"<link rel=alternate type=application/rss+xml href=/new.xml>"
    )
    home = "https://paper.example/"
    tried = candidates(InProcess(), page(markup, home), "https://paper.example/old.xml")
    assert tried[:2] == ("https://paper.example/new.xml", "https://paper.example/feed")
    assert not {"https://paper.example/old.xml", "https://paper.example/comments/feed"} & set(tried)
    assert candidates(InProcess(), page(b"", home), f"{home}feed") == common_places(home)[1:]


@pytest.mark.parametrize(
    ("title", "url", "about"),
    [
        ("Comments on: One", "https://p.example/one/feed", True),
        ("", "https://p.example/comments/feed/", True),
        ("最新评论", "https://p.example/f", True),
        ("Commentary", "https://p.example/commentary/feed", False),
        ("All", "https://p.example/feed", False),
    ],
)
def test_feeds_of_comments_are_known(title: str, url: str, *, about: bool) -> None:
    assert is_about_comments(FeedLink(url=url, title=title)) is about
