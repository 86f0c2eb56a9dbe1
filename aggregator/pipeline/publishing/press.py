"""What every page is made with, and what of it changed since the pages were made last."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from aggregator import typeset
from aggregator.config import Config
from aggregator.edit import summarise
from aggregator.model import Story
from aggregator.pipeline.outlets import outlets, public_home
from aggregator.protocols import Briefer
from aggregator.publish import site
from aggregator.publish.archive import Line
from aggregator.publish.site import SourceLink
from aggregator.store import shelves, sources, stale
from aggregator.store.shelves import Listing
from aggregator.store.stories import Outlets

_SHOWN: Mapping[str, Any] = {
    "publication": True,
    "categories": {"__all__": {"slug", "name"}},
    "sections": {"__all__": {"slug", "title"}},
    "newsletters": True,
    "web": True,
}
"""Rules sort stories, and show on no page: to sharpen one must not render a hundred thousand pages anew."""
_LETTERS = ("mail", "web", "edition.html")
BRIEF = 200
"""Columns of what the search says of a story."""


@dataclass(frozen=True, slots=True)
class Press:
    """`look`: a digest of all that decides on the site's pages beside their stories; `letters`: on those of editions."""

    config: Config
    folders: tuple[Path, ...]
    look: str
    letters: str
    outlets: Outlets
    sources: Mapping[str, SourceLink]
    """Those that readers may know of, by name."""
    brief: Briefer = summarise.brief
    before: Mapping[str, str] = field(default_factory=dict)
    """What the pages were made with last, as `values` names it."""

    @classmethod
    def on(cls, conn: Connection, config: Config, folders: tuple[Path, ...]) -> "Press":
        known = outlets(conn, config)
        return cls(
            config,
            folders,
            *_looks(config, folders),
            outlets=known,
            sources=source_links(conn, config, known),
            before=shelves.press_known(conn),
        )

    @property
    def is_new(self) -> bool:
        """All pages are to be made anew, or were never made."""
        return self.before.get("look") != self.look

    @property
    def has_new_letters(self) -> bool:
        return self.before.get("letters") != self.letters

    @property
    def made_with(self) -> dict[str, str]:
        return {"look": self.look, "letters": self.letters}

    @property
    def sources_changed(self) -> bool:
        """Since the pages were made last, something else is to be said of one."""
        return {name: said for name, said in self.before.items() if name.startswith("source:")} != self.values

    @property
    def values(self) -> dict[str, str]:
        """What pages and feeds say of each source, by its name."""
        return {f"source:{name}": self._said(name) for name in sorted(self.outlets)}

    def _said(self, name: str) -> str:
        source = self.config.source(name)
        ours: tuple[object, ...] = ()
        if source is not None:
            secret = bool(source.sent_headers)
            ours = (source.home, source.republish, self.config.public_url_of(source), secret)
        return repr((self.outlets[name].title, self.sources.get(name), ours))

    def kicker(self, story: Story) -> str | None:
        found = self.config.first_category(story.categories)
        return found.slug if found is not None else None

    def listing(self, story: Story) -> Listing:
        told = self.brief(story, BRIEF)
        data = {
            "title": story.title,
            "language": story.language,
            "brief": told.text,
            "brief_language": told.language,
            "kicker": self.kicker(story),
            "source": story.lead.source,
            "source_title": story.lead.source_title,
        }
        return Listing(story.id, story.first_published, story.last_published, story.updated, data)

    def line(self, listing: Listing) -> Line:
        data = listing.data
        return Line(
            story=listing.story,
            title=data["title"],
            language=data["language"],
            brief=data["brief"],
            brief_language=data["brief_language"],
            kicker=self.config.category(data["kicker"]) if data["kicker"] else None,
            source_title=data["source_title"],
            source_page=site.source_page(data["source"]) if data["source"] in self.sources else None,
            first=listing.first,
        )


def note_sources(conn: Connection, press: Press) -> None:
    """What pages say of a source, and feeds: where it changed, all stories of that source are to be made anew."""
    now = press.values
    changed = [name for name, said in now.items() if press.before.get(name) != said]
    for name in changed:
        if name in press.before:
            stale.mark_on(conn, name)
    gone = [name for name in press.before if name.startswith("source:") and name not in now]
    stale.mark(conn, [*changed, *gone, "counts", "sources"], "shelf")
    shelves.record_press(conn, {name: now[name] for name in changed}, gone)


def source_links(conn: Connection, config: Config, known: Outlets) -> dict[str, SourceLink]:
    """Those that readers may know of, by name."""
    homes = sources.homes(conn)
    return {
        source.name: SourceLink(
            source.name,
            known[source.name].title,
            homes.get(source.name) or public_home(config, source),
            source.language,
        )
        for source in config.sources
        if config.public_url_of(source) is not None
    }


def _looks(config: Config, folders: Iterable[Path]) -> tuple[str, str]:
    """They change with the place, the configuration, the templates, and how we render them."""
    said = config.model_dump_json(include=dict(_SHOWN))
    places = (site.__file__, summarise.__file__)
    code = [*chain.from_iterable(_contents(Path(place).parent, "*.py") for place in places), _code(typeset.__file__)]
    templates = list(chain.from_iterable(_contents(folder, "*") for folder in folders))
    pages = [text for text in templates if not text.startswith(_LETTERS)]
    place = str(config.output_folder.absolute())
    return digest(place, said, *pages, *code), digest(place, said, *templates, *code)


def _code(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")


def _contents(folder: Path, pattern: str) -> Iterator[str]:
    """What cannot be read counts as it is: whoever renders with it says so."""
    for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
        with suppress(OSError):
            yield f"{path.relative_to(folder)} {path.read_bytes().hex()}"


def digest(*parts: str) -> str:
    return blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
