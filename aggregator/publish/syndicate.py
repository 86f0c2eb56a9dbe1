"""Stories and editions as feeds: each list in Atom, RSS and JSON Feed, and the archive's drawers in Atom (RFC 5005).

Nothing here asks the clock, and nothing of one entry depends on another: the same stories give the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from aggregator.config import Config, Newsletter
from aggregator.model import Edition, Story
from aggregator.publish.feeds import atom as atom_format
from aggregator.publish.feeds import json_feed as json_format
from aggregator.publish.feeds import rss as rss_format
from aggregator.publish.feeds.channel import Channel, History, author_of, channel, tombstones
from aggregator.publish.feeds.ids import place
from aggregator.publish.feeds.numbers import of_edition
from aggregator.publish.feeds.post import Post, Words, of_story

FORMATS = ("atom.xml", "rss.xml", "feed.json")
"""Names of a feed's files in its folder."""
LIMIT = 100

Page = tuple[str, Callable[[], bytes]]
"""Where it is published, and what makes it."""


def of_stories(
    config: Config,
    stories: Sequence[Story],
    *,
    words: Words,
    folder: str = "",
    title: str | None = None,
    withdrawn: Sequence[tuple[str, datetime]] = (),
    older: str | None = None,
    oldest: str | None = None,
) -> Iterator[Page]:
    """One list in all formats. Stories come with the latest news first.

    `withdrawn`: ids of stories that are gone, and since when, the last first. `older`, `oldest`: paths of archives.
    """
    whole, plain, other = (_path(folder, name) for name in FORMATS)
    yield (
        whole,
        partial(
            atom,
            *(config, stories),
            words=words,
            path=whole,
            title=title,
            withdrawn=withdrawn,
            older=older,
            oldest=oldest,
        ),
    )
    yield plain, partial(rss, config, stories, words=words, path=plain, title=title)
    yield other, partial(json_feed, config, stories, words=words, path=other, title=title)


def of_newsletter(
    config: Config,
    newsletter: Newsletter,
    editions: Sequence[Edition],
    *,
    older: str | None = None,
    oldest: str | None = None,
) -> Iterator[Page]:
    """A newsletter in all formats: an entry an edition, newest first. `older`, `oldest`: paths of archives."""
    history = History(older=_place(config, older), oldest=_place(config, oldest))
    for name, write in (
        ("atom.xml", atom_format.write),
        ("rss.xml", rss_format.write),
        ("feed.json", json_format.write),
    ):
        path = f"editions/{newsletter.name}/{name}"
        yield path, partial(_newsletter, config, newsletter, editions[:LIMIT], path, write, history=history)


def newsletter_archive(
    config: Config,
    newsletter: Newsletter,
    editions: Sequence[Edition],
    *,
    path: str,
    previous: str | None = None,
    following: str | None = None,
) -> bytes:
    """A part of a newsletter's archive, as `archive_atom`."""
    current = f"editions/{newsletter.name}/atom.xml"
    history = History(
        current=place(config, current), older=_place(config, previous), newer=_place(config, following)
    )  # fmt: skip
    return _newsletter(config, newsletter, editions, path, atom_format.write, of=current, history=history)


def paths(config: Config) -> Iterator[str]:
    """Every feed that may be subscribed to."""
    folders = ["", *(f"categories/{category.slug}" for category in config.categories)]
    folders += [f"sections/{section.slug}" for section in config.sections]
    folders += [f"editions/{newsletter.name}" for newsletter in config.newsletters]
    return (_path(folder, name) for folder in folders for name in FORMATS)


def atom(
    config: Config,
    stories: Sequence[Story],
    *,
    words: Words,
    path: str,
    title: str | None = None,
    withdrawn: Sequence[tuple[str, datetime]] = (),
    older: str | None = None,
    oldest: str | None = None,
    limit: int = LIMIT,
) -> bytes:
    """`path` is where the feed is published; its id follows from the folder it is in."""
    posts = _posts(config, stories[:limit], words, marked=True)
    history = History(older=_place(config, older), oldest=_place(config, oldest))
    gone = tombstones(config, withdrawn, posts)
    return atom_format.write(channel(config, path, posts, called=title, history=history, gone=gone), posts)


def archive_atom(
    config: Config,
    stories: Sequence[Story],
    *,
    words: Words,
    path: str,
    current: str = "atom.xml",
    previous: str | None = None,
    following: str | None = None,
    withdrawn: Sequence[tuple[str, datetime]] = (),
) -> bytes:
    """A part of the archive, whole: the feed at `current` goes on here. `previous` is the older part, `following` the
    newer; all are paths.
    """
    posts = _posts(config, stories, words, marked=True)
    history = History(
        current=place(config, current), older=_place(config, previous), newer=_place(config, following)
    )  # fmt: skip
    gone = tombstones(config, withdrawn, posts, archived=True)
    return atom_format.write(channel(config, path, posts, of=current, history=history, gone=gone), posts)


def rss(
    config: Config, stories: Sequence[Story], *, words: Words, path: str, title: str | None = None, limit: int = LIMIT
) -> bytes:
    posts = _posts(config, stories[:limit], words, marked=False)
    return rss_format.write(channel(config, path, posts, called=title), posts)


def json_feed(
    config: Config, stories: Sequence[Story], *, words: Words, path: str, title: str | None = None, limit: int = LIMIT
) -> bytes:
    posts = _posts(config, stories[:limit], words, marked=True)
    return json_format.write(channel(config, path, posts, called=title), posts)


def _newsletter(
    config: Config,
    newsletter: Newsletter,
    editions: Sequence[Edition],
    path: str,
    write: Callable[[Channel, Sequence[Post]], bytes],
    *,
    history: History,
    of: str | None = None,
) -> bytes:
    author, marked = author_of(config), write is not rss_format.write
    posts = [of_edition(config, edition, author=author, marked=marked) for edition in editions]
    return write(channel(config, path, posts, of=of, called=newsletter.title, history=history), posts)


def _posts(config: Config, stories: Sequence[Story], words: Words, *, marked: bool) -> list[Post]:
    """Newest first, by the time that readers see."""
    ordered = sorted(stories, key=lambda story: (story.first_published, story.id), reverse=True)
    return [of_story(config, story, words, marked=marked) for story in ordered]


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _place(config: Config, path: str | None) -> str | None:
    return place(config, path) if path is not None else None
