"""Stories as they stand, and who tells them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from aggregator.model import Report, Story
from aggregator.store import entries as entry_store
from aggregator.store import retractions
from aggregator.store.entries import Stored
from aggregator.store.tables import stories, told, upsert

_BATCH = 500
_STORED = tuple(field.name for field in fields(Story) if field.name != "reports")


@dataclass(frozen=True, slots=True)
class Outlet:
    """What readers should know of a source."""

    title: str
    weight: float = 1.0


Outlets = Mapping[str, Outlet]


def save(conn: Connection, changed: Iterable[Story]) -> None:
    upsert(conn, stories, [_row(story) for story in changed], key=["id"])


def _row(story: Story) -> dict[str, Any]:
    row = {name: getattr(story, name) for name in _STORED}
    return row | {"lead": story.lead.entry, "categories": list(story.categories), "related": list(story.related)}


def load(conn: Connection, ids: Iterable[str], outlets: Outlets) -> dict[str, Story]:
    """By id; what is not there is left out."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Story] = {}
    for start in range(0, len(wanted), _BATCH):
        query = select(stories).where(stories.c.id.in_(wanted[start : start + _BATCH]))
        found |= {story.id: story for story in _whole(conn, query, outlets)}
    return {id_: found[id_] for id_ in wanted if id_ in found}


def newest(
    conn: Connection, outlets: Outlets, *, limit: int | None = None, since: datetime | None = None
) -> list[Story]:
    """The stories with the latest news first."""
    query = select(stories).order_by(stories.c.last_published.desc(), stories.c.id).limit(limit)
    if since is not None:
        query = query.where(stories.c.last_published >= since)
    return _whole(conn, query, outlets)


def hot(conn: Connection, outlets: Outlets) -> list[Story]:
    """Those that stand as hot topics, the hottest first."""
    return _whole(
        conn, select(stories).where(stories.c.heat > 0).order_by(stories.c.heat.desc(), stories.c.id), outlets
    )


def untold(conn: Connection, newsletter: str, outlets: Outlets, *, since: datetime) -> list[Story]:
    """Stories that this newsletter has not told yet and that had news since then; never *since last time*."""
    told_already = select(told.c.story).where(told.c.newsletter == newsletter)
    query = select(stories).where(stories.c.last_published >= since, stories.c.id.not_in(told_already))
    return [story for story in _whole(conn, query.order_by(stories.c.id), outlets) if story.news]


def reports(curated: Iterable[Stored], outlets: Outlets) -> dict[str, tuple[Report, ...]]:
    """What the entries tell, by story, in the order in which they came."""
    found: dict[str, list[Report]] = defaultdict(list)
    for stored in sorted(curated, key=lambda one: (one.entry.seen, one.entry.id)):
        if stored.judgement is not None:
            found[stored.judgement.story.value].append(_report(stored, outlets))
    return {story: tuple(told_by) for story, told_by in found.items()}


def all_ids(conn: Connection) -> list[str]:
    return list(conn.execute(select(stories.c.id).order_by(stories.c.id)).scalars())


def count(conn: Connection) -> int:
    """Without those that were withdrawn."""
    return conn.execute(select(func.count()).select_from(stories)).scalar_one() - len(retractions.withdrawn(conn))


def _whole(conn: Connection, query: Select[Any], outlets: Outlets) -> list[Story]:
    rows = conn.execute(query).all()
    told_by = reports(entry_store.of_stories(conn, [row.id for row in rows]), outlets)
    return [_story(row, told_by[row.id]) for row in rows if row.id in told_by]


def _story(row: Row[Any], found: Sequence[Report]) -> Story:
    values = {name: getattr(row, name) for name in _STORED}
    values |= {"categories": tuple(row.categories), "related": tuple(row.related)}
    told_by = _lead_first(found, row.lead)
    lead = told_by[0]
    if lead.entry != row.lead:  # taken back, and not curated since: its words must not be shown meanwhile
        values |= {"title": lead.title, "summary": lead.summary, "language": lead.language, "url": lead.url}
    return Story(**values, reports=told_by)


def _lead_first(found: Sequence[Report], lead: str) -> tuple[Report, ...]:
    """The others follow as they were published."""
    return tuple(sorted(found, key=lambda report: (report.entry != lead, report.published, report.entry)))


def _report(stored: Stored, outlets: Outlets) -> Report:
    entry, judgement = stored.entry, stored.judgement
    assert judgement is not None, "only curated entries are part of a story"
    outlet = outlets.get(entry.source, Outlet(entry.source))
    return Report(
        entry=entry.id,
        source=entry.source,
        source_title=outlet.title,
        url=entry.url,
        title=entry.title,
        summary=entry.summary,
        language=judgement.language,
        published=entry.when,
        author=entry.author,
        words=entry.words,
        duplicate_of=judgement.duplicate_of.value if judgement.duplicate_of else None,
        weight=outlet.weight,
        news=stored.news,
        section=judgement.section.value,
        categories=tuple(scored.slug for scored in judgement.categories),
    )
