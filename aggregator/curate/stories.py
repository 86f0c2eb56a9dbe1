"""Alike articles -> a story; related stories.

Everything is decided entry by entry, from what the entries before left: how many stories have each feature, which ones
had it last, and each story's profile. What makes an entry join is `likeness`; here is where candidates come from.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.curate.fingerprint import Fingerprint, fingerprint
from aggregator.curate.likeness import Profile, ask, leading, rarity, reason, related, weigh
from aggregator.model import Choice, Entry

_POSTED = 64
"""Stories that a feature leads to: those that had it last."""
_CANDIDATES = 10
"""The nearest stories, which are looked at exactly."""
_CENTRE = 60
"""Features of a story that lead to related ones."""


@dataclass(slots=True)
class _Told:
    members: dict[str, tuple[Fingerprint, str, datetime]] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)


class StoryIndex:
    """Stories in memory, and which of them had each feature last."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._reach = math.ceil(window / timedelta(days=1))
        self._where: dict[str, str] = {}
        self._stories: dict[str, _Told] = {}
        self._having: Counter[str] = Counter()
        self._posted: dict[str, dict[str, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, story: str) -> bool:
        return story in self._stories

    def days(self, when: datetime) -> range:
        """The days (ordinals) whose stories may be open at this moment."""
        return range(when.toordinal() - self._reach, when.toordinal() + self._reach + 1)

    def add(self, story: str, entry: Entry) -> None:
        """Put an entry into a story; one that is there already is replaced."""
        self.remove(entry.id)
        print_ = fingerprint(entry)
        told = self._stories.setdefault(story, _Told())
        self._having.update(print_.weights.keys() - told.profile.weights.keys())
        told.members[entry.id] = (print_, entry.source, entry.when)
        told.profile.add(print_, entry.source, entry.when)
        self._where[entry.id] = story
        for feature in print_.weights:
            self._post(feature, story)

    def remove(self, id_: str) -> None:
        """Take an entry out of its story, if it is in one."""
        story = self._where.pop(id_, None)
        if story is None:
            return
        told = self._stories[story]
        before = told.profile.weights.keys()
        del told.members[id_]
        told.profile = Profile.of(told.members.values())
        for feature in before - told.profile.weights.keys():
            self._having[feature] -= 1
            self._posted[feature].pop(story, None)
        if not told.members:
            del self._stories[story]

    def keep(self, days: Container[int]) -> None:
        """Forget the stories that have no entry of these days."""
        old = [
            id_
            for told in self._stories.values()
            if not any(when.toordinal() in days for _, _, when in told.members.values())
            for id_ in told.members
        ]
        for id_ in old:
            self.remove(id_)

    def place(self, entry: Entry) -> Choice | None:
        """The open story that tells the same event; the reason names what they share."""
        ours = fingerprint(entry)
        asked = ask(ours, entry.source, entry.when, self.rarity)
        verdicts = [
            (weigh(asked, self._stories[story].profile, self._window), story)
            for story in self._nearest(leading(asked), _CANDIDATES)
        ]
        joins = [(verdict, story) for verdict, story in verdicts if verdict.joins]
        if not joins:
            return None
        verdict, story = min(joins, key=lambda pair: (-pair[0].margin, pair[1]))
        return Choice(story, reason(ours, self._stories[story].profile, self.rarity, verdict, story))

    def related(self, story: str, when: datetime, limit: int = 3) -> tuple[tuple[str, float], ...]:  # noqa: ARG002  kept
        """Other stories on the same thing, the nearest first."""
        told = self._stories.get(story)
        if told is None:
            return ()
        heaviest = heapq.nsmallest(_CENTRE, told.profile.weights.items(), key=lambda pair: (-pair[1], pair[0]))
        worth = {feature: weight * self.rarity(feature) ** 2 for feature, weight in heaviest}
        found = [
            (other, related(told.profile, self._stories[other].profile, self.rarity))
            for other in self._nearest(worth, 2 * _CANDIDATES)
            if other != story
        ]
        return tuple(sorted((pair for pair in found if pair[1]), key=lambda pair: (-pair[1], pair[0]))[:limit])

    def rarity(self, feature: str) -> float:
        return rarity(feature, self._having[feature], len(self._stories))

    def _post(self, feature: str, story: str) -> None:
        posted = self._posted[feature]
        posted.pop(story, None)
        posted[story] = None
        if len(posted) > _POSTED:
            del posted[next(iter(posted))]

    def _nearest(self, worth: Mapping[str, float], limit: int) -> Iterable[str]:
        """The stories that share the most of what is rare."""
        products: dict[str, float] = defaultdict(float)
        for feature, weight in worth.items():
            for story in self._posted.get(feature, ()):
                products[story] += weight * self._stories[story].profile.weights[feature]
        each = (
            (-product / math.sqrt(self._stories[story].profile.members), story) for story, product in products.items()
        )
        return [story for _, story in heapq.nsmallest(limit, each)]
