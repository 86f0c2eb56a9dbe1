"""What an editor decided against the rules: kept for ever, and against every later run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, or_, select

from aggregator.store.tables import decisions

Kind = Literal["merged", "split", "apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`merged`: the story `one` is told in the story `other`. `split`: the entry `one` stands in the story `other`.
    `apart`: the entry `one` does not repeat the entry `other`.
    """

    at: datetime
    kind: Kind
    one: str
    other: str
    was: str = ""
    """The story in which the entry, or the entries, stood before."""


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
    for one in _read(conn):
        match one.kind:
            case "merged":
                merged[one.one] = one.other
            case "split":
                placed[one.one] = one.other
            case "apart":
                apart.add((min(one.one, one.other), max(one.one, one.other)))
    return Decisions(merged, placed, frozenset(apart))


def about(conn: Connection, ids: Iterable[str]) -> list[Decision]:
    """Decisions that name one of these entries or stories, in their order."""
    wanted = frozenset(ids)
    columns = (decisions.c.one, decisions.c.other, decisions.c.was)
    query = select(decisions).where(or_(*(column.in_(wanted) for column in columns)))
    return [_decision(row) for row in conn.execute(query.order_by(decisions.c.id))]


def merged(conn: Connection) -> list[Merged]:
    """The stories that are told in others now, the last that was merged first."""
    known, at = load(conn), {one.one: one.at for one in _read(conn) if one.kind == "merged"}
    found = [Merged(story, known.story(story), at[story]) for story in known.merged]
    return sorted(found, key=lambda one: (one.at, one.story), reverse=True)


def everything(conn: Connection) -> list[Decision]:
    return _read(conn)


def _read(conn: Connection) -> list[Decision]:
    return [_decision(row) for row in conn.execute(select(decisions).order_by(decisions.c.id))]


def _decision(row: Any) -> Decision:
    return Decision(at=row.at, kind=row.kind, one=row.one, other=row.other, was=row.was)
