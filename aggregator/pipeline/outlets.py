"""What readers should know of our sources: the configured title, else the feed's own, else the name."""

from sqlalchemy import Connection

from aggregator.collect import opml
from aggregator.config import Config
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


def source_list(conn: Connection, config: Config) -> bytes:
    """What we read, as OPML, with the home pages that the feeds named; not what has a secret in its address."""
    homes = {name: state.home for name, state in sources.load(conn).items()}
    listed = [
        (source.title or source.name, source.url, homes.get(source.name))
        for source in config.sources
        if config.told_url(source) == source.url
    ]
    return opml.write(config.publication.title, listed)
