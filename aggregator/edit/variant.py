"""The edition as a reader gets it who wants some categories only."""

from collections.abc import Sequence
from dataclasses import replace

from aggregator.config import Config
from aggregator.edit.frame import preheader, reading_minutes, subject
from aggregator.edit.opening import opening_line
from aggregator.model import Edition, EditionItem, EditionSection


def variant(edition: Edition, config: Config, categories: frozenset[str]) -> Edition | None:
    """What of the edition is about any of these, in its order and with a frame of its own; None where no story is. No
    categories, or none that is configured still: the edition as it is.

    A story with none of the publication's categories is in no variant: whoever chose, did not choose that.
    """
    wanted = frozenset(category.slug for category in config.categories) & categories
    if not wanted:
        return edition
    items = [item for item in edition.items if not wanted.isdisjoint(item.categories)]
    if not items:
        return None
    lead = min(items, key=lambda item: item.rank)
    told = [lead, *(item for item in items if item is not lead)]
    quick = tuple(link for link in edition.quick if not wanted.isdisjoint(link.categories))
    opening = opening_line(edition.language, told)
    return replace(
        edition,
        subject=subject(told, edition.title),
        preheader=preheader(told, quick),
        opening=opening,
        lead=lead,
        sections=_sections(edition.sections, {item.story for item in told[1:]}),
        quick=quick,
        more=sum(count for about, count in edition.more_about if not wanted.isdisjoint(about)),
        minutes=reading_minutes(opening, told),
        more_about=tuple((about, count) for about, count in edition.more_about if not wanted.isdisjoint(about)),
    )


def _sections(sections: Sequence[EditionSection], told: set[str]) -> tuple[EditionSection, ...]:
    made = (replace(section, items=_kept(section.items, told)) for section in sections)
    return tuple(section for section in made if section.items)


def _kept(items: Sequence[EditionItem], told: set[str]) -> tuple[EditionItem, ...]:
    return tuple(item for item in items if item.story in told)
