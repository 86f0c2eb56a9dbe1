"""new entries -> duplicates -> language, categories, section -> stories. In order, one curator at a time, in batches."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.curate import dedup, language
from aggregator.curate.assemble import assemble
from aggregator.curate.classify import Classifier
from aggregator.curate.sections import Sections
from aggregator.curate.stories import StoryIndex
from aggregator.model import Choice, Entry, Judgement, Story
from aggregator.pipeline.outlets import outlets
from aggregator.store import entries, stories
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Judged, Key, Stored
from aggregator.store.locks import exclusive

_BATCH = 50
"""Entries judged at once and written down in one transaction."""
_HELD = 20_000
"""Entries of open stories in memory from which on those that the next entry does not need are forgotten."""


@dataclass(frozen=True, slots=True)
class Curated:
    entries: int = 0
    duplicates: int = 0
    stories: int = 0
    """Stories that are new or that changed for readers."""


class _OpenStories:
    """The index, filled from the database as far as the entries at hand reach: what it answers on them depends on nothing
    else that it holds, so it may keep what it has until that becomes too much.
    """

    def __init__(self, window: timedelta) -> None:
        self.index = StoryIndex(window)
        self._filled: set[int] = set()

    def reach(self, conn: Connection, batch: Sequence[Stored]) -> Sequence[Stored]:
        """As many entries of the batch, from the first one on, as it can be filled for."""
        for place, stored in enumerate(batch):
            days = self.index.days(stored.entry.when)
            if not self._filled.issuperset(days):
                if len(self.index) > _HELD:
                    if place:
                        return batch[:place]
                    self._forget(days)
                self._fill(conn, days)
            if stored.judgement is not None:
                self._take(conn, [stored.judgement.story.value])
        return batch

    def _forget(self, days: range) -> None:
        self.index.keep(days)
        self._filled.intersection_update(days)

    def _fill(self, conn: Connection, days: range) -> None:
        missing = [day for day in days if day not in self._filled]
        start, end = _midnight(missing[0]), _midnight(missing[-1] + 1)
        self._take(conn, entries.stories_of(conn, start, end))
        self._filled.update(days)

    def _take(self, conn: Connection, ids: Sequence[str]) -> None:
        for story, entry in entries.originals(conn, [id_ for id_ in ids if id_ not in self.index]):
            self.index.add(story, entry)


@dataclass(frozen=True, slots=True)
class _Curator:
    """What judging needs: compiled once, the same for every entry."""

    config: Config
    classifier: Classifier
    sections: Sections
    opened: _OpenStories


def _midnight(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(), UTC)


def curate(engine: Engine, config: Config, *, clock: Callable[[], datetime], wait: float = 0) -> Curated:
    """Judge what waits. Raises BusyError when another process curates."""
    with exclusive(engine, "curate", wait=wait):
        done = Curated()
        curator: _Curator | None = None
        while batch := _waiting(engine):
            curator = curator or _curator(config)
            done = _add(done, _curate_batch(engine, curator, batch, clock()))
        return done


def _waiting(engine: Engine) -> list[Stored]:
    with reading(engine) as conn:
        return entries.waiting(conn, limit=_BATCH)


def _curator(config: Config) -> _Curator:
    opened = _OpenStories(config.curate.story_window)
    sections = Sections(config.sections, config.news_section)
    return _Curator(config, Classifier(config.categories), sections, opened)


def _curate_batch(engine: Engine, curator: _Curator, batch: Sequence[Stored], now: datetime) -> Curated:
    """Decide on a view of what is there, then write it down: judging takes its time, and others write meanwhile."""
    with reading(engine) as conn:
        decided = _Decided()
        for stored in curator.opened.reach(conn, batch):
            decided.add(_judge(conn, curator, decided, stored))
        changed = _assemble(conn, curator, decided, now)
    with writing(engine) as conn:
        entries.judge(conn, decided.all, now)
        stories.save(conn, changed)
    duplicates = sum(one.judgement.duplicate_of is not None for one in decided.all)
    return Curated(len(decided.all), duplicates, len(changed))


class _Decided:
    """What a batch has decided so far and the database does not know yet."""

    def __init__(self) -> None:
        self._by_id: dict[str, Judged] = {}

    def add(self, judged: Judged) -> None:
        self._by_id[judged.entry.id] = judged

    @property
    def all(self) -> list[Judged]:
        return list(self._by_id.values())

    def sharing(self, conn: Connection, keys: Sequence[Key]) -> list[Entry]:
        """Judged entries with one of these keys, be it that they are in the database or only here."""
        there = [entry for entry in entries.by_keys(conn, keys) if entry.id not in self._by_id]
        return there + [one.entry for one in self.all if not set(keys).isdisjoint(one.keys)]

    def judgement(self, conn: Connection, id_: str) -> Judgement:
        return _judgement(self._stored(conn, id_))

    def original(self, conn: Connection, id_: str) -> str:
        """The entry that leads this one: itself, unless it is a duplicate."""
        first = self.judgement(conn, id_).duplicate_of
        return first.value if first is not None else id_

    def stands(self, conn: Connection, id_: str, *, against: str) -> bool:
        """Whether an entry that was judged before may repeat this one: not if this repeats it, or waits to hear whether it
        still repeats another.
        """
        stored = self._stored(conn, id_)
        first = _judgement(stored).duplicate_of
        settled = id_ in self._by_id or stored.curated is not None
        return first is None or (settled and first.value != against)

    def _stored(self, conn: Connection, id_: str) -> Stored:
        stored = self._by_id[id_].stored if id_ in self._by_id else entries.get(conn, id_)
        assert stored is not None, "it was read a moment ago"
        return stored

    def of_stories(self, conn: Connection, ids: Iterable[str]) -> list[Stored]:
        there = {stored.entry.id: stored for stored in entries.of_stories(conn, ids)}
        return list((there | {one.entry.id: one.stored for one in self.all}).values())


def _judgement(stored: Stored) -> Judgement:
    assert stored.judgement is not None, "only judged entries are candidates"
    return stored.judgement


def _judge(conn: Connection, curator: _Curator, decided: _Decided, stored: Stored) -> Judged:
    entry = stored.entry
    source = curator.config.source(entry.source)
    keys = dedup.keys(entry)
    place = _place(conn, curator, decided, stored, keys)
    judgement = Judgement(
        entry=entry.id,
        language=language.detect(entry.title, entry.summary, entry.language),
        categories=curator.classifier.categories(entry, source),
        section=curator.sections.choose(entry, source),
        duplicate_of=place.duplicate_of,
        story=place.story,
    )
    _put(curator.opened.index, judgement, entry)
    return Judged(read=stored, judgement=judgement, keys=keys)


def _put(index: StoryIndex, judgement: Judgement, entry: Entry) -> None:
    """Only originals are compared with: copies of one text are one voice, and no further evidence."""
    if judgement.duplicate_of is None:
        index.add(judgement.story.value, entry)
    else:
        index.remove(entry.id)


@dataclass(frozen=True, slots=True)
class _Place:
    story: Choice
    duplicate_of: Choice | None


def _place(conn: Connection, curator: _Curator, decided: _Decided, stored: Stored, keys: Sequence[Key]) -> _Place:
    entry = stored.entry
    candidates = _candidates(conn, decided, entry, keys)
    if stored.judgement is not None:
        candidates = [other for other in candidates if decided.stands(conn, other.id, against=entry.id)]
    original = dedup.choose(entry, candidates)
    repeating = _beside(conn, decided, original) if original is not None else None
    if stored.judgement is not None:
        return _kept_place(stored.judgement, repeating)
    founded = Choice(f"s{entry.id[1:]}", "the first to tell it")
    return repeating or _Place(curator.opened.index.place(entry) or founded, None)


def _kept_place(before: Judgement, repeating: _Place | None) -> _Place:
    """An entry that its publisher changed keeps its story: readers may have seen it there. What it repeats is decided anew."""
    if repeating is not None and repeating.story.value == before.story.value:
        return repeating
    if repeating is None and before.duplicate_of is None:
        return _Place(before.story, None)
    stays = Choice(before.story.value, "it stood there before it, or what it repeated, was changed")
    return _Place(stays, repeating.duplicate_of if repeating is not None else None)


def _candidates(conn: Connection, decided: _Decided, entry: Entry, keys: Sequence[Key]) -> list[Entry]:
    """What the entry may repeat, the first seen first. Texts are asked for apart: a publisher's stock phrase is shared by
    thousands, which must not hide the one that has the same address.
    """
    texts = [key for key in keys if key[0] == "text"]
    names = [key for key in keys if key[0] != "text"]
    found = {other.id: other for some in (names, texts) for other in decided.sharing(conn, some)}
    found.pop(entry.id, None)
    return sorted(found.values(), key=lambda other: (other.seen, other.id))


def _beside(conn: Connection, decided: _Decided, repeated: Choice) -> _Place:
    """The place of a duplicate: in the story of the original that leads what it repeats."""
    lead = replace(repeated, value=decided.original(conn, repeated.value))
    story = decided.judgement(conn, lead.value).story.value
    return _Place(Choice(story, f"repeats {lead.value}"), lead)


def _assemble(conn: Connection, curator: _Curator, decided: _Decided, now: datetime) -> list[Story]:
    """The stories that the decisions touch, where they become other than they were."""
    touched = {one.judgement.story.value: one.entry.when for one in decided.all}
    known = outlets(conn, curator.config)
    before = stories.load(conn, touched, known)
    told_by = stories.reports(decided.of_stories(conn, touched), known)
    made: list[Story] = []
    for id_, when in sorted(touched.items()):
        story = assemble(
            id_,
            told_by[id_],
            sections=curator.config.sections,
            news=curator.config.news_section,
            before=before.get(id_),
            now=now,
        )
        related = curator.opened.index.related(id_, when)
        made.append(replace(story, related=tuple(other for other, _ in related)))
    return [story for story in made if story != before.get(story.id)]


def _add(one: Curated, other: Curated) -> Curated:
    return Curated(one.entries + other.entries, one.duplicates + other.duplicates, one.stories + other.stories)
