"""Bytes to a Feed: JSON Feed by hand, everything that looks like XML through feedparser."""

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from html.entities import html5
from io import BytesIO
from typing import Any

import feedparser

from aggregator.collect.encoding import decode
from aggregator.errors import ParseError
from aggregator.model import Feed, Hints, Item

MOST_ITEMS = 5_000
_FORMATS = {"rss090": "rss09x", "rss091n": "rss09x", "rss091u": "rss09x", "rss092": "rss09x", "rss093": "rss09x"}
_FORMATS |= {"rss094": "rss09x", "rss": "rss20", "atom": "atom10", "atom01": "atom03", "atom02": "atom03"}
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_ADDRESS_AND_NAME = re.compile(r"\S{1,200}@\S{1,200}\s+\(([^()]{0,200})\)")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A CDATA section that never ends is taken to the end of the text, or looking for its end again and again would hang.
_AMPERSANDS = re.compile(
    r"(?P<kept><!\[CDATA\[(?:.*?\]\]>|.*)|&#\d+;|&#[xX][0-9a-fA-F]+;)|&(?P<name>[A-Za-z][A-Za-z0-9]{0,31});|&",
    re.DOTALL,
)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_KNOWN_MARKUP = re.compile(r"<(?:/?(?:a|b|br|div|em|font|i|img|li|p|span|strong|u|ul)\b[^<>]*)>", re.IGNORECASE)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_JSON_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(1(?:\.\d)?)/?")


def parse(body: bytes, content_type: str | None, url: str) -> Feed:  # noqa: ARG001  the seam has it for readers that need it
    """Raises ParseError with a sentence that says what the page is instead of a feed.

    Addresses in what it gives are as the publisher wrote them: `url` is left to `normalise`, for guids do not depend on it.
    """
    raw, dirt = decode(body, content_type)
    text = _NOT_XML.sub("", raw).strip()
    if not text:
        raise ParseError("the page is empty")
    if len(text) < len(raw.strip().strip("\0")):
        dirt = "; ".join(filter(None, (dirt, "control characters in it")))
    return _json_feed(text, dirt) if text[0] in "{[" else _xml_feed(text, dirt)


# --- XML -------------------------------------------------------------------------------------------------


def _xml_feed(text: str, dirt: str | None) -> Feed:
    mended_text = _mended(text)
    parsed = _feedparsed(mended_text)
    if _HTML.match(text) and not parsed.version:
        raise ParseError("the page is HTML, no feed", hint="look for the feed's own address in the page")
    if not parsed.version and not parsed.entries:
        raise ParseError(f"the page is no feed: {_what(text)}")
    feed = parsed.feed
    mended = [dirt, "not well-formed" if parsed.bozo or mended_text != text else None]
    items = [_item(entry) for entry in parsed.entries[:MOST_ITEMS]]
    if len(parsed.entries) > MOST_ITEMS:
        mended.append(f"{len(parsed.entries)} items, the first {MOST_ITEMS} taken")
    elif parsed.bozo and items and not (items[-1].title or items[-1].summary or items[-1].content):
        items.pop()
        mended.append("cut off in its last item, which is left for the next poll")
    return Feed(
        format=_FORMATS.get(parsed.version, parsed.version or "unknown"),
        title=_markup(feed, "title"),
        home=_home(feed),
        language=_text(feed, "language") or _text(dict.get(feed, "title_detail") or {}, "language"),
        hints=Hints(ttl=_minutes(dict.get(feed, "ttl"))),
        items=tuple(items),
        dirt="; ".join(part for part in mended if part) or None,
    )


def _mended(text: str) -> str:
    """What breaks most broken feeds, put right, so that they need not go through the loose parser, which guesses."""
    return _AMPERSANDS.sub(_ampersand, text)


def _ampersand(found: re.Match[str]) -> str:
    name = found["name"]
    if name is None:
        return found[0] if found["kept"] else "&amp;"
    character = None if name in _XML_ENTITIES else html5.get(f"{name};")
    return found[0] if character is None else "".join(f"&#{ord(part)};" for part in character)


