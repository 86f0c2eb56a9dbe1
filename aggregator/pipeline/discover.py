"""Which feeds a site offers: asked for, read and put in order, nothing stored."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aggregator.collect.discover import common_places, is_about_comments
from aggregator.collect.urls import absolute, canonical
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError, UsageError
from aggregator.model import FeedLink, Page, Reading
from aggregator.pipeline.try_out import answers, newest
from aggregator.protocols import Fetcher, Finder, Reader

MOST = 12
"""Addresses that are tried of one kind: those that a page names, and the common places."""
_PART = re.compile(r"/(?:category|categories|tags?|topics?|author|authors|label|search)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A feed that was found. `how`: "page" (it is the address itself), "link", "anchor" or "common place";
    `configured`: the source that has it already.
    """

    url: str
    title: str
    format: str
    entries: int
    newest: datetime | None
    language: str | None
    how: str
    configured: str | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """The best offer first; `tried`: each address that is no feed, with the reason."""

    offers: tuple[Offer, ...]
    tried: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Search:
    config: Config
    fetcher: Fetcher
    reader: Reader
    finder: Finder
    now: datetime


@dataclass(frozen=True, slots=True)
class _Try:
    link: FeedLink
    page: Page | None
    read: Reading | FetchError | ParseError


def discover(config: Config, url: str, *, user_agent: str, now: datetime) -> Discovered:
    """The feeds behind an address of any kind: a feed, a page, a bare host. Raises UsageError for what is no address."""
    from aggregator.collect.cage import Cage
    from aggregator.collect.fetch import HttpFetcher

    with Cage() as cage:
        return _discovered(_Search(config, HttpFetcher(config.poll, user_agent), cage, cage, now), _addresses(url))


def candidates(finder: Finder, page: Page, old_url: str) -> tuple[str, ...]:
    """Where the feed of this page (a home page, the root of a site) may be now that `old_url` is dead: the best first."""
    links = finder.links(page)
    named = [] if isinstance(links, ParseError) else [link.url for link in links if not is_about_comments(link)]
    found = dict.fromkeys((*named, *common_places(page.final_url)))
    return tuple(url for url in found if url != old_url)


def _addresses(url: str) -> tuple[str, ...]:
    """A bare host is asked securely first."""
    given = (url,) if "://" in url else (f"https://{url}", f"http://{url}")
    if any(absolute(one, None) is None for one in given):
        raise UsageError(f"{url!r} is no web address", hint="write it as in https://example.org or example.org")
    return given


def _discovered(search: _Search, addresses: Sequence[str]) -> Discovered:
    tried: list[_Try] = []
    for address in addresses:
        found = _at(search, address)
        tried += found
        if found[0].page is not None:
            return _ranked(search, tried, address)
    # A dead address of a site that lives: what is sought may have moved there.
    root = next((root for one in tried if (root := _living_root(one))), None)
    return _ranked(search, tried + (_at(search, root) if root else []), addresses[0])


def _at(search: _Search, address: str) -> list[_Try]:
    """The address itself, and what is behind it where it is a page."""
    (first,) = _tries(search, [FeedLink(url=address, how="page")])
    if first.page is None or isinstance(first.read, Reading):
        return [first]
    return [first, *_behind(search, first.page)]


def _living_root(one: _Try) -> str | None:
    """Of a site that answered, though not with this page; None where it is the root that was asked for."""
    parts = urlsplit(one.link.url)
    answered = isinstance(one.read, FetchError) and one.read.status is not None
    return f"{parts.scheme}://{parts.netloc}/" if answered and (parts.path.strip("/") or parts.query) else None


def _behind(search: _Search, page: Page) -> list[_Try]:
    """What the page names; where none of it is a feed, the common places."""
    links = search.finder.links(page)
    named = () if isinstance(links, ParseError) else links
    tried = _tries(search, named[:MOST])
    if any(isinstance(one.read, Reading) for one in tried):
        return tried
    known = {link.url for link in named}
    places = (FeedLink(url=url, how="common place") for url in common_places(page.final_url) if url not in known)
    return tried + _tries(search, list(places)[:MOST])


def _tries(search: _Search, links: Sequence[FeedLink]) -> list[_Try]:
    """In the order of the links."""
    sources = {f"candidate-{number}": link for number, link in enumerate(links)}
    asked = [Source(name=name, url=link.url) for name, link in sources.items()]
    found = {
        source.name: _Try(sources[source.name], page, read)
        for source, page, read in answers(search.fetcher, search.reader, asked, search.now)
    }
    return [found[name] for name in sources]


def _ranked(search: _Search, tried: Iterable[_Try], asked: str) -> Discovered:
    """The whole site's feed before that of a part, an empty one after both, comments last; else as the page has them."""
    listed = list(tried)
    offers: dict[str, Offer] = {}
    for one in sorted(listed, key=lambda one: _rank(one, asked)):
        if isinstance(one.read, Reading) and one.page is not None:
            offer = _offer(search.config, one.link, one.page, one.read)
            offers.setdefault(canonical(one.page.final_url) or offer.url, offer)
    return Discovered(tuple(offers.values()), tuple(_failures(listed)))


def _rank(one: _Try, asked: str) -> tuple[bool, bool, bool]:
    empty = isinstance(one.read, Reading) and not one.read.entries
    return is_about_comments(one.link), empty, _is_part(one.link.url, asked)


def _is_part(url: str, asked: str) -> bool:
    """The feed of a category or an author, unless it is theirs that was asked for."""
    return bool(_PART.search(urlsplit(url).path)) and not _PART.search(f"{urlsplit(asked).path}/")


def _offer(config: Config, link: FeedLink, page: Page, reading: Reading) -> Offer:
    url = page.permanent_url or link.url
    same = {canonical(one) for one in (url, link.url, page.final_url)} - {None}
    known = (source.name for source in config.sources if canonical(source.url) in same)
    return Offer(
        url=url,
        title=reading.title or link.title,
        format=reading.format,
        entries=len(reading.entries),
        newest=newest(reading),
        language=reading.language,
        how=link.how,
        configured=next(known, None),
    )


def _failures(tried: Iterable[_Try]) -> Iterator[tuple[str, str]]:
    for one in tried:
        if not isinstance(one.read, Reading):
            yield one.link.url, one.read.message
