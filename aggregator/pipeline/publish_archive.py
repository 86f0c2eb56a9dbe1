"""The archive's drawers, the search's parts and the sitemaps: one partition, of which only what was touched is made anew."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from aggregator.pipeline.press import Press, digest
from aggregator.pipeline.printing import Run, ToPrint
from aggregator.publish import archive, search, sitemap
from aggregator.publish.archive import Around, Drawer, Drawers, Line
from aggregator.store import published, shelves, stale
from aggregator.store.dialects import slices
from aggregator.store.engine import reading, writing
from aggregator.store.shelves import Stored

_PAGES = "sitemap-pages.xml"
_INDEXES = ("archive/index.html", "search/index.html", "search/parts.json", "sitemap.xml", _PAGES)
_KEY = "day:"
_NO_DAY = "0001-01-01"
"""Nothing is of it: the lists of drawers are to be made anew."""
_TOGETHER = 50
"""Drawers that are written down in one transaction."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """All drawers as they are now, and the names of those whose pages are to be made anew."""

    drawers: Drawers
    changed: frozenset[str]


def known(conn: Connection) -> dict[str, Drawer]:
    found = shelves.drawers_known(conn)
    return {name: Drawer(name, one.stories, one.updated, one.split) for name, one in found.items()}


def renew(conn: Connection, before: Drawers, days: Iterable[str]) -> Renewed:
    """Count again what is in the drawers of these days; those that stand beside a drawer that came or went change too."""
    by_month: dict[str, set[str]] = {}
    for day in days:
        by_month.setdefault(day[:7], set()).add(day)
    fresh: dict[str, Drawer] = {}
    for month, some in sorted(by_month.items()):
        fresh |= _month(conn, before, month, some)
    after = {**before, **fresh}
    old, new = archive.neighbours(before), archive.neighbours(after)
    beside = {name for name, around in new.items() if old.get(name) != around}
    return Renewed(after, frozenset(fresh) | beside)


def _month(conn: Connection, before: Drawers, name: str, days: set[str]) -> dict[str, Drawer]:
    month = _counted(conn, Drawer(name), before)
    if not month.stories and name not in before:
        return {}
    found = {name: month}
    if not month.split:
        return found
    if name not in before or not before[name].split:
        days = set(archive.days_in(month))
    for day in sorted(days):
        drawer = _counted(conn, Drawer(day), before)
        if drawer.stories or day in before:
            found |= {day: drawer} | (_parts(drawer, before) if drawer.split else {})
    return found


def _counted(conn: Connection, drawer: Drawer, before: Drawers) -> Drawer:
    stories, updated = shelves.between(conn, drawer.start, drawer.end)
    was_split = drawer.name in before and before[drawer.name].split
    return Drawer(drawer.name, stories, updated, was_split or stories > archive.FULL)


def _parts(day: Drawer, before: Drawers) -> dict[str, Drawer]:
    """No fewer than there were."""
    there = sum(name.startswith(f"{day.name}-") for name in before)
    return {part.name: part for part in archive.parts_of(day, there)}


def stored(renewed: Renewed, before: Drawers) -> list[Stored]:
    """What is to be written down."""
    changed = (renewed.drawers[name] for name in sorted(renewed.changed))
    return [
        Stored(one.name, one.stories, one.updated, one.split) for one in changed if before.get(one.name) != one
    ]  # fmt: skip


def is_day(key: str) -> bool:
    return key.startswith(_KEY)


def publish(run: Run, rows: Mapping[str, list[int]], others: Iterable[str]) -> None:
    """Make those drawers anew that hold a story that changed (`rows` name their days), or that are damaged. `others`: the
    pages that are no story's.

    What the drawers hold is written down at the end, when all that follows from it is made.
    """
    press, printer, whole = run.press, run.printer, run.whole
    days = {key.removeprefix(_KEY): some for key, some in rows.items() if is_day(key)}
    with reading(run.engine) as conn:
        before = known(conn)
        everywhere = {*_all_days(conn), *map(_day_in, before.values())} if whole else ()
        renewed = renew(conn, before, {*days, *everywhere})
    drawers = renewed.drawers
    printer.pages.update(paths(drawers))
    damaged = {name for name, drawer in drawers.items() if any(map(printer.is_damaged, paths_of(drawer)))}
    for some in slices(sorted(drawers if whole else renewed.changed | damaged), _TOGETHER):
        with reading(run.engine) as conn:
            wanted = [path for name in some for path in paths_of(drawers[name])]
            fresh = printer.print(pages(conn, press, drawers, some), published.load(conn, wanted))
        _record(run, fresh)
    if whole or days or damaged or any(map(printer.is_damaged, _INDEXES)):
        with reading(run.engine) as conn:
            fresh = printer.print(indexes(press, drawers, others), published.load(conn, _INDEXES))
        _record(run, fresh)
    if not printer.undone.isdisjoint(paths(drawers)):
        _leave(run, drawers, days)
    elif days or renewed.changed:
        with writing(run.engine) as conn:
            shelves.record_drawers(conn, stored(renewed, before))
            stale.clear(conn, [row for some in days.values() for row in some])


def _leave(run: Run, drawers: Drawers, days: Mapping[str, list[int]]) -> None:
    """What could not be made is to be tried again the next time, and what is recorded of the drawers until then stands."""
    undone = {_day_in(one) for one in drawers.values() if not run.printer.undone.isdisjoint(paths_of(one))}
    if unnamed := (undone or {_NO_DAY}) - days.keys():
        with writing(run.engine) as conn:
            stale.mark(conn, [f"{_KEY}{day}" for day in unnamed], "shelf")


def _record(run: Run, fresh: Mapping[str, published.Printed]) -> None:
    if fresh:
        with writing(run.engine) as conn:
            published.record(conn, fresh)


def _day_in(drawer: Drawer) -> str:
    return archive.day_of(drawer.start)


def _all_days(conn: Connection) -> set[str]:
    return {archive.day_of(first) for first in shelves.firsts(conn)}


# --- pages -----------------------------------------------------------------------------------------------


def paths(drawers: Drawers) -> Iterator[str]:
    """Of all that is made of them."""
    yield from _INDEXES
    for drawer in drawers.values():
        yield from paths_of(drawer)


def paths_of(drawer: Drawer) -> list[str]:
    found = [drawer.path]
    if not drawer.split:
        found.append(search.part_path(drawer))
    if drawer.kind == "month":
        found += sitemap.names(drawer.name, drawer.stories)
    return found


def indexes(press: Press, drawers: Drawers, others: Iterable[str]) -> Iterator[ToPrint]:
    """What lists the drawers; `others`: the pages that are no story's."""
    config = press.config
    said = digest(press.look, repr(archive.years(drawers)))
    yield ToPrint(*archive.index(config, drawers, press.folders), said)
    yield ToPrint(*search.index(config, drawers, press.folders), said)
    yield ToPrint("search/parts.json", partial(search.parts, drawers))
    months = [one for one in drawers.values() if one.kind == "month"]
    named = [(name, one.updated) for one in months for name in sitemap.names(one.name, one.stories)]
    yield ToPrint("sitemap.xml", partial(sitemap.index, config, [(_PAGES, None), *sorted(named, reverse=True)]))
    pages = sorted(
        {path for path in others if path.endswith(".html")} | {one.path for one in drawers.values() if one.stories}
    )
    yield ToPrint(_PAGES, partial(sitemap.sitemap, config, [(path, None) for path in pages]))


