"""Stories and editions as pages. Same stories, same bytes: no page knows what time it is.

Every link inside the site is relative, so that `out/` can be opened from disk and served under any prefix.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from aggregator.config import Category, Config, Newsletter, Section, standing
from aggregator.errors import RenderError
from aggregator.model import Brief, Edition, Report, Story
from aggregator.protocols import Briefer
from aggregator.publish.theme import environment, legal, render
from aggregator.typeset import whole_sentences

Page = tuple[str, Callable[[], bytes]]
"""A path, and what makes the page: one that fails costs no other."""

FRONT_MAIN, FRONT_SIDE = 14, 4
"""Three sections of the one beside fourteen stories of the other: both columns end at about the same height."""
LISTED = 50
"""Stories on the page of a section, a category or a source."""
LISTED_EDITIONS = 60
_LEAD_AMONG = 10
_RELATED = 3
_RELATED_ON_STORY = 8


def opening(story: Story, columns: int) -> Brief:
    """The plainest of briefers: the summary's first whole sentences."""
    return Brief(whole_sentences(story.summary, columns, story.language), story.language)


@dataclass(frozen=True)
class Site:
    """What lists are made of: stories and editions, each newest first. It need hold no more than they show."""

    config: Config
    stories: tuple[Story, ...] = ()
    editions: tuple[Edition, ...] = ()
    earlier: tuple[Story, ...] = ()
    """Those that the listed ones name as related, and that are no longer listed themselves."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """How many stories there are in all, by the folder of their list (`sections/SLUG`), where it does not hold them all."""
    brief: Briefer = opening

    @cached_property
    def by_id(self) -> Mapping[str, Story]:
        return {story.id: story for story in (*self.earlier, *self.stories)}

    @property
    def missing(self) -> Sequence[str]:
        """The ids that `earlier` should hold: what the cards of all lists name."""
        shelves = (*self.by_section.values(), *self.by_category.values())
        cards = (story for shelf in (*shelves, self.stories) for story in shelf[:LISTED])
        named = (other for story in cards for other in story.related[:_RELATED_ON_STORY])
        return list(dict.fromkeys(other for other in named if other not in self.by_id))

    @cached_property
    def by_section(self) -> Mapping[str, Sequence[Story]]:
        """A story whose section is configured no more stands in the first one. Hot topics go by their heat."""
        found: dict[str, list[Story]] = {section.slug: [] for section in self.config.sections}
        for story in self.stories:
            found[standing(self.config.sections, story.section)].append(story)
        return {slug: sorted(stories, key=lambda story: -story.heat) for slug, stories in found.items()}

    @cached_property
    def by_category(self) -> Mapping[str, Sequence[Story]]:
        found: dict[str, list[Story]] = {category.slug: [] for category in self.config.categories}
        for story in self.stories:
            for slug in story.categories:
                if slug in found:
                    found[slug].append(story)
        return found

    def total(self, folder: str, stories: Sequence[Story]) -> int:
        return self.totals.get(folder, len(stories))

    def editions_of(self, newsletter: Newsletter) -> Sequence[Edition]:
        return [edition for edition in self.editions if edition.newsletter == newsletter.name]


@dataclass(frozen=True)
class Card:
    """A story as lists show it."""

    story: Story
    kicker: Category | None
    more: int
    """How many other sources told it."""
    related: tuple[Story, ...]


@dataclass(frozen=True)
class Block:
    """A section on the front page."""

    section: Section
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Month:
    """A month of a newsletter; it starts in UTC, as labels take it."""

    newsletter: str
    start: datetime

    @property
    def page(self) -> str:
        return f"editions/{self.newsletter}/months/{self.start:%Y-%m}.html"

    @property
    def feed(self) -> str:
        """Its part of the archive of the newsletter's feed."""
        return f"editions/{self.newsletter}/months/{self.start:%Y-%m}.xml"


@dataclass(frozen=True)
class Shelf:
    """A newsletter and its editions, newest first."""

    newsletter: Newsletter
    editions: Sequence[Edition]
    total: int
    """Of its editions, with those that are not shown."""
    months: Sequence[Month] = ()
    """Those that have a page of their own."""
    month: Month | None = None
    """Whose page it is."""


