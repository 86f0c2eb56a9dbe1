"""Entries, the keys under which the same article is found again, and what was judged of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from aggregator.model import Choice, Entry, Judgement, Scored
from aggregator.store import keys, revisions, stale
from aggregator.store.dialects import Utc, among, insert_new, slices
from aggregator.store.held import is_held
from aggregator.store.keys import Key
from aggregator.store.tables import entries

_NAMES = tuple(field.name for field in fields(Entry))
_values = attrgetter(*_NAMES)
_OURS = [entries.c[name] for name in _NAMES]
_WRITTEN = ("url", "canonical_url", "title", "summary", "content", "author", "tags", "published", "updated", "words")
_STANDS = entries.c.retracted_at.is_(None)
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An entry with what was decided about it; the judgement is None until it is curated.

    `held`: why it is held for review, and never curated; `dropped`: when the review said that nobody is to see it.
    """

    entry: Entry
    news: bool
    curated: datetime | None
    judgement: Judgement | None
    held: str | None = None
    dropped: datetime | None = None
    retracted: tuple[datetime, str] | None = None
    """When and why it was taken back: since then it is in no story."""

    @property
    def story(self) -> str | None:
        return self.judgement.story.value if self.judgement is not None else None

    @property
    def repeats(self) -> str | None:
        """The entry that leads its article, if that is another."""
        repeated = self.judgement.duplicate_of if self.judgement is not None else None
        return repeated.value if repeated is not None else None

    @property
    def article(self) -> str:
        """The entry that leads its article."""
        return self.repeats or self.entry.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judgement that is not written down yet, of an entry as it was `read`; `keys`: under what others find it."""

    read: Stored
    judgement: Judgement
    keys: Sequence[Key]

    @property
    def entry(self) -> Entry:
        return self.read.entry

    @property
    def stored(self) -> Stored:
        """As it will be."""
        return replace(self.read, judgement=self.judgement)


@dataclass(frozen=True, slots=True)
class Added:
    new: tuple[str, ...]
    changed: tuple[str, ...]


def add(conn: Connection, found: Sequence[Entry], *, news: Mapping[str, bool]) -> Added:
    """Keep the new ones and take over what a publisher changed; `news` says which are news, by id.

    A changed entry waits to be curated again, keeping its story, and so do its duplicates. It is compared with what its
    feed said before, and keeps the full text that took the place of that, unless the feed says more now.
    """
    (added,) = add_each(conn, [found], news=news)
    return added


def add_each(
    conn: Connection, feeds: Sequence[Sequence[Entry]], *, news: Mapping[str, bool], held: Mapping[str, str] = _NONE
) -> list[Added]:
    """The same for the entries of several sources, with as few statements as for one. `held`: why a new one is, by id."""
    before = _known(conn, [entry.id for found in feeds for entry in found])
    fresh = [[entry for entry in found if entry.id not in before] for found in feeds]
    rows = [_row(entry, news=news[entry.id]) | {"held": held.get(entry.id)} for found in fresh for entry in found]
    insert_new(conn, entries, rows, key=["source", "guid"])
    changed = [[entry for entry in found if _is_changed(entry, before.get(entry.id))] for found in feeds]
    again = [entry for found in changed for entry in found]
    _take_over(conn, again)
    _wait_again(conn, [entry.id for entry in again])
    return [
        Added(tuple(entry.id for entry in new), tuple(entry.id for entry in other))
        for new, other in zip(fresh, changed, strict=True)
    ]


def _is_changed(entry: Entry, before: Row[Any] | None) -> bool:
    return before is not None and before.digest != digest(replace(entry, seen=before.seen))


def _take_over(conn: Connection, found: Sequence[Entry]) -> None:
    """As it is read now, with the full text that we have of it where that is the longer one; what stood before is kept."""
    before = _rows(conn, [entry.id for entry in found])
    replaced, values = [], []
    for entry in found:
        row = before[entry.id]
        fed = replace(entry, seen=row.seen)
        full = _with_full_text(row, fed)
        replaced.append((row, full, entry.seen))
        said = _row(full, news=False)
        written = {name: said[name] for name in (*_WRITTEN, "digest", "at")}
        values.append(written | {"of": entry.id, "fed": None if full is fed else digest(fed)})
    revisions.keep(conn, replaced)
    if values:
        conn.execute(update(entries).where(entries.c.id == bindparam("of")).values(curated=None), values)
        stale.mark_told_by(conn, [entry.id for entry in found])


def fill(conn: Connection, entry: Entry, *, content: str, summary: str, words: int) -> bool:
    """The article's own text takes the place of what the feed has of it, and the entry waits to be curated; False where
    its publisher changed it since it was read.
    """
    full = replace(entry, content=content, summary=summary, words=words)
    as_read = (entries.c.id == entry.id, entries.c.digest == digest(entry), entries.c.fed.is_(None))
    values = {"content": content, "summary": summary, "words": words, "digest": digest(full), "fed": digest(entry)}
    done = conn.execute(update(entries).where(*as_read).values(**values, curated=None)).rowcount == 1
    if done:
        _wait_again(conn, [entry.id])
        stale.mark_told_by(conn, [entry.id])
    return done


def _with_full_text(row: Row[Any], entry: Entry) -> Entry:
    if row.fed is None or row.words <= entry.words:
        return entry
    return replace(entry, content=row.content, words=row.words)


def _wait_again(conn: Connection, originals: Sequence[str]) -> None:
    """What repeats these, as it was read before they changed, may repeat them no more."""
    for some in slices(originals):
        repeats = entries.c.duplicate_of.in_(some)
        conn.execute(update(entries).where(repeats).values(curated=None))


def known(conn: Connection, ids: Sequence[str], *, since: datetime | None = None) -> frozenset[str]:
    """Which of these are here already; with `since`, of those that came since then."""
    return frozenset(id_ for id_, row in _known(conn, ids).items() if since is None or row.seen >= since)


def digest(entry: Entry) -> str:
    """Of what the publisher wrote and readers may see: tells a changed entry from an unchanged one.

    The date is the one that counts (`when`): one that a feed sets to the present at each poll changes nothing more.
    """
    texts = (entry.title, entry.summary, entry.content, entry.url or "", entry.author or "")
    written = "\x00".join((*texts, entry.when.astimezone(UTC).isoformat(), *sorted(entry.tags)))
    return blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def waiting(conn: Connection, *, limit: int) -> list[Stored]:
    """The entries that are not curated (or changed since) and neither held nor taken back, in the order in which they came."""
    query = select(entries).where(entries.c.curated.is_(None), entries.c.held.is_(None), _STANDS)
    order = (entries.c.seen, entries.c.at, entries.c.id)
    return [_stored(row) for row in conn.execute(query.order_by(*order).limit(limit))]


def load(conn: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """By id; what is not there is left out."""
    found: dict[str, Stored] = {}
    wanted = list(dict.fromkeys(ids))
    for some in slices(wanted):
        query = select(entries).where(entries.c.id.in_(some))
        found |= {row.id: _stored(row) for row in conn.execute(query)}
    return found


def copies(conn: Connection, leads: Collection[str], *, most: int | None = None) -> dict[str, list[str]]:
    """The entries that repeat these, by lead, those that came first first; `most` of each."""
    came = (entries.c.seen, entries.c.at, entries.c.id)
    place = func.row_number().over(partition_by=entries.c.duplicate_of, order_by=came).label("place")
    there = (among(conn, entries.c.duplicate_of, sorted(leads)), _STANDS)
    ranked = select(entries.c.id, entries.c.duplicate_of, place).where(*there).subquery()
    query = select(ranked.c.id, ranked.c.duplicate_of).order_by(ranked.c.place)
    found: dict[str, list[str]] = {lead: [] for lead in leads}
    for id_, lead in conn.execute(query if most is None else query.where(ranked.c.place <= most)):
        found[lead].append(id_)
    return found


def judge(conn: Connection, judged: Sequence[Judged], now: datetime) -> None:
    """Write down what was decided. What its publisher changed since it was read waits to be curated once more."""
    if not judged:
        return
    as_read = entries.c.digest == bindparam("read_digest")
    ours = update(entries).where(entries.c.id == bindparam("of"))
    conn.execute(
        ours.values(curated=case((as_read, literal(now, Utc())), else_=null())), [_told(one) for one in judged]
    )
    again = [one.entry.id for one in judged if one.read.judgement is not None]
    keys.write(conn, [(one.entry, one.keys) for one in judged], again=again)
    stood = [one.read.judgement.story.value for one in judged if one.read.judgement is not None]
    stale.mark(conn, [*stood, *(one.judgement.story.value for one in judged)])


def lead(conn: Connection, leads: Mapping[str, Choice]) -> None:
    """Entries that were judged before repeat another now; the rest of what was judged of them stays."""
    rows = [{"of": id_, "lead": choice.value, "why": choice.reason} for id_, choice in leads.items()]
    if rows:
        ours = update(entries).where(entries.c.id == bindparam("of"))
        conn.execute(ours.values(duplicate_of=bindparam("lead"), duplicate_reason=bindparam("why")), rows)
        stale.mark_told_by(conn, list(leads))


def speak(conn: Connection, ids: Sequence[str]) -> None:
    """Entries that repeat none any more."""
    ours = update(entries).where(entries.c.id.in_(ids))
    conn.execute(ours.values(duplicate_of=None, duplicate_reason=None))
    stale.mark_told_by(conn, ids)


def move(conn: Connection, ids: Sequence[str], story: Choice) -> None:
    """Entries stand in another story."""
    stale.mark_told_by(conn, ids)
    stale.mark(conn, [story.value])
    for some in slices(ids):
        ours = update(entries).where(entries.c.id.in_(some))
        conn.execute(ours.values(story=story.value, story_reason=story.reason))


def _told(one: Judged) -> dict[str, Any]:
    judgement = one.judgement
    return {
        "of": one.entry.id,
        "read_digest": digest(one.entry),
        "language": judgement.language,
        "section": judgement.section.value,
        "section_reason": judgement.section.reason,
        "categories": [[scored.slug, scored.score, scored.reason] for scored in judgement.categories],
        "duplicate_of": judgement.duplicate_of.value if judgement.duplicate_of else None,
        "duplicate_reason": judgement.duplicate_of.reason if judgement.duplicate_of else None,
        "story": judgement.story.value,
        "story_reason": judgement.story.reason,
    }


def get(conn: Connection, entry: str) -> Stored | None:
    row = conn.execute(select(entries).where(entries.c.id == entry)).one_or_none()
    return None if row is None else _stored(row)


def found(conn: Connection, query: Select[Any]) -> list[Stored]:
    """What a query for whole rows finds, in its order."""
    return [_stored(row) for row in conn.execute(query)]


def of_story(conn: Connection, story: str) -> list[Stored]:
    """All its entries that stand, copies included, in the order in which they came."""
    query = select(entries).where(entries.c.story == story, _STANDS)
    return [_stored(row) for row in conn.execute(query.order_by(entries.c.seen, entries.c.at, entries.c.id))]


def originals(conn: Connection, stories: Sequence[str]) -> list[tuple[str, Entry]]:
    """(story, entry) of the originals of these stories."""
    found: list[tuple[str, Entry]] = []
    for some in slices(stories):
        wanted = entries.c.story.in_(some)
        found += [
            (row.story, _entry(row))
            for row in conn.execute(select(entries.c.story, *_OURS).where(wanted, *_is_original()))
        ]
    return found


def _is_original() -> tuple[ColumnElement[bool], ...]:
    return entries.c.story.is_not(None), entries.c.duplicate_of.is_(None), _STANDS


def listed(
    conn: Connection,
    *,
    source: str | None = None,
    category: str | None = None,
    section: str | None = None,
    story: str | None = None,
    search: str | None = None,
    duplicates: bool | None = None,
    since: datetime | None = None,
    held: bool = False,
    retracted: bool = False,
    limit: int | None = None,
) -> list[Stored]:
    """Newest first, by what the caller asks for; `held`: what waits for review, `retracted`: what was taken back, instead
    of what readers may see.
    """
    query = select(entries).where(*_wanted(held=held, retracted=retracted))
    for column, wanted in ((entries.c.source, source), (entries.c.section, section), (entries.c.story, story)):
        query = query.where(column == wanted) if wanted is not None else query
    if since is not None:
        query = query.where(entries.c.at >= since)
    if duplicates is not None:
        query = query.where(entries.c.duplicate_of.is_not(None) if duplicates else entries.c.duplicate_of.is_(None))
    if search is not None:
        query = _matching(query, search)
    newest = query.order_by(entries.c.at.desc(), entries.c.id)
    found = (_stored(row) for row in conn.execute(newest if category is not None else newest.limit(limit)))
    if category is None:
        return list(found)
    return [stored for stored in found if category in _slugs(stored)][:limit]


def count(conn: Connection, *, waiting: bool = False) -> int:
    """All that are not held, or only those that wait to be curated."""
    query = select(func.count()).select_from(entries).where(entries.c.held.is_(None))
    return conn.execute(query.where(entries.c.curated.is_(None), _STANDS) if waiting else query).scalar_one()


def some(conn: Connection, ids: Sequence[str]) -> list[Entry]:
    """Those of these that there are, in no order."""
    found: list[Entry] = []
    for part in slices(ids):
        query = select(*_OURS).where(entries.c.id.in_(part))
        found += [_entry(row) for row in conn.execute(query)]
    return found


def _wanted(*, held: bool, retracted: bool) -> tuple[ColumnElement[bool], ...]:
    if retracted:
        return (entries.c.retracted_at.is_not(None),)
    return is_held() if held else (entries.c.held.is_(None), _STANDS)


def _matching(query: Select[Any], text: str) -> Select[Any]:
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    columns = (entries.c.title, entries.c.summary)
    return query.where(or_(false(), *(column.ilike(pattern, escape="\\") for column in columns)))


def _slugs(stored: Stored) -> set[str]:
    return {scored.slug for scored in stored.judgement.categories} if stored.judgement else set()


def _known(conn: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """By id: the digest of what its feed wrote, and when it was first seen."""
    found: dict[str, Row[Any]] = {}
    for some in slices(ids):
        wanted = entries.c.id.in_(some)
        fed = func.coalesce(entries.c.fed, entries.c.digest).label("digest")
        query = select(entries.c.id, fed, entries.c.seen).where(wanted)
        found |= {row.id: row for row in conn.execute(query)}
    return found


def _rows(conn: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """By id."""
    found: dict[str, Row[Any]] = {}
    for some in slices(ids):
        query = select(entries).where(entries.c.id.in_(some))
        found |= {row.id: row for row in conn.execute(query)}
    return found


def _row(entry: Entry, *, news: bool) -> dict[str, Any]:
    row = dict(zip(_NAMES, _values(entry), strict=True))
    return row | {"tags": list(entry.tags), "at": entry.when, "news": news, "digest": digest(entry)}


def _entry(row: Row[Any]) -> Entry:
    values = {name: getattr(row, name) for name in _NAMES}
    return Entry(**values | {"tags": tuple(row.tags)})


def _stored(row: Row[Any]) -> Stored:
    judgement = None
    if row.story is not None:
        judgement = Judgement(
            entry=row.id,
            language=row.language,
            categories=tuple(Scored(*scored) for scored in row.categories or ()),
            section=Choice(row.section, row.section_reason),
            duplicate_of=Choice(row.duplicate_of, row.duplicate_reason) if row.duplicate_of else None,
            story=Choice(row.story, row.story_reason),
        )
    return Stored(
        entry=_entry(row),
        news=row.news,
        curated=row.curated,
        judgement=judgement,
        held=row.held,
        dropped=row.dropped,
        retracted=(row.retracted_at, row.retracted) if row.retracted_at is not None else None,
    )
