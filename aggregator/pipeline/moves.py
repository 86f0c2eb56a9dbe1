"""What would move, were the entries of late sorted again by the rules as they stand now. Nothing is written.

The entries are gone over slice by slice, each on a view of its own: neither memory nor the database is held meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.pipeline.sorting import Sorted, Sorter
from aggregator.store import sorting
from aggregator.store.engine import reading
from aggregator.store.entries import Stored

WINDOW = timedelta(days=30)
"""What is older is read by few, and stays as it was sorted."""
_SLICE = 250
_SHOWN = 3
"""Entries that are named of each move, the newest."""

Kind = Literal["category", "section"]


@dataclass(frozen=True, slots=True)
class Example:
    entry: str
    title: str
    why: str
    """The rule that moves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Entries whose first category, or whose section, would be another. `before`, `after`: slugs; None: no category."""

    kind: Kind
    before: str | None
    after: str | None
    entries: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Of so many `entries`, `moved` would have another first category and `resectioned` another section; `gained` and
    `lost` would have a further category more, or one less: `gains` and `losses` say which, by slug.
    """

    entries: int
    moved: int
    gained: int
    lost: int
    resectioned: int
    gains: Counter[str]
    losses: Counter[str]
    moves: tuple[Move, ...]
    """Those of most entries first."""
    whole: bool
    """False: there are older ones, which were not looked at."""


def preview(engine: Engine, config: Config, *, since: datetime, most: int | None = None) -> Preview:
    """Of the entries since then; `most`: only so many, the newest."""
    with reading(engine) as conn:
        sorter = Sorter.on(conn, config)
    seen = _Seen()
    for batch in slices(engine, since):
        for stored in batch:
            if seen.entries == most:
                return seen.preview(whole=False)
            seen.add(stored, before(stored), again(sorter, stored))
    return seen.preview(whole=True)


def slices(engine: Engine, since: datetime) -> Iterator[list[Stored]]:
    """The sorted entries since then, the newest first."""
    last: Stored | None = None
    while True:
        with reading(engine) as conn:
            batch = sorting.newest(conn, since=since, after=last, limit=_SLICE)
        if not batch:
            return
        yield batch
        last = batch[-1]


def before(stored: Stored) -> Sorted:
    """What an entry was sorted into."""
    assert stored.judgement is not None, "only judged entries are asked about"
    return Sorted(stored.judgement.categories, stored.judgement.section)


def again(sorter: Sorter, stored: Stored) -> Sorted:
    """What it is sorted into now. Its language stays as it was found."""
    assert stored.judgement is not None, "only judged entries are asked about"
    return sorter.sort(stored.entry, stored.judgement.language)


def subject(slug: str) -> str:
    """Under what the journal has a category: a source may have its name."""
    return f"category {slug}"


_Key = tuple[Kind, str | None, str | None]


@dataclass(slots=True)
class _Seen:
    """What is counted on the way."""

    entries: int = 0
    gained: int = 0
    lost: int = 0
    gains: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    counts: Counter[_Key] = field(default_factory=Counter)
    examples: defaultdict[_Key, list[Example]] = field(default_factory=lambda: defaultdict(list))

    def add(self, stored: Stored, was: Sorted, now: Sorted) -> None:
        self.entries += 1
        gains = [slug for slug in now.slugs[1:] if slug not in was.slugs]
        losses = [slug for slug in was.slugs[1:] if slug not in now.slugs]
        self.gains.update(gains)
        self.losses.update(losses)
        self.gained += bool(gains)
        self.lost += bool(losses)
        if was.first != now.first:
            why = now.categories[0].reason if now.categories else "no rule applies any more"
            self._move("category", was.first, now.first, stored, why)
        if was.section.value != now.section.value:
            self._move("section", was.section.value, now.section.value, stored, now.section.reason)

    def _move(self, kind: Kind, was: str | None, now: str | None, stored: Stored, why: str) -> None:
        key = (kind, was, now)
        self.counts[key] += 1
        if len(self.examples[key]) < _SHOWN:
            self.examples[key].append(Example(stored.entry.id, stored.entry.title, why))

    def preview(self, *, whole: bool) -> Preview:
        found = sorted(self.counts.items(), key=lambda pair: (pair[0][0], -pair[1], str(pair[0])))
        moves = tuple(
            Move(kind=kind, before=was, after=now, entries=count, examples=tuple(self.examples[kind, was, now]))
            for (kind, was, now), count in found
        )
        return Preview(
            entries=self.entries,
            moved=sum(move.entries for move in moves if move.kind == "category"),
            gained=self.gained,
            lost=self.lost,
            resectioned=sum(move.entries for move in moves if move.kind == "section"),
            gains=self.gains,
            losses=self.losses,
            moves=moves,
            whole=whole,
        )
