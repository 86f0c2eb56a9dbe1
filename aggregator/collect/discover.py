"""Which feeds a page offers: those that it declares, those that it links to, and the places where feeds commonly are."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from lxml import etree, html

from aggregator.collect.encoding import decode, with_charset
from aggregator.collect.html import scrub
from aggregator.collect.urls import absolute, host
from aggregator.errors import ParseError
from aggregator.model import FeedLink

LARGEST = 4 * 1024**2
"""Bytes of a page that are looked at: feeds are declared in its head, and linked from its foot."""
MOST = 50
_MOST_ANCHORS = 20_000
_LONGEST_TEXT = 80
_KINDS = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_LOOSE_KINDS = ("application/json", "application/xml", "text/xml")
"""What is called so is a feed, or something else: an interface of WordPress, a site map."""
_NO_FEED = re.compile(r"/wp-json/|sitemap|/xmlrpc\.php|opensearch|oembed|/manifest\.json", re.IGNORECASE)
_FEED_ADDRESS = re.compile(
    r"(?:^|[/._-])(?:rss|rss2|atom|rdf|feeds?)(?:[/._-]|$)|(?:^|/)feed\.json$|\.(?:rss|atom|rdf|xml)$", re.IGNORECASE
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|type|alt|output)=(?:rss2?|atom|feed|xml)\b", re.IGNORECASE)
_FEED_WORD = re.compile(r"\b(?:rss|atom|feeds?|xml)\b|订阅|訂閱", re.IGNORECASE)
_COMMENTS = re.compile(
    r"\bcomments?\b|\bcommentaires?\b|\bkommentare?\b|\bcomentarios?\b|评论|評論|留言|/comments?[/._-]", re.IGNORECASE
)
_PLACES = (
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "feed.json",
    "rss/index.rss",
    "feeds/posts/default",
    "?feed=rss2",
)
_PLACES_BELOW = ("feed", "rss.xml", "feed.xml", "atom.xml", "index.xml")


def is_about_comments(link: FeedLink) -> bool:
    return bool(_COMMENTS.search(link.title) or _COMMENTS.search(urlsplit(link.url).path))


def links(body: bytes, content_type: str | None, url: str) -> tuple[FeedLink, ...]:
    """Every feed that a page names: the declared before the linked, those of comments last. Raises ParseError where
    there is no page at all.
    """
    root = _tree(body[:LARGEST], content_type)
    base = _base(root, url)
    found: dict[str, FeedLink] = {}
    for link in (*_declared(root, base), *_linked(root, base)):
        if len(found) < MOST:
            found.setdefault(link.url, link)
    return tuple(sorted(found.values(), key=is_about_comments))


def common_places(url: str) -> tuple[str, ...]:
    """Where a feed of this page would be: as its host is known to do it, in its own folder, at the root of the site."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    folder = parts.path.rpartition("/")[0] if "." in parts.path.rpartition("/")[2] else parts.path.rstrip("/")
    below = [f"{root}{folder}/{place}" for place in _PLACES_BELOW] if folder else []
    at_root = [f"{root}/{place}" for place in _PLACES]
    return tuple(dict.fromkeys((*_known_places(url), *below, *at_root)))


# --- the page ----------------------------------------------------------------------------------------------


