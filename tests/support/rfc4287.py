"""The MUSTs of RFC 4287 that a feed of ours can break, as a list of complaints."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_KNOWN = {
    "feed": {"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle", "title", "updated", "entry"},
    "entry": {"author", "category", "content", "contributor", "id", "link", "published", "rights", "source", "summary", "title", "updated"},
    "source": {"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle", "title", "updated"},
}  # fmt: skip


def complaints(document: bytes) -> list[str]:
    feed = etree.fromstring(document)
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}"]
    entries = feed.findall(f"{ATOM}entry")
    found = [*_container(feed, "feed")]
    if not feed.findall(f"{ATOM}link[@rel='self']"):
        found.append("the feed has no link rel=self")
    for entry in entries:
        found += _container(entry, "entry")
        found += _entry(entry, has_author=feed.find(f"{ATOM}author") is not None)
    pairs = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    return found + [f"id {name} is used {count} times" for name, count in pairs.items() if count > 1]


def _container(element: Any, name: str) -> Iterator[str]:
    """What holds for feed, entry and source alike (4.1.1, 4.1.2, 4.2.11). Other namespaces may add to them (6.4)."""
    children = [child.tag.removeprefix(ATOM) for child in element if child.tag.startswith(ATOM) or "}" not in child.tag]
    counts = Counter(children)
    yield from (f"{name} has an unknown child {child}" for child in set(children) - _KNOWN[name])
    for one in ("id", "title", "updated"):
        if counts[one] != 1:
            yield f"{name} has {counts[one]} {one}"
    for at_most_one in ("published", "content", "summary", "subtitle", "generator", "source", "rights"):
        if counts[at_most_one] > 1:
            yield f"{name} has {counts[at_most_one]} {at_most_one}"
    if not urlsplit(element.findtext(f"{ATOM}id") or "").scheme:
        yield f"{name} has an id that is no IRI"
    yield from _dates(element)
    yield from _texts(element)
    yield from _links(element, name)
    yield from (
        f"{name} has an author without a name"
        for author in element.findall(f"{ATOM}author")
        if not author.findtext(f"{ATOM}name")
    )
    yield from (
        f"{name} has a category without a term"
        for category in element.findall(f"{ATOM}category")
        if not category.get("term")
    )


def _dates(element: Any) -> Iterator[str]:
    for date in [*element.findall(f"{ATOM}updated"), *element.findall(f"{ATOM}published")]:
        if not _DATE.fullmatch(date.text or ""):
            yield f"{date.text!r} is no RFC 3339 time"


def _texts(element: Any) -> Iterator[str]:
    """3.1.1, 4.1.3: text and html have no children; html parses."""
    for name in ("title", "summary", "subtitle", "content"):
        for text in element.findall(f"{ATOM}{name}"):
            kind = text.get("type", "text")
            if kind not in {"text", "html", "xhtml"}:
                yield f"{name} has the type {kind}"
            if kind != "xhtml" and len(text):
                yield f"{name} of type {kind} has child elements"
            if kind == "html" and text.text:
                html.fragment_fromstring(text.text, create_parent="div")


def _links(element: Any, name: str) -> Iterator[str]:
    links = element.findall(f"{ATOM}link")
    alternates = Counter(
        (link.get("type"), link.get("hreflang")) for link in links if link.get("rel", "alternate") == "alternate"
    )
    if any(count > 1 for count in alternates.values()):
        yield f"{name} has two alternates of one type and language"
    for link in links:
        parts = urlsplit(link.get("href") or "")
        if parts.scheme not in {"http", "https"} or not parts.netloc or re.search(r'[\s"<>\\^`{|}]', link.get("href")):
            yield f"{name} links to {link.get('href')!r}"


def _entry(entry: Any, *, has_author: bool) -> Iterator[str]:
    source = entry.find(f"{ATOM}source")
    if source is not None:
        yield from _container(source, "source")
    if entry.find(f"{ATOM}author") is None and not has_author:
        yield "an entry has no author, nor has the feed"
    content = entry.find(f"{ATOM}content")
    alternate = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    if content is None and not alternate:
        yield "an entry has neither content nor an alternate link"
