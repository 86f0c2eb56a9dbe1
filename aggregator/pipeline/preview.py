"""What readers would see of the publication as it stands, page by page, without anything being written.

Each newsletter's next edition is composed as it would be now, and stands among its editions. A page is made when it is
asked for: one that fails costs no other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from sqlalchemy import Engine

from aggregator.config import Config, Newsletter
from aggregator.curate.rank import rank
from aggregator.edit.compose import compose as compose_edition
from aggregator.edit.compose import from_json
from aggregator.edit.select import select
from aggregator.errors import StoreError
from aggregator.model import Edition, Story
from aggregator.pipeline.compose import draft
from aggregator.pipeline.outlets import outlets
from aggregator.publish import mail, site, syndicate
from aggregator.store import editions, schema, stories
from aggregator.store.engine import reading
from aggregator.store.tables import SCHEMA

_STORIES = 300
"""How many stories, newest first, a preview has pages of."""
_EDITIONS = 20
"""How many past editions, of each newsletter."""
_LATER = timedelta(days=1)

Make = Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Material:
    """What pages and mails are made from. `drafts`: of each newsletter that has something to tell, its next edition."""

    config: Config
    stories: tuple[Story, ...]
    earlier: tuple[Story, ...] = ()
    editions: tuple[Edition, ...] = ()
    drafts: tuple[Edition, ...] = ()

    @cached_property
    def site(self) -> site.Site:
        every = (*self.drafts, *self.editions)
        return site.Site(config=self.config, stories=self.stories, editions=every, earlier=self.earlier)

    def edition(self, newsletter: str, number: int | None = None) -> Edition | None:
        """By its number; without one, the next edition, or the newest where there is nothing to tell."""
        of_it = (one for one in self.site.editions if one.newsletter == newsletter)
        return next((one for one in of_it if number in {None, one.number}), None)


# --- where it comes from ---------------------------------------------------------------------------------


def from_database(engine: Engine, config: Config, now: datetime) -> Material:
    """As it stands at this moment. Raises StoreError where the database is of another version, or does not answer."""
    if schema.version(engine) != SCHEMA:
        raise StoreError(
            "the database is of another version than this program",
            hint="`aggregator run --once` brings it up to date; --sample needs none",
        )
    with reading(engine) as conn:
        known = outlets(conn, config)
        newest = tuple(stories.newest(conn, known, limit=_STORIES))
        kept = [one for each in config.newsletters for one in editions.load(conn, each.name, limit=_EDITIONS)]
        drafts = [draft(conn, config, each, now) for each in config.newsletters]
        shown = Material(
            config=config,
            stories=newest,
            editions=tuple(from_json(one.data) for one in sorted(kept, key=lambda one: one.composed, reverse=True)),
            drafts=tuple(one for one in drafts if one is not None),
        )
        related = (other for story in newest for other in story.related)
        missing = [*shown.site.missing, *related]
        have = {story.id for story in newest}
        return replace(
            shown, earlier=tuple(stories.load(conn, (one for one in missing if one not in have), known).values())
        )


def state_of(engine: Engine) -> object:
    """Another one than before: a preview has something else to show."""
    with reading(engine) as conn:
        newest = editions.load(conn, limit=1)
        return stories.last_change(conn), [(one.newsletter, one.number) for one in newest]


def from_sample(config: Config, told: Sequence[Story], now: datetime) -> Material:
    """The publication with stories of another one, newest first. What each newsletter has told already is the older half."""
    ours = tuple(_sorted_anew(config, place, story) for place, story in enumerate(told))
    half = len(ours) // 2
    before = [_of_sample(config, each, ours[half:], number=1, slot=now - _LATER) for each in config.newsletters]
    drafts = [_of_sample(config, each, ours[:half], number=2, slot=now) for each in config.newsletters]
    return Material(config=config, stories=ours, editions=tuple(before), drafts=tuple(drafts))


def _sorted_anew(config: Config, place: int, story: Story) -> Story:
    """In categories and sections that are configured: those of a sample are another publication's."""
    kept = tuple(slug for slug in story.categories if config.category(slug) is not None)
    if story.categories and config.categories and not kept:
        kept = (config.categories[place % len(config.categories)].slug,)
    section = story.section if config.section(story.section) else config.sections[place % len(config.sections)].slug
    return replace(story, categories=kept, section=section)


