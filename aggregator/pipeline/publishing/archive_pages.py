"""The archive's drawers, the search's parts and the sitemaps: one partition, of which only what was touched is made anew."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from aggregator.pipeline.publishing import drawers
from aggregator.pipeline.publishing.drawers import Renewed
from aggregator.pipeline.publishing.feed_texts import contents
from aggregator.pipeline.publishing.press import Press, digest
from aggregator.pipeline.publishing.printing import Run, ToPrint, feed
from aggregator.pipeline.publishing.story_pages import shown
from aggregator.publish import archive, search, sitemap, syndicate
from aggregator.publish.archive import Around, Drawer, Drawers
from aggregator.publish.feeds.post import Words
from aggregator.store import decisions, published, retractions, shelves, stale, stories
from aggregator.store.dialects import slices
from aggregator.store.engine import reading, writing
from aggregator.store.shelves import Listing

_PAGES = "sitemap-pages.xml"
_INDEXES = ("archive/index.html", "search/index.html", "search/parts.json", "sitemap.xml", _PAGES)
_NO_DAY = "0001-01-01"
"""Nothing is of it: the lists of drawers are to be made anew."""
_TOGETHER = 50
"""Drawers that are written down in one transaction."""


def publish(run: Run, renewed: Renewed, others: Iterable[str]) -> None:
    """Make those drawers anew that changed, or that are damaged. `others`: the pages that are no story's.

    What the drawers hold is written down at the end, when all that follows from it is made.
    """
    printer, all_drawers = run.printer, renewed.drawers
    printer.pages.update(paths(all_drawers))
    damaged = {name for name, drawer in all_drawers.items() if any(map(printer.is_damaged, paths_of(drawer)))}
    for some in slices(sorted(all_drawers if run.whole else renewed.changed | damaged), _TOGETHER):
        with reading(run.engine) as conn:
            wanted = [path for name in some for path in paths_of(all_drawers[name])]
            fresh = printer.print(
                _Pages.of(conn, run.press, all_drawers).made(conn, some), published.load(conn, wanted)
            )
        _record(run, fresh)
    if run.whole or renewed.days or damaged or any(map(printer.is_damaged, _INDEXES)):
        with reading(run.engine) as conn:
            fresh = printer.print(_indexes(run.press, all_drawers, others), published.load(conn, _INDEXES))
        _record(run, fresh)
    if not printer.undone.isdisjoint(paths(all_drawers)):
        _leave(run, renewed)
    elif renewed.days or renewed.changed:
        with writing(run.engine) as conn:
            shelves.record_drawers(conn, drawers.stored(renewed))
            stale.clear(conn, [row for some in renewed.days.values() for row in some])


def _leave(run: Run, renewed: Renewed) -> None:
    """What could not be made is to be tried again the next time, and what is recorded of the drawers until then stands."""
    undone = (one for one in renewed.drawers.values() if not run.printer.undone.isdisjoint(paths_of(one)))
    days = {drawers.day_in(one) for one in undone} or {_NO_DAY}
    if unnamed := days - renewed.days.keys():
        with writing(run.engine) as conn:
            stale.mark(conn, map(drawers.key, unnamed), "shelf")


def _record(run: Run, fresh: Mapping[str, published.Printed]) -> None:
    if fresh:
        with writing(run.engine) as conn:
            published.record(conn, fresh)


def feeds(found: Drawers) -> tuple[str | None, str | None]:
    """Where the newest and the oldest part of the archive are, as feeds."""
    held = archive.leaves(found)
    return (_feed(held[0]), _feed(held[-1])) if held else (None, None)


def _feed(drawer: Drawer) -> str:
    return f"{drawer.folder}/atom.xml"


# --- pages -----------------------------------------------------------------------------------------------


def paths(drawers: Drawers) -> Iterator[str]:
    """Of all that is made of them."""
    yield from _INDEXES
    for drawer in drawers.values():
        yield from paths_of(drawer)


def paths_of(drawer: Drawer) -> list[str]:
    found = [drawer.path, _feed(drawer)]
    if not drawer.split:
        found.append(search.part_path(drawer))
    if drawer.kind == "month":
        found += sitemap.names(drawer.name, drawer.stories)
    return found


def _indexes(press: Press, drawers: Drawers, others: Iterable[str]) -> Iterator[ToPrint]:
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


@dataclass(frozen=True, slots=True)
class _Pages:
    """What drawers are made with, one after the other: their stories are in memory for that long."""

    press: Press
    drawers: Drawers
    inside: Mapping[str, list[Drawer]]
    neighbours: Mapping[str, tuple[str | None, str | None]]
    gone: Sequence[tuple[str, datetime, datetime]]
    """Stories that are told no more, since when, and when they were first published: of one that was merged, when the one
    that it is told in was.
    """

    @classmethod
    def of(cls, conn: Connection, press: Press, found: Drawers) -> "_Pages":
        gone = [(one.story, one.at, one.first) for one in retractions.withdrawn(conn)]
        merged = decisions.merged(conn)
        firsts = shelves.firsts_of(conn, [one.into for one in merged])
        gone += [(one.story, one.at, firsts[one.into]) for one in merged if one.into in firsts]
        gone.sort(key=lambda one: one[1], reverse=True)
        return cls(press, found, archive.inside(found), archive.neighbours(found), gone)

    def made(self, conn: Connection, names: Iterable[str]) -> Iterator[ToPrint]:
        for name in names:
            around = self._around(self.drawers[name])
            yield from _drawer(conn, self.press, around)
            yield self._feed(conn, around)
            if around.drawer.kind == "month":
                yield from _sitemaps(conn, self.press, around.drawer)

    def _around(self, drawer: Drawer) -> Around:
        newer, older = self.neighbours.get(drawer.name, (None, None))
        return Around(
            drawer,
            above=tuple(self.drawers[name] for name in archive.above(drawer)),
            inside=tuple(self.inside.get(drawer.name, ())),
            newer=self.drawers[newer] if newer else None,
            older=self.drawers[older] if older else None,
        )

    def _feed(self, conn: Connection, around: Around) -> ToPrint:
        """Of one that is divided by now, what leads those who followed a link to it on to all that was in it."""
        press, drawer = self.press, around.drawer
        listed = [] if drawer.split else _listings(conn, drawer)
        found = list(stories.load(conn, [one.story for one in listed], press.outlets).values())
        words = Words(press.brief, contents(conn, press.config, found))
        first = next(iter(archive.leaves(archive.within(self.drawers, drawer))), None) if drawer.split else None
        previous, following = (_feed(one) if one else None for one in (first or around.older, around.newer))
        gone = [] if drawer.split else [one for one in self.gone if drawer.start <= one[2] < drawer.end]
        path = _feed(drawer)
        said = digest(press.look, *map(shown, found), repr((words.contents, previous, following, gone)))
        make = partial(
            syndicate.archive_atom,
            press.config,
            found,
            words=words,
            path=path,
            previous=previous,
            following=following,
            withdrawn=[(story, at) for story, at, _ in gone],
        )
        return ToPrint(path, partial(feed, path, make), said)


def _drawer(conn: Connection, press: Press, around: Around) -> Iterator[ToPrint]:
    drawer = around.drawer
    lines = [] if drawer.split else [press.line(one) for one in _listings(conn, drawer)]
    said = digest(press.look, _named(around), repr(lines))
    yield ToPrint(*archive.drawer_page(press.config, around, lines, press.folders), said)
    if not drawer.split:
        yield ToPrint(search.part_path(drawer), partial(search.part, lines), digest(press.look, repr(lines)))


def _listings(conn: Connection, drawer: Drawer) -> list[Listing]:
    """The newest first."""
    place = {"offset": (drawer.number - 1) * archive.FULL, "limit": archive.FULL} if drawer.number else {}
    return shelves.read(conn, drawer.start, drawer.end, **place)[::-1]


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
