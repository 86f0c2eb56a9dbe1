"""What feedgen 1.0.0 cannot say itself. It makes an extension without arguments and calls its three methods."""

from typing import Any

from markupsafe import escape

from aggregator.publish.feeds.channel import Channel, History
from aggregator.publish.feeds.post import Post, Provenance
from aggregator.publish.feeds.wording import iso_language, looks_like_html
from aggregator.publish.theme import iso

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_HISTORY = "http://purl.org/syndication/history/1.0"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


class FeedExtension:
    """Hubs, archives (RFC 5005), tombstones (RFC 6721), and plain text that looks like HTML."""

    def __init__(self) -> None:
        self.channel: Channel | None = None

    def extend_ns(self) -> dict[str, str]:
        """Only what is used: some validators warn of every namespace that they do not know."""
        assert self.channel is not None, "a feed is of a channel"
        spaces = {"fh": _HISTORY} if self.channel.history.current else {}
        return spaces | ({"at": _TOMBSTONES} if self.channel.gone else {})

    def extend_atom(self, feed: Any) -> Any:
        assert self.channel is not None, "a feed is of a channel"
        for name in ("title", "subtitle"):
            _said_plain(feed.find(name))
        for rel, href in [*(("hub", hub) for hub in self.channel.hubs), *_history_links(self.channel.history)]:
            _add(feed, "link", rel=rel, href=href)
        if self.channel.history.current:
            _add(feed, f"{{{_HISTORY}}}archive")
        for one in self.channel.gone:
            _add(feed, f"{{{_TOMBSTONES}}}deleted-entry", ref=one.ref, when=iso(one.at))
        return feed

    def extend_rss(self, feed: Any) -> Any:
        assert self.channel is not None, "a feed is of a channel"
        for hub in self.channel.hubs:
            _add(feed.find("channel"), f"{{{_ATOM}}}link", rel="hub", href=hub)
        return feed


class EntryExtension:
    """A whole `atom:source`; the language of an entry, its title and its summary; what a link is for (feedgen writes an
    entry's links without `rel` and `type`, which makes every one an alternate); RSS's author and language.
    """

    def __init__(self) -> None:
        self.post: Post | None = None

    def extend_ns(self) -> dict[str, str]:
        return {}

    def extend_atom(self, entry: Any) -> Any:
        assert self.post is not None, "an entry is of a post"
        post = self.post
        if post.language is not None:
            entry.set(_LANG, post.language)
        for name, language in (("title", post.title_language), ("summary", post.summary_language)):
            element = entry.find(name)
            _said_plain(element)
            if element is not None and language is not None and language != post.language:
                element.set(_LANG, language)
        _add(entry, "link", href=post.url, rel="alternate", type="text/html")
        if post.original is not None:
            _add(entry, "link", href=post.original, rel="via")
        for other in post.others:
            _add(entry, "link", href=other, rel="related")
        if post.source is not None:
            _add_source(entry, post.source)
        return entry

    def extend_rss(self, item: Any) -> Any:
        assert self.post is not None, "an item is of a post"
        _add(item, f"{{{_DC}}}creator").text = self.post.author
        if (language := iso_language(self.post.language)) is not None:
            _add(item, f"{{{_DC}}}language").text = language
        return item


class DublinCore:
    """Declares the namespace of what `EntryExtension` adds to items: feedgen asks only what is registered at the feed."""

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DC}

    def extend_rss(self, feed: Any) -> Any:
        return feed


def _history_links(history: History) -> list[tuple[str, str]]:
    """The archives are the feed's pages too: whoever knows only RFC 5005's paging comes as far."""
    links = {
        "current": history.current,
        "prev-archive": history.older,
        "next-archive": history.newer,
        "first": history.current,
        "previous": history.newer,
        "next": history.older,
        "last": history.oldest,
    }
    return [(rel, href) for rel, href in links.items() if href is not None]


def _add_source(entry: Any, provenance: Provenance) -> None:
    source = _add(entry, "source")
    _add(source, "id").text = provenance.id
    _add(source, "title").text = provenance.title
    _said_plain(source.find("title"))
    _add(source, "updated").text = iso(provenance.updated)
    for rel, href in provenance.links:
        _add(source, "link", rel=rel, href=href)


def _said_plain(element: Any) -> None:
    """As HTML that shows the same text, where the text itself could be taken for HTML."""
    if element is not None and element.text and looks_like_html(element.text):
        element.set("type", "html")
        element.text = str(escape(element.text))


def _add(parent: Any, name: str, **attributes: str) -> Any:
    """A child without a namespace of its own, like feedgen's: once written, it is in the default one."""
    child = parent.makeelement(name, attributes)
    parent.append(child)
    return child
