"""What readers would see, page by page. A page is made when it is asked for: one that fails costs no other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

from aggregator.curate.text import hanzi
from aggregator.edit.variant import variant
from aggregator.errors import UsageError
from aggregator.model import Edition, Story
from aggregator.pipeline.preview import Material
from aggregator.pipeline.publishing.press import BRIEF
from aggregator.publish import archive, mail, search, site, syndicate
from aggregator.publish.archive import Drawer, Line
from aggregator.publish.feeds.post import Words
from aggregator.publish.mail import Mail
from aggregator.publish.sheet import Sheet, prepare
from aggregator.publish.site import Page

Make = Callable[[], bytes]

WITHDRAWN, MOVED = "an-example-withdrawn", "an-example-moved"
"""Pages that stand in the place of a story, shown whether or not there is such a story."""


def catalogue(material: Material, folders: tuple[Path, ...]) -> Mapping[str, Make]:
    """What makes each file that `publish` would write, by its path: as far as the material goes."""
    pages = (_lists, _stories, _sources, _archive, _search, _editions, _feeds)
    return {path: make for each in pages for path, make in each(material, folders)}


def letter(material: Material, edition: Edition, folders: tuple[Path, ...]) -> Mail:
    """As it is before a reader's own links are put into it. Raises RenderError."""
    return mail.render(edition, material.config, folders)


def sheet(material: Material, edition: Edition, folders: tuple[Path, ...]) -> Sheet:
    """Of which letters are put together. Raises RenderError."""
    return prepare(edition, material.config, folders)


def wanted(material: Material, edition: Edition, categories: frozenset[str]) -> Edition:
    """What a reader gets of it who wants these categories only. Raises UsageError where that is nothing."""
    found = variant(edition, material.config, categories)
    if found is None:
        raise UsageError(
            f"no story of {edition.newsletter}/{edition.number} is about {', '.join(sorted(categories))}",
            hint="such a reader gets no letter of this edition: choose other categories",
        )
    return found


def _lists(material: Material, folders: tuple[Path, ...]) -> Iterator[Page]:
    for render in (site.front, site.sections, site.categories, site.editions):
        yield from render(material.site, folders)
    yield "style.css", partial(site.stylesheet, folders)
    yield site.not_found(material.config, folders)


def _stories(material: Material, folders: tuple[Path, ...]) -> Iterator[Page]:
    for story in material.stories:
        yield f"stories/{story.id}.html", partial(_story, material, story, folders)
    for story in material.stories[:1]:
        gone = partial(site.withdrawn, material.config, WITHDRAWN, story.last_published, folders)
        yield f"stories/{WITHDRAWN}.html", gone
        yield f"stories/{MOVED}.html", partial(site.moved, material.config, MOVED, story, folders)


def _story(material: Material, story: Story, folders: tuple[Path, ...]) -> bytes:
    known, shown = material.site.by_id, material.site
    related = [known[other] for other in story.related if other in known]
    return site.story(material.config, story, related, folders, brief=shown.brief, sources=material.sources)


def _sources(material: Material, folders: tuple[Path, ...]) -> Iterator[Page]:
    listed = []
    for link in sorted(material.sources.values(), key=lambda one: (one.title.casefold(), one.name)):
        told = tuple(story for story in material.stories if any(one.source == link.name for one in story.reports))
        listed.append(replace(link, stories=len(told)))
        earlier = (*material.earlier, *(story for story in material.stories if story not in told))
        yield site.source(replace(material.site, stories=told, earlier=earlier), listed[-1], folders)
    yield site.source_index(material.config, listed, folders, material.site.brief)


def _archive(material: Material, folders: tuple[Path, ...]) -> Iterator[Page]:
    drawers = _drawers(material)
    yield archive.index(material.config, drawers, folders)
    beside = archive.neighbours(drawers)
    for name, drawer in drawers.items():
        newer, older = (drawers[one] if one else None for one in beside[name])
        around = archive.Around(drawer, newer=newer, older=older)
        yield archive.drawer_page(material.config, around, _lines(material, drawer), folders)


