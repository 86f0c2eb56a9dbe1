"""Alike articles -> a story; related stories.

An entry is compared with each open story as a whole (the sum of its entries' features), by the cosine of features
weighted by their rarity among the stories of the days around. One entry on the edge of a story therefore pulls nobody
in: what it shares with the newcomer is a small part of the sum. What is known of a story counts: two headlines alone
must be nearer to each other than a headline to a story that many have told.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from aggregator.curate.fingerprint import Fingerprint, fingerprint, runs
from aggregator.model import Choice, Entry

# Tuned on labelled collections mixed with unrelated headlines, so that joining everything does not pay:
# benchmarks/stories.py. (floor, more for a story of one entry); with more entries the second shrinks by their root.
_BRIEF = (0.10, 0.22)
_FULL = (0.26, 0.09)
_SHARED_CJK, _SHARED_BRIEF, _SHARED_FULL = 4, 2, 3
"""So many features must be shared at least: one rare word makes no event."""
_NAME, _NAME_CJK = 3, 6
"""Features that a name has at most."""
_MANY = 5
"""Entries from which on a story is the one that is meant by its name."""
_RELATED = 0.125
_SHOWN = 5
_CANDIDATES = 20
_LEADING = 20
"""So many features, those that weigh most, lead to candidates."""
_COMMON = 100
"""Features that more stories have than this (and than a twentieth of all) weigh, but do not lead to candidates."""
_PRIOR = 300
"""Stories that we pretend to have seen, so that the first entries of a new installation are not all rare."""
_PROFILE = 60
"""Features of a story that lead to related ones."""
_SERIES = timedelta(hours=12)
"""The same headline in the same source again after so long is the next number of a series."""


@dataclass(frozen=True, slots=True)
class _Member:
    story: str
    print: Fingerprint
    source: str
    when: datetime


@dataclass(slots=True)
class _Told:
    """An open story: when it began, its entries and the sum of their features."""

    began: datetime
    members: dict[str, _Member] = field(default_factory=dict)
    profile: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Around:
    """The stories that began around a day: how many they are, and how many of them have each feature."""

    stories: int = 0
    having: Counter[str] = field(default_factory=Counter)

    def rarity(self, feature: str) -> float:
        return math.log((_PRIOR + self.stories) / (1 + self.having[feature]))

    def cosine(self, one: Mapping[str, int], other: Mapping[str, int]) -> float:
        shared = one.keys() & other.keys()
        product = math.fsum(one[feature] * other[feature] * self.rarity(feature) ** 2 for feature in shared)
        return product / (self._length(one) * self._length(other)) if product else 0.0

    def _length(self, weights: Mapping[str, int]) -> float:
        return math.sqrt(math.fsum((weight * self.rarity(feature)) ** 2 for feature, weight in weights.items()))


class StoryIndex:
    """The entries of open stories.

    What it answers depends on the stories of the `days` around the moment that is asked about: not on the order in which
    they came, nor on what else it holds. More may be put in and forgotten at any time.
    """

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._reach = math.ceil(window / timedelta(days=1))
        self._where: dict[str, str] = {}
        self._stories: dict[str, _Told] = {}
        self._having: dict[str, dict[str, int]] = defaultdict(dict)
        self._around: dict[int, _Around] = defaultdict(_Around)

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, story: str) -> bool:
        return story in self._stories

    def days(self, when: datetime) -> range:
        """The days (ordinals) whose stories decide what is answered about this moment."""
        return self._days(when.toordinal())

    def add(self, story: str, entry: Entry) -> None:
        """Put an entry into a story; one that is there already is replaced."""
        self.remove(entry.id)
        member = _Member(story, fingerprint(entry), entry.source, entry.when)
        if story not in self._stories:
            self._stories[story] = _Told(began=member.when)
            self._count((), member.when, 1, stories=1)
        told = self._stories[story]
        told.members[entry.id] = member
        self._count([feature for feature in member.print.weights if feature not in told.profile], told.began, 1)
        told.profile.update(member.print.weights)
        self._where[entry.id] = story
        for feature in member.print.weights:
            self._having[feature][story] = told.profile[feature]
        self._begin(told)

    def remove(self, id_: str) -> None:
        """Take an entry out of its story, if it is in one."""
        story = self._where.pop(id_, None)
        if story is None:
            return
        told = self._stories[story]
        for feature, weight in told.members.pop(id_).print.weights.items():
            told.profile[feature] -= weight
            self._having[feature][story] -= weight
            if not told.profile[feature]:
                self._drop(story, feature)
        if told.members:
            self._begin(told)
        else:
            self._count((), told.began, -1, stories=-1)
            del self._stories[story]

    def keep(self, days: Container[int]) -> None:
        """Forget the stories that have no entry of these days."""
        old = [
            id_
            for told in self._stories.values()
            if not any(member.when.toordinal() in days for member in told.members.values())
            for id_ in told.members
        ]
        for id_ in old:
            self.remove(id_)

    def place(self, entry: Entry) -> Choice | None:
        """The open story that tells the same event; the reason names what they share."""
        ours, around = fingerprint(entry), self._look(entry.when)
        best: tuple[float, float, str] | None = None
        for story in self._candidates(ours, entry.when):
            told = self._stories[story]
            if not _may_join(entry, ours, told):
                continue
            score = around.cosine(ours.weights, told.profile)
            margin = score - _least(ours, told)
            if margin >= 0 and (best is None or (margin, score) > best[:2]):
                best = (margin, score, story)
        return best and Choice(best[2], self._reason(ours, around, best[2], best[1], best[1] - best[0]))

    def related(self, story: str, when: datetime, limit: int = 3) -> tuple[tuple[str, float], ...]:
        """Other stories that were open at that time, the nearest first."""
        told = self._stories.get(story)
        if told is None:
            return ()
        around = self._look(when)
        sought = dict(sorted(told.profile.items(), key=lambda pair: (-pair[1], pair[0]))[:_PROFILE])
        found = [
            (other, round(around.cosine(told.profile, self._stories[other].profile), 3))
            for other in self._nearest(sought, when)
            if other != story and len(sought.keys() & self._stories[other].profile.keys()) >= _SHARED_BRIEF
        ]
        near = sorted((pair for pair in found if pair[1] >= _RELATED), key=lambda pair: (-pair[1], pair[0]))
        return tuple(near[:limit])

    def _days(self, day: int) -> range:
        return range(day - self._reach, day + self._reach + 1)

    def _look(self, when: datetime) -> _Around:
        return self._around.get(when.toordinal(), _Around())

    def _count(self, features: Sequence[str], began: datetime, by: int, *, stories: int = 0) -> None:
        """Features that a story has or has no more, on all days that look at the day on which it began."""
        for day in self._days(began.toordinal()):
            around = self._around[day]
            around.stories += stories
            for feature in features:
                around.having[feature] += by
                if not around.having[feature]:
                    del around.having[feature]
            if not around.stories:
                del self._around[day]

    def _begin(self, told: _Told) -> None:
        """A story begins with its first entry, whichever came first."""
        began = min(member.when for member in told.members.values())
        if began.toordinal() != told.began.toordinal():
            features = list(told.profile)
            self._count(features, told.began, -1, stories=-1)
            self._count(features, began, 1, stories=1)
        told.began = began

    def _drop(self, story: str, feature: str) -> None:
        self._count((feature,), self._stories[story].began, -1)
        del self._stories[story].profile[feature]
        del self._having[feature][story]
        if not self._having[feature]:
            del self._having[feature]

    def _candidates(self, ours: Fingerprint, when: datetime) -> list[str]:
        """Those of the nearest stories that share enough to be the same event."""
        least = _SHARED_CJK if ours.cjk else _SHARED_BRIEF if ours.brief else _SHARED_FULL
        return [
            story
            for story in self._nearest(ours.weights, when)
            if len(ours.weights.keys() & self._stories[story].profile.keys()) >= least
            and not (ours.brief and _only_a_name(ours, self._stories[story]))
        ]

    def _nearest(self, weights: Mapping[str, int], when: datetime) -> list[str]:
        """The stories, open at that time, that share the most of what is rare."""
        around = self._look(when)
        products: dict[str, float] = defaultdict(float)
        common = max(_COMMON, around.stories // 20)
        rare = [feature for feature in weights if around.having[feature] <= common]
        worth = {feature: weights[feature] * around.rarity(feature) ** 2 for feature in rare}
        for feature in heapq.nlargest(_LEADING, rare, key=worth.__getitem__):
            for story, theirs in self._having.get(feature, {}).items():
                products[story] += worth[feature] * theirs
        opened = (story for story in products if self._is_open(self._stories[story], when))
        each = ((-products[story] / len(self._stories[story].members), story) for story in opened)
        return [story for _, story in heapq.nsmallest(_CANDIDATES, each)]

    def _is_open(self, told: _Told, when: datetime) -> bool:
        return any(abs(member.when - when) <= self._window for member in told.members.values())

    def _reason(self, ours: Fingerprint, around: _Around, story: str, score: float, least: float) -> str:
        told = self._stories[story]
        both = [feature for feature in ours.weights if feature in told.profile]
        rank = {feature: around.rarity(feature) * ours.weights[feature] for feature in both}
        shown = sorted(runs(both), key=lambda run: (-max(rank.get(run[:2], 0), rank.get(run, 0)), run))[:_SHOWN]
        return f"{score:.2f} like story {story} ({least:.2f} is enough), shares {', '.join(shown)}"


def _may_join(entry: Entry, ours: Fingerprint, told: _Told) -> bool:
    """In the same kind of script, and not another number of a series."""
    members = told.members.values()
    return any(member.print.cjk == ours.cjk for member in members) and not any(
        _series(entry, ours, member) for member in members
    )


def _only_a_name(ours: Fingerprint, told: _Told) -> bool:
    """Whether all that is shared stands together in the headline, as the words of one name do. Of a story that many have
    told, the name alone tells enough.
    """
    if len(ours.weights) > 1 and len(told.members) >= _MANY:
        return False
    longest = _NAME_CJK if ours.cjk else _NAME
    shared = [len(tuple(run)) for has, run in groupby(ours.weights, key=told.profile.__contains__) if has]
    return len(shared) == 1 and shared[0] <= longest


def _least(ours: Fingerprint, told: _Told) -> float:
    floor, more = _BRIEF if ours.brief else _FULL
    return floor + more / math.sqrt(len(told.members))


def _series(entry: Entry, ours: Fingerprint, member: _Member) -> bool:
    """The same headline with other figures (episode 12 and 13, magnitude 5.1 and 6.2), or at another time."""
    if ours.template != member.print.template:
        return False
    again = entry.source == member.source and abs(entry.when - member.when) >= _SERIES
    return again or ours.figures != member.print.figures
