"""Atom (RFC 4287)."""

from collections.abc import Iterable
from typing import Any

from aggregator.publish.feeds.channel import Channel
from aggregator.publish.feeds.extensions import EntryExtension, FeedExtension
from aggregator.publish.feeds.post import Post
from aggregator.publish.feeds.xml import generator, written


def write(channel: Channel, posts: Iterable[Post]) -> bytes:
    feed = generator(channel, "application/atom+xml")
    if channel.description:
        feed.subtitle(channel.description)
    feed.register_extension("ours", FeedExtension, rss=False)
    feed.ours.channel = channel
    for post in posts:
        _entry(feed, post)
    return written(feed.atom_str(pretty=True))


def _entry(feed: Any, post: Post) -> None:
    entry = feed.add_entry(order="append")
    entry.id(post.id)
    entry.title(post.title)
    entry.updated(post.updated)
    if post.published is not None:
        entry.published(post.published)
    entry.author({"name": post.author})
    for tag in post.tags:
        entry.category({"term": tag.term, "scheme": tag.scheme, "label": tag.label})
    if post.summary:
        entry.summary(post.summary)
    entry.content(post.content, type="html")
    entry.register_extension("ours", EntryExtension)
    entry.ours.post = post
