"""What readers should know of our sources: the configured title, else the feed's own, else the name."""

from collections.abc import Sequence

from sqlalchemy import Connection

from aggregator.collect import opml
from aggregator.config import Config, Source
from aggregator.store import sources
from aggregator.store.stories import Outlet


def outlets(conn: Connection, config: Config) -> dict[str, Outlet]:
    """By name, also for sources that are no longer configured: their entries are still told."""
    known = {name: Outlet(title or name) for name, title in sources.titles(conn).items()}
    ours = {
        source.name: Outlet(source.title or known.get(source.name, Outlet(source.name)).title, source.weight)
        for source in config.sources
    }
    return known | ours


def subscriptions(conn: Connection, config: Config) -> list[opml.OpmlFeed]:
    """What we read, in folders by category, with the home pages that the feeds named; without the sources that are
    `unlisted`.
    """
    homes = sources.homes(conn)
    folders = dict(zip((category.slug for category in config.categories), _folders(config), strict=True))
    return [
        opml.OpmlFeed(
            title=source.title or source.name,
            url=url,
            home=homes.get(source.name) or public_home(config, source),
            language=source.language,
            folders=tuple(folders[slug] for slug in source.categories),
        )
        for source in config.sources
        if (url := config.public_url_of(source)) is not None
    ]


def _folders(config: Config) -> list[opml.Folder]:
    return [opml.Folder(category.name, category.slug) for category in config.categories]


def source_list(config: Config, listed: Sequence[opml.OpmlFeed]) -> bytes:
    """The same as OPML."""
    return opml.write(config.publication.title, listed, _folders(config))


def public_home(config: Config, source: Source) -> str | None:
    """The configured one, unless something in it is hidden."""
    return source.home if source.home and config.masked(source.home) == source.home else None


def unlisted(config: Config) -> list[str]:
    """The names of the sources whose addresses are not for others."""
    return [source.name for source in config.sources if config.public_url_of(source) is None]
