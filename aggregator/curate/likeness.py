"""Whether an entry and a story tell the same event, by what they share and how rare that is."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from aggregator.curate.fingerprint import Fingerprint, runs

Rarity = Callable[[str], float]

PRIOR = 300
"""Stories that we pretend to have seen, so that the first entries of a new installation are not all rare."""
_BRIEF = (0.10, 0.22)
_FULL = (0.26, 0.09)
_SHARED_CJK, _SHARED_BRIEF, _SHARED_FULL = 4, 2, 3
_NAME, _NAME_CJK = 3, 6
_MANY = 5
_RELATED = 0.125
_SHOWN = 5
_SERIES = timedelta(hours=12)


@dataclass(slots=True)
class Profile:
    weights: dict[str, int] = field(default_factory=dict)
    members: int = 0
    first: datetime | None = None
    last: datetime | None = None
    cjk: int = 0
    titles: list[tuple[str, tuple[str, ...], str, datetime]] = field(default_factory=list)

    def add(self, ours: Fingerprint, source: str, when: datetime) -> None:
        for name, weight in ours.weights.items():
            self.weights[name] = self.weights.get(name, 0) + weight
        self.members += 1
        self.first = when if self.first is None else min(self.first, when)
        self.last = when if self.last is None else max(self.last, when)
        self.cjk += ours.cjk
        self.titles.append((ours.template, ours.figures, source, when))


@dataclass(frozen=True, slots=True)
class Verdict:
    score: float
    least: float
    joins: bool
    why: str = ""


def judge(ours: Fingerprint, source: str, when: datetime, told: Profile, rarity: Rarity, window: timedelta) -> Verdict:
    floor, more = _BRIEF if ours.brief else _FULL
    least = floor + more / math.sqrt(told.members)
    shared = ours.weights.keys() & told.weights.keys()
    score = _cosine(ours, told, shared, rarity)
    if told.first is None or told.last is None or not told.first - window <= when <= told.last + window:
        return Verdict(score, least, False, "closed")
    if (told.cjk == 0 and ours.cjk) or (told.cjk == told.members and not ours.cjk):
        return Verdict(score, least, False, "other script")
    if len(shared) < (_SHARED_CJK if ours.cjk else _SHARED_BRIEF if ours.brief else _SHARED_FULL):
        return Verdict(score, least, False, "too little shared")
    if ours.brief and _only_a_name(ours, told):
        return Verdict(score, least, False, "only a name")
    for template, figures, other, at in told.titles:
        if template == ours.template and (figures != ours.figures or (other == source and abs(when - at) >= _SERIES)):
            return Verdict(score, least, False, "series")
    return Verdict(score, least, score >= least)


def nearness(verdict: Verdict) -> float:
    return round(verdict.score, 3) if verdict.score >= _RELATED else 0.0


def _cosine(ours: Fingerprint, told: Profile, shared: set[str], rarity: Rarity) -> float:
    if not shared:
        return 0.0
    product = math.fsum(ours.weights[name] * told.weights[name] * rarity(name) ** 2 for name in shared)
    one = math.fsum((weight * rarity(name)) ** 2 for name, weight in ours.weights.items())
    other = math.fsum((weight * rarity(name)) ** 2 for name, weight in told.weights.items())
    return product / math.sqrt(one * other)


def _only_a_name(ours: Fingerprint, told: Profile) -> bool:
    if len(ours.weights) > 1 and told.members >= _MANY:
        return False
    longest = _NAME_CJK if ours.cjk else _NAME
    shared = [len(tuple(run)) for has, run in groupby(ours.weights, key=told.weights.__contains__) if has]
    return len(shared) == 1 and shared[0] <= longest


def reason(said: str, ours: Fingerprint, told: Profile, verdict: Verdict, rarity: Rarity) -> str:
    both = [name for name in ours.weights if name in told.weights]
    rank = {name: rarity(name) * ours.weights[name] for name in both}
    shown = sorted(runs(both), key=lambda run: (-max(rank.get(run[:2], 0), rank.get(run, 0)), run))[:_SHOWN]
    return f"{said} ({verdict.least:.2f} is enough), shares {', '.join(shown)}"
