"""new entries -> duplicates -> language, categories, section -> stories. In order, one curator at a time, in batches."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.curate import dedup, language
from aggregator.curate.classify import Classifier
from aggregator.curate.sections import Sections
from aggregator.curate.stories import StoryIndex, assemble
from aggregator.model import Choice, Entry, Judgement
from aggregator.pipeline.outlets import outlets
from aggregator.store import entries, stories
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from aggregator.store.locks import exclusive

_BATCH = 50
"""Entries judged in one write transaction: whoever else writes waits for no longer than that takes."""


@dataclass(frozen=True, slots=True)
class Curated:
    entries: int = 0
    duplicates: int = 0
    stories: int = 0
    """Stories that are new or that changed for readers."""


@dataclass(frozen=True, slots=True)
class _Curator:
    """What judging needs: compiled once, the same for every entry."""

    config: Config
    classifier: Classifier
    sections: Sections
    index: StoryIndex


def curate(engine: Engine, config: Config, *, clock: Callable[[], datetime], wait: float = 0) -> Curated:
    """Judge what waits. Raises BusyError when another process curates."""
    with exclusive(engine, "curate", wait=wait):
        done = Curated()
        curator: _Curator | None = None
        while batch := _waiting(engine):
            curator = curator or _curator(engine, config, batch)
            done = _add(done, _curate_batch(engine, curator, batch, clock()))
        return done


def _waiting(engine: Engine) -> list[Stored]:
    with reading(engine) as conn:
        return entries.waiting(conn, limit=_BATCH)


def _curator(engine: Engine, config: Config, batch: list[Stored]) -> _Curator:
    """Open stories are those that the oldest entry at hand could still join."""
    window = config.curate.story_window
    index = StoryIndex(window)
    with reading(engine) as conn:
        for story, entry in entries.since(conn, min(stored.entry.when for stored in batch) - window):
            index.add(story, entry)
    return _Curator(config, Classifier(config.categories), Sections(config.sections), index)


def _curate_batch(engine: Engine, curator: _Curator, batch: list[Stored], now: datetime) -> Curated:
    with writing(engine) as conn:
        judged = [_judge(conn, curator, stored, now) for stored in batch]
        changed = _assemble(conn, curator, {judgement.story.value for judgement in judged}, now)
    return Curated(len(batch), sum(judgement.duplicate_of is not None for judgement in judged), changed)


def _judge(conn: Connection, curator: _Curator, stored: Stored, now: datetime) -> Judgement:
    entry = stored.entry
    source = curator.config.source(entry.source)
    keys = dedup.keys(entry)
    place = _kept_place(stored) or _place(conn, curator, entry, keys)
    judgement = Judgement(
        entry=entry.id,
        language=language.detect(entry.title, entry.summary, entry.language),
        categories=curator.classifier.categories(entry, source),
        section=curator.sections.choose(entry, source),
        duplicate_of=place.duplicate_of,
        story=place.story,
    )
    entries.judge(conn, judgement, keys, now)
    curator.index.add(judgement.story.value, entry)
    return judgement


@dataclass(frozen=True, slots=True)
class _Place:
    story: Choice
    duplicate_of: Choice | None


def _kept_place(stored: Stored) -> _Place | None:
    """An entry that its publisher changed keeps its story: readers may have seen it there."""
    if stored.judgement is None:
        return None
    return _Place(stored.judgement.story, stored.judgement.duplicate_of)


def _place(conn: Connection, curator: _Curator, entry: Entry, keys: Iterable[tuple[str, str]]) -> _Place:
    original = dedup.choose(entry, _candidates(conn, entry, keys))
    if original is not None:
        return _beside(conn, original)
    founded = Choice(f"s{entry.id[1:]}", "the first to tell it")
    return _Place(curator.index.place(entry) or founded, None)


def _candidates(conn: Connection, entry: Entry, keys: Iterable[tuple[str, str]]) -> list[Entry]:
    """What the entry may repeat, the first seen first. Texts are asked for apart: a publisher's stock phrase is shared by
    thousands, which must not hide the one that has the same address.
    """
    texts = [key for key in keys if key[0] == "text"]
    names = [key for key in keys if key[0] != "text"]
    found = {other.id: other for some in (names, texts) for other in entries.by_keys(conn, some)}
    found.pop(entry.id, None)
    return sorted(found.values(), key=lambda other: (other.seen, other.id))


def _beside(conn: Connection, original: Choice) -> _Place:
    """The place of a duplicate: in the story of what it repeats, pointing at the entry that leads."""
    found = entries.get(conn, original.value)
    assert found is not None, "a candidate was read a moment ago"
    assert found.judgement is not None, "only curated entries are candidates"
    first = found.judgement.duplicate_of
    lead = replace(original, value=first.value) if first is not None else original
    return _Place(Choice(found.judgement.story.value, f"repeats {lead.value}"), lead)


def _assemble(conn: Connection, curator: _Curator, touched: set[str], now: datetime) -> int:
    """Bring the touched stories up to date; how many changed for readers."""
    known = outlets(conn, curator.config)
    before = stories.load(conn, touched, known)
    told_by = stories.reports(conn, touched, known)
    changed = 0
    for id_ in sorted(touched):
        old = before.get(id_)
        story = assemble(id_, told_by[id_], sections=curator.config.sections, before=old, now=now)
        story = replace(story, related=tuple(other for other, _ in curator.index.related(id_)))
        if story != old:
            stories.save(conn, story)
            changed += 1
    return changed


def _add(one: Curated, other: Curated) -> Curated:
    return Curated(one.entries + other.entries, one.duplicates + other.duplicates, one.stories + other.stories)
