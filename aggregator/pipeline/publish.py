"""what changed -> site, feeds, mail -> out/. Idempotent: the same bytes when nothing changed.

A page is rendered again only when what it was made from changed (recorded in the database), when the templates or the
configuration changed, or when its file is missing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.edit.compose import from_json
from aggregator.model import Edition, Story
from aggregator.pipeline.outlets import outlets, source_list
from aggregator.publish import mail, site, syndicate
from aggregator.publish.files import Folder
from aggregator.store import editions, published, stories
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive

_LISTED = 1000
"""How many stories, newest first, the lists and feeds choose from; every story keeps its own page."""

_BATCH = 200

Made = tuple[str, str, Callable[[], bytes]]
"""A path, a digest of what it is made from, and how to make it."""


@dataclass(frozen=True, slots=True)
class Published:
    written: tuple[str, ...] = ()
    pages: int = 0
    """All pages that the publication has now."""


@dataclass(frozen=True, slots=True)
class _Press:
    """What every page is made with."""

    config: Config
    folders: tuple[Path, ...]
    look: str
    known: dict[str, str]


def publish(
    engine: Engine, config: Config, *, folders: tuple[Path, ...], wait: float = 0, rebuild: bool = False
) -> Published:
    """Bring `out/` up to date; `rebuild`: render every page anew. Raises BusyError when another process publishes."""
    folder = Folder(config.output_folder)
    with exclusive(engine, "publish", wait=wait):
        folder.sweep()
        with reading(engine) as conn:
            known = {} if rebuild else published.load(conn)
        press = _Press(config, folders, _look(config, folders), known)
        written: list[str] = []
        pages = 0
        for batch in _batches(_everything(engine, press)):
            pages += len(batch)
            written += _put(engine, folder, press, batch)
        return Published(tuple(written), pages)


def _batches(made: Iterator[Made]) -> Iterator[list[Made]]:
    while batch := list(islice(made, _BATCH)):
        yield batch


def _put(engine: Engine, folder: Folder, press: _Press, batch: list[Made]) -> list[str]:
    """Write what is not there as it should be; what a crash kept from being recorded is rendered again."""
    due = [one for one in batch if press.known.get(one[0]) != one[1] or not folder.exists(one[0])]
    changed = [path for path, _, make in due if folder.write(path, make())]
    with writing(engine) as conn:
        published.record(conn, {path: made_from for path, made_from, _ in due})
    return changed


def _everything(engine: Engine, press: _Press) -> Iterator[Made]:
    with reading(engine) as conn:
        kept = editions.load(conn)
    for each in kept:
        yield from _edition(press, f"editions/{each.newsletter}/{each.number}", each.data)
    yield from _stories(engine, press)
    yield from _lists(engine, press, [from_json(each.data) for each in kept])


def _stories(engine: Engine, press: _Press) -> Iterator[Made]:
    with reading(engine) as conn:
        ids = stories.all_ids(conn)
    for start in range(0, len(ids), _BATCH):
        with reading(engine) as conn:
            known = outlets(conn, press.config)
            batch = stories.load(conn, ids[start : start + _BATCH], known)
            beside = stories.load(conn, (other for story in batch.values() for other in story.related), known)
        for story in batch.values():
            yield _story(press, story, [beside[other] for other in story.related if other in beside])


def _story(press: _Press, story: Story, related: list[Story]) -> Made:
    made_from = _digest(press.look, repr(story), *(f"{other.id} {other.title}" for other in related))
    return f"stories/{story.id}.html", made_from, lambda: site.story(press.config, story, related, press.folders)


def _edition(press: _Press, place: str, data: str) -> Iterator[Made]:
    made_from = _digest(press.look, data)
    letter = _Once(lambda: mail.render(from_json(data), press.config, press.folders))
    yield f"{place}/edition.json", _digest(data), data.encode
    yield f"{place}/index.html", made_from, lambda: mail.web_page(from_json(data), press.config, press.folders)
    yield f"{place}/email.html", made_from, lambda: mail.public(letter().html, press.config).encode()
    yield f"{place}/email.txt", made_from, lambda: mail.public(letter().text, press.config).encode()


class _Once:
    """Renders a mail at the first call only: its two parts are made together."""

    def __init__(self, make: Callable[[], mail.Mail]) -> None:
        self._make = make
        self._made: mail.Mail | None = None

    def __call__(self) -> mail.Mail:
        self._made = self._made or self._make()
        return self._made


def _lists(engine: Engine, press: _Press, kept: list[Edition]) -> Iterator[Made]:
    with reading(engine) as conn:
        newest = stories.newest(conn, outlets(conn, press.config), limit=_LISTED)
        subscriptions = source_list(conn, press.config)
    shown = site.Site(config=press.config, stories=tuple(newest), editions=tuple(kept))
    pages = (site.front, site.categories, site.sections, site.editions)
    for path, data in (page for render in pages for page in render(shown, press.folders)):
        yield _ready(path, data)
    yield _ready("style.css", site.stylesheet(press.folders))
    for path, data in _feeds(press.config, newest, kept):
        yield _ready(path, data)
    yield _ready("sources.opml", subscriptions)


def _ready(path: str, data: bytes) -> Made:
    return path, blake2b(data, digest_size=16).hexdigest(), lambda: data


def _feeds(config: Config, newest: list[Story], kept: list[Edition]) -> Iterator[tuple[str, bytes]]:
    yield "atom.xml", syndicate.atom(config, newest, path="atom.xml")
    yield "rss.xml", syndicate.rss(config, newest, path="rss.xml")
    yield "feed.json", syndicate.json_feed(config, newest, path="feed.json")
    for category in config.categories:
        path = f"categories/{category.slug}/atom.xml"
        ours = [story for story in newest if category.slug in story.categories]
        yield path, syndicate.atom(config, ours, path=path, title=category.name)
    for section in config.sections:
        path = f"sections/{section.slug}/atom.xml"
        ours = [story for story in newest if story.section == section.slug]
        yield path, syndicate.atom(config, ours, path=path, title=section.title)
    for newsletter in config.newsletters:
        numbers = [edition for edition in kept if edition.newsletter == newsletter.name]
        yield f"editions/{newsletter.name}/atom.xml", syndicate.newsletter_atom(config, newsletter, numbers)


def _look(config: Config, folders: Iterable[Path]) -> str:
    """Changes when the templates do, or what pages take from the configuration."""
    said = config.model_dump_json(include={"publication", "categories", "sections", "newsletters", "web"})
    templates = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return _digest(said, *(f"{path.name} {path.read_bytes().hex()}" for path in templates))


def _digest(*parts: str) -> str:
    return blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
