"""Which question a story asks, and which briefing stands with it: what was written of what its sources say now."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.curate import assemble
from aggregator.errors import BusyError
from aggregator.model import Story, Written
from aggregator.pipeline.outlets import outlets
from aggregator.store import briefings, stories
from aggregator.store.briefings import Briefing
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive
from aggregator.write.prompt import Question
from aggregator.write.prompt import question as put

_PATIENCE = 5.0
"""Seconds to wait for who curates."""


def question(config: Config, story: Story) -> Question:
    settings = config.writer
    assert settings is not None, "who calls knows"
    return put(
        story,
        language=config.writer_language,
        model=settings.model,
        zone=ZoneInfo(config.publication.timezone),
        answer_tokens=settings.answer_tokens,
    )


def show(engine: Engine, config: Config, wanted: Sequence[Story], now: datetime, *, wait: float = 0) -> int:
    """Bring what stands with the stories up to date with what was written; how many changed. While another process
    curates it is left for the next time.
    """
    with reading(engine) as conn:
        known = outlets(conn, config)
        stale = stories.briefed(conn, known, unless=config.writer_language if config.writer is not None else None)
        ids = [story.id for story, written in _pairs(conn, config, (*wanted, *stale)) if written != story.written]
    if not ids:
        return 0
    try:
        with exclusive(engine, "curate", wait=max(wait, _PATIENCE)), writing(engine) as conn:
            # As they are now: what was asked took its time.
            pairs = _pairs(conn, config, stories.load(conn, ids, known).values())
            changed = [assemble.briefed(story, found, now) for story, found in pairs if found != story.written]
            stories.save(conn, changed)
            return len(changed)
    except BusyError:
        return 0


def _pairs(conn: Connection, config: Config, told: Iterable[Story]) -> list[tuple[Story, Written | None]]:
    """Each with what is to stand with it."""
    found = {story.id: story for story in told}
    if config.writer is None:
        return [(story, None) for story in found.values()]
    keys = {id_: question(config, story).key for id_, story in found.items()}
    known = briefings.load(conn, keys.values())
    return [(story, _of(story, known.get(keys[id_]), config.writer_language)) for id_, story in found.items()]


def _of(story: Story, briefing: Briefing | None, language: str) -> Written | None:
    """What came of the present question; before it was asked, what stands there and was an answer to another (an older
    model's), as long as its sources say the same and it is in the language that is wanted.
    """
    if briefing is not None:
        return Written(briefing.text, briefing.language, briefing.model) if briefing.text is not None else None
    return story.written if story.written is not None and story.written.language == language else None
