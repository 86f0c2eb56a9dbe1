"""The order of worth: who else tells it, whose word it is, how fresh it is, what it is about."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.curate.leads import agency, voice
from aggregator.model import Ranked, Story

_HALF_LIFE = timedelta(days=1)
_NO_WEIGHTS: Mapping[str, float] = {}
_NO_CATEGORY = 0.8


def rank(
    stories: Sequence[Story], now: datetime, *, category_weights: Mapping[str, float] = _NO_WEIGHTS
) -> tuple[Ranked, ...]:
    """Best first; the parts of each score are named, and multiply."""
    ranked = [_ranked(story, now, category_weights) for story in stories]
    return tuple(sorted(ranked, key=lambda one: (-one.score, one.story.id)))


def _ranked(story: Story, now: datetime, weights: Mapping[str, float]) -> Ranked:
    parts = {
        "corroboration": 1 + math.log2(max(1, voices(story))),
        "source": max(report.weight for report in story.reports),
        "freshness": 0.5 ** (max(now - story.last_published, timedelta(0)) / _HALF_LIFE),
        "category": weights.get(story.kicker, 1.0) if story.kicker else _NO_CATEGORY,
    }
    return Ranked(story, math.prod(parts.values()), parts)


def voices(story: Story) -> int:
    """How many tell it independently. Copies of one text are none of their own, several feeds of one outlet are one, and so
    are outlets that each tell what one agency reported, and that agency.
    """
    outlets = {report.source_title for report in story.originals}
    if len(outlets) == 1:
        return 1
    credited = (
        agency(report.title, report.summary, report.author) or voice(report.source_title) for report in story.originals
    )
    return len(set(credited))