def _of_sample(
    config: Config, newsletter: Newsletter, told: Sequence[Story], *, number: int, slot: datetime
) -> Edition:
    """Whatever the newsletter takes otherwise: it is its look that a sample shows."""
    open_to_all = newsletter.model_copy(update={"categories": (), "sections": ()})
    weights = {category.slug: category.weight for category in config.categories}
    selection = select(rank(told, slot, category_weights=weights), open_to_all, config.sections)
    related = {story.id: story for story in told}
    return compose_edition(
        config, newsletter, number=number, slot=slot, now=slot, selection=selection, related=related
    )  # fmt: skip


# --- what is made of it ----------------------------------------------------------------------------------


def letter(material: Material, edition: Edition, folders: tuple[Path, ...]) -> mail.Mail:
    """Without anybody's own links. Raises RenderError."""
    made = mail.render(edition, material.config, folders)
    return mail.Mail(mail.public(made.html, material.config), mail.public(made.text, material.config))


def catalogue(material: Material, folders: tuple[Path, ...]) -> Mapping[str, Make]:
    """What makes each file that `publish` would write, by its path."""
    return dict((*_pages(material, folders), *_editions(material, folders), *_feeds(material)))


def _pages(material: Material, folders: tuple[Path, ...]) -> Iterator[site.Page]:
    for render in (site.front, site.categories, site.sections, site.editions):
        yield from render(material.site, folders)
    yield "style.css", partial(site.stylesheet, folders)
    for story in material.stories:
        yield f"stories/{story.id}.html", partial(_story, material, story, folders)
    for story in material.stories[:1]:
        gone = partial(site.withdrawn, material.config, WITHDRAWN, story.last_published, folders)
        yield f"stories/{WITHDRAWN}.html", gone
        yield f"stories/{MOVED}.html", partial(site.moved, material.config, MOVED, story, folders)


WITHDRAWN, MOVED = "an-example-withdrawn", "an-example-moved"
"""Pages that stand in the place of a story, shown whether or not there is such a story."""


def _story(material: Material, story: Story, folders: tuple[Path, ...]) -> bytes:
    known = material.site.by_id
    related = [known[other] for other in story.related if other in known]
    return site.story(material.config, story, related, folders)


def _editions(material: Material, folders: tuple[Path, ...]) -> Iterator[site.Page]:
    for edition in material.site.editions:
        place = f"editions/{edition.newsletter}/{edition.number}"
        yield f"{place}/index.html", partial(mail.web_page, edition, material.config, folders)
        yield f"{place}/email.html", partial(_part, material, edition, folders, "html")
        yield f"{place}/email.txt", partial(_part, material, edition, folders, "text")


def _part(material: Material, edition: Edition, folders: tuple[Path, ...], part: str) -> bytes:
    return str(getattr(letter(material, edition, folders), part)).encode()


def _feeds(material: Material) -> Iterator[site.Page]:
    config, newest = material.config, material.stories
    yield "atom.xml", partial(syndicate.atom, config, newest, path="atom.xml")
    yield "rss.xml", partial(syndicate.rss, config, newest, path="rss.xml")
    yield "feed.json", partial(syndicate.json_feed, config, newest, path="feed.json")
    shelves = (
        *((f"categories/{each.slug}", each.name, material.site.by_category[each.slug]) for each in config.categories),
        *((f"sections/{each.slug}", each.title, material.site.by_section[each.slug]) for each in config.sections),
    )
    for place, title, told in shelves:
        path = f"{place}/atom.xml"
        yield path, partial(syndicate.atom, config, told, path=path, title=title)
    for newsletter in config.newsletters:
        numbers = material.site.editions_of(newsletter)
        yield f"editions/{newsletter.name}/atom.xml", partial(syndicate.newsletter_atom, config, newsletter, numbers)
