"""What our feeds may carry of our sources: what their own feeds published in full, where nothing speaks against it."""

from collections.abc import Iterable

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.model import Story
from aggregator.publish.feeds.fragment import fragment
from aggregator.store import fulltexts


def contents(conn: Connection, config: Config, stories: Iterable[Story]) -> dict[str, str]:
    """By the id of a story's lead: its content, ready for a feed. Nothing of a source that is not to be republished, and
    nothing of an article that we fetched from its page.
    """
    if config.publication.feed_content != "full":
        return {}
    allowed = _republished(config)
    leads = [story.lead.entry for story in stories if story.lead.source in allowed]
    ready = ((entry, fragment(content)) for entry, content in fulltexts.own_contents(conn, leads))
    return {entry: content for entry, content in ready if content}


def _republished(config: Config) -> frozenset[str]:
    """Sources of which everybody may know the address: what takes a key or a password is not for everybody either. Of one
    that is no longer configured, nobody can say whether it may be.
    """
    return frozenset(
        source.name
        for source in config.sources
        if source.republish and config.public_url_of(source) is not None and not source.sent_headers
    )
