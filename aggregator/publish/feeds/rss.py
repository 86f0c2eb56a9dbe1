"""RSS 2.0 as the RSS Advisory Board's profile has it, with the content, Dublin Core and Atom modules."""

from collections.abc import Iterable
from typing import Any

from markupsafe import escape

from aggregator.publish.feeds.channel import Channel
from aggregator.publish.feeds.extensions import DublinCore, EntryExtension, FeedExtension
from aggregator.publish.feeds.post import Post
from aggregator.publish.feeds.wording import one_line, whole_second
from aggregator.publish.feeds.xml import generator, written


def write(channel: Channel, posts: Iterable[Post]) -> bytes:
    feed = generator(channel, "application/rss+xml")
    feed.title(_plain(channel.title))
    feed.description(_plain(one_line(channel.description) or channel.title))  # RSS wants one
    feed.lastBuildDate(whole_second(channel.updated))
    if channel.email:
        feed.managingEditor(_plain(f"{channel.email} ({channel.author.translate(_NO_BRACKETS)})"))
    feed.register_extension("ours", FeedExtension, atom=False)
    feed.ours.channel = channel
    feed.register_extension("dc_of_items", DublinCore, atom=False)
    for post in posts:
        _item(feed, post)
    return written(feed.rss_str(pretty=True))


_NO_BRACKETS = str.maketrans("()<>@", "     ")


def _item(feed: Any, post: Post) -> None:
    item = feed.add_entry(order="append")
    item.guid(post.id, permalink=False)
    item.title(_plain(post.title))
    item.link(href=post.url)
    item.published(post.published or whole_second(post.updated))
    # The description stands before the whole, which many readers that know no content:encoded do not show.
    item.content(post.content)
    item.description(post.described or post.content, isSummary=True)
    for tag in post.tags:
        item.category({"term": tag.term, "scheme": tag.scheme, "label": tag.label})
    if post.source is not None and post.source.links:
        item.source(url=post.source.links[0][1], title=_plain(post.source.title))
    item.register_extension("ours", EntryExtension)
    item.ours.post = post


def _plain(text: str) -> str:
    """A title that holds an end tag would be taken for HTML by everybody: it is written as HTML that shows the text."""
    return str(escape(text)) if "</" in text else text
