"""A story as it stands: its words, its lead, its section and categories, from the entries that tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from aggregator.config import Section
from aggregator.curate.hot import placed
from aggregator.curate.kicker import Broader, told_about
from aggregator.model import Report, Story, Word, Written

_SHORT = 40
"""A summary of fewer characters is lent by a fuller report."""
_MUCH_MORE = 1.5
_NO_WORDS: Mapping[str, Word] = {}
_NO_BROADER: Broader = {}


def assemble(
    story_id: str,
    reports: Sequence[Report],
    *,
    sections: Sequence[Section],
    news: str,
    before: Story | None,
    now: datetime,
    words: Mapping[str, Word] = _NO_WORDS,
    broader: Broader = _NO_BROADER,
) -> Story:
    """A story from its reports; `news` is the section whose stories may become hot. `updated` moves only when what
    readers see changes, and never backwards. `words`: what editors said of entries, by id;
    `broader`: of each category those in which it lies.

    The original that came first leads. It stays so unless it is gone, has turned out to be a duplicate, or the source of
    one that came later weighs more by half: a headline that changes with each report confuses readers.
    """
    came = sorted(reports, key=lambda one: one.came)
    originals = [report for report in came if report.duplicate_of is None] or came[:1]
    lead = _lead(originals)
    others = sorted((report for report in reports if report is not lead), key=lambda one: (one.published, one.entry))
    story = Story(
        id=story_id,
        title=lead.title,
        summary=_summary(lead, originals),
        language=lead.language,
        url=lead.url,
        section=lead.section,
        categories=told_about(reports, lead, words, broader).categories,
        reports=(lead, *others),
        related=before.related if before else (),
        first_published=min(report.published for report in reports),
        last_published=max(report.published for report in originals),
        updated=max(now, before.updated) if before else now,
    )
    if before is not None and before.written is not None and before.said == story.said:
        story = replace(story, written=before.written)
    story = placed(replace(story, shown=_shown(story)), sections=sections, news=news, now=now)
    return story if before is None or story.shown != before.shown else replace(story, updated=before.updated)


def briefed(story: Story, written: Written | None, now: datetime) -> Story:
    """The story with another briefing, or without one: readers see something else, so it is updated."""
    changed = replace(story, written=written)
    return replace(changed, shown=_shown(changed), updated=max(now, story.updated))


def _lead(reports: Sequence[Report]) -> Report:
    """By their order alone, so that it makes no difference how many came at once."""
    lead = reports[0]
    for report in reports[1:]:
        if report.weight >= _MUCH_MORE * lead.weight:
            lead = report
    return lead


def _summary(lead: Report, originals: Sequence[Report]) -> str:
    if len(lead.summary) >= _SHORT:
        return lead.summary
    same = [report.summary for report in originals if report.language == lead.language]
    return max([lead.summary, *same], key=len)


def _shown(story: Story) -> str:
    """Of pages and feeds. What they take from the configuration, as a source's title, is none of the story's news; nor is
    an address: when a site moves, its links change, and nothing was updated; nor that it becomes a hot topic.
    """
    told = [(report.entry, report.title, report.published, report.duplicate_of) for report in story.reports]
    seen: tuple[object, ...] = (
        *(story.title, story.summary, story.lead.section, story.categories, story.lead.author, told),
        *((story.written,) if story.written is not None else ()),
    )
    return blake2b(repr(seen).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
