"""A validator of JSON Feed 1.1."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.support import feedrules

_TOP: dict[str, type] = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str, "next_url": str,
    "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list, "items": list,
}  # fmt: skip
_ITEM: dict[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str,
    "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list,
}  # fmt: skip


def complaints(document: bytes) -> list[str]:
    """What is forbidden; and what begins with “should” is bad."""
    try:
        feed = json.loads(document)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    if not isinstance(feed, dict):
        return ["it is no object"]
    found = [*_object(feed, _TOP, "the feed"), *_top(feed)]
    items = [item for item in feed.get("items", []) if isinstance(item, dict)]
    for item in items:
        found += [*_object(item, _ITEM, "an item"), *_item(item)]
    counts = Counter(item.get("id") for item in items)
    return found + [f"{count} items have the id {id_}" for id_, count in counts.items() if count > 1]


def _object(found: dict[str, Any], known: dict[str, type], name: str) -> Iterator[str]:
    for key, value in found.items():
        if key.startswith("_"):
            continue
        fits = isinstance(value, known.get(key, object))
        if key not in known:
            yield f"should: {name} has {key}, which nobody knows"
        elif not fits:
            yield f"{name}: {key} is {value!r}"
        elif key.endswith("url") or key in {"image", "banner_image", "icon", "favicon"}:
            yield from feedrules.address(value, key)
        elif key == "language":
            yield from feedrules.language(value, key)
        elif key == "authors":
            yield from _authors(value)


def _top(feed: dict[str, Any]) -> Iterator[str]:
    if feed.get("version") not in {"https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1"}:
        yield f"the version is {feed.get('version')!r}"
    yield from (f"the feed has no {name}" for name in ("title", "items") if name not in feed)
    yield from (f"should: the feed has no {name}" for name in ("home_page_url", "feed_url") if name not in feed)
    for hub in feed.get("hubs", []):
        if not isinstance(hub, dict) or not isinstance(hub.get("type"), str):
            yield f"a hub is {hub!r}"
        else:
            yield from feedrules.address(hub.get("url", ""), "hub")


def _authors(authors: list[Any]) -> Iterator[str]:
    for author in authors:
        if not isinstance(author, dict) or not any(author.get(key) for key in ("name", "url", "avatar")):
            yield f"an author is {author!r}"


def _item(item: dict[str, Any]) -> Iterator[str]:
    if not item.get("id"):
        yield "an item has no id"
    if "content_html" not in item and "content_text" not in item:
        yield "an item has no content"
    yield from feedrules.html(item.get("content_html", ""), "content_html")
    yield from feedrules.readable(item.get("title", "") + item.get("summary", ""), "texts")
    for name in ("date_published", "date_modified"):
        if name in item:
            yield from feedrules.date(item[name], name)
    yield from (f"a tag is {tag!r}" for tag in item.get("tags", []) if not isinstance(tag, str) or not tag)
