"""What feedgen 1.0.0 cannot say of an Atom feed or an entry itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.publish.theme import iso

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an entry comes from, as `atom:source` says it."""

    id: str
    title: str
    updated: datetime
    link: tuple[str, str] | None
    """(rel, href)"""


class FeedExtension:
    """Tombstones (RFC 6721), which feedgen does not know."""

    def __init__(self) -> None:
        self.gone: Sequence[tuple[str, datetime]] = ()

    def extend_ns(self) -> dict[str, str]:
        return {"at": _TOMBSTONES}

    def extend_rss(self, feed: Any) -> Any:
        return feed

    def extend_atom(self, feed: Any) -> Any:
        for ref, when in self.gone:
            feed.append(feed.makeelement(f"{{{_TOMBSTONES}}}deleted-entry", {"ref": ref, "when": iso(when)}))
        return feed


class EntryExtension:
    """What feedgen cannot say itself: a whole `atom:source`, the language of an entry, of its title and its summary, and what a link
    is for (feedgen 1.0.0 writes an entry's links without `rel` and `type`, which makes every one an alternate).

    feedgen makes it without arguments and calls these three methods.
    """

    def __init__(self) -> None:
        self.language: str | None = None
        self.title_language: str | None = None
        self.summary_language: str | None = None
        self.links: tuple[dict[str, str], ...] = ()
        self.source: Provenance | None = None

    def extend_ns(self) -> dict[str, str]:
        return {}

    def extend_rss(self, item: Any) -> Any:
        return item

    def extend_atom(self, entry: Any) -> Any:
        if self.language is not None:
            entry.set(_XML_LANG, self.language)
        for name, language in (("title", self.title_language), ("summary", self.summary_language)):
            if language is not None and (element := entry.find(name)) is not None:
                element.set(_XML_LANG, language)
        for link in self.links:
            _add(entry, "link", **link)
        if self.source is not None:
            source = _add(entry, "source")
            _add(source, "id").text = self.source.id
            _add(source, "title").text = self.source.title
            _add(source, "updated").text = iso(self.source.updated)
            if self.source.link is not None:
                rel, href = self.source.link
                _add(source, "link", rel=rel, href=href)
        return entry


def _add(parent: Any, name: str, **attributes: str) -> Any:
    """A child without a namespace of its own, like feedgen's: once written, it is in the default one."""
    child = parent.makeelement(name, attributes)
    parent.append(child)
    return child
