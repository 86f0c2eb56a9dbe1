"""Which stories several independent sources report now, and how much so.

A report counts for a day. Copies of one text are one voice, and so are several feeds of one outlet. A story cools down
by itself: no longer told, it goes back to the section of its lead.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.config import Section
from aggregator.model import Report, Story

HOT_FOR = timedelta(days=1)
"""So long a report counts."""
LATELY = timedelta(hours=6)
"""Over so long the speed is taken."""
_STEP = timedelta(hours=1)
"""Time counts in steps of this: what is published must not change at every tick."""


@dataclass(frozen=True, slots=True)
class Heat:
    """`sources`: the outlets that told it of late in their own words. The score is the product of the parts."""

    sources: int
    score: float
    parts: Mapping[str, float]


def heat(story: Story, now: datetime) -> Heat:
    """By number (of outlets), weight (their mean), and speed (1 and the reports an hour, over the last six)."""
    at = _step(now)
    lately = [report for report in _voices(story) if at - report.published < HOT_FOR]
    if not lately:
        return Heat(0, 0.0, {})
    weights: dict[str, float] = {}
    for report in lately:
        weights[report.source_title] = max(report.weight, weights.get(report.source_title, 0.0))
    newest = {report.source_title for report in lately if at - report.published < LATELY}
    parts = {
        "sources": float(len(weights)),
        "weight": math.fsum(weights.values()) / len(weights),
        "speed": 1 + len(newest) / (LATELY / timedelta(hours=1)),
    }
    return Heat(len(weights), round(math.prod(parts.values()), 3), parts)


def placed(story: Story, *, sections: Sequence[Section], news: str, now: datetime) -> Story:
    """In the section where it stands at that time. `news`: the section whose stories may become hot, and which a section
    that takes hot ones only (`min_sources`) takes them from.
    """
    felt = heat(story, now)
    hot = next((section for section in sections if 0 < section.min_sources <= felt.sources), None)
    if hot is None or story.lead.section != news:
        return replace(story, section=story.lead.section, heat=0.0)
    return replace(story, section=hot.slug, heat=felt.score)


def _voices(story: Story) -> list[Report]:
    """Of its own kind: an opinion on the news is no further report of it."""
    return [report for report in story.originals or (story.lead,) if report.section == story.lead.section]


def _step(now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // _STEP.total_seconds() * _STEP.total_seconds(), now.tzinfo)
