"""JSON Feed 1.0 and 1.1; a field of the wrong kind is as good as absent."""

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from aggregator.collect.fields import MOST_ITEMS, as_html, distinct
from aggregator.errors import ParseError
from aggregator.model import Feed, Hints, Item

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(1(?:\.\d)?)/?")


def read(text: str, dirt: str | None) -> Feed:
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"the page is broken JSON: {str(error)[:200]}") from error
    version = _VERSION.fullmatch(str(document.get("version"))) if isinstance(document, dict) else None
    if version is None:
        raise ParseError("the page is JSON, but no JSON Feed: no version of jsonfeed.org in it")
    items = _dicts(document, "items")
    if len(items) > MOST_ITEMS:
        dirt = "; ".join(filter(None, (dirt, f"{len(items)} items, the first {MOST_ITEMS} taken")))
    return Feed(
        format="json11" if version[1] == "1.1" else "json10",
        title=_plain(document, "title"),
        home=_text(document, "home_page_url"),
        language=_text(document, "language"),
        hints=_hints(document),
        items=tuple(_item(item, document) for item in items[:MOST_ITEMS]),
        dirt=dirt,
    )


def _hints(document: dict[str, Any]) -> Hints:
    hubs = [_text(hub, "url") for hub in _dicts(document, "hubs") if (_text(hub, "type") or "").lower() == "websub"]
    return Hints(hubs=distinct(hubs), self_url=_text(document, "feed_url"), older=_text(document, "next_url"))


def _item(item: dict[str, Any], document: dict[str, Any]) -> Item:
    number = item.get("id")
    return Item(
        guid=_text(item, "id") or (str(number) if isinstance(number, int | float) else None),
        url=_text(item, "url") or _text(item, "external_url"),
        title=_plain(item, "title"),
        summary=_plain(item, "summary"),
        content=_text(item, "content_html") or _paragraphs(_text(item, "content_text")),
        author=_author(item) or _author(document),
        categories=distinct(_list(item, "tags")),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        language=_text(item, "language"),
    )


def _text(holder: Mapping[str, Any], key: str) -> str | None:
    value = holder.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _list(holder: dict[str, Any], key: str) -> list[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []


def _dicts(holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [part for part in _list(holder, key) if isinstance(part, dict)]


def _plain(holder: dict[str, Any], key: str) -> str | None:
    value = _text(holder, key)
    return as_html(value, None) if value else None


def _paragraphs(text: str | None) -> str | None:
    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n\s*\n", text)) if text else None


def _author(holder: dict[str, Any]) -> str | None:
    people = [*_list(holder, "authors"), holder.get("author")]
    names = distinct(person.get("name") for person in people if isinstance(person, dict))
    return ", ".join(names) or None
