"""what changed -> site, feeds, mail -> out/. Idempotent: the same bytes when nothing changed.

An edition or a story is rendered again only when what it is made from changed (recorded in the database), when the
templates, the configuration or our own code changed, or when its file is not as we left it. Lists and feeds are made
each time and compared. A page that cannot be made costs no other; one that no longer belongs here is taken away.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.edit.compose import from_json
from aggregator.errors import AggregatorError, FullError, RenderError, StoreError
from aggregator.model import Edition, Story
from aggregator.pipeline import gate
from aggregator.pipeline.outlets import outlets, source_list
from aggregator.publish import mail, site, syndicate
from aggregator.publish.files import Folder
from aggregator.store import decisions, editions, published, retractions, stories
from aggregator.store.decisions import Merged
from aggregator.store.editions import Kept
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive
from aggregator.store.published import Printed
from aggregator.store.retractions import Withdrawn

_LISTED = 1000
"""How many stories, newest first, the lists and feeds choose from; every story keeps its own page."""

_BATCH = 200
_ENOUGH = 50
"""Where so many pages of a kind fail in a row, the others are left for the next time."""


@dataclass(frozen=True, slots=True)
class Published:
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    pages: int = 0
    """All pages that the publication has now."""
    failed: tuple[AggregatorError, ...] = ()
    """Why pages could not be made or written, each reason once. What stood in their place still does."""


@dataclass(frozen=True, slots=True)
class _Page:
    path: str
    make: Callable[[], bytes]
    made_from: str = ""
    """Digest of all that decides what it says; empty: it is made each time, and compared with what is there."""


@dataclass(frozen=True, slots=True)
class _Press:
    """What every page is made with."""

    config: Config
    folders: tuple[Path, ...]
    look: str


def publish(
    engine: Engine, config: Config, *, folders: tuple[Path, ...], wait: float = 0, rebuild: bool = False
) -> Published:
    """Bring `out/` up to date; `rebuild`: render every page anew.

    Raises BusyError when another process publishes, StoreError when there is no folder to be had or no room in it.
    """
    folder = Folder(config.output_folder)
    with exclusive(engine, "publish", wait=wait):
        folder.sweep()
        with reading(engine) as conn:
            known = published.load(conn)
        run = _Run(engine, folder, known, rebuild)
        for batch in _batches(_everything(engine, _Press(config, folders, _look(config, folders)))):
            run.put(batch)
        removed = run.clear()
        return Published(tuple(run.written), removed, len(run.pages), tuple(run.failed.values()))


@dataclass(slots=True)
class _Run:
    """One bringing up to date: what is known of before, and what came of it."""

    engine: Engine
    folder: Folder
    known: dict[str, Printed]
    rebuild: bool
    pages: set[str] = field(default_factory=set)
    written: list[str] = field(default_factory=list)
    failed: dict[str, AggregatorError] = field(default_factory=dict)
    in_a_row: Counter[str] = field(default_factory=Counter)

    def put(self, batch: list[_Page]) -> None:
        """Write what is not there as it should be; what a crash kept from being recorded is made again."""
        printed = {page.path: found for page in batch if (found := self._printed(page)) is not None}
        fresh = {path: found for path, found in printed.items() if found != self.known.get(path)}
        if fresh:
            with writing(self.engine) as conn:
                published.record(conn, fresh)

    def clear(self) -> tuple[str, ...]:
        """Take away what we wrote once and what no longer belongs to the publication."""
        left = sorted(self.known.keys() - self.pages)
        gone = {path: found for path in left if (found := self._removed(path)) is not None}
        if gone:
            with writing(self.engine) as conn:
                published.forget(conn, gone)
        return tuple(path for path, was_there in gone.items() if was_there)

    def _printed(self, page: _Page) -> Printed | None:
        """What is there now; None where nothing was done."""
        self.pages.add(page.path)
        kind = page.path.partition("/")[0]
        try:
            if self.in_a_row[kind] >= _ENOUGH or not self._is_due(page):
                return None
            data = page.make()
            if self.folder.write(page.path, data):
                self.written.append(page.path)
        except FullError:
            raise
        except (RenderError, StoreError) as error:
            self.failed.setdefault(error.message, error)
            self.in_a_row[kind] += 1
            return None
        self.in_a_row[kind] = 0
        return Printed(page.made_from, len(data))

    def _is_due(self, page: _Page) -> bool:
        before = self.known.get(page.path)
        if self.rebuild or before is None or not page.made_from or page.made_from != before.made_from:
            return True
        return self.folder.size(page.path) != before.size

    def _removed(self, path: str) -> bool | None:
        """Whether it was there; None where it could not be taken away."""
        try:
            return self.folder.remove(path, self.known[path].size)
        except StoreError as error:
            self.failed.setdefault(error.message, error)
            return None


def _batches(pages: Iterator[_Page]) -> Iterator[list[_Page]]:
    while batch := list(islice(pages, _BATCH)):
        yield batch


def _everything(engine: Engine, press: _Press) -> Iterator[_Page]:
    with reading(engine) as conn:
        kept = editions.load(conn)
    for each in kept:
        yield from _edition(press, each)
    yield from _stories(engine, press)
    yield from _lists(engine, press, list(_readable(kept)))


def _stories(engine: Engine, press: _Press) -> Iterator[_Page]:
    with reading(engine) as conn:
        ids = stories.all_ids(conn)
        gone = retractions.withdrawn(conn)
    for one in gone:
        make = partial(site.withdrawn, press.config, one.story, one.at, press.folders)
        yield _Page(f"stories/{one.story}.html", make, _digest(press.look, "withdrawn", one.at.isoformat()))
    yield from _moved(engine, press)
    for start in range(0, len(ids), _BATCH):
        with reading(engine) as conn:
            known = outlets(conn, press.config)
            batch = stories.load(conn, ids[start : start + _BATCH], known)
            beside = stories.load(conn, (other for story in batch.values() for other in story.related), known)
        for story in batch.values():
            yield _story(press, story, [beside[other] for other in story.related if other in beside])


def _moved(engine: Engine, press: _Press) -> Iterator[_Page]:
    """Where stories stood that are told in others now."""
    with reading(engine) as conn:
        merged = decisions.merged(conn)
        told = stories.load(conn, [one.into for one in merged], outlets(conn, press.config))
    for one in merged:
        if (into := told.get(one.into)) is not None:
            make = partial(site.moved, press.config, one.story, into, press.folders)
            yield _Page(
                f"stories/{one.story}.html",
                make,
                _digest(press.look, "moved", into.id, into.title, into.language or ""),
            )


def _story(press: _Press, story: Story, related: list[Story]) -> _Page:
    made_from = _digest(press.look, repr(replace(story, heat=0.0)), *map(_named, related))
    make = partial(site.story, press.config, story, related, press.folders)
    return _Page(f"stories/{story.id}.html", make, made_from)


def _named(other: Story) -> str:
    """What the page of another story says of it."""
    return repr((other.id, other.title, other.language, other.lead.source_title, other.lead.published))


def _edition(press: _Press, kept: Kept) -> Iterator[_Page]:
    place = f"editions/{kept.newsletter}/{kept.number}"
    made_from = _digest(press.look, kept.data)
    edition = cache(partial(_read, kept))
    letter = cache(lambda: gate.letter(edition(), press.config, press.folders))  # its two parts are made together
    yield _Page(f"{place}/edition.json", kept.data.encode, made_from)
    yield _Page(f"{place}/index.html", lambda: mail.web_page(edition(), press.config, press.folders), made_from)
    yield _Page(f"{place}/email.html", lambda: mail.public(letter().html, press.config).encode(), made_from)
    yield _Page(f"{place}/email.txt", lambda: mail.public(letter().text, press.config).encode(), made_from)


def _read(kept: Kept) -> Edition:
    try:
        return from_json(kept.data)
    except StoreError as error:
        raise StoreError(f"{kept.newsletter}/{kept.number}: {error.message}", hint=error.hint) from error


def _readable(kept: Iterable[Kept]) -> Iterator[Edition]:
    """What is wrong with the others is told by their own pages."""
    for each in kept:
        with suppress(StoreError):
            yield from_json(each.data)


def _lists(engine: Engine, press: _Press, kept: list[Edition]) -> Iterator[_Page]:
    with reading(engine) as conn:
        known = outlets(conn, press.config)
        newest = stories.newest(conn, known, limit=_LISTED)
        subscriptions = source_list(conn, press.config)
        gone, merged = retractions.withdrawn(conn), decisions.merged(conn)
        shown = site.Site(config=press.config, stories=tuple(newest), editions=tuple(kept))
        shown = replace(shown, earlier=tuple(stories.load(conn, shown.missing, known).values()))
    for render in (site.front, site.categories, site.sections, site.editions):
        yield from (_Page(path, make) for path, make in render(shown, press.folders))
    yield _Page("style.css", partial(site.stylesheet, press.folders))
    for path, make in _feeds(press.config, newest, gone, merged, kept):
        yield _Page(path, partial(_feed, path, make))
    yield _Page("sources.opml", lambda: subscriptions)


def _feed(path: str, make: Callable[[], bytes]) -> bytes:
    """The libraries refuse what they cannot write by a ValueError: it is of one feed."""
    try:
        return make()
    except ValueError as error:
        raise RenderError(f"{path} could not be made: {error}", hint="the other feeds are as they should be") from error


def _feeds(
    config: Config, newest: list[Story], gone: list[Withdrawn], merged: list[Merged], kept: list[Edition]
) -> Iterator[site.Page]:  # fmt: skip
    everywhere = [*((one.story, one.at) for one in gone), *((one.story, one.at) for one in merged)]
    everywhere.sort(key=lambda one: one[1], reverse=True)
    yield "atom.xml", partial(syndicate.atom, config, newest, path="atom.xml", withdrawn=everywhere)
    yield "rss.xml", partial(syndicate.rss, config, newest, path="rss.xml")
    yield "feed.json", partial(syndicate.json_feed, config, newest, path="feed.json")
    for category in config.categories:
        path = f"categories/{category.slug}/atom.xml"
        ours = [story for story in newest if category.slug in story.categories]
        lost = [(one.story, one.at) for one in gone if category.slug in one.categories]
        yield path, partial(syndicate.atom, config, ours, path=path, title=category.name, withdrawn=lost)
    for section in config.sections:
        path = f"sections/{section.slug}/atom.xml"
        ours = [story for story in newest if story.section == section.slug]
        lost = [(one.story, one.at) for one in gone if one.section == section.slug]
        yield path, partial(syndicate.atom, config, ours, path=path, title=section.title, withdrawn=lost)
    for newsletter in config.newsletters:
        numbers = [edition for edition in kept if edition.newsletter == newsletter.name]
        yield (
            f"editions/{newsletter.name}/atom.xml",
            partial(syndicate.newsletter_atom, config, newsletter, numbers),
        )


def _look(config: Config, folders: Iterable[Path]) -> str:
    """Changes with what decides on all pages: the place, the configuration, the templates, and how we render them."""
    said = config.model_dump_json(include={"publication", "categories", "sections", "newsletters", "web"})
    templates = (_contents(folder, "*") for folder in folders)
    code = _contents(Path(site.__file__).parent, "*.py")
    return _digest(str(config.output_folder.absolute()), said, *chain.from_iterable(templates), *code)


def _contents(folder: Path, pattern: str) -> Iterator[str]:
    """What cannot be read counts as it is: whoever renders with it says so."""
    for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
        with suppress(OSError):
            yield f"{path.relative_to(folder)} {path.read_bytes().hex()}"


def _digest(*parts: str) -> str:
    return blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
