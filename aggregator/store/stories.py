"""Stories as they stand, and who tells them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select

from aggregator.model import Report, Story, Written
from aggregator.store import retractions, stale
from aggregator.store.dialects import slices, upsert
from aggregator.store.entries import Stored
from aggregator.store.tables import entries, stories, told

_REPORTED = (
    *(entries.c.id, entries.c.source, entries.c.url, entries.c.title, entries.c.summary, entries.c.language),
    *(entries.c.at, entries.c.seen, entries.c.author, entries.c.words, entries.c.duplicate_of, entries.c.news),
    *(entries.c.section, entries.c.categories, entries.c.story),
)
_STORED = tuple(field.name for field in fields(Story) if field.name not in {"reports", "written"})


@dataclass(frozen=True, slots=True)
class Outlet:
    """What readers should know of a source."""

    title: str
    weight: float = 1.0


Outlets = Mapping[str, Outlet]


def save(conn: Connection, changed: Iterable[Story]) -> None:
    rows = [_row(story) for story in changed]
    upsert(conn, stories, rows, key=["id"])
    stale.mark(conn, [row["id"] for row in rows])


def _row(story: Story) -> dict[str, Any]:
    row = {name: getattr(story, name) for name in _STORED}
    row |= {"lead": story.lead.entry, "categories": list(story.categories), "related": list(story.related)}
    written = story.written
    return row | {"written": None if written is None else {"said": story.said, **asdict(written)}}


def load(conn: Connection, ids: Iterable[str], outlets: Outlets) -> dict[str, Story]:
    """By id; what is not there is left out."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Story] = {}
    for some in slices(wanted):
        query = select(stories).where(stories.c.id.in_(some))
        found |= {story.id: story for story in _whole(conn, query, outlets)}
    return {id_: found[id_] for id_ in wanted if id_ in found}


def titles(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The headlines of those that are there."""
    found: dict[str, str] = {}
    for some in slices(ids):
        query = select(stories.c.id, stories.c.title).where(stories.c.id.in_(some))
        found |= {row.id: row.title for row in conn.execute(query)}
    return found


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


def briefed(conn: Connection, outlets: Outlets, *, unless: str | None) -> list[Story]:
    """Those with a briefing in another language than this one; None: all with a briefing."""
    query = select(stories).where(stories.c.written.is_not(None)).order_by(stories.c.id)
    if unless is not None:
        query = query.where(stories.c.written["language"].as_string() != unless)
    return _whole(conn, query, outlets)


def hot_ids(conn: Connection) -> list[str]:
    """The ids of these."""
    return list(conn.execute(select(stories.c.id).where(stories.c.heat > 0).order_by(stories.c.id)).scalars())


def untold(conn: Connection, newsletter: str, outlets: Outlets, *, since: datetime) -> list[Story]:
    """Stories that this newsletter has not told yet and that had news since then; never *since last time*."""
    told_already = select(told.c.story).where(told.c.newsletter == newsletter)
    query = select(stories).where(stories.c.last_published >= since, stories.c.id.not_in(told_already))
    return [story for story in _whole(conn, query.order_by(stories.c.id), outlets) if story.news]


def reports(conn: Connection, ids: Iterable[str], outlets: Outlets) -> dict[str, tuple[Report, ...]]:
    """Who tells these stories, in the order in which the entries came."""
    found: dict[str, list[Report]] = defaultdict(list)
    for some in slices(ids):
        query = (
            select(*_REPORTED)
            .where(entries.c.story.in_(some), entries.c.retracted_at.is_(None))
            .order_by(entries.c.seen, entries.c.id)
        )
        for row in conn.execute(query):
            found[row.story].append(_report(row, outlets))
    return {story: tuple(told_by) for story, told_by in found.items()}


def report(stored: Stored, outlets: Outlets) -> Report:
    """What a judged entry tells, which the database need not know yet."""
    entry, judgement = stored.entry, stored.judgement
    assert judgement is not None, "only judged entries are part of a story"
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
        seen=entry.seen,
        author=entry.author,
        words=entry.words,
        duplicate_of=judgement.duplicate_of.value if judgement.duplicate_of else None,
        weight=outlet.weight,
        news=stored.news,
        section=judgement.section.value,
        categories=tuple(scored.slug for scored in judgement.categories),
    )


def standing(conn: Connection, told_by: Mapping[str, Sequence[Report]]) -> dict[str, Story]:
    """These stories as they were written down last, by id, with the reports that are given."""
    rows = [row for some in slices(told_by) for row in conn.execute(select(stories).where(stories.c.id.in_(some)))]
    return {row.id: _story(row, told_by[row.id]) for row in rows}


def remove(conn: Connection, ids: Iterable[str]) -> None:
    """Stories that nobody tells any more."""
    gone = list(ids)
    for some in slices(gone):
        conn.execute(delete(stories).where(stories.c.id.in_(some)))
    stale.mark(conn, gone)


def all_ids(conn: Connection) -> list[str]:
    return list(conn.execute(select(stories.c.id).order_by(stories.c.id)).scalars())


def last_change(conn: Connection) -> tuple[datetime | None, datetime | None]:
    """When readers last had something else to see, whoever decided it: of a story that stands, and of what was taken back."""
    changed: datetime | None = conn.execute(select(func.max(stories.c.updated))).scalar()
    return changed, retractions.last(conn)


def count(conn: Connection) -> int:
    """Without those that were withdrawn."""
    return conn.execute(select(func.count()).select_from(stories)).scalar_one() - len(retractions.withdrawn(conn))


def _whole(conn: Connection, query: Select[Any], outlets: Outlets) -> list[Story]:
    rows = conn.execute(query).all()
    told_by = reports(conn, [row.id for row in rows], outlets)
    return [_story(row, told_by[row.id]) for row in rows if row.id in told_by]


def _story(row: Row[Any], found: Sequence[Report]) -> Story:
    values = {name: getattr(row, name) for name in _STORED}
    values |= {"categories": tuple(row.categories), "related": tuple(row.related)}
    told_by = _lead_first(found, row.lead)
    lead = told_by[0]
    if lead.entry != row.lead:  # taken back, and not curated since: its words must not be shown meanwhile
        values |= {"title": lead.title, "summary": lead.summary, "language": lead.language, "url": lead.url}
    story = Story(**values, reports=told_by)
    return story if row.written is None else _briefed(story, **row.written)


def _briefed(story: Story, *, said: str, text: str, language: str, model: str) -> Story:
    """With what was written of it, unless its sources say something else since."""
    return replace(story, written=Written(text, language, model)) if story.said == said else story


def _lead_first(found: Sequence[Report], lead: str) -> tuple[Report, ...]:
    """The others follow as they were published."""
    return tuple(sorted(found, key=lambda report: (report.entry != lead, report.published, report.entry)))


def _report(row: Any, outlets: Outlets) -> Report:
    outlet = outlets.get(row.source, Outlet(row.source))
    return Report(
        entry=row.id,
        source=row.source,
        source_title=outlet.title,
        url=row.url,
        title=row.title,
        summary=row.summary,
        language=row.language,
        published=row.at,
        seen=row.seen,
        author=row.author,
        words=row.words,
        duplicate_of=row.duplicate_of,
        weight=outlet.weight,
        news=row.news,
        section=row.section,
        categories=tuple(slug for slug, _, _ in row.categories or ()),
    )
