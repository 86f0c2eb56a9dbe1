"""What was sorted before is sorted again by the rules as they stand now, and its stories are told anew.

Each transaction takes whole stories as far as they are of the time that is asked for, so that none is told twice on the
way. It may die at any point: what was written down stands, and the next run finds only the rest to be other.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.model import Report, Story
from aggregator.pipeline import shelf
from aggregator.pipeline.curator import Curator
from aggregator.pipeline.moves import again, before, slices, subject
from aggregator.pipeline.sorting import Sorted
from aggregator.store import journal, sorting, stories
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from aggregator.store.locks import exclusive


@dataclass(frozen=True, slots=True)
class Resorted:
    """Of so many `entries`, `moved` have other categories or another section now; `stories` changed with them."""

    entries: int = 0
    moved: int = 0
    stories: int = 0


@dataclass(frozen=True, slots=True)
class _Other:
    """An entry, as it was read, that is sorted into something else now."""

    read: Stored
    now: Sorted


def resort(
    engine: Engine, config: Config, *, since: datetime, clock: Callable[[], datetime], wait: float = 0
) -> Resorted:
    """Of the entries since then. Raises BusyError when another process curates."""
    with exclusive(engine, "curate", wait=wait):
        with reading(engine) as conn:
            curator = Curator.on(conn, config)
        done, now = Resorted(), clock()
        firsts: Counter[tuple[str | None, str | None]] = Counter()
        for batch in slices(engine, since):
            moved, told = _sort_batch(engine, curator, batch, since, now)
            firsts.update((before(one.read).first, one.now.first) for one in moved)
            done = Resorted(done.entries + len(batch), done.moved + len(moved), done.stories + told)
        _note(engine, firsts, now)
        return done


def _note(engine: Engine, firsts: Counter[tuple[str | None, str | None]], now: datetime) -> None:
    """What came to each category, and what left it."""
    came, left = Counter[str](), Counter[str]()
    for (was, is_), count in firsts.items():
        if was != is_:
            left[was or ""] += count
            came[is_ or ""] += count
    slugs = sorted({*came, *left} - {""})
    if slugs:
        with writing(engine) as conn:
            said = [
                (subject(slug), f"sorted again: {came[slug]:,} came to it, {left[slug]:,} left it") for slug in slugs
            ]
            journal.write_all(conn, now, said)


def _sort_batch(
    engine: Engine, curator: Curator, batch: Sequence[Stored], since: datetime, now: datetime
) -> tuple[list[_Other], int]:
    """The entries that moved, and how many stories changed with them. Decided on a view, written down after."""
    found = _others(curator, batch)
    if not found:
        return [], 0
    with reading(engine) as conn:
        beside = sorting.of_stories(conn, sorted(_stories_of(found)), since=since)
        found |= _others(curator, beside)
        told, events = _tell(conn, curator, found, now)
    moved = {id_: event for id_, one in found.items() if (event := _event(one))}
    with writing(engine) as conn:
        sorted_ = {id_: (one.now.categories, one.now.section) for id_, one in found.items()}
        sorting.write(conn, sorted_, read={id_: one.read.entry for id_, one in found.items()})
        stories.save(conn, told)
        journal.write_all(conn, now, [*moved.items(), *events])
    curator.index.trim()
    return [found[id_] for id_ in moved], len(told)


def _others(curator: Curator, some: Iterable[Stored]) -> dict[str, _Other]:
    """By id, those of which something is other now, be it only the reason."""
    found = (_Other(stored, again(curator.sorter, stored)) for stored in some)
    return {one.read.entry.id: one for one in found if one.now != before(one.read)}


def _stories_of(found: Mapping[str, _Other]) -> set[str]:
    """Those whose readers may see it."""
    return {one.read.story for one in found.values() if one.read.story is not None and _event(one)}


def _tell(
    conn: Connection, curator: Curator, found: Mapping[str, _Other], now: datetime
) -> tuple[list[Story], list[tuple[str, str]]]:
    """The stories that become other, and what is to be remembered of each."""
    reports = stories.reports(conn, sorted(_stories_of(found)), curator.outlets)
    told_by = {id_: [_as_sorted(report, found) for report in some] for id_, some in reports.items()}
    curator.index.open(shelf.StoredShelf(conn), [])
    told = curator.tell(conn, told_by, now)
    was = stories.standing(conn, {story.id: story.reports for story in told})
    said = ((story.id, _changes(was[story.id], story)) for story in told if story.id in was)
    return told, [(id_, event) for id_, event in said if event]


def _as_sorted(report: Report, found: Mapping[str, _Other]) -> Report:
    if (one := found.get(report.entry)) is None:
        return report
    return replace(report, section=one.now.section.value, categories=one.now.slugs)


def _event(one: _Other) -> str:
    """What happened to an entry, for its journal; nothing where but a reason is another."""
    was = before(one.read)
    return _said(was.slugs, one.now.slugs, was.section.value, one.now.section.value)


def _changes(was: Story, story: Story) -> str:
    return _said(was.categories, story.categories, was.section, story.section)


def _said(was: Sequence[str], now: Sequence[str], section: str, section_now: str) -> str:
    parts = [f"{', '.join(was) or 'no category'} -> {', '.join(now) or 'no category'}"] if was != now else []
    parts += [f"section {section} -> {section_now}"] if section != section_now else []
    return f"sorted again: {'; '.join(parts)}" if parts else ""
