"""The edition, and again with less and less in it: what a mail that is too long for Gmail leaves to the web."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil

from aggregator.model import Edition, EditionItem


def lighter(edition: Edition) -> Iterator[Edition]:
    """Without quick links, without side links, with fewer stories (and without the line and the minutes that speak of
    all of them).
    """
    yield edition
    edition = replace(edition, quick=(), more=edition.more + len(edition.quick))
    yield edition
    edition = each_item(edition, lambda item: replace(item, also=(), also_more=0, related=()))
    yield edition
    edition = replace(edition, opening="", minutes=0)
    while len(edition.items) > 1:
        edition = _without_last(edition, ceil(len(edition.items) / 8))
        yield edition


def each_item(edition: Edition, change: Callable[[EditionItem], EditionItem]) -> Edition:
    lead = change(edition.lead) if edition.lead is not None else None
    sections = tuple(replace(section, items=tuple(map(change, section.items))) for section in edition.sections)
    return replace(edition, lead=lead, sections=sections)


def _without_last(edition: Edition, count: int) -> Edition:
    """The longest section loses its last story, `count` times: every section keeps its best as long as it can."""
    sections = list(edition.sections)
    for _ in range(min(count, sum(len(section.items) for section in sections))):
        longest = max(range(len(sections)), key=lambda at: len(sections[at].items))
        sections[longest] = replace(sections[longest], items=sections[longest].items[:-1])
    kept = tuple(section for section in sections if section.items)
    dropped = sum(len(section.items) for section in edition.sections) - sum(len(section.items) for section in kept)
    return replace(edition, sections=kept, more=edition.more + dropped)