def _feedparsed(text: str) -> Any:
    """What feedparser makes of it. It is not told the page's address: it would resolve guids too, and they must not
    change when a feed moves. On a stranger's bytes it may raise anything: that too means it is no feed.
    """
    headers = {"content-type": "application/xml; charset=utf-8"}
    data = BytesIO(text.encode("utf-8", "replace"))
    try:
        return feedparser.parse(data, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except MemoryError:
        raise
    except Exception as error:
        raise ParseError(f"the page cannot be read as a feed: {type(error).__name__}: {str(error)[:200]}") from error


def _what(text: str) -> str:
    if not text.startswith("<"):
        return f"it is text that begins with {text[:40]!r}"
    root = _ROOT.search(text)
    return f"it is XML with the root <{root[1]}>" if root else "it is broken XML"


def _item(entry: Any) -> Item:
    contents = [part for part in dict.get(entry, "content") or () if _text(part, "value")]
    content = max(contents, key=lambda part: len(part["value"]), default=None)
    details = (content, dict.get(entry, "summary_detail"), dict.get(entry, "title_detail"))
    base = next((part["base"] for part in details if part and part.get("base")), None)
    language = next((part["language"] for part in details if part and part.get("language")), None)
    return Item(
        guid=_text(entry, "id"),
        url=_link(entry),
        title=_markup(entry, "title"),
        summary=_markup(entry, "summary"),
        content=_as_html(content["value"], content.get("type")) if content else None,
        author=_author(entry),
        categories=_categories(entry),
        published=_text(entry, "published"),
        updated=_text(entry, "updated"),
        language=language,
        base=base,
    )


def _text(holder: Mapping[str, Any], key: str) -> str | None:
    """By dict's own `get`: feedparser's answers `updated` with `published`, and warns."""
    value = dict.get(holder, key) if isinstance(holder, dict) else None
    return value.strip() or None if isinstance(value, str) else None


def _markup(holder: Mapping[str, Any], key: str) -> str | None:
    value = _text(holder, key)
    detail = dict.get(holder, f"{key}_detail") if isinstance(holder, dict) else None
    return _as_html(value, detail.get("type") if detail else None) if value else None


def _as_html(value: str, kind: str | None) -> str:
    """Text that is no HTML, as HTML. An ampersand stays: entities escaped twice are far commoner than meant ones."""
    if kind in _HTML_TYPES or _KNOWN_MARKUP.search(value):
        return value
    return value.replace("<", "&lt;").replace(">", "&gt;")


def _home(feed: Any) -> str | None:
    links = [link for link in dict.get(feed, "links") or () if link.get("rel") == "alternate" and link.get("href")]
    html = [link for link in links if link.get("type") in {None, "", "text/html", "application/xhtml+xml"}]
    return next((link["href"] for link in html + links), None) or _text(feed, "link")


def _link(entry: Any) -> str | None:
    """The alternate link; else the guid where it is an address (feedparser takes any guid for one); never an enclosure."""
    links = [link for link in dict.get(entry, "links") or () if link.get("rel") != "enclosure" and link.get("href")]
    alternate = next((link["href"] for link in links if link.get("rel") == "alternate"), None)
    guid = _text(entry, "link") or _text(entry, "id") or ""
    return (
        alternate
        or (guid if guid.startswith(("http://", "https://")) else None)
        or (links[0]["href"] if links else None)
    )


def _author(entry: Any) -> str | None:
    """RSS has "address (name)" in one text, which feedparser takes apart wrongly where the domain is a long one."""
    written = _text(entry, "author") or ""
    found = _ADDRESS_AND_NAME.fullmatch(written)
    if found:
        return found[1].strip() or found[0]
    names = [person.get("name") or person.get("email") for person in dict.get(entry, "authors") or ()]
    return ", ".join(name for name in names if name) or written or None


def _categories(entry: Any) -> tuple[str, ...]:
    tags = dict.get(entry, "tags") or ()
    return _distinct(tag.get("label") or tag.get("term") for tag in tags)


def _distinct(words: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in words if isinstance(word, str) and word.strip()))


def _minutes(value: Any) -> int | None:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else None


# --- JSON ------------------------------------------------------------------------------------------------


def _json_feed(text: str, dirt: str | None) -> Feed:
    """JSON Feed 1.0 and 1.1; a field of the wrong kind is as good as absent."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"the page is broken JSON: {str(error)[:200]}") from error
    version = _JSON_VERSION.fullmatch(str(document.get("version"))) if isinstance(document, dict) else None
    if version is None:
        raise ParseError("the page is JSON, but no JSON Feed: no version of jsonfeed.org in it")
    items = [item for item in _list(document, "items") if isinstance(item, dict)]
    if len(items) > MOST_ITEMS:
        dirt = "; ".join(filter(None, (dirt, f"{len(items)} items, the first {MOST_ITEMS} taken")))
    return Feed(
        format="json11" if version[1] == "1.1" else "json10",
        title=_plain(document, "title"),
        home=_text(document, "home_page_url"),
        language=_text(document, "language"),
        items=tuple(_json_item(item, document) for item in items[:MOST_ITEMS]),
        dirt=dirt,
    )


def _json_item(item: dict[str, Any], document: dict[str, Any]) -> Item:
    number = item.get("id")
    return Item(
        guid=_text(item, "id") or (str(number) if isinstance(number, int | float) else None),
        url=_text(item, "url") or _text(item, "external_url"),
        title=_plain(item, "title"),
        summary=_plain(item, "summary"),
        content=_text(item, "content_html") or _paragraphs(_text(item, "content_text")),
        author=_json_author(item) or _json_author(document),
        categories=_distinct(_list(item, "tags")),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        language=_text(item, "language"),
    )


def _list(holder: dict[str, Any], key: str) -> list[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []


def _plain(holder: dict[str, Any], key: str) -> str | None:
    value = _text(holder, key)
    return _as_html(value, None) if value else None


def _paragraphs(text: str | None) -> str | None:
    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n\s*\n", text)) if text else None


def _json_author(holder: dict[str, Any]) -> str | None:
    people = [*_list(holder, "authors"), holder.get("author")]
    names = _distinct(person.get("name") for person in people if isinstance(person, dict))
    return ", ".join(names) or None
