"""An edition as data: what the selection says, in an order and at a length that a reader can finish."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate
from math import ceil

from pydantic import TypeAdapter, ValidationError

from aggregator.config import Config, Newsletter
from aggregator.edit.opening import opening_line
from aggregator.edit.select import Selection
from aggregator.edit.summarise import shorten, summarise
from aggregator.errors import StoreError
from aggregator.model import Edition, EditionItem, EditionSection, Link, Ranked, Report, Story
from aggregator.typeset import sentences, width

WORDS_A_MINUTE = 220
SUBJECT_COLUMNS = 60
PREHEADER_LEAST = 100
PREHEADER_COLUMNS = 160
LEAD_COLUMNS = 420
ITEM_COLUMNS = 280
MAX_ALSO = 3
MAX_RELATED = 3
_SENTENCE_MARKS = " .。!！?？…"
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
    quick = tuple(_link(each.story, each.story.url or desk.page(each.story.id)) for each in selection.quick)
    opening = opening_line(config, [each.story for each in selection.chosen])
    return Edition(
        newsletter=newsletter.name,
        number=number,
        title=newsletter.title,
        slot=slot.astimezone(UTC),
        composed=now.astimezone(UTC),
        timezone=newsletter.timezone or config.publication.timezone,
        language=config.publication.language,
        subject=_subject(items, newsletter),
        preheader=_preheader(items, quick),
        opening=opening,
        lead=items[0] if items else None,
        sections=_sections(config, _hottest_first(selection.chosen[1:], items[1:])),
        quick=quick,
        more=selection.more,
        url=f"{config.site_url}/editions/{newsletter.name}/{number}/",
        minutes=_reading_minutes([opening, *(text for item in items for text in (item.headline, item.summary))]),
    )


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
    also, also_more = _also(story, page)
    category = desk.config.first_category(story.categories)
    return EditionItem(
        story=story.id,
        kicker=category.name if category is not None else None,
        kicker_slug=category.slug if category is not None else None,
        headline=headline,
        summary=_summary(story, headline, columns),
        language=story.language,
        section=_section_of(desk.config, story.section),
        url=_web_address(story.url, page),
        story_url=page,
        source=one_line(story.lead.source_title),
        published=story.lead.published.astimezone(UTC),
        words=story.lead.words,
        minutes=ceil(story.lead.words / WORDS_A_MINUTE),
        also=also,
        also_more=also_more,
        related=_related(desk, story),
        reason=desk.selection.reasons.get(story.id, ""),
    )


def _summary(story: Story, headline: str, columns: int) -> str:
    text = _beyond(headline, one_line(story.summary), story.language)
    return summarise(text, limit=columns, language=story.language)


def _beyond(headline: str, text: str, language: str | None) -> str:
    """What the text says beyond its headline, which many feeds repeat in front of it: as a sentence of its own. A
    sentence that only begins as the headline does stays whole.
    """
    if not text.startswith(headline):
        return text
    ends = accumulate(len(piece) for piece in sentences(text, language))
    end = next((place for place in ends if place >= len(headline)), len(text))
    return text if text[len(headline) : end].strip(_SENTENCE_MARKS) else text[end:]


def _also(story: Story, page: str) -> tuple[tuple[Link, ...], int]:
    """One link for each further outlet that told it in its own words, and how many outlets that leaves. Several feeds of
    one title are one outlet.
    """
    others: dict[str, Report] = {}
    for report in story.originals:
        if report.source_title != story.lead.source_title:
            others.setdefault(report.source_title, report)
    links = [
        Link(
            title=one_line(report.title),
            url=_web_address(report.url, page),
            source=one_line(report.source_title),
            language=report.language,
        )
        for report in others.values()
    ]
    return tuple(links[:MAX_ALSO]), max(0, len(links) - MAX_ALSO)


def _related(desk: _Desk, story: Story) -> tuple[Link, ...]:
    """What this edition does not tell anyway."""
    told = {ranked.story.id for ranked in desk.selection.chosen}
    known = [desk.related[other] for other in story.related if other in desk.related and other not in told]
    return tuple(_link(other, desk.page(other.id)) for other in known[:MAX_RELATED])


def _link(story: Story, url: str) -> Link:
    return Link(
        title=one_line(story.title),
        url=_web_address(url, ""),
        source=one_line(story.lead.source_title),
        language=story.language,
        published=story.lead.published.astimezone(UTC),
    )


def _web_address(url: str | None, otherwise: str) -> str:
    """A feed may say javascript: where an address belongs; readers get the story's own page instead."""
    return url if url is not None and _WEB.match(url) else otherwise


def _section_of(config: Config, slug: str) -> str:
    """A section that was taken out of the configuration goes to the first one."""
    return slug if config.section(slug) is not None or not config.sections else config.sections[0].slug


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


def _subject(items: Sequence[EditionItem], newsletter: Newsletter) -> str:
    headline = items[0].headline if items else ""
    return shorten(headline, SUBJECT_COLUMNS) or shorten(one_line(newsletter.title), SUBJECT_COLUMNS)


def _preheader(items: Sequence[EditionItem], quick: Iterable[Link]) -> str:
    """The other payoffs: subject and preheader are read as a pair. Real words to the end, no padding."""
    shown = ""
    for headline in (*(item.headline for item in items[1:]), *(link.title for link in quick)):
        shown = f"{shown} · {headline}" if shown else headline
        if width(shown) >= PREHEADER_LEAST:
            break
    if width(shown) < PREHEADER_LEAST and items:
        shown = " · ".join(part for part in (shown, items[0].summary) if part)
    return shorten(shown, PREHEADER_COLUMNS)


def _reading_minutes(texts: Iterable[str]) -> int:
    """For the mail itself, as a promise: a Chinese character counts half a word."""
    counted = Counter[str]()
    for text in texts:
        counted["wide"] += sum(unicodedata.east_asian_width(character) == "W" for character in text)
        counted["words"] += len(re.findall(r"[^\W\u2e80-\u9fff]+", text))
    return max(1, ceil((counted["words"] + counted["wide"] / 2) / WORDS_A_MINUTE))
