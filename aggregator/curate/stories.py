"""Alike articles -> a story; related stories.

Texts are compared by the cosine of their features, weighted by rarity among the open entries. An entry joins the story
of its nearest neighbour when that neighbour is near and the story as a whole is not far: one weak link pulls nobody in.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.config import Section
from aggregator.curate.fingerprint import Fingerprint, fingerprint
from aggregator.model import Choice, Entry, Report, Story

_NEAR = 0.30
_NOT_FAR = 0.17
_RELATED = 0.15
_SHOWN = 4
_PRIOR = 300
"""Documents that we pretend to have seen, so that the first entries of a new installation are not all rare."""


@dataclass(frozen=True, slots=True)
class _Member:
    story: str
    print: Fingerprint
    when: datetime


class StoryIndex:
    """The entries of open stories, found by the features that they share."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._members: dict[str, _Member] = {}
        self._stories: dict[str, list[str]] = defaultdict(list)
        self._having: dict[str, dict[str, float]] = defaultdict(dict)
        self._lengths: dict[str, tuple[int, float]] = {}
        self._added = 0

    def add(self, story: str, entry: Entry, *, when: datetime | None = None) -> None:
        """Put an entry into a story; one that is there already is replaced."""
        self._remove(entry.id)
        member = _Member(story, fingerprint(entry), when or entry.when)
        self._members[entry.id] = member
        self._added += 1
        self._stories[story].append(entry.id)
        for feature, weight in member.print.weights.items():
            self._having[feature][entry.id] = weight

    def place(self, entry: Entry) -> Choice | None:
        """The open story that tells the same event; the reason names what they share."""
        ours = fingerprint(entry)
        for id_, score in self._neighbours(ours):
            if score < _NEAR:
                return None
            other = self._members[id_]
            if not self._open(other, entry.when) or _series(ours, other.print):
                continue
            mean = self._mean(ours, other.story)
            if mean >= _NOT_FAR:
                shared = ", ".join(self._shared(ours, other.print))
                return Choice(other.story, f"{score:.2f} like {id_} (story {mean:.2f}), shares {shared}")
        return None

    def related(self, story: str, limit: int = 3) -> tuple[tuple[str, float], ...]:
        """Other stories, the nearest first."""
        best: dict[str, float] = {}
        for id_ in self._stories.get(story, ()):
            for other, score in self._neighbours(self._members[id_].print):
                theirs = self._members[other].story
                if theirs != story and score >= _RELATED:
                    best[theirs] = max(best.get(theirs, 0.0), score)
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple((id_, round(score, 3)) for id_, score in ranked[:limit])

    def forget(self, before: datetime) -> None:
        for id_ in [id_ for id_, member in self._members.items() if member.when < before]:
            self._remove(id_)

    def _remove(self, id_: str) -> None:
        member = self._members.pop(id_, None)
        self._lengths.pop(id_, None)
        if member is None:
            return
        self._stories[member.story].remove(id_)
        for feature in member.print.weights:
            del self._having[feature][id_]

    def _open(self, member: _Member, when: datetime) -> bool:
        latest = max(self._members[id_].when for id_ in self._stories[member.story])
        earliest = min(self._members[id_].when for id_ in self._stories[member.story])
        return earliest - self._window <= when <= latest + self._window

    def _rarity(self, feature: str) -> float:
        return math.log((_PRIOR + len(self._members)) / (1 + len(self._having.get(feature, ()))))

    def _length(self, found: Fingerprint) -> float:
        return math.sqrt(sum((weight * self._rarity(feature)) ** 2 for feature, weight in found.weights.items())) or 1.0

    def _length_of(self, id_: str) -> float:
        """Of a member; rarities move slowly, so it is measured anew only after some more entries came."""
        age = self._added // _STALE
        known = self._lengths.get(id_)
        if known is None or known[0] != age:
            known = self._lengths[id_] = (age, self._length(self._members[id_].print))
        return known[1]

    def _neighbours(self, ours: Fingerprint) -> list[tuple[str, float]]:
        """(entry, cosine) of all that share something rare, the nearest first."""
        products: dict[str, float] = defaultdict(float)
        common = max(50, len(self._members) // 10)
        for feature, weight in ours.weights.items():
            having = self._having.get(feature, {})
            if len(having) > common:
                continue
            squared = self._rarity(feature) ** 2
            for id_, theirs in having.items():
                products[id_] += weight * theirs * squared
        length = self._length(ours)
        promising = sorted(products.items(), key=lambda pair: (-pair[1], pair[0]))[:_CANDIDATES]
        scored = [(id_, product / (length * self._length_of(id_))) for id_, product in promising]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _mean(self, ours: Fingerprint, story: str) -> float:
        length = self._length(ours)
        scores = [
            self._product(ours, id_) / (length * self._length_of(id_)) for id_ in self._stories[story][-_CANDIDATES:]
        ]
        return sum(scores) / len(scores)

    def _product(self, ours: Fingerprint, id_: str) -> float:
        theirs = self._members[id_].print.weights
        shared = (feature for feature in ours.weights if feature in theirs)
        return sum(ours.weights[feature] * theirs[feature] * self._rarity(feature) ** 2 for feature in shared)

    def _shared(self, one: Fingerprint, other: Fingerprint) -> list[str]:
        both = [feature for feature in one.weights if feature in other.weights]
        return sorted(both, key=lambda feature: (-self._rarity(feature) * one.weights[feature], feature))[:_SHOWN]


_CANDIDATES = 30
_STALE = 100


def _series(one: Fingerprint, other: Fingerprint) -> bool:
    """The same headline with other figures: episode 12 and 13, magnitude 5.1 and 6.2."""
    return one.template == other.template and one.figures != other.figures


def assemble(
    story_id: str, reports: Sequence[Report], *, sections: Sequence[Section], before: Story | None, now: datetime
) -> Story:
    """A story from its reports. `updated` moves only when what readers see changes.

    The lead is an original, of the weightiest source, the earliest, the fullest. It stays once it leads, unless it is
    gone or a newcomer's source weighs more by half: a headline that changes with each report confuses readers.
    """
    lead = _lead(reports, before)
    others = sorted((report for report in reports if report is not lead), key=lambda one: (one.published, one.entry))
    originals = [report for report in reports if report.duplicate_of is None] or [lead]
    story = Story(
        id=story_id,
        title=lead.title,
        summary=_summary(lead, originals),
        language=lead.language,
        url=lead.url,
        section=_section(lead, originals, sections),
        categories=_categories(originals),
        reports=(lead, *others),
        related=before.related if before else (),
        first_published=min(report.published for report in reports),
        last_published=max(report.published for report in originals),
        updated=now,
    )
    return story if before is None or _seen(story) != _seen(before) else _as_before(story, before)


def _lead(reports: Sequence[Report], before: Story | None) -> Report:
    best = min(reports, key=_leads_by)
    if before is None:
        return best
    led = next((report for report in reports if report.entry == before.lead.entry), None)
    return best if led is None or best.weight >= 1.5 * led.weight else led


def _leads_by(report: Report) -> tuple[bool, float, datetime, int, str]:
    return (report.duplicate_of is not None, -report.weight, report.published, -report.words, report.entry)


def _summary(lead: Report, originals: Sequence[Report]) -> str:
    if len(lead.summary) >= _SHORT:
        return lead.summary
    same = [report.summary for report in originals if report.language == lead.language]
    return max([lead.summary, *same], key=len)


_SHORT = 40


def _section(lead: Report, originals: Sequence[Report], sections: Sequence[Section]) -> str:
    """A news story that enough different outlets tell is a hot topic; several feeds of one outlet are one."""
    outlets = {report.source_title for report in originals if report.section == lead.section}
    hot = next((section for section in sections if 0 < section.min_sources <= len(outlets)), None)
    is_news = bool(sections) and lead.section == sections[0].slug
    return hot.slug if hot is not None and is_news else lead.section


def _categories(originals: Sequence[Report]) -> tuple[str, ...]:
    """By votes: a category counts more the better it fits an entry, and the more entries it fits."""
    votes: Counter[str] = Counter()
    for report in originals:
        for place, slug in enumerate(report.categories):
            votes[slug] += 1 / (1 + place)  # type: ignore[assignment]  # a Counter holds fractions as well
    return tuple(slug for slug, _ in sorted(votes.items(), key=lambda pair: (-pair[1], pair[0])))


def _seen(story: Story) -> tuple[object, ...]:
    told = [(report.entry, report.title, report.url, report.duplicate_of) for report in story.reports]
    return (story.title, story.summary, story.url, story.section, story.categories, told)


def _as_before(story: Story, before: Story) -> Story:
    return replace(story, updated=before.updated)