def _search(material: Material, folders: tuple[Path, ...]) -> Iterator[Page]:
    drawers = _drawers(material)
    yield search.index(material.config, drawers, folders)
    yield "search/search.js", partial(site.asset, "search.js", folders)
    yield "search/parts.json", partial(search.parts, drawers)
    yield "search/spellings.json", lambda: search.spellings(hanzi().simplified)
    for drawer in drawers.values():
        yield search.part_path(drawer), partial(search.part, _lines(material, drawer))


def _drawers(material: Material) -> dict[str, Drawer]:
    """By month alone: so many stories as to divide one are in no preview."""
    newest = sorted(material.stories, key=lambda story: story.first_published, reverse=True)
    months = groupby(newest, key=lambda story: archive.day_of(story.first_published)[:7])
    counted = [(month, list(told)) for month, told in months]
    return {month: Drawer(month, len(told), max(one.updated for one in told)) for month, told in counted}


def _lines(material: Material, drawer: Drawer) -> Sequence[Line]:
    of_it = (story for story in material.stories if drawer.start <= story.first_published < drawer.end)
    newest = sorted(of_it, key=lambda story: (story.first_published, story.id), reverse=True)
    return [_line(material, story) for story in newest[: archive.FULL]]


def _line(material: Material, story: Story) -> Line:
    told, source = material.site.brief(story, BRIEF), material.sources.get(story.lead.source)
    return Line(
        story=story.id,
        title=story.title,
        language=story.language,
        brief=told.text,
        brief_language=told.language,
        kicker=material.config.first_category(story.categories),
        source_title=story.lead.source_title,
        source_page=source.page if source is not None else None,
        first=story.first_published,
    )


def _editions(material: Material, folders: tuple[Path, ...]) -> Iterator[Page]:
    for edition in material.site.editions:
        place = f"editions/{edition.newsletter}/{edition.number}"
        yield f"{place}/index.html", partial(mail.web_page, edition, material.config, folders)
        yield f"{place}/email.html", partial(_part, material, edition, folders, "html")
        yield f"{place}/email.txt", partial(_part, material, edition, folders, "text")


def _part(material: Material, edition: Edition, folders: tuple[Path, ...], part: str) -> bytes:
    made: str = getattr(letter(material, edition, folders), part)
    return mail.public(made, material.config).encode()


def _feeds(material: Material, _folders: tuple[Path, ...]) -> Iterator[Page]:
    config, shown = material.config, material.site
    words = Words(shown.brief, material.contents)
    shelves = (
        ("", None, material.stories),
        *((f"sections/{one.slug}", one.title, shown.by_section[one.slug]) for one in config.sections),
        *((f"categories/{one.slug}", one.name, shown.by_category[one.slug]) for one in config.categories),
    )
    months = [_feed_of(drawer) for drawer in archive.leaves(_drawers(material))]
    ends = (months[0], months[-1]) if months else (None, None)
    for folder, title, told in shelves:
        newest = sorted(told, key=lambda story: story.last_published, reverse=True)[: syndicate.LIMIT]
        older, oldest = ends if not folder else (None, None)
        yield from syndicate.of_stories(
            config, newest, words=words, folder=folder, title=title, older=older, oldest=oldest
        )  # fmt: skip
    yield from _archived(material, words)
    for newsletter in config.newsletters:
        yield from syndicate.of_newsletter(config, newsletter, shown.editions_of(newsletter))


def _archived(material: Material, words: Words) -> Iterator[Page]:
    drawers = _drawers(material)
    for name, (newer, older) in archive.neighbours(drawers).items():
        told = [story for story in material.stories if archive.day_of(story.first_published).startswith(name)]
        previous, following = (_feed_of(drawers[one]) if one else None for one in (older, newer))
        path = _feed_of(drawers[name])
        make = partial(syndicate.archive_atom, material.config, told, words=words, path=path)
        yield path, partial(make, previous=previous, following=following)


def _feed_of(drawer: Drawer) -> str:
    return f"{drawer.folder}/atom.xml"