def _tree(body: bytes, content_type: str | None) -> Any:
    text, _ = decode(body, with_charset(body, content_type))
    parser = html.HTMLParser(encoding="utf-8", recover=True, no_network=True, huge_tree=True)
    try:
        root = html.document_fromstring(scrub(text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError, ValueError) as error:
        raise ParseError(f"the page is no HTML: {str(error)[:200]}") from error
    return root


def _base(root: Any, url: str) -> str:
    for element in root.iter("base"):
        if found := absolute(element.get("href"), url):
            return found
    return url


def _declared(root: Any, base: str) -> Iterator[FeedLink]:
    """By a link element: of the kinds that only feeds have first."""
    found = [link for element in root.iter("link") if (link := _link_element(element, base))]
    yield from sorted(found, key=lambda link: link.kind in _LOOSE_KINDS)


def _link_element(element: Any, base: str) -> FeedLink | None:
    words = set((element.get("rel") or "").lower().split())
    kind = (element.get("type") or "").partition(";")[0].strip().lower()
    if not ("feed" in words or ("alternate" in words and kind in _KINDS + _LOOSE_KINDS)):
        return None
    url = _address(element.get("href"), base)
    if url is None or (kind in _LOOSE_KINDS and _NO_FEED.search(url)):
        return None
    return FeedLink(url=url, title=_line(element.get("title")), kind=kind, how="link")


def _linked(root: Any, base: str) -> Iterator[FeedLink]:
    """By an anchor whose address looks like a feed's, then by one that only says so."""
    anchors = [anchor for _, anchor in zip(range(_MOST_ANCHORS), root.iter("a", "area"), strict=False)]
    found = [(link, _looks_like_feed(link.url)) for anchor in anchors if (link := _anchor(anchor, base))]
    yield from (link for link, by_address in sorted(found, key=lambda pair: not pair[1]))


def _anchor(element: Any, base: str) -> FeedLink | None:
    href = element.get("href")
    url = _address(href, base) if href and not href.startswith("#") else None
    if url is None or _NO_FEED.search(url):
        return None
    title = _text(element)
    fitting = _looks_like_feed(url) or (len(title) <= _LONGEST_TEXT and _FEED_WORD.search(title))
    return FeedLink(url=url, title=title[:_LONGEST_TEXT], how="anchor") if fitting else None


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_FEED_ADDRESS.search(parts.path) or _FEED_QUERY.search(parts.query))


def _address(href: str | None, base: str) -> str | None:
    """Absolute and without a fragment; `feed:` before it only says what it is."""
    text = re.sub(r"^\s*feed:(?://(?!/))?(?=https?:)", "", href or "", flags=re.IGNORECASE)
    text = re.sub(r"^\s*feed://", "https://", text, flags=re.IGNORECASE)
    url = absolute(text, base)
    return url.partition("#")[0] if url else None


def _text(anchor: Any) -> str:
    """What a reader sees or hears of it: its words, or those of its image."""
    own = _line(anchor.text_content()) or _line(anchor.get("title")) or _line(anchor.get("aria-label"))
    return own or next((_line(image.get("alt")) for image in anchor.iter("img")), "")


def _line(text: Any) -> str:
    return " ".join(str(text or "")[:1000].split())


# --- the places --------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Hosts whose feeds stand at one place for all, the path of a page there, and where its feeds are."""

    hosts: re.Pattern[str]
    path: re.Pattern[str]
    feeds: tuple[str, ...]


_KNOWN = (
    _Place(
        re.compile(r"(?:www\.|m\.)?youtube\.com"),
        re.compile(r"/channel/(?P<id>UC[\w-]{22})\b"),
        ("https://www.youtube.com/feeds/videos.xml?channel_id={id}",),
    ),
    _Place(
        re.compile(r"(?:www\.)?github\.com"),
        re.compile(r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)(?:/|$)"),
        ("https://github.com/{owner}/{name}/releases.atom", "https://github.com/{owner}/{name}/commits.atom"),
    ),
    _Place(re.compile(r"(?:www\.)?medium\.com"), re.compile(r"/(?P<name>@?[\w.-]+)"), ("https://medium.com/feed/{name}",)),
    _Place(
        re.compile(r"(?:www\.|old\.)?reddit\.com"),
        re.compile(r"/(?P<kind>r|user)/(?P<name>\w+)"),
        ("https://www.reddit.com/{kind}/{name}/.rss",),
    ),
    _Place(re.compile(r"(?P<host>[\w-]+\.substack\.com)"), re.compile(""), ("https://{host}/feed",)),
    _Place(
        re.compile(r"(?P<host>[\w-]+\.blogspot\.[\w.]+)"), re.compile(""), ("https://{host}/feeds/posts/default",)
    ),
)  # fmt: skip


def _known_places(url: str) -> Iterable[str]:
    parts = urlsplit(url)
    name = host(url) or ""
    if re.fullmatch(r"(?:www\.|m\.)?youtube\.com", name) and (lists := parse_qs(parts.query).get("list")):
        yield f"https://www.youtube.com/feeds/videos.xml?playlist_id={re.sub(r'[^A-Za-z0-9_-]', '', lists[0])}"
    for place in _KNOWN:
        there, page = place.hosts.fullmatch(name), place.path.match(parts.path)
        if there and page:
            yield from (feed.format(**there.groupdict(), **page.groupdict()) for feed in place.feeds)
