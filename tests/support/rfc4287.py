"""A validator of Atom: RFC 4287, 5005 and 6721, and what readers of feeds were seen to trip over."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from tests.support import feedrules
from tests.support.feedrules import ATOM, elements

_XHTML_DIV = "{http://www.w3.org/1999/xhtml}div"
_FH = "{http://purl.org/syndication/history/1.0}"
_META = (
    "author",
    "category",
    "contributor",
    "generator",
    "icon",
    "id",
    "link",
    "logo",
    "rights",
    "subtitle",
    "title",
    "updated",
)
_KNOWN = {
    "feed": {*_META, "entry"},
    "source": {*_META},
    "entry": {"author", "category", "content", "contributor", "id", "link", "published", "rights", "source", "summary", "title", "updated"},
}  # fmt: skip
_ONCE = (
    "id",
    "title",
    "updated",
    "published",
    "content",
    "summary",
    "subtitle",
    "generator",
    "source",
    "rights",
    "icon",
    "logo",
)
_RELATIONS = frozenset(
    [
        "alternate",
        "current",
        "describedby",
        "edit",
        "edit-media",
        "enclosure",
        "first",
        "hub",
        "last",
        "license",
        "next",
        "next-archive",
        "payment",
        "prev-archive",
        "previous",
        "related",
        "replies",
        "search",
        "self",
        "service",
        "up",
        "via",
    ]
)
_HISTORY = frozenset({"current", "first", "last", "next", "next-archive", "prev-archive", "previous"})
_NAMESPACES = frozenset(
    {
        "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml", "http://purl.org/syndication/history/1.0",
        "http://purl.org/atompub/tombstones/1.0", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2007/app",
        "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/", "http://purl.org/syndication/thread/1.0",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML",
        "http://www.georss.org/georss", "http://search.yahoo.com/mrss/", "http://a9.com/-/spec/opensearch/1.1/",
    }
)  # fmt: skip
_ATTRIBUTES = {
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    "category": {"term", "scheme", "label"},
    "generator": {"uri", "version"},
    "content": {"type", "src"},
    **{name: {"type"} for name in ("title", "summary", "subtitle", "rights")},
}


def errors(document: bytes) -> list[str]:
    """What is forbidden."""
    return [said for said in complaints(document) if not said.startswith("should")]


def complaints(document: bytes) -> list[str]:
    """That, and what is bad."""
    feed = feedrules.parsed(document)
    if isinstance(feed, str):
        return [feed]
    if feed.tag == f"{ATOM}entry":
        return [*_element(feed, "entry"), *_entry(feed, has_author=False)]
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}"]
    found = [*_names(feed), *_element(feed, "feed"), *_order(feed), *_archive(feed), *_stones(feed)]
    if not feed.findall(f"{ATOM}link[@rel='self']"):
        found.append("should: the feed has no link rel=self")
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        found += [*_element(entry, "entry"), *_entry(entry, has_author=feed.find(f"{ATOM}author") is not None)]
    for name in ("id", "updated"):
        counts = Counter((entry.findtext(f"{ATOM}{name}") or "").strip() for entry in entries)
        found += [
            f"should: {count} entries have the {name} {text}" for text, count in counts.items() if text and count > 1
        ]
    return found


def _names(feed: Any) -> Iterator[str]:
    spaces = {pair for element in feed.iter(etree.Element) for pair in element.nsmap.items()}
    for prefix, space in sorted(spaces, key=str):
        if space not in _NAMESPACES:
            yield f"should: nobody knows the namespace {space}"
        if prefix in {"atom", "xhtml"}:
            yield f"should: the prefix {prefix} is not read by all"


def _order(feed: Any) -> Iterator[str]:
    """Programs that read while it comes have to know the feed before its entries."""
    tags = [child.tag for child in elements(feed)]
    if f"{ATOM}entry" in tags and any(
        tag != f"{ATOM}entry" for tag in tags[tags.index(f"{ATOM}entry") :] if tag.startswith(ATOM)
    ):
        yield "something of the feed stands after its entries"


def _element(element: Any, name: str) -> Iterator[str]:
    """What holds for feed, entry and source alike (4.1.1, 4.1.2, 4.2.11)."""
    counts = Counter(child.tag.removeprefix(ATOM) for child in elements(element))
    for child in counts:
        if "}" not in child and child not in _KNOWN[name]:
            yield f"{name} has an unknown child {child}"
    if feedrules.own_text(element):
        yield f"{name} holds text"
    must = "should: " if name == "source" else ""
    yield from (f"{must}{name} has no {one}" for one in ("id", "title", "updated") if not counts[one])
    yield from (f"{name} has {counts[one]} {one}" for one in _ONCE if counts[one] > 1)
    for child in elements(element):
        if child.tag.startswith(ATOM):
            yield from _child(child, child.tag.removeprefix(ATOM))
    yield from _alternates(element, name)


def _child(child: Any, name: str) -> Iterator[str]:
    text = child.text or ""
    allowed = _ATTRIBUTES.get(name, set())
    yield from (f"{name} has an attribute {key}" for key in child.attrib if "}" not in key and key not in allowed)
    if name in {"id", "updated", "published", "icon", "logo"} and text != text.strip():
        yield f"{name} has spaces around it"
    match name:
        case "id":
            yield from [*feedrules.address(text.strip(), name), *feedrules.canonical(text.strip(), name)]
        case "icon" | "logo":
            yield from feedrules.address(text, name, whole=False) if text else ["should: it is empty"]
        case "updated" | "published":
            yield from feedrules.date(text.strip(), name)
        case "title" | "summary" | "subtitle" | "rights" | "content":
            yield from _text(child, name)
        case "author" | "contributor":
            yield from _person(child, name)
        case "category":
            yield from _category(child)
        case "link":
            yield from _link(child)
        case "generator":
            yield from [] if text.strip() else ["should: generator is empty"]
            yield from feedrules.plain(text, name)
            yield from feedrules.address(child.get("uri"), "generator", whole=False) if child.get("uri") else ()
        case _:
            pass


def _text(element: Any, name: str) -> Iterator[str]:
    """3.1.1 and 4.1.3."""
    kind, inside = element.get("type", "text"), elements(element)
    source = element.get("src")
    if kind == "xhtml":
        yield from _xhtml(element, name)
    elif source is not None:
        yield from [
            *feedrules.address(source, name, whole=False),
            *(["should: it has no type"] if "type" not in element.attrib else feedrules.mime(kind, name)),
        ]
        yield from [f"{name} has both src and text"] if (element.text or "").strip() or inside else []
    elif kind in {"text", "html"}:
        text = element.text or ""
        if inside:
            yield f"{name} of type {kind} has child elements"
        elif not text.strip():
            yield f"should: {name} is empty"
        elif kind == "html":
            yield from feedrules.html(text, name)
        else:
            yield from feedrules.plain(text, name)
    elif name != "content" or kind == "multipart/alternative":
        yield f"{name} has the type {kind!r}" if kind else f"should: the type of {name} is empty"
        yield from _typed(element, kind)
    else:
        yield from feedrules.mime(kind, name)
        yield from _typed(element, kind)


def _typed(element: Any, kind: str) -> Iterator[str]:
    text = "".join((element.text or "").split())
    if kind.endswith(("+xml", "/xml")):
        yield from ["should: XML is written as text"] if text and not elements(element) else []
    elif kind.startswith("text/"):
        yield from ["content of a text has child elements"] if elements(element) else []
        yield from (feedrules.html if kind == "text/html" else feedrules.plain)(element.text or "", "content")
    elif not re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text):
        yield "content is not in Base64"


def _xhtml(element: Any, name: str) -> Iterator[str]:
    inside = elements(element)
    if len(inside) != 1 or inside[0].tag != _XHTML_DIV or feedrules.own_text(element):
        yield f"{name} of type xhtml is not one div"
    for each in inside:
        yield from feedrules.is_xhtml_safe(each)
    if not (inside and len(inside[0])):  # beside true elements, it is told of markup
        yield from feedrules.plain("".join(element.itertext()), name)


def _person(person: Any, name: str) -> Iterator[str]:
    counts = Counter(child.tag.removeprefix(ATOM) for child in elements(person))
    yield from (f"{name} has {count} {one}" for one, count in counts.items() if count > 1 and "}" not in one)
    yield from (
        f"{name} has an unknown child {one}" for one in counts if "}" not in one and one not in {"name", "uri", "email"}
    )
    if not counts["name"]:
        yield f"{name} has no name"
    if feedrules.own_text(person):
        yield f"{name} holds text"
    for child in elements(person):
        text = child.text or ""
        match child.tag.removeprefix(ATOM):
            case "name":
                yield from (feedrules.plain(text, "name") if text.strip() else ["should: name is empty"])
                yield from ["should: a name holds a mail address"] if re.search(r"<[^<>@\s]+@[^<>\s]+>", text) else []
            case "email":
                yield from feedrules.mailbox(text, "email")
            case "uri":
                yield from feedrules.address(text, "uri", whole=False) if text.strip() else ["should: uri is empty"]
                yield from ["uri has spaces around it"] if text != text.strip() else []
            case _:
                pass


def _category(category: Any) -> Iterator[str]:
    if category.get("term") is None:
        yield "category has no term"
    elif not category.get("term").strip():
        yield "should: the term of a category is empty"
    if category.get("scheme") is not None:
        yield from feedrules.address(category.get("scheme"), "scheme")
    if category.get("label") is not None:
        yield from feedrules.plain(category.get("label"), "label")


def _link(link: Any) -> Iterator[str]:
    href, rel = link.get("href"), link.get("rel", "alternate").removeprefix("http://www.iana.org/assignments/relation/")
    yield from feedrules.address(href, "link", whole=False) if href is not None else ["link has no href"]
    yield from _relation(link, rel, href or "")
    if link.get("type") is not None:
        yield from feedrules.mime(link.get("type"), "link")
    if link.get("hreflang") is not None:
        yield from feedrules.language(link.get("hreflang"), "hreflang")
    if link.get("title") is not None:
        yield from (
            feedrules.plain(link.get("title"), "title of a link") if link.get("title") else ["should: it is empty"]
        )
    if not link.get("length", "0").isdecimal():
        yield "link has a length that is no number"
    if elements(link) or (link.text or "").strip():
        yield "should: link is not empty"


def _relation(link: Any, rel: str, href: str) -> Iterator[str]:
    above = link.getparent().tag
    yield from ["should: rel is empty"] if not rel else []
    if rel not in _RELATIONS and ":" not in rel:
        yield f"should: nobody registered the relation {rel}"
    if rel == "self" and not re.match(r"(?:application/(?:atom|rss|rdf)\+xml|$)", link.get("type", "")):
        yield "should: a feed calls itself no feed"
    if rel == "self" and above == f"{ATOM}feed" and "://" not in href and not link.base:
        yield "should: the link to itself is relative"
    if rel in _HISTORY and above == f"{ATOM}entry":
        yield f"should: an entry has a link {rel}"


def _alternates(element: Any, name: str) -> Iterator[str]:
    links = [link for link in element.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    kinds = Counter((link.get("type"), link.get("hreflang")) for link in links)
    if any(count > 1 for count in kinds.values()):
        yield f"{name} has two alternates of one type and language"


def _archive(feed: Any) -> Iterator[str]:
    """RFC 5005."""
    rels = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    if feed.find(f"{_FH}complete") is not None:
        yield from (f"a complete feed has a link {rel}" for rel in rels if rel in _HISTORY - {"current"})
    elif feed.find(f"{_FH}archive") is not None and "current" not in rels:
        yield "should: an archive does not say where the feed is"
    yield from (f"there are {rels.count(rel)} links {rel}" for rel in _HISTORY if rels.count(rel) > 1)


def _stones(feed: Any) -> Iterator[str]:
    """RFC 6721."""
    ids = {entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")}
    for stone in feed.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry"):
        yield from feedrules.address(stone.get("ref", ""), "ref")
        yield from feedrules.date(stone.get("when", ""), "when")
        if stone.get("ref") in ids:
            yield f"{stone.get('ref')} is gone, and there"


def _entry(entry: Any, *, has_author: bool) -> Iterator[str]:
    source = entry.find(f"{ATOM}source")
    if source is not None:
        yield from _element(source, "source")
    told_by = entry.find(f"{ATOM}author") is not None or (
        source is not None and source.find(f"{ATOM}author") is not None
    )
    if not told_by and not has_author:
        yield "an entry has no author, nor has the feed"
    content, summary = entry.find(f"{ATOM}content"), entry.find(f"{ATOM}summary")
    alternate = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    if content is None and not alternate:
        yield "an entry has neither content nor an alternate link"
    if content is None and summary is None:
        yield "should: an entry has neither content nor summary"
    if content is not None and summary is None:
        kind = content.get("type", "text")
        if content.get("src") or ("/" in kind and not kind.startswith("text/") and not kind.endswith(("+xml", "/xml"))):
            yield "an entry has no summary of what is elsewhere"
