"""What is in the archive's drawers now, counted again where a story came, went or changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from aggregator.publish import archive
from aggregator.publish.archive import Drawer, Drawers
from aggregator.store import shelves
from aggregator.store.shelves import Stored

_KEY = "day:"


@dataclass(frozen=True, slots=True)
class Renewed:
    """All drawers as they are now, and the names of those whose pages are to be made anew. `days`: what named them, with
    the numbers of the rows that did.
    """

    before: Drawers
    drawers: Drawers
    changed: frozenset[str]
    days: Mapping[str, list[int]]


def look(conn: Connection, rows: Mapping[str, list[int]], *, whole: bool) -> Renewed:
    """`rows`: what is to be made anew, of which the days count here; `whole`: all are counted again."""
    days = {key.removeprefix(_KEY): some for key, some in rows.items() if is_day(key)}
    before = _known(conn)
    everywhere = {*_all_days(conn), *map(day_in, before.values())} if whole else ()
    drawers, changed = _renew(conn, before, {*days, *everywhere})
    return Renewed(before, drawers, changed, days)


def _known(conn: Connection) -> dict[str, Drawer]:
    found = shelves.drawers_known(conn)
    return {name: Drawer(name, one.stories, one.updated, one.split) for name, one in found.items()}


def _renew(conn: Connection, before: Drawers, days: Iterable[str]) -> tuple[dict[str, Drawer], frozenset[str]]:
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
    return after, frozenset(fresh) | beside


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


def stored(renewed: Renewed) -> list[Stored]:
    """What is to be written down."""
    changed = (renewed.drawers[name] for name in sorted(renewed.changed))
    return [
        Stored(one.name, one.stories, one.updated, one.split) for one in changed if renewed.before.get(one.name) != one
    ]


def key(day: str) -> str:
    """Under which name a day is marked as touched."""
    return f"{_KEY}{day}"


def is_day(key: str) -> bool:
    return key.startswith(_KEY)


def day_in(drawer: Drawer) -> str:
    """One of its days."""
    return archive.day_of(drawer.start)


def _all_days(conn: Connection) -> set[str]:
    return {archive.day_of(first) for first in shelves.firsts(conn)}
