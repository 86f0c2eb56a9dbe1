"""The pages of stories, and where they stand. A story that changed names the lists that are to be made anew."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from aggregator.config import standing
from aggregator.model import Story
from aggregator.pipeline.publishing import drawers
from aggregator.pipeline.publishing.press import Press, digest
from aggregator.pipeline.publishing.printing import Run, ToPrint
from aggregator.publish import site
from aggregator.publish.archive import day_of
from aggregator.store import decisions, published, retractions, shelves, stale, stories
from aggregator.store.dialects import slices
from aggregator.store.engine import reading, writing
from aggregator.store.shelves import Place

_BATCH = 200
_NOWHERE = Place(None)
_FOLDER, _SUFFIX = "stories/", ".html"


@dataclass(frozen=True, slots=True)
class _Told:
    """A batch of stories as they stand, and what of them stood before. `gone`: ids that are told in none of these ways."""

    stories: Mapping[str, Story]
    beside: Mapping[str, Story]
    into: Mapping[str, str]
    """In which story those are told that were merged."""
    withdrawn: Mapping[str, retractions.Withdrawn]
    places: Mapping[str, Place]
    known: Mapping[str, published.Printed]
    gone: Sequence[str]


def path_of(story: str) -> str:
    return f"{_FOLDER}{story}{_SUFFIX}"


def is_story(path: str) -> bool:
    return path.startswith(_FOLDER)


def stories_at(paths: Iterable[str]) -> Iterator[str]:
    """Whose pages these are."""
    for path in paths:
        if is_story(path):
            yield path.removeprefix(_FOLDER).removesuffix(_SUFFIX)


def everything(run: Run) -> set[str]:
    """The ids of all stories that have a page, or had one."""
    with reading(run.engine) as conn:
        merged = {one.story for one in decisions.merged(conn)}
        found = {*stories.all_ids(conn), *shelves.all_ids(conn), *merged}
    return found | set(stories_at(run.printer.recorded))


def publish(run: Run, ids: Iterable[str], rows: Mapping[str, list[int]]) -> None:
    """Bring the pages of these stories up to date. `rows`: what named them stale.

    A batch is written down together: its files' records, where its stories stand, and which lists that touches. What
    is done is named no longer, what could not be is tried again the next time.
    """
    with reading(run.engine) as conn:
        merged = {one.story: one.into for one in decisions.merged(conn)}
    for some in slices(ids, _BATCH):
        if run.printer.gives_up("stories"):
            _leave(run, some, rows)
            continue
        _publish_some(run, some, merged, rows)


def _leave(run: Run, ids: Sequence[str], rows: Mapping[str, list[int]]) -> None:
    """For the next time. They belong to the publication all the while."""
    run.printer.pages.update(map(path_of, ids))
    if unnamed := [id_ for id_ in ids if id_ not in rows]:
        with writing(run.engine) as conn:
            stale.mark(conn, unnamed)


def _publish_some(run: Run, ids: Sequence[str], merged: Mapping[str, str], rows: Mapping[str, list[int]]) -> None:
    press, printer = run.press, run.printer
    with reading(run.engine) as conn:
        told = _told(conn, press, ids, merged)
    fresh = printer.print(_pages(press, told), told.known)
    lost = printer.remove(path for path in map(path_of, told.gone) if path in printer.recorded)
    after = _places(press, told)
    undone = [id_ for id_ in ids if path_of(id_) in printer.undone]
    done = [row for id_ in ids if id_ not in undone for row in rows.get(id_, ())]
    unnamed = [id_ for id_ in undone if id_ not in rows]
    touched = () if run.whole else _touched(ids, told.places, after)
    if fresh or lost or done or unnamed or touched or told.places != after:
        with writing(run.engine) as conn:
            published.record(conn, fresh)
            published.forget(conn, lost)
            shelves.put(conn, told.places, after)
            stale.clear(conn, done)
            stale.mark(conn, unnamed)
            stale.mark(conn, touched, "shelf")


def _told(conn: Connection, press: Press, ids: Sequence[str], merged: Mapping[str, str]) -> _Told:
    found = stories.load(conn, ids, press.outlets)
    absent = [id_ for id_ in ids if id_ not in found]
    into = {id_: merged[id_] for id_ in absent if id_ in merged}
    names = {*into.values(), *(other for story in found.values() for other in story.related)}
    beside = found | stories.load(conn, sorted(names - found.keys()), press.outlets)
    gone = {one.story: one for one in retractions.withdrawn(conn, [*absent, *into.values()])}
    lost = {id_: gone[into.get(id_, id_)] for id_ in absent if into.get(id_, id_) in gone}
    return _Told(
        stories=found,
        beside=beside,
        into=into,
        withdrawn=lost,
        places=shelves.places(conn, ids),
        known=published.load(conn, map(path_of, ids)),
        gone=[id_ for id_ in absent if into.get(id_) not in beside and id_ not in lost],
    )


# --- pages -----------------------------------------------------------------------------------------------


def _pages(press: Press, told: _Told) -> Iterator[ToPrint]:
    for story in told.stories.values():
        yield _story(press, story, [told.beside[other] for other in story.related if other in told.beside])
    for id_, into in ((id_, told.beside[other]) for id_, other in told.into.items() if other in told.beside):
        made_from = digest(press.look, "moved", into.id, into.title, into.language or "")
        yield ToPrint(path_of(id_), partial(site.moved, press.config, id_, into, press.folders), made_from)
    for id_, one in told.withdrawn.items():
        make = partial(site.withdrawn, press.config, id_, one.at, press.folders)
        yield ToPrint(path_of(id_), make, digest(press.look, "withdrawn", one.at.isoformat()))


def _story(press: Press, story: Story, related: list[Story]) -> ToPrint:
    told_by = {report.source for report in story.reports}
    known = repr(sorted(told_by & press.sources.keys()))
    made_from = digest(press.look, shown(story), known, *map(named, related))
    make = partial(
        site.story, press.config, story, related, press.folders, brief=press.brief, sources=press.sources
    )  # fmt: skip
    return ToPrint(path_of(story.id), make, made_from)


def shown(story: Story) -> str:
    """Of a story by itself: how hot it is decides where it stands, and nothing that is said of it."""
    return repr(replace(story, heat=0.0))


def named(other: Story) -> str:
    """What the page of another story says of it."""
    return repr((other.id, other.title, other.language, other.lead.source_title, other.lead.published))


# --- places ----------------------------------------------------------------------------------------------


def _places(press: Press, told: _Told) -> dict[str, Place]:
    found = {id_: _place(press, story) for id_, story in told.stories.items()}
    return found | {id_: Place(None, named=frozenset({into})) for id_, into in told.into.items()}


def _place(press: Press, story: Story) -> Place:
    """A story whose section is configured no more stands in the first one."""
    config = press.config
    categories = (slug for slug in story.categories if config.category(slug) is not None)
    on = [f"section:{standing(config.sections, story.section)}", *(f"category:{slug}" for slug in categories)]
    sources = (f"source:{report.source}" for report in story.reports)
    return Place(press.listing(story), frozenset((*on, *sources)), frozenset(story.related))


def _touched(ids: Sequence[str], before: Mapping[str, Place], after: Mapping[str, Place]) -> set[str]:
    """The lists in which these stories stand, or stood."""
    found = set[str]()
    for place in (known.get(id_, _NOWHERE) for known in (before, after) for id_ in ids):
        found |= place.shelves
        if place.listing is not None:
            found |= {"all", "counts", drawers.key(day_of(place.listing.first))}
    return found
