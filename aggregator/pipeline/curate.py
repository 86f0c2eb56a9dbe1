"""new entries -> duplicates -> language, categories, section -> stories. In order, one curator at a time, in batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.curate import dedup, language
from aggregator.curate.assemble import assemble
from aggregator.curate.classify import Classifier
from aggregator.curate.leads import leader
from aggregator.curate.sections import Sections
from aggregator.curate.stories import StoryIndex
from aggregator.model import Choice, Entry, Judgement, Story
from aggregator.pipeline import shelf
from aggregator.pipeline.judged import Judgements
from aggregator.pipeline.outlets import outlets
from aggregator.store import entries, index, stories
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from aggregator.store.locks import exclusive
from aggregator.store.stories import Outlets

_BATCH = 500
"""Entries judged at once and written down in one transaction."""
_COPIES = 20
"""So many copies of an article, those that came first, have a say in which of them leads."""


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
    outlets: Outlets

    def outlet(self, source: str) -> str:
        known = self.outlets.get(source)
        return known.title if known is not None else source


def curate(engine: Engine, config: Config, *, clock: Callable[[], datetime], wait: float = 0) -> Curated:
    """Judge what waits. Raises BusyError when another process curates."""
    with exclusive(engine, "curate", wait=wait):
        done = Curated()
        curator: _Curator | None = None
        while batch := _waiting(engine):
            curator = curator or _curator(engine, config)
            done = _add(done, _curate_batch(engine, curator, batch, clock()))
        return done


def _waiting(engine: Engine) -> list[Stored]:
    with reading(engine) as conn:
        return entries.waiting(conn, limit=_BATCH)


def _curator(engine: Engine, config: Config) -> _Curator:
    with reading(engine) as conn:
        count, last = index.size(conn)
        known = outlets(conn, config)
    opened = StoryIndex(config.curate.story_window, count=count, last=last)
    sections = Sections(config.sections, config.news_section)
    return _Curator(config, Classifier(config.categories), sections, opened, known)


def _curate_batch(engine: Engine, curator: _Curator, batch: Sequence[Stored], now: datetime) -> Curated:
    """Decide on a view of what is there, then write it down: judging takes its time, and others write meanwhile."""
    with reading(engine) as conn:
        decided = Judgements(conn, batch)
        curator.index.open(shelf.StoredShelf(conn), [stored.entry for stored in batch])
        for stored in batch:
            _judge(curator, decided, stored)
        changed, gone = _assemble(conn, curator, decided, now)
    with writing(engine) as conn:
        entries.judge(conn, decided.all, now)
        entries.forget(conn, decided.crowded)
        entries.lead(conn, decided.leads)
        stories.save(conn, changed)
        stories.remove(conn, gone)
        shelf.keep(conn, curator.index.changes())
        index.write_sketches(conn, decided.sketches)
    curator.index.trim()
    duplicates = sum(one.judgement.duplicate_of is not None for one in decided.all)
    return Curated(len(decided.all), duplicates, len(changed))


def _judge(curator: _Curator, decided: Judgements, stored: Stored) -> None:
    entry = stored.entry
    source = curator.config.source(entry.source)
    repeated = _repeated(decided, stored)
    near: Mapping[str, float] = {}
    if stored.judgement is None:
        near, place = _place(curator, decided, entry, repeated)
    else:
        place = _kept_place(curator, decided, entry, stored.judgement, repeated)
    judgement = Judgement(
        entry=entry.id,
        language=language.detect(entry.title, entry.summary, entry.language),
        categories=curator.classifier.categories(entry, source),
        section=curator.sections.choose(entry, source),
        duplicate_of=place.duplicate_of,
        story=place.story,
    )
    decided.decide(stored, judgement)
    if stored.judgement is not None or place.deposed is not None:
        if place.deposed is not None:
            _depose(decided, place.deposed, entry)
        curator.index.rebuild(place.story.value, decided.originals(place.story.value))
    elif place.founds:
        curator.index.found(place.story.value, entry, near=near)
    elif place.duplicate_of is None:  # copies of one text are one voice, and no further evidence
        curator.index.add(place.story.value, entry, near=near)


def _repeated(decided: Judgements, stored: Stored) -> Choice | None:
    """Which judged entry this one repeats, if any."""
    candidates = decided.candidates(stored.entry)
    if stored.judgement is not None:
        candidates = [other for other in candidates if decided.stands(other.entry.id, against=stored.entry.id)]
    return dedup.choose(stored.entry, [other.entry for other in candidates])


@dataclass(frozen=True, slots=True)
class _Place:
    """`deposed`: the entry that led the article until now, and repeats this one from now on."""

    story: Choice
    duplicate_of: Choice | None = None
    deposed: Choice | None = None
    founds: bool = False


def _place(
    curator: _Curator, decided: Judgements, entry: Entry, repeated: Choice | None
) -> tuple[Mapping[str, float], _Place]:
    if repeated is not None:
        return {}, _beside(curator, decided, entry, repeated)
    placed = curator.index.place(entry)
    founded = Choice(f"s{entry.id[1:]}", "the first to tell it")
    return placed.near, _Place(placed.story or founded, founds=placed.story is None)


def _kept_place(
    curator: _Curator, decided: Judgements, entry: Entry, before: Judgement, repeated: Choice | None
) -> _Place:
    """An entry that its publisher changed keeps its story: readers may have seen it there. What it repeats is decided anew."""
    if repeated is None and before.duplicate_of is None:
        return _Place(before.story)
    stays = Choice(before.story.value, "it stood there before it, or what it repeated, was changed")
    if repeated is None:
        return _Place(stays)
    place = _beside(curator, decided, entry, repeated)
    if place.story.value == before.story.value:
        return place
    return _Place(stays, place.duplicate_of or repeated)


def _beside(curator: _Curator, decided: Judgements, entry: Entry, repeated: Choice) -> _Place:
    """The place of a copy: in the story of the entry that leads what it repeats, or before it."""
    lead = decided.stored(decided.original(repeated.value))
    story = decided.judgement(lead.entry.id).story.value
    copies = (entry, lead.entry, *(stored.entry for stored in decided.copies(lead.entry.id, limit=_COPIES)))
    leads = leader([(copy, curator.outlet(copy.source)) for copy in copies])
    if leads.value == entry.id:
        return _Place(Choice(story, f"told by {lead.entry.id} before"), deposed=replace(leads, value=lead.entry.id))
    return _Place(Choice(story, f"repeats {lead.entry.id}"), replace(repeated, value=lead.entry.id))


def _depose(decided: Judgements, deposed: Choice, entry: Entry) -> None:
    """Who led an article and who repeated it repeat the entry that leads it now."""
    for stored in (*decided.copies(deposed.value), decided.stored(deposed.value)):
        decided.lead(stored.entry.id, Choice(entry.id, f"same article; {deposed.reason}"))


def _assemble(conn: Connection, curator: _Curator, decided: Judgements, now: datetime) -> tuple[list[Story], list[str]]:
    """The stories that the decisions touch, where they become other than they were; and those that nobody tells any more."""
    touched = decided.stories()
    told_by = decided.reports(touched, curator.outlets)
    before = stories.standing(conn, told_by)
    made = [
        replace(
            assemble(
                id_,
                reports,
                sections=curator.config.sections,
                news=curator.config.news_section,
                before=before.get(id_),
                now=now,
            ),
            related=curator.index.related(id_),
        )
        for id_, reports in sorted(told_by.items())
    ]
    return [story for story in made if _is_other(story, before.get(story.id))], sorted(touched - told_by.keys())


def _is_other(story: Story, before: Story | None) -> bool:
    return before is None or replace(story, reports=()) != replace(before, reports=())


def _add(one: Curated, other: Curated) -> Curated:
    return Curated(one.entries + other.entries, one.duplicates + other.duplicates, one.stories + other.stories)
