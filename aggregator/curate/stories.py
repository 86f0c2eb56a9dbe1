"""Which story an entry belongs to, and what it is related to: candidates from posting lists, then exact comparison.

Every feature leads to the stories that had it last, on all days; those that weigh most in an entry are looked up, and the
stories that share most of them are compared as a whole (`likeness`). What is answered about an entry depends on the
entries that were added before it alone, in their order: not on batches, nor on what is held in memory.
"""

import heapq
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from aggregator.curate.fingerprint import Fingerprint, fingerprint
from aggregator.curate.likeness import Profile, ask, leading, rarity, reason, weigh
from aggregator.model import Choice, Entry

_LAST = 32
"""So many stories a feature leads to at most, those that had it last."""
_CANDIDATES, _FARTHER = 9, 6
"""So many open stories are compared, and so many others, which may be related."""
_LEAST = 0.1
"""So great a part of an entry's leading features, by their worth, must a story have to be compared at all."""
_RELATED = 5
"""So many related stories are remembered of each."""
_HELD_STORIES, _HELD_TERMS = 4_000, 80_000
"""So many profiles and features are held in memory, at most, from one batch to the next."""

_print = lru_cache(maxsize=600)(fingerprint)
"""An entry is looked up, placed and added within one batch."""


@dataclass(slots=True)
class Term:
    """A feature: how many stories ever had it, and which had it last: number -> day (an ordinal), the newest at the end."""

    stories: int = 0
    postings: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Known:
    """A story as the index knows it; `number` counts them in the order in which they were founded. `related`: other
    stories, with their scores.
    """

    number: int
    story: str
    profile: Profile
    related: dict[str, float] = field(default_factory=dict)


class Shelf(Protocol):
    """Where terms and stories are kept between batches; what is not there is left out."""

    def terms(self, names: Collection[str]) -> Mapping[str, Term]: ...

    def stories(self, numbers: Collection[int]) -> Sequence[Known]: ...

    def named(self, ids: Collection[str]) -> Sequence[Known]: ...


