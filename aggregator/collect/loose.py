"""Through feedparser: what is not well-formed, and formats that hardly anybody writes any more. Thorough and slow."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import feedparser

from aggregator.collect import fields
from aggregator.collect.fields import MOST_ITEMS, as_html
from aggregator.errors import ParseError
from aggregator.model import Feed, Hints, Item

_FORMATS = {"rss090": "rss09x", "rss091n": "rss09x", "rss091u": "rss09x", "rss092": "rss09x", "rss093": "rss09x"}
_FORMATS |= {"rss094": "rss09x", "rss": "rss20", "atom": "atom10", "atom01": "atom03", "atom02": "atom03"}
_XHTML = "application/xhtml+xml"
# In XHTML feedparser closes what must not be closed: <br></br> is two breaks to whoever reads it as HTML.
_NEEDLESS_ENDS = re.compile(r"></(?:area|br|col|embed|hr|img|input|link|meta|source|track|wbr)>")
_SKIPPED_HOURS = re.compile(r"<skiphours>(.{0,2000}?)</skiphours>", re.IGNORECASE | re.DOTALL)
_SKIPPED_DAYS = re.compile(r"<skipdays>(.{0,2000}?)</skipdays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour>([^<>]{1,20})</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>([^<>]{1,20})</day>", re.IGNORECASE)


def read(text: str) -> Feed | None:
    """None where nothing of a feed is in it."""
    parsed = _feedparsed(text)
    if not parsed.version and not parsed.entries:
        return None
    feed = parsed.feed
    mended = ["not well-formed"] if parsed.bozo else []
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
        hints=_hints(feed, text),
        items=tuple(items),
        dirt="; ".join(mended) or None,
    )


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


def _hints(feed: Any, text: str) -> Hints:
    """Of all hours and days feedparser keeps the last, so they are looked for in the text."""
    links = [(link.get("rel"), link.get("href")) for link in _dicts(feed, "links") if link.get("href")]
    older = [href for rel in ("prev-archive", "next") for told, href in links if told == rel]
    return Hints(
        ttl=fields.number(dict.get(feed, "ttl")),
        period=fields.period(_text(feed, "sy_updateperiod"), _text(feed, "sy_updatefrequency")),
        skip_hours=fields.hours(_HOUR.findall(" ".join(_SKIPPED_HOURS.findall(text)))),
        skip_days=fields.days(_DAY.findall(" ".join(_SKIPPED_DAYS.findall(text)))),
        hubs=fields.distinct(href for rel, href in links if rel == "hub"),
        self_url=next((href for rel, href in links if rel == "self"), None),
        older=next(iter(older), None),
    )


def _item(entry: Any) -> Item:
    contents = [part for part in _dicts(entry, "content") if _text(part, "value")]
    content = max(contents, key=lambda part: len(part["value"]), default=None)
    details = [part for part in (content, _detail(entry, "summary"), _detail(entry, "title")) if part]
    return Item(
        guid=_text(entry, "id"),
        url=_link(entry),
        title=_markup(entry, "title"),
        summary=_summary(entry, contents),
        content=_as_html(content["value"], content.get("type")) if content else None,
        author=_author(entry),
        categories=fields.distinct(tag.get("label") or tag.get("term") for tag in _dicts(entry, "tags")),
        published=_text(entry, "published"),
        updated=_text(entry, "updated"),
        language=next((part["language"] for part in details if part.get("language")), None),
        base=next((part["base"] for part in details if part.get("base")), None),
    )


def _text(holder: Mapping[str, Any], key: str) -> str | None:
    """By dict's own `get`: feedparser's answers `updated` with `published`, and warns."""
    value = dict.get(holder, key) if isinstance(holder, dict) else None
    return value.strip() or None if isinstance(value, str) else None


def _dicts(holder: Any, key: str) -> list[dict[str, Any]]:
    """A list of feedparser's. It keeps an unknown element under its own name: <links>x</links> takes the place of ours."""
    value = dict.get(holder, key)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _detail(holder: Any, key: str) -> dict[str, Any] | None:
    value = dict.get(holder, f"{key}_detail") if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else None


def _markup(holder: Mapping[str, Any], key: str) -> str | None:
    value, detail = _text(holder, key), _detail(holder, key)
    return _as_html(value, detail.get("type") if detail else None) if value else None


def _summary(entry: Any, contents: list[dict[str, Any]]) -> str | None:
    """Where there is none, feedparser makes the content to be one, and forgets of what kind it was."""
    value = _text(entry, "summary")
    if value is None or _detail(entry, "summary"):
        return _markup(entry, "summary")
    return _as_html(value, next((part.get("type") for part in contents if part["value"] == value), None))


def _as_html(value: str, kind: str | None) -> str:
    return as_html(_NEEDLESS_ENDS.sub("/>", value) if kind == _XHTML else value, kind)


def _home(feed: Any) -> str | None:
    links = [link for link in _dicts(feed, "links") if link.get("rel") == "alternate" and link.get("href")]
    html = [link for link in links if link.get("type") in {None, "", *fields.HTML_TYPES}]
    return next((link["href"] for link in html + links), None) or _text(feed, "link")


def _link(entry: Any) -> str | None:
    """Any guid is a link to feedparser; an enclosure is never one."""
    links = [link for link in _dicts(entry, "links") if link.get("rel") != "enclosure" and link.get("href")]
    alternate = next((link["href"] for link in links if link.get("rel") == "alternate"), None)
    return fields.link(alternate, _text(entry, "link") or _text(entry, "id"), (link["href"] for link in links))


def _author(entry: Any) -> str | None:
    people = _dicts(entry, "authors")
    return fields.author(_text(entry, "author"), (person.get("name") or person.get("email") for person in people))
