"""What an editor decided against the rules: kept for ever, and against every later run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, or_, select

from aggregator.model import OTHER, Word
from aggregator.store.dialects import slices
from aggregator.store.tables import decisions, entries

Kind = Literal["merged", "split", "apart", "moved", "sectioned", "freed"]
_OF_STORIES: tuple[Kind, ...] = ("merged", "split", "apart")
_OF_ENTRIES: tuple[Kind, ...] = ("moved", "sectioned", "freed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`merged`: the story `one` is told in the story `other`. `split`: the entry `one` stands in the story `other`.
    `apart`: the entry `one` does not repeat the entry `other`. `moved`: the entry `one` has the categories `other`, best
    first, each by its slug, with spaces between them. `sectioned`: it stands in the section `other`. `freed`: what was said
    of its categories and section until then is taken back.
    """

    at: datetime
    kind: Kind
    one: str
    other: str
    was: str = ""
    """Where the entry, or the entries, stood before: the story, the categories, the section."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """As the curator looks them up."""

    merged: dict[str, str] = field(default_factory=dict)
    placed: dict[str, str] = field(default_factory=dict)
    """Entry -> the story that it was put in."""
    apart: frozenset[tuple[str, str]] = frozenset()
    """Pairs of entries, the smaller id first."""

    def story(self, id_: str) -> str:
        """Where that story is told now."""
        while id_ in self.merged:
            id_ = self.merged[id_]
        return id_

    def place(self, entry: str) -> str | None:
        story = self.placed.get(entry)
        return self.story(story) if story is not None else None

    def parts(self, one: str, other: str) -> bool:
        return (min(one, other), max(one, other)) in self.apart


@dataclass(frozen=True, slots=True)
class Words:
    """What holds of what editors said of entries, by entry. A word on a copy is one on what it repeats as well."""

    categories: Mapping[str, Word] = field(default_factory=dict)
    section: Mapping[str, Word] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    story: str
    into: str
    at: datetime


def add(conn: Connection, decided: Sequence[Decision]) -> None:
    rows = [{"at": one.at, "kind": one.kind, "one": one.one, "other": one.other, "was": one.was} for one in decided]
    if rows:
        conn.execute(insert(decisions), rows)


def load(conn: Connection) -> Decisions:
    """A story that was merged and became one of its own again is merged no more; of an entry, the last word holds."""
    merged: dict[str, str] = {}
    placed: dict[str, str] = {}
    apart: set[tuple[str, str]] = set()
    for one in _read(conn, _OF_STORIES):
        match one.kind:
            case "merged":
                merged[one.one] = one.other
            case "split":
                placed[one.one] = one.other
            case "apart":
                apart.add((min(one.one, one.other), max(one.one, one.other)))
    return Decisions(merged, placed, frozenset(apart))


def words(conn: Connection) -> Words:
    said: dict[Kind, dict[str, Word]] = {"moved": {}, "sectioned": {}}
    for number, one in enumerate(_read(conn, _OF_ENTRIES)):
        if one.kind in said:
            told = () if one.other == OTHER else tuple(one.other.split())
            said[one.kind][one.one] = Word(one.at, told, number)
        else:
            for found in said.values():
                found.pop(one.one, None)
    leads = _leads(conn, {entry for found in said.values() for entry in found})
    return Words(_with_leads(said["moved"], leads), _with_leads(said["sectioned"], leads))


def _leads(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Of those of these that repeat another: which."""
    found: dict[str, str] = {}
    for some in slices(sorted(ids)):
        query = select(entries.c.id, entries.c.duplicate_of).where(entries.c.id.in_(some))
        found |= {row.id: row.duplicate_of for row in conn.execute(query) if row.duplicate_of is not None}
    return found


def _with_leads(said: Mapping[str, Word], leads: Mapping[str, str]) -> dict[str, Word]:
    """Of several words on one article, the last holds."""
    found = dict(said)
    for entry, lead in leads.items():
        if entry in said and (lead not in found or found[lead].number < said[entry].number):
            found[lead] = said[entry]
    return found


def about(conn: Connection, ids: Iterable[str]) -> list[Decision]:
    """Decisions that name one of these entries or stories, in their order."""
    wanted = frozenset(ids)
    columns = (decisions.c.one, decisions.c.other, decisions.c.was)
    query = select(decisions).where(or_(*(column.in_(wanted) for column in columns)))
    return [_decision(row) for row in conn.execute(query.order_by(decisions.c.id))]


def merged(conn: Connection) -> list[Merged]:
    """The stories that are told in others now, the last that was merged first."""
    known, at = load(conn), {one.one: one.at for one in _read(conn, ("merged",))}
    found = [Merged(story, known.story(story), at[story]) for story in known.merged]
    return sorted(found, key=lambda one: (one.at, one.story), reverse=True)


def everything(conn: Connection) -> list[Decision]:
    return _read(conn, (*_OF_STORIES, *_OF_ENTRIES))


def of_stories(conn: Connection) -> list[Decision]:
    """What was decided of what is one story, and what is not."""
    return _read(conn, _OF_STORIES)


def last_correction(conn: Connection) -> tuple[int, datetime] | None:
    """The last word on an entry's category or section, said or taken back: its number, and when."""
    query = select(decisions.c.id, decisions.c.at).where(decisions.c.kind.in_(_OF_ENTRIES))
    row = conn.execute(query.order_by(decisions.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else (row.id, row.at)


def _read(conn: Connection, kinds: Sequence[Kind]) -> list[Decision]:
    query = select(decisions).where(decisions.c.kind.in_(kinds))
    return [_decision(row) for row in conn.execute(query.order_by(decisions.c.id))]


def _decision(row: Any) -> Decision:
    return Decision(at=row.at, kind=row.kind, one=row.one, other=row.other, was=row.was)
