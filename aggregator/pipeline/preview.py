"""What a preview is made from: the publication as it stands, with each newsletter's next edition. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Engine

from aggregator.config import Config, Newsletter
from aggregator.curate.rank import rank
from aggregator.edit import summarise
from aggregator.edit.compose import compose as compose_edition
from aggregator.edit.compose import from_json
from aggregator.edit.select import select
from aggregator.errors import StoreError
from aggregator.model import Edition, Story
from aggregator.pipeline.compose import draft
from aggregator.pipeline.outlets import outlets
from aggregator.pipeline.publishing.feed_texts import contents
from aggregator.pipeline.publishing.press import source_links
from aggregator.publish.site import Site, SourceLink
from aggregator.store import editions, schema, stories
from aggregator.store.engine import reading
from aggregator.store.tables import SCHEMA

_STORIES = 300
"""How many stories, newest first, a preview has pages of."""
_EDITIONS = 20
"""How many past editions, of each newsletter."""
_LATER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Material:
    """Stories are the newest first, editions too. `drafts`: of each newsletter that has something to tell, its next one."""

    config: Config
    stories: tuple[Story, ...]
    earlier: tuple[Story, ...] = ()
    editions: tuple[Edition, ...] = ()
    drafts: tuple[Edition, ...] = ()
    sources: Mapping[str, SourceLink] = field(default_factory=dict)
    """Those that readers may know of, by name."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """What feeds carry in full, by the id of a story's lead."""

    @cached_property
    def site(self) -> Site:
        """As it would be with the drafts sent."""
        return Site(
            config=self.config,
            stories=self.stories,
            editions=(*self.drafts, *self.editions),
            earlier=self.earlier,
            brief=summarise.brief,
        )

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
            sources=source_links(conn, config, known),
            contents=contents(conn, config, newest),
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
    sources = {
        report.source: SourceLink(report.source, report.source_title, language=report.language)
        for story in ours
        for report in story.reports
    }
    return Material(config=config, stories=ours, editions=tuple(before), drafts=tuple(drafts), sources=sources)


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