@dataclass(frozen=True)
class SourceLine:
    """A report on a story's page; `copy_of` is the title of the source that it repeats, `page` that of its own."""

    report: Report
    copy_of: str | None
    page: str | None = None
    leads: bool = False


@dataclass(frozen=True)
class Teller:
    """An outlet that tells a story: all its feeds, so many reports."""

    title: str
    page: str | None
    count: int


@dataclass(frozen=True)
class SourceLink:
    """A source as readers may know it."""

    name: str
    title: str
    home: str | None = None
    language: str | None = None
    stories: int = 0

    @property
    def page(self) -> str:
        return source_page(self.name)


def source_page(name: str) -> str:
    return f"sources/{name}/index.html"


def front(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    shown = [section for section in site.config.sections if site.by_section[section.slug]]
    blocks = [_block(site, section, FRONT_SIDE if at else FRONT_MAIN) for at, section in enumerate(shown)]
    yield page(
        site.config,
        folders,
        site.brief,
        "front",
        "index.html",
        main=blocks[0] if blocks else None,
        side=blocks[1:],
        newest=_newest(site.stories),
    )


def sections(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    for one in site.config.sections:
        yield section(site, one, folders)


def section(site: Site, one: Section, folders: Sequence[Path]) -> Page:
    return _list(site, folders, f"sections/{one.slug}", one.title, site.by_section[one.slug])


def categories(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    yield category_index(site, folders)
    for one in site.config.categories:
        yield category(site, one, folders)


def category_index(site: Site, folders: Sequence[Path]) -> Page:
    known = [(one, site.total(f"categories/{one.slug}", site.by_category[one.slug])) for one in site.config.categories]
    return page(site.config, folders, site.brief, "categories", "categories/index.html", categories=known)


def category(site: Site, one: Category, folders: Sequence[Path]) -> Page:
    return _list(site, folders, f"categories/{one.slug}", one.name, site.by_category[one.slug])


def source_index(config: Config, sources: Sequence[SourceLink], folders: Sequence[Path], brief: Briefer) -> Page:
    return page(config, folders, brief, "sources", "sources/index.html", sources=sources)


def source(site: Site, one: SourceLink, folders: Sequence[Path]) -> Page:
    """`site.stories`: those that it tells."""
    values = {"source": one, "heading": one.title, "folder": f"sources/{one.name}", "total": one.stories}
    cards = [_card(site, told) for told in site.stories[:LISTED]]
    return page(site.config, folders, site.brief, "source", one.page, cards=cards, **values)


def story(
    config: Config,
    story: Story,
    related: Sequence[Story],
    folders: Sequence[Path],
    *,
    brief: Briefer = opening,
    sources: Collection[str] = (),
) -> bytes:
    """The story's own page, to be published as `stories/ID.html`. `sources`: the names of those that have a page."""
    lines = _source_lines(story, sources)
    return page(
        config,
        folders,
        brief,
        "story",
        f"stories/{story.id}.html",
        story=story,
        categories=[found for slug in story.categories if (found := config.category(slug))],
        section=config.section(story.section),
        lines=lines,
        tellers=_tellers_of(lines),
        related=related[:_RELATED_ON_STORY],
    )[1]()


def withdrawn(config: Config, story: str, when: datetime, folders: Sequence[Path]) -> bytes:
    """What stands at the address of a story that was taken back: files cannot say 410."""
    return page(config, folders, opening, "withdrawn", f"stories/{story}.html", when=when)[1]()


def moved(config: Config, story: str, into: Story, folders: Sequence[Path]) -> bytes:
    """What stands at the address of a story that is told in another one now: files cannot redirect."""
    values = {"into": into.id, "title": into.title, "title_language": into.language}
    return page(config, folders, opening, "moved", f"stories/{story}.html", **values)[1]()


def not_found(config: Config, folders: Sequence[Path]) -> Page:
    """For whoever asks for what is not there, at whatever address: its own links are absolute."""
    path = "404.html"
    return path, lambda: _rendered(config, folders, "404", brief=opening, root=f"{config.site_url}/")


def editions(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    shelves = [_shelf(site, newsletter) for newsletter in site.config.newsletters]
    yield edition_index(site.config, shelves, folders)
    for shelf in shelves:
        yield newsletter(site.config, shelf, folders)


def edition_index(config: Config, shelves: Sequence[Shelf], folders: Sequence[Path]) -> Page:
    return page(config, folders, opening, "editions", "editions/index.html", shelves=shelves, alone=False)


def newsletter(config: Config, shelf: Shelf, folders: Sequence[Path]) -> Page:
    """Its own page, or that of one of its months."""
    name = shelf.newsletter.name
    path = shelf.month.page if shelf.month is not None else f"editions/{name}/index.html"
    return page(config, folders, opening, "editions", path, shelves=[shelf], alone=True)


def _shelf(site: Site, newsletter: Newsletter) -> Shelf:
    found = site.editions_of(newsletter)
    return Shelf(newsletter, found[:LISTED_EDITIONS], len(found))


def stylesheet(folders: Sequence[Path]) -> bytes:
    """`style.css`, the workspace's own if it has one. It is no template: braces mean something else in it."""
    return asset("style.css", folders)


def asset(name: str, folders: Sequence[Path]) -> bytes:
    """A file that stands among the site's templates and is none."""
    for folder in folders:
        try:
            return (folder / "site" / name).read_bytes()
        except FileNotFoundError:
            continue
    raise RenderError(
        f"there is no site/{name} among the templates",
        hint="`aggregator init` writes the templates a workspace needs",
    )


def _list(site: Site, folders: Sequence[Path], folder: str, title: str, stories: Sequence[Story]) -> Page:
    return page(
        site.config,
        folders,
        site.brief,
        "list",
        f"{folder}/index.html",
        heading=title,
        folder=folder,
        cards=[_card(site, story) for story in stories[:LISTED]],
        total=site.total(folder, stories),
    )


def page(
    config: Config, folders: Sequence[Path], brief: Briefer, template: str, path: str, **values: object
) -> Page:  # fmt: skip
    """What a template makes: it is rendered when it is asked for."""
    root = "../" * path.count("/")
    return path, lambda: _rendered(config, folders, template, brief=brief, root=root, path=path, **values)


def _rendered(config: Config, folders: Sequence[Path], template: str, **values: object) -> bytes:
    publication = config.publication
    made = environment(tuple(folders), language=publication.language, timezone=publication.timezone)
    return legal(render(made, f"site/{template}.html", config=config, **values)).encode()


def _block(site: Site, section: Section, count: int) -> Block:
    stories = site.by_section[section.slug]
    lead = _lead(stories)
    shown = [lead, *(story for story in stories if story is not lead)][:count]
    return Block(section, tuple(_card(site, story) for story in shown))


def _lead(stories: Sequence[Story]) -> Story:
    """The hottest; where none is hot, of the newest few the one that most sources tell; the newest of equals."""
    return max(stories[:_LEAD_AMONG], key=lambda story: (story.heat, len(_tellers(story))))


def _card(site: Site, story: Story) -> Card:
    related = [site.by_id[other] for other in story.related if other in site.by_id and other != story.id]
    return Card(
        story, site.config.first_category(story.categories), len(_tellers(story)) - 1, tuple(related[:_RELATED])
    )


def _tellers(story: Story) -> set[str]:
    """Several feeds of one title are one outlet, as in the mail."""
    return {_title(report) for report in story.reports}


def _title(report: Report) -> str:
    return report.source_title or report.source


def _source_lines(story: Story, sources: Collection[str]) -> list[SourceLine]:
    """In the order of time."""
    names = {report.entry: _title(report) for report in story.reports}
    return [
        SourceLine(
            report,
            names.get(report.duplicate_of, story.lead.source_title) if report.duplicate_of else None,
            source_page(report.source) if report.source in sources else None,
            leads=report is story.lead,
        )
        for report in sorted(story.reports, key=lambda report: (report.published, report.entry))
    ]


def _tellers_of(lines: Sequence[SourceLine]) -> list[Teller]:
    """The outlet that leads first, then as they came."""
    counted = Counter(_title(line.report) for line in lines)
    pages: dict[str, str | None] = {}
    for line in sorted(lines, key=lambda line: not line.leads):
        pages[_title(line.report)] = pages.get(_title(line.report)) or line.page
    return [Teller(title, place, counted[title]) for title, place in pages.items()]


def _newest(stories: Sequence[Story]) -> datetime | None:
    return max((story.last_published for story in stories), default=None)
