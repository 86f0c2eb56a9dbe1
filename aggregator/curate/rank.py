"""The order of worth: who else tells it, whose word it is, how fresh it is, what it is about."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.model import Ranked, Story

_HALF_LIFE = timedelta(days=1)
_NO_WEIGHTS: Mapping[str, float] = {}


def rank(
    stories: Sequence[Story], now: datetime, *, category_weights: Mapping[str, float] = _NO_WEIGHTS
) -> tuple[Ranked, ...]:
    """Best first; the parts of each score are named, and multiply."""
    ranked = [_ranked(story, now, category_weights) for story in stories]
    return tuple(sorted(ranked, key=lambda one: (-one.score, one.story.id)))


def _ranked(story: Story, now: datetime, weights: Mapping[str, float]) -> Ranked:
    parts = {
        "corroboration": 1 + math.log2(len({report.source_title for report in story.originals}) or 1),
        "source": max(report.weight for report in story.reports),
        "freshness": 0.5 ** (max(now - story.last_published, timedelta(0)) / _HALF_LIFE),
        "category": weights.get(story.kicker, 1.0) if story.kicker else 0.8,
    }
    return Ranked(story, math.prod(parts.values()), parts)
