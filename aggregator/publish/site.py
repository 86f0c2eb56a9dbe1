"""Stories and editions as pages. Same stories, same bytes: no page knows what time it is.

Every link inside the site is relative, so that `out/` can be opened from disk and served under any prefix.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from aggregator.config import Category, Config, Newsletter, Section
from aggregator.errors import RenderError
from aggregator.model import Edition, Report, Story
from aggregator.publish.theme import environment, legal, render

Page = tuple[str, Callable[[], bytes]]
"""A path, and what makes the page: one that fails costs no other."""

_FRONT_MAIN, _FRONT_SIDE = 14, 4
"""Three sections of the one beside fourteen stories of the other: both columns end at about the same height."""
_LEAD_AMONG = 10
_LISTED = 50
_RELATED = 3
_RELATED_ON_STORY = 8


@dataclass(frozen=True)
class Site:
    """All that pages are made of: stories and editions, each newest first."""

    config: Config
    stories: tuple[Story, ...] = ()
    editions: tuple[Edition, ...] = ()
    earlier: tuple[Story, ...] = ()
    """Those that the listed ones name as related, and that are no longer listed themselves."""

    @cached_property
    def by_id(self) -> Mapping[str, Story]:
        return {story.id: story for story in (*self.earlier, *self.stories)}

    @property
    def missing(self) -> Sequence[str]:
        """The ids that `earlier` should hold: what the cards of all lists name."""
        shelves = (*self.by_section.values(), *self.by_category.values())
        cards = (story for shelf in shelves for story in shelf[:_LISTED])
        named = (other for story in cards for other in story.related[:_RELATED_ON_STORY])
        return list(dict.fromkeys(other for other in named if other not in self.by_id))

    @cached_property
    def by_section(self) -> Mapping[str, Sequence[Story]]:
        """A story whose section is configured no more stands in the first one. Hot topics go by their heat."""
        found: dict[str, list[Story]] = {section.slug: [] for section in self.config.sections}
        first = next(iter(found), "")
        for story in self.stories:
            found.setdefault(story.section if story.section in found else first, []).append(story)
        return {slug: sorted(stories, key=lambda story: -story.heat) for slug, stories in found.items()}

    @cached_property
    def by_category(self) -> Mapping[str, Sequence[Story]]:
        found: dict[str, list[Story]] = {category.slug: [] for category in self.config.categories}
        for story in self.stories:
            for slug in story.categories:
                if slug in found:
                    found[slug].append(story)
        return found

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
class Shelf:
    """A newsletter and its editions, newest first."""

    newsletter: Newsletter
    editions: Sequence[Edition]


@dataclass(frozen=True)
class SourceLine:
    """A report on a story's page; `copy_of` is the title of the source that it repeats."""

    report: Report
    copy_of: str | None
    page: str | None = None
    leads: bool = False


def front(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    shown = [section for section in site.config.sections if site.by_section[section.slug]]
    blocks = [_block(site, section, _FRONT_SIDE if at else _FRONT_MAIN) for at, section in enumerate(shown)]
    yield _page(
        site.config,
        folders,
        "front",
        "index.html",
        main=blocks[0] if blocks else None,
        side=blocks[1:],
        newest=_newest(site.stories),
    )


def sections(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    for section in site.config.sections:
        yield _list(site, folders, f"sections/{section.slug}", section.title, site.by_section[section.slug])


def categories(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    shelf = [(category, len(site.by_category[category.slug])) for category in site.config.categories]
    yield _page(site.config, folders, "categories", "categories/index.html", categories=shelf)
    for category in site.config.categories:
        yield _list(site, folders, f"categories/{category.slug}", category.name, site.by_category[category.slug])


def story(config: Config, story: Story, related: Sequence[Story], folders: Sequence[Path]) -> bytes:
    """The story's own page, to be published as `stories/ID.html`."""
    return _page(
        config,
        folders,
        "story",
        f"stories/{story.id}.html",
        story=story,
        categories=[found for slug in story.categories if (found := config.category(slug))],
        section=config.section(story.section),
        lines=_source_lines(story),
        related=related[:_RELATED_ON_STORY],
    )[1]()


def withdrawn(config: Config, story: str, when: datetime, folders: Sequence[Path]) -> bytes:
    """What stands at the address of a story that was taken back: files cannot say 410."""
    return _page(config, folders, "withdrawn", f"stories/{story}.html", when=when)[1]()


def moved(config: Config, story: str, into: Story, folders: Sequence[Path]) -> bytes:
    """What stands at the address of a story that is told in another one now: files cannot redirect."""
    values = {"into": into.id, "title": into.title, "title_language": into.language}
    return _page(config, folders, "moved", f"stories/{story}.html", **values)[1]()


def editions(site: Site, folders: Sequence[Path]) -> Iterator[Page]:
    shelves = [Shelf(newsletter, site.editions_of(newsletter)) for newsletter in site.config.newsletters]
    yield _page(site.config, folders, "editions", "editions/index.html", shelves=shelves, alone=False)
    for shelf in shelves:
        path = f"editions/{shelf.newsletter.name}/index.html"
        yield _page(site.config, folders, "editions", path, shelves=[shelf], alone=True)


def stylesheet(folders: Sequence[Path]) -> bytes:
    """`style.css`, the workspace's own if it has one. It is no template: braces mean something else in it."""
    for folder in folders:
        try:
            return (folder / "site" / "style.css").read_bytes()
        except FileNotFoundError:
            continue
    raise RenderError(
        "there is no site/style.css among the templates",
        hint="`aggregator init` writes the templates a workspace needs",
    )


def _list(site: Site, folders: Sequence[Path], folder: str, title: str, stories: Sequence[Story]) -> Page:
    return _page(
        site.config,
        folders,
        "list",
        f"{folder}/index.html",
        heading=title,
        folder=folder,
        cards=[_card(site, story) for story in stories[:_LISTED]],
        total=len(stories),
    )


def _page(config: Config, folders: Sequence[Path], template: str, path: str, **values: object) -> Page:
    def make() -> bytes:
        publication = config.publication
        made = environment(tuple(folders), language=publication.language, timezone=publication.timezone)
        page = render(made, f"site/{template}.html", config=config, root="../" * path.count("/"), path=path, **values)
        return legal(page).encode()

    return path, make


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
    return {report.source for report in story.reports}


def _source_lines(story: Story) -> list[SourceLine]:
    names = {report.entry: report.source_title for report in story.reports}
    return [
        SourceLine(
            report,
            names.get(report.duplicate_of, story.lead.source_title) if report.duplicate_of else None,
            None,
            report is story.lead,
        )
        for report in story.reports
    ]


def _newest(stories: Sequence[Story]) -> datetime | None:
    return max((story.last_published for story in stories), default=None)
