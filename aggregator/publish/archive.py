"""The archive in drawers: a month, or its days where it is too full for one page, or the parts of a day.

Drawers follow the time at which a story was first published, in UTC, so that the page, the search and the archives of
the feeds have one partition. A drawer that was once divided stays so: addresses that were published go on to lead there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Literal

from aggregator.config import Category, Config
from aggregator.publish.site import Page, opening, page

FULL = 200
"""So many stories are in a drawer at most: a page of them stays under 100 KB."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Drawer:
    """`name`: 2026-11, 2026-11-14, or 2026-11-14-2. `split`: its stories stand in the drawers in it."""

    name: str
    stories: int = 0
    updated: datetime | None = None
    """When the last of its stories was; None where it is empty."""
    split: bool = False

    @property
    def kind(self) -> Literal["month", "day", "part"]:
        kinds: tuple[Literal["month"], Literal["day"], Literal["part"]] = ("month", "day", "part")
        return kinds[len(self._pieces) - 2]

    @property
    def month(self) -> str:
        return self.name[:7]

    @property
    def folder(self) -> str:
        return "/".join(("archive", self.month, *self._pieces[2:]))

    @property
    def path(self) -> str:
        return f"{self.folder}/index.html"

    @property
    def number(self) -> int:
        """Of a part, from the oldest; else 0."""
        return int(self._pieces[3]) if self.kind == "part" else 0

    @property
    def start(self) -> datetime:
        year, month, day = map(int, [*self._pieces[:3], "1"][:3])
        return datetime(year, month, day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it (after its day, of a part)."""
        if self.kind != "month":
            return self.start + _DAY
        return (self.start + 31 * _DAY).replace(day=1)

    @property
    def order(self) -> tuple[datetime, int]:
        return self.start, self.number

    @property
    def _pieces(self) -> list[str]:
        return self.name.split("-")


@dataclass(frozen=True, slots=True)
class Year:
    """`months`: the newest first."""

    year: int
    months: tuple[Drawer, ...]

    @property
    def stories(self) -> int:
        return sum(month.stories for month in self.months)


@dataclass(frozen=True, slots=True)
class Line:
    """A story as the archive lists it, and the search finds it."""

    story: str
    title: str
    language: str | None
    brief: str
    brief_language: str | None
    kicker: Category | None
    source_title: str
    source_page: str | None
    first: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """What stands about a drawer: those above it, those in it (the newest first), and its neighbours among those that
    hold stories.
    """

    drawer: Drawer
    above: tuple[Drawer, ...] = ()
    inside: tuple[Drawer, ...] = ()
    newer: Drawer | None = None
    older: Drawer | None = None


Drawers = Mapping[str, Drawer]
"""All drawers by name."""


def day_of(moment: datetime) -> str:
    """The name of its day's drawer."""
    return moment.astimezone(UTC).date().isoformat()


def parts_of(day: Drawer, known: int) -> list[Drawer]:
    """A day in parts, the oldest first; no fewer than are `known`."""
    number = max(known, -(-day.stories // FULL))
    counts = [min(FULL, max(0, day.stories - at * FULL)) for at in range(number)]
    return [Drawer(f"{day.name}-{at + 1}", count, day.updated) for at, count in enumerate(counts)]


def leaves(drawers: Drawers) -> list[Drawer]:
    """Those that hold stories themselves, the newest first."""
    held = (drawer for drawer in drawers.values() if drawer.stories and not drawer.split)
    return sorted(held, key=lambda drawer: drawer.order, reverse=True)


def neighbours(drawers: Drawers) -> dict[str, tuple[str | None, str | None]]:
    """By name of what holds stories: the newer one, and the older one."""
    names = [None, *(drawer.name for drawer in leaves(drawers)), None]
    return {
        here: (newer, older)
        for newer, (here, older) in zip(names, pairwise(names[1:]), strict=False)
        if here is not None
    }


def inside(drawers: Drawers) -> dict[str, list[Drawer]]:
    """By name of what is divided: what is in it and not empty, the newest first."""
    found: dict[str, list[Drawer]] = {}
    for drawer in sorted(drawers.values(), key=lambda one: one.order, reverse=True):
        if drawer.kind != "month" and drawer.stories:
            found.setdefault(above(drawer)[-1], []).append(drawer)
    return found


def within(drawers: Drawers, drawer: Drawer) -> dict[str, Drawer]:
    """All that lies in it, at whatever depth."""
    return {name: one for name, one in drawers.items() if name.startswith(f"{drawer.name}-")}


def above(drawer: Drawer) -> list[str]:
    """The names of what it is in, outermost first."""
    return [drawer.name[:length] for length in (7, 10) if length < len(drawer.name)]


def years(drawers: Drawers) -> tuple[Year, ...]:
    months = sorted(
        (one for one in drawers.values() if one.kind == "month" and one.stories), key=lambda one: one.name, reverse=True
    )
    return tuple(Year(year, tuple(some)) for year, some in groupby(months, key=lambda one: one.start.year))


def index(config: Config, drawers: Drawers, folders: Sequence[Path]) -> Page:
    found = years(drawers)
    total = sum(year.stories for year in found)
    return page(config, folders, opening, "archive", "archive/index.html", years=found, total=total)


def drawer_page(config: Config, around: Around, lines: Sequence[Line], folders: Sequence[Path]) -> Page:
    """`lines`: what it holds, the newest first."""
    drawer = around.drawer
    return page(
        config,
        folders,
        opening,
        "drawer",
        drawer.path,
        drawer=drawer,
        above=around.above,
        inside=around.inside,
        newer=around.newer,
        older=around.older,
        lines=lines,
    )


def days_in(month: Drawer) -> Iterator[str]:
    """The names of all its days."""
    moment = month.start
    while moment < month.end:
        yield day_of(moment)
        moment += _DAY
