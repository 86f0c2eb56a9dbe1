"""new entries -> duplicates -> language, categories, section -> stories. In order, one curator at a time, in batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.curate import dedup, language
from aggregator.curate.leads import leader
from aggregator.model import Choice, Entry, Judgement
from aggregator.pipeline import shelf
from aggregator.pipeline.curator import Curator
from aggregator.pipeline.judged import SHINGLE_DAYS, Judgements
from aggregator.store import entries, index, keys, stories
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from aggregator.store.locks import exclusive

_BATCH = 250
"""Entries judged at once and written down in one transaction."""


@dataclass(frozen=True, slots=True)
class Curated:
    entries: int = 0
    duplicates: int = 0
    stories: int = 0
    """Stories that are new or that changed for readers."""


def curate(engine: Engine, config: Config, *, clock: Callable[[], datetime], wait: float = 0) -> Curated:
    """Judge what waits. Raises BusyError when another process curates."""
    with exclusive(engine, "curate", wait=wait):
        done = Curated()
        curator: Curator | None = None
        while batch := _waiting(engine):
            curator = curator or _curator(engine, config)
            done = _add(done, _curate_batch(engine, curator, batch, clock()))
        return done


def _waiting(engine: Engine) -> list[Stored]:
    with reading(engine) as conn:
        return entries.waiting(conn, limit=_BATCH)


def _curator(engine: Engine, config: Config) -> Curator:
    with reading(engine) as conn:
        return Curator.on(conn, config)


def _curate_batch(engine: Engine, curator: Curator, batch: Sequence[Stored], now: datetime) -> Curated:
    """Decide on a view of what is there, then write it down: judging takes its time, and others write meanwhile."""
    with reading(engine) as conn:
        decided = Judgements(conn, batch)
        curator.index.open(shelf.StoredShelf(conn), [stored.entry for stored in batch])
        for stored in batch:
            _judge(curator, decided, stored)
        told_by = decided.reports(touched := decided.stories(), curator.outlets)
        changed = curator.tell(conn, told_by, now)
    with writing(engine) as conn:
        entries.judge(conn, decided.all, now)
        keys.forget(conn, decided.crowded)
        entries.lead(conn, decided.leads)
        stories.save(conn, changed)
        stories.remove(conn, touched - told_by.keys())
        shelf.keep(conn, curator.index.changes())
        index.write_sketches(conn, decided.sketches)
        index.sweep_sketches(conn, batch[0].entry.seen.toordinal() - SHINGLE_DAYS)
    curator.index.trim()
    duplicates = sum(one.judgement.duplicate_of is not None for one in decided.all)
    return Curated(len(decided.all), duplicates, len(changed))


@dataclass(frozen=True, slots=True)
class _Place:
    """`deposed`: the entry that led the article until now, and repeats this one from now on. `near`: related stories."""

    story: Choice
    duplicate_of: Choice | None = None
    deposed: Choice | None = None
    founds: bool = False
    near: Mapping[str, float] = field(default_factory=dict)


def _judge(curator: Curator, decided: Judgements, stored: Stored) -> None:
    entry = stored.entry
    repeated = _repeated(curator, decided, stored)
    if stored.judgement is None:
        place = _place(curator, decided, entry, repeated)
    else:
        place = _kept_place(curator, decided, entry, stored.judgement, repeated)
    found = language.detect(entry.title, entry.summary, entry.language)
    sorted_ = curator.sorter.sort(entry, found, repeating=_repeating(decided, place))
    judgement = Judgement(
        entry=entry.id,
        language=found,
        categories=sorted_.categories,
        section=sorted_.section,
        duplicate_of=place.duplicate_of,
        story=place.story,
    )
    decided.decide(stored, judgement)
    if place.deposed is not None:
        _depose(decided, place.deposed, entry)
    _put(curator, decided, stored, place)


def _repeating(decided: Judgements, place: _Place) -> tuple[str, ...]:
    """The entries that repeat it from now on."""
    if (deposed := place.deposed) is None:
        return ()
    return (deposed.value, *(stored.entry.id for stored in decided.copies(deposed.value)))


def _put(curator: Curator, decided: Judgements, stored: Stored, place: _Place) -> None:
    """What the index knows of its story. Copies of one text are one voice, and no further evidence."""
    story = place.story.value
    if stored.judgement is not None or place.deposed is not None:
        curator.index.rebuild(story, decided.originals(story))
    elif place.founds:
        curator.index.found(story, stored.entry, near=place.near)
    elif place.duplicate_of is None:
        curator.index.add(story, stored.entry, near=place.near)


def _repeated(curator: Curator, decided: Judgements, stored: Stored) -> Choice | None:
    """Which judged entry this one repeats, if any; never one that an editor told apart from it."""
    entry = stored.entry
    candidates = [
        other
        for other in decided.candidates(entry)
        if not curator.decisions.parts(entry.id, other.entry.id)
        and not curator.decisions.parts(entry.id, decided.original(other.entry.id))
    ]
    if stored.judgement is not None:
        candidates = [other for other in candidates if decided.stands(other.entry.id, against=entry.id)]
    return dedup.choose(entry, [other.entry for other in candidates])


def _place(curator: Curator, decided: Judgements, entry: Entry, repeated: Choice | None) -> _Place:
    put = curator.decisions.place(entry.id)
    if repeated is not None:
        place = _beside(curator, decided, entry, repeated)
        if put is None or put == place.story.value:
            return place
    placed = curator.index.place(entry)
    if put is not None:
        return _Place(Choice(put, "an editor put it there"), near=placed.near)
    if placed.story is not None:
        return _Place(placed.story, near=placed.near)
    own = f"s{entry.id[1:]}"
    if (story := curator.decisions.story(own)) != own:
        return _Place(Choice(story, f"an editor merged {own} into it"), near=placed.near)
    return _Place(Choice(own, "the first to tell it"), near=placed.near, founds=True)


def _kept_place(
    curator: Curator, decided: Judgements, entry: Entry, before: Judgement, repeated: Choice | None
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
    return _Place(stays, replace(repeated, value=decided.original(repeated.value)))


def _beside(curator: Curator, decided: Judgements, entry: Entry, repeated: Choice) -> _Place:
    """The place of a copy: in the story of the entry that leads what it repeats, or before it."""
    lead = decided.stored(decided.original(repeated.value))
    story = decided.judgement(lead.entry.id).story.value
    copies = (entry, lead.entry, *(stored.entry for stored in decided.first_copies(lead.entry.id)))
    leads = leader([(copy, curator.outlet(copy.source)) for copy in copies])
    if leads.value == entry.id:
        return _Place(Choice(story, f"told by {lead.entry.id} before"), deposed=replace(leads, value=lead.entry.id))
    return _Place(Choice(story, f"repeats {lead.entry.id}"), replace(repeated, value=lead.entry.id))


def _depose(decided: Judgements, deposed: Choice, entry: Entry) -> None:
    """Who led an article and who repeated it repeat the entry that leads it now."""
    for stored in (*decided.copies(deposed.value), decided.stored(deposed.value)):
        decided.lead(stored.entry.id, Choice(entry.id, f"same article; {deposed.reason}"))


def _add(one: Curated, other: Curated) -> Curated:
    return Curated(one.entries + other.entries, one.duplicates + other.duplicates, one.stories + other.stories)
