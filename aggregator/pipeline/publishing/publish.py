"""what changed -> site, feeds, mail -> out/. Idempotent: the same bytes when nothing changed.

Whoever changes what readers see leaves word of it (`store/stale`); from where a story stood and where it stands now
follow the lists that are to be made anew, and what lists it. All is looked through only the first time, when what all
pages are made with changed, and when it is asked for. Files that are not as we left them are found by one look at the
folder, and made again. A page that cannot be made costs no other; one that no longer belongs here is taken away.

Each step writes down what it did together with the word that it took up and the word that follows from it: ended
anywhere and run again, it comes to the same end.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.errors import AggregatorError
from aggregator.pipeline.publishing import archive_pages, drawers, edition_pages, list_pages, story_pages
from aggregator.pipeline.publishing.list_pages import Lists
from aggregator.pipeline.publishing.press import Press, note_sources
from aggregator.pipeline.publishing.printing import Printer, Run
from aggregator.publish.files import Folder
from aggregator.store import editions, published, shelves, stale
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive


@dataclass(frozen=True, slots=True)
class Published:
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    pages: int = 0
    """All pages that the publication has now."""
    failed: tuple[AggregatorError, ...] = ()
    """Why pages could not be made or written, each reason once. What stood in their place still does."""


def publish(
    engine: Engine, config: Config, *, folders: tuple[Path, ...], wait: float = 0, rebuild: bool = False
) -> Published:
    """Bring `out/` up to date; `rebuild`: render every page anew.

    Raises BusyError when another process publishes, StoreError when there is no folder to be had or no room in it.
    """
    folder = Folder(config.output_folder)
    with exclusive(engine, "publish", wait=wait):
        there = folder.survey()
        with reading(engine) as conn:
            press = Press.on(conn, config, folders)
            printer = Printer(folder, published.sizes(conn), there, rebuild)
        run = Run(engine, press, printer, whole=rebuild or press.is_new)
        _note_sources(run)
        _stories(run)
        _editions(run)
        _lists(run)
        _finish(run)
    return Published(tuple(printer.written), tuple(printer.removed), printer.count, tuple(printer.failed.values()))


def _note_sources(run: Run) -> None:
    if run.press.sources_changed:
        with writing(run.engine) as conn:
            note_sources(conn, run.press)


def _stories(run: Run) -> None:
    with reading(run.engine) as conn:
        rows = stale.load(conn, "story")
        damaged = story_pages.stories_at(run.printer.damaged)
        named = {*rows, *damaged}
        named |= shelves.naming(conn, sorted(named))
    if run.whole:
        named |= story_pages.everything(run)
    story_pages.publish(run, sorted(named), rows)


def _editions(run: Run) -> None:
    with reading(run.engine) as conn:
        rows, numbers = stale.load(conn, "edition"), editions.numbers(conn)
    edition_pages.publish(run, numbers, rows)


def _lists(run: Run) -> None:
    with reading(run.engine) as conn:
        rows, numbers = stale.load(conn, "shelf"), editions.numbers(conn)
        renewed = drawers.look(conn, rows, whole=run.whole)
    groups = list(Lists(run.press, numbers, archive_pages.feeds(renewed.drawers)).groups())
    list_pages.publish(run, groups, rows)
    others = [path for group in groups for path in group.paths]
    others += (edition_pages.paths_of(newsletter, number)[1] for newsletter, number, _ in numbers)
    archive_pages.publish(run, renewed, others)
    known = {group.key for group in groups}
    none = [row for key, some in rows.items() if key not in known and not drawers.is_day(key) for row in some]
    if none:  # lists that there are no more
        with writing(run.engine) as conn:
            stale.clear(conn, none)


def _finish(run: Run) -> None:
    """Take away what no longer belongs here, and remember what all pages were made with."""
    printer, press = run.printer, run.press
    stay = printer.pages | printer.forgotten
    left = (path for path in printer.recorded if path not in stay and not story_pages.is_story(path))
    gone = printer.remove(sorted(left))
    made_with = {name: value for name, value in press.made_with.items() if press.before.get(name) != value}
    if gone or made_with:
        with writing(run.engine) as conn:
            published.forget(conn, gone)
            shelves.record_press(conn, made_with)
