"""JSON Feed 1.1."""

import json
from collections.abc import Iterable
from typing import Any

from aggregator.publish.feeds.channel import Channel
from aggregator.publish.feeds.post import Post
from aggregator.publish.theme import iso


def write(channel: Channel, posts: Iterable[Post]) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.url,
        "description": channel.description or None,
        "authors": [{"name": channel.author}],
        "language": channel.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in channel.hubs] or None,
        "items": [_item(post) for post in posts],
    }
    return json.dumps(_without_none(feed), ensure_ascii=False, indent=1).encode() + b"\n"


def _item(post: Post) -> dict[str, Any]:
    return _without_none(
        {
            "id": post.id,
            "url": post.url,
            "external_url": post.original,
            "title": post.title,
            "content_html": post.content,
            "summary": post.summary or None,
            "date_published": iso(post.published) if post.published is not None else None,
            "date_modified": iso(post.updated),
            "authors": [{"name": post.author}],
            "tags": [tag.label for tag in post.tags] or None,
            "language": post.language,
        }
    )


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
