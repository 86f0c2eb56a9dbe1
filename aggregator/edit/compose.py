"""An edition as data: what the selection says, in an order and at a length that a reader can finish."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil

from pydantic import TypeAdapter, ValidationError

from aggregator.config import Config, Newsletter, standing
from aggregator.edit.frame import WORDS_A_MINUTE, preheader, reading_minutes, subject
from aggregator.edit.opening import opening_line
from aggregator.edit.select import Selection
from aggregator.edit.summarise import brief
from aggregator.errors import StoreError
from aggregator.model import Edition, EditionItem, EditionSection, Link, Ranked, Report, Stands, Story, Verdict

LEAD_COLUMNS = 420
ITEM_COLUMNS = 280
MAX_ALSO = 3
MAX_RELATED = 3
_WEB = re.compile(r"https?://[^\s\x00-\x20<>\"\\^`{|}]+\Z")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every item needs to know of the edition that it stands in."""

    config: Config
    selection: Selection
    related: Mapping[str, Story]

    def page(self, story: str) -> str:
        return f"{self.config.site_url}/stories/{story}.html"


def compose(
    config: Config,
    newsletter: Newsletter,
    *,
    number: int,
    slot: datetime,
    now: datetime,
    selection: Selection,
    related: Mapping[str, Story],
) -> Edition:
    """Number `number` of the newsletter, for the slot of its schedule. `related` holds the stories that others name."""
    desk = _Desk(config, selection, related)
    items = [_item(desk, each, ITEM_COLUMNS if place else LEAD_COLUMNS) for place, each in enumerate(selection.chosen)]
    quick = tuple(_quick(desk, each.story) for each in selection.quick)
    opening = opening_line(config.publication.language, items)
    left = Counter(each.story.categories for each in selection.rest)
    return Edition(
        newsletter=newsletter.name,
        number=number,
        title=newsletter.title,
        slot=slot.astimezone(UTC),
        composed=now.astimezone(UTC),
        timezone=newsletter.timezone or config.publication.timezone,
        language=config.publication.language,
        subject=subject(items, one_line(newsletter.title)),
        preheader=preheader(items, quick),
        opening=opening,
        lead=items[0] if items else None,
        sections=_sections(config, _hottest_first(selection.chosen[1:], items[1:])),
        quick=quick,
        more=selection.more,
        url=f"{config.site_url}/editions/{newsletter.name}/{number}/",
        minutes=reading_minutes(opening, items),
        more_about=tuple(sorted(left.items())),
    )


def verdicts(edition: Edition, selection: Selection) -> tuple[Verdict, ...]:
    """What the edition made of each story that it considered, in its own order."""
    return tuple(
        Verdict(story=story, place=place, stands=stands, reason=why.said, figures=why.figures)
        for place, (story, stands) in enumerate(_considered(edition, selection), start=1)
        for why in (selection.reasons[story],)
    )


def _considered(edition: Edition, selection: Selection) -> Iterator[tuple[str, Stands]]:
    for item in edition.items:
        yield item.story, "lead" if item is edition.lead else "item"
    parts: tuple[tuple[Stands, Sequence[Ranked]], ...] = (
        ("link", selection.quick), ("web", selection.rest), ("out", selection.out),
    )  # fmt: skip
    for stands, stories in parts:
        yield from ((each.story.id, stands) for each in stories)


def to_json(edition: Edition) -> str:
    """Pretty, in UTF-8 text, the same for the same edition; `from_json` reads it back."""
    return json.dumps(_adapter().dump_python(edition, mode="json"), ensure_ascii=False, indent=2) + "\n"


def from_json(text: str) -> Edition:
    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise StoreError(
            f"this is no edition that we can read: {place or 'the document'}: {error.errors()[0]['msg']}",
            hint="it may be from another version of the program, or not have been written to its end",
        ) from error


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Edition]:
    return TypeAdapter(Edition)


def one_line(text: str) -> str:
    """Fit for a header or a headline: no line break, no control, no sign that turns the direction of what follows."""
    shown = "".join(character for character in text if not _is_unprintable(character))
    return " ".join(shown.split())


def _is_unprintable(character: str) -> bool:
    if character.isspace():
        return False
    return unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} or unicodedata.bidirectional(character) in {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip


def _item(desk: _Desk, ranked: Ranked, columns: int) -> EditionItem:
    story = ranked.story
    page = desk.page(story.id)
    headline = one_line(story.title)
    others = _others(story)
    also = tuple(_told_too(report, page) for report in others[:MAX_ALSO])
    told = brief(story, columns)
    category = desk.config.first_category(story.categories)
    return EditionItem(
        story=story.id,
        kicker=category.name if category is not None else None,
        kicker_slug=category.slug if category is not None else None,
        headline=headline,
        summary=one_line(told.text),
        language=story.language,
        section=standing(desk.config.sections, story.section),
        url=_web_address(story.url, page),
        story_url=page,
        source=one_line(story.lead.source_title),
        published=story.lead.published.astimezone(UTC),
        words=story.lead.words,
        minutes=ceil(story.lead.words / WORDS_A_MINUTE),
        also=also,
        also_more=max(0, len(others) - MAX_ALSO),
        related=_related(desk, story),
        reason=str(desk.selection.reasons.get(story.id, "")),
        summary_language=told.language if told.text else None,
        written_by=told.written_by,
        categories=story.categories,
        rank=desk.selection.turns.get(story.id, 0),
        tellers=tuple(one_line(report.source_title) for report in (story.lead, *others)),
    )


def _others(story: Story) -> list[Report]:
    """The first report of each further outlet that told it in its own words. Several feeds of one title are one outlet."""
    others: dict[str, Report] = {}
    for report in story.originals:
        if report.source_title != story.lead.source_title:
            others.setdefault(report.source_title, report)
    return list(others.values())


def _told_too(report: Report, page: str) -> Link:
    return Link(
        title=one_line(report.title),
        url=_web_address(report.url, page),
        source=one_line(report.source_title),
        language=report.language,
    )


def _related(desk: _Desk, story: Story) -> tuple[Link, ...]:
    """What this edition does not tell anyway."""
    told = {ranked.story.id for ranked in desk.selection.chosen}
    known = [desk.related[other] for other in story.related if other in desk.related and other not in told]
    return tuple(_link(other, desk.page(other.id)) for other in known[:MAX_RELATED])


def _quick(desk: _Desk, story: Story) -> Link:
    url = _web_address(story.url, desk.page(story.id))
    return replace(_link(story, url), categories=story.categories)


def _link(story: Story, url: str) -> Link:
    return Link(
        title=one_line(story.title),
        url=url,
        source=one_line(story.lead.source_title),
        language=story.language,
        published=story.lead.published.astimezone(UTC),
    )


def _web_address(url: str | None, otherwise: str) -> str:
    """A feed may say javascript: where an address belongs; readers get the story's own page instead."""
    return url if url is not None and _WEB.match(url) else otherwise


def _hottest_first(chosen: Sequence[Ranked], items: Sequence[EditionItem]) -> list[EditionItem]:
    """Hot topics by their heat; the others, which have none, stay in the order of rank."""
    heat = {ranked.story.id: ranked.story.heat for ranked in chosen}
    return sorted(items, key=lambda item: -heat[item.story])


def _sections(config: Config, items: Sequence[EditionItem]) -> tuple[EditionSection, ...]:
    made = (
        EditionSection(
            slug=section.slug, title=section.title, items=tuple(item for item in items if item.section == section.slug)
        )
        for section in config.sections
    )
    return tuple(section for section in made if section.items)
