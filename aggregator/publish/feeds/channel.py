"""What a feed says of itself, in whatever format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import PurePosixPath

from aggregator.config import Config
from aggregator.publish.feeds.ids import place, tag_uri
from aggregator.publish.feeds.post import Post, title
from aggregator.publish.feeds.wording import label, paragraphs, person, whole_second

_TOMBSTONES_FOR = timedelta(days=30)
_MOST_TOMBSTONES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Where the rest of a feed is (RFC 5005): absolute addresses. A subscription document names what came before it; an
    archive (`current` is given) what lies on both sides, and where the newest stand.
    """

    current: str | None = None
    older: str | None = None
    newer: str | None = None
    oldest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An entry that was taken back (RFC 6721)."""

    ref: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    id: str
    title: str
    description: str
    language: str
    author: str
    email: str | None
    home: str
    url: str
    hubs: tuple[str, ...]
    updated: datetime
    history: History = History()
    gone: tuple[Gone, ...] = ()


def channel(
    config: Config,
    path: str,
    posts: Sequence[Post],
    *,
    of: str | None = None,
    called: str | None = None,
    history: History = History(),
    gone: Sequence[Gone] = (),
) -> Channel:
    """The feed at `path`; its id follows from the folder it is in, so that its formats are one feed. `of`: the feed of which
    it is a part of the archive.

    It is as new as the newest of what it tells: nothing here asks the clock. An empty one has a time that never changes.
    """
    publication = config.publication
    folder, own = PurePosixPath(path).parent, PurePosixPath(of or path).parent
    founded = datetime(publication.founded, 1, 1, tzinfo=UTC)
    author = publication.author
    return Channel(
        id=tag_uri(config, "feed", *own.parts),
        title=title(called or publication.title, config),
        description=paragraphs(publication.description),
        language=publication.language,
        author=author_of(config),
        email=(parseaddr(author.email)[1] or None) if author and author.email else None,
        home=place(config, "" if folder == PurePosixPath() else f"{folder}/"),
        url=place(config, path),
        hubs=publication.hubs,
        updated=max([*(post.updated for post in posts), *(one.at for one in gone)], default=founded),
        history=history,
        gone=tuple(gone),
    )


def author_of(config: Config) -> str:
    author = config.publication.author
    return person(author.name if author else "") or label(title(config.publication.title, config))


def tombstones(
    config: Config, withdrawn: Sequence[tuple[str, datetime]], posts: Sequence[Post], *, archived: bool = False
) -> list[Gone]:
    """Of stories that are gone since then, the last first, but not of what is told again. In a feed they stand for a month
    of its own time, which ends with its newest entry; in the archive for ever.
    """
    told = {post.id for post in posts}
    gone = [Gone(ref=tag_uri(config, "story", story), at=whole_second(at)) for story, at in withdrawn]
    gone = [one for one in gone if one.ref not in told]
    if archived:
        return gone
    newest = max((whole_second(post.updated) for post in posts), default=None)
    recent = [one for one in gone if newest is None or one.at >= newest - _TOMBSTONES_FOR]
    return recent[:_MOST_TOMBSTONES]