class _Empty:
    def terms(self, names: Collection[str]) -> Mapping[str, Term]:  # noqa: ARG002  the interface
        return {}

    def stories(self, numbers: Collection[int]) -> Sequence[Known]:  # noqa: ARG002
        return ()

    def named(self, ids: Collection[str]) -> Sequence[Known]:  # noqa: ARG002
        return ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be kept of a batch. `gone`: numbers of stories that are no more."""

    terms: Mapping[str, Term]
    stories: Sequence[Known]
    gone: Sequence[int]


@dataclass(frozen=True, slots=True)
class Placed:
    """`story`: the open one that tells the same event, if there is one; `near`: others on the same thing, with scores."""

    story: Choice | None
    near: Mapping[str, float]


class StoryIndex:
    """Stories by what they tell. `count` and `last`: how many there are, and the highest number that was given."""

    def __init__(self, window: timedelta, *, count: int = 0, last: int = 0) -> None:
        self._window = window
        self._reach = math.ceil(window / timedelta(days=1))
        self._count, self._last = count, last
        self._shelf: Shelf = _Empty()
        self._terms: dict[str, Term] = {}
        self._stories: dict[int, Known] = {}
        self._numbers: dict[str, int] = {}
        self._touched_terms: set[str] = set()
        self._touched: set[int] = set()
        self._gone: set[int] = set()

    def open(self, shelf: Shelf, entries: Sequence[Entry]) -> None:
        """Look up what these entries will ask for, in few questions; `shelf` answers what is still missing later."""
        self._shelf = shelf
        self._know_terms(set().union(*(_print(entry).weights for entry in entries)))
        numbers: set[int] = set()
        for entry in entries:
            ours = _print(entry)
            near, farther = self._nearest(leading(ours, self._rarities(ours).__getitem__), entry.when)
            numbers.update(near, farther)
        self._know(numbers)

    def place(self, entry: Entry, *, apart: Collection[str] = ()) -> Placed:
        """Where an entry belongs; never in a story of `apart`."""
        ours = _print(entry)
        self._know_terms(ours.weights.keys())
        rare = self._rarities(ours).__getitem__
        asked = ask(ours, entry.source, entry.when, rare)
        near, farther = self._nearest(leading(ours, rare), entry.when)
        self._know([*near, *farther])
        found = [(self._stories[number], number in near) for number in (*near, *farther) if number in self._stories]
        weighed = [(known, weigh(asked, known.profile, self._window)) for known, _ in found]
        joins = [(known, verdict) for known, verdict in weighed if verdict.joins and known.story not in apart]
        best = min(joins, key=lambda pair: (-pair[1].margin, pair[0].number), default=None)
        related = {known.story: round(verdict.share, 3) for known, verdict in weighed if verdict.share}
        if best is None:
            return Placed(None, related)
        known, verdict = best
        related.pop(known.story, None)
        said = reason(ours, known.profile, rare, verdict, known.story)
        return Placed(Choice(known.story, said), related)

    def found(self, story: str, entry: Entry, *, near: Mapping[str, float] | None = None) -> None:
        """An entry founds a story; `near`: what it was found to be related to."""
        self._new(story)
        self.add(story, entry, near=near)

    def add(self, story: str, entry: Entry, *, near: Mapping[str, float] | None = None) -> None:
        """Put an entry into a story; one that is not there yet is founded."""
        ours = _print(entry)
        self._know_terms(ours.weights.keys())
        known = self._named(story) or self._new(story)
        new = [name for name in ours.weights if name not in known.profile.weights]
        known.profile.add(ours, entry.source, entry.when)
        self._count_in(new, 1)
        self._post(known.number, entry.when, ours.weights)
        self._relate(known, near or {})

    def rebuild(self, story: str, members: Sequence[Entry]) -> None:
        """What is known of a story anew, from those that it has now: entries left it, or changed. Without any, it is no more."""
        known = self._named(story) or self._new(story)
        before = known.profile
        known.profile = Profile()
        for entry in members:
            known.profile.add(_print(entry), entry.source, entry.when)
        weights = known.profile.weights
        self._know_terms(weights.keys() | before.weights.keys())
        self._count_in([name for name in before.weights if name not in weights], -1)
        self._count_in([name for name in weights if name not in before.weights], 1)
        for entry in members:
            self._post(known.number, entry.when, _print(entry).weights)
        self._touched.add(known.number)
        if not members:
            self._forget(known)

    def related(self, story: str) -> tuple[str, ...]:
        """Other stories on the same thing that were told before, the nearest first."""
        known = self._named(story)
        return tuple(known.related) if known else ()

    def changes(self) -> Changes:
        """What came since the last call, to be kept."""
        changes = Changes(
            {name: self._terms[name] for name in self._touched_terms},
            [self._stories[number] for number in sorted(self._touched) if number in self._stories],
            sorted(self._gone),
        )
        self._touched_terms, self._touched, self._gone = set(), set(), set()
        return changes

    def trim(self) -> None:
        """Forget what has become too much to hold. Only after what changed was kept."""
        if len(self._stories) > _HELD_STORIES:
            self._stories, self._numbers = {}, {}
        if len(self._terms) > _HELD_TERMS:
            self._terms = {}

    def _rarities(self, ours: Fingerprint) -> dict[str, float]:
        """Of its features, and of one that no story has."""
        count, terms = self._count, self._terms
        return {"": rarity("", 0, count)} | {name: rarity(name, terms[name].stories, count) for name in ours.weights}

    def _nearest(self, worth: Mapping[str, float], when: datetime) -> tuple[list[int], list[int]]:
        """The stories that share the most of what is rare: those that were open about then, and others."""
        shared: dict[int, float] = {}
        days: set[int] = set()
        first, last = when.toordinal() - self._reach, when.toordinal() + self._reach
        for name, weight in worth.items():
            for number, day in self._terms[name].postings.items():
                shared[number] = shared.get(number, 0.0) + weight
                if first <= day <= last:
                    days.add(number)
        least = _LEAST * sum(worth.values())
        found = [(-weight, number) for number, weight in shared.items() if weight >= least]
        near = sorted(pair for pair in found if pair[1] in days)[:_CANDIDATES]
        farther = sorted(pair for pair in found if pair[1] not in days)[:_FARTHER]
        return [number for _, number in near], [number for _, number in farther]

    def _know_terms(self, names: AbstractSet[str]) -> None:
        missing = [name for name in names if name not in self._terms]
        if missing:
            found = self._shelf.terms(missing)
            for name in missing:
                self._terms[name] = found.get(name) or Term()

    def _know(self, numbers: Iterable[int]) -> None:
        missing = [number for number in numbers if number not in self._stories and number not in self._gone]
        if missing:
            self._take(self._shelf.stories(missing))

    def _take(self, found: Sequence[Known]) -> None:
        for known in found:
            self._stories[known.number] = known
            self._numbers[known.story] = known.number

    def _named(self, story: str) -> Known | None:
        if story not in self._numbers:
            self._take([known for known in self._shelf.named([story]) if known.number not in self._gone])
        number = self._numbers.get(story)
        return self._stories[number] if number is not None else None

    def _new(self, story: str) -> Known:
        self._last += 1
        self._count += 1
        known = Known(self._last, story, Profile())
        self._stories[known.number], self._numbers[story] = known, known.number
        return known

    def _forget(self, known: Known) -> None:
        del self._stories[known.number], self._numbers[known.story]
        self._touched.discard(known.number)
        self._gone.add(known.number)
        self._count -= 1

    def _count_in(self, names: Iterable[str], by: int) -> None:
        for name in names:
            self._terms[name].stories += by
            self._touched_terms.add(name)

    def _post(self, number: int, when: datetime, names: Iterable[str]) -> None:
        """Each feature leads to this story first now; on the same day once is enough."""
        day = when.toordinal()
        for name in names:
            postings = self._terms[name].postings
            if postings.get(number) == day:
                continue
            postings.pop(number, None)
            postings[number] = day
            if len(postings) > _LAST:
                del postings[next(iter(postings))]
            self._touched_terms.add(name)
        self._touched.add(number)

    def _relate(self, known: Known, near: Mapping[str, float]) -> None:
        """The best of what it was related to and of what came to it now."""
        both = known.related | {story: max(score, known.related.get(story, 0.0)) for story, score in near.items()}
        both.pop(known.story, None)
        best = heapq.nsmallest(_RELATED, both.items(), key=lambda pair: (-pair[1], pair[0]))
        known.related = dict(best)