def pages(conn: Connection, press: Press, drawers: Drawers, names: Iterable[str]) -> Iterator[ToPrint]:
    """Of these drawers, one after the other: their stories are in memory for that long."""
    around = _Surroundings.of(drawers)
    for name in sorted(names):
        drawer = drawers[name]
        yield from _drawer(conn, press, around.about(drawer))
        if drawer.kind == "month":
            yield from _sitemaps(conn, press, drawer)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    drawers: Drawers
    inside: Mapping[str, list[Drawer]]
    neighbours: Mapping[str, tuple[str | None, str | None]]

    @classmethod
    def of(cls, drawers: Drawers) -> "_Surroundings":
        return cls(drawers, archive.inside(drawers), archive.neighbours(drawers))

    def about(self, drawer: Drawer) -> Around:
        newer, older = self.neighbours.get(drawer.name, (None, None))
        return Around(
            drawer,
            above=tuple(self.drawers[name] for name in archive.above(drawer)),
            inside=tuple(self.inside.get(drawer.name, ())),
            newer=self.drawers[newer] if newer else None,
            older=self.drawers[older] if older else None,
        )


def _drawer(conn: Connection, press: Press, around: Around) -> Iterator[ToPrint]:
    drawer = around.drawer
    lines = _lines(conn, press, drawer)
    said = digest(press.look, _named(around), repr(lines))
    yield ToPrint(*archive.drawer_page(press.config, around, lines, press.folders), said)
    if not drawer.split:
        yield ToPrint(search.part_path(drawer), partial(search.part, lines), digest(press.look, repr(lines)))


def _lines(conn: Connection, press: Press, drawer: Drawer) -> list[Line]:
    """The newest first."""
    if drawer.split:
        return []
    place = {"offset": (drawer.number - 1) * archive.FULL, "limit": archive.FULL} if drawer.number else {}
    return [press.line(one) for one in reversed(shelves.read(conn, drawer.start, drawer.end, **place))]


def _named(around: Around) -> str:
    """What a drawer's page says of the others: that a neighbour has one story more is no news there."""
    beside = [one.name if one else "" for one in (around.newer, around.older)]
    return repr((around.drawer.name, around.drawer.stories, beside, [(one.name, one.stories) for one in around.inside]))


def _sitemaps(conn: Connection, press: Press, month: Drawer) -> Iterator[ToPrint]:
    found: list[tuple[str, datetime]] | None = None

    def made(at: int) -> bytes:
        nonlocal found
        if found is None:
            found = [
                (f"stories/{story}.html", updated) for story, updated in shelves.updates(conn, month.start, month.end)
            ]
        return sitemap.sitemap(press.config, found[at * sitemap.MOST : (at + 1) * sitemap.MOST])

    for at, name in enumerate(sitemap.names(month.name, month.stories)):
        yield ToPrint(name, partial(made, at))
