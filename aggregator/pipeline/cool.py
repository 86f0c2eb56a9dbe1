"""Stories that are no longer told stop being hot topics, though nothing came that would have them curated."""

from datetime import datetime

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.curate.hot import placed
from aggregator.pipeline.outlets import outlets
from aggregator.store import stories
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive


def cool(engine: Engine, config: Config, now: datetime, *, wait: float = 0) -> int:
    """Feel again how hot the hot topics are; how many changed. Raises BusyError when another process curates.

    `updated` stays: that it has cooled down is no news of a story.
    """
    with exclusive(engine, "curate", wait=wait):
        with reading(engine) as conn:
            before = stories.hot(conn, outlets(conn, config))
        sections, news = config.sections, config.news_section
        felt = [(story, placed(story, sections=sections, news=news, now=now)) for story in before]
        changed = [after for story, after in felt if after != story]
        if changed:
            with writing(engine) as conn:
                stories.save(conn, changed)
        return len(changed)
