"""Both XML formats, through feedgen.

feedgen's defaults are set aside wherever they would make the bytes change without a reason: it fills every missing time
with now, puts new entries first, and names its own version.
"""

import re
from typing import Any

from aggregator.publish.feeds.channel import Channel

_PLAIN = re.compile(rb"<(?:title|name|category|source|managingEditor)[ >][^\n]*|^    <description>[^\n]*", re.MULTILINE)
"""Lines of elements whose text is plain; of the descriptions, the channel's alone is."""


def generator(channel: Channel, media_type: str) -> Any:
    from feedgen.feed import FeedGenerator  # lxml and dateutil with it: only where a feed is written

    feed = FeedGenerator()
    feed.id(channel.id)
    feed.title(channel.title)
    feed.language(channel.language)
    feed.author({"name": channel.author} | ({"email": channel.email} if channel.email else {}))
    # In this order: feedgen takes the last link as the RSS channel's.
    feed.link(href=channel.url, rel="self", type=media_type)
    feed.link(href=channel.home, rel="alternate", type="text/html")
    feed.generator("aggregator")
    feed.updated(channel.updated)
    return feed


def written(document: bytes) -> bytes:
    """With `&` and `<` as numbers where a text is plain: to XML the same, and a sign to those readers (and validators)
    of RSS that have to guess whether a title is HTML. The board's profile of RSS asks for it.
    """
    plain = _PLAIN.sub(lambda line: line[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;"), document)
    return plain if plain.endswith(b"\n") else plain + b"\n"
