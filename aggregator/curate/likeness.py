"""Whether an entry tells what a story tells: evidence against chance.

A feature that an entry shares with a story speaks for the story by how much more often its members have it than the
stories of the archive do (the logarithm of the two shares' quotient, as in topic detection and tracking: Allan 2002;
smoothed after Jelinek and Mercer). What all members have and few other stories is strong evidence; what one of fifty
has, or what any news may have, is next to none. Against it stands what the story does not explain of the entry. Nothing
else of the story is looked at but the entry's own features, so a decision costs the same however large a story grew.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal

from aggregator.curate.commonwords import CHINESE, ENGLISH
from aggregator.curate.fingerprint import UNIT, Fingerprint, runs, stem, words


@dataclass(frozen=True, slots=True)
class _Bar:
    """What is asked of an entry. All figures but the exponents are in units of evidence (nats).

    `odds`: how far a story's members are trusted over chance. `missing`: the part of what is not explained that counts
    against joining. `each`: what every feature costs. `size`: a story that many have told is likelier to be meant.
    `alike`: weight of the plain cosine. `floor`, and `single` more for a story of one (falling with the number of members).
    """

    odds: float
    missing: float
    each: float
    size: float
    alike: float
    floor: float
    single: float
    smooth: float


# Tuned on labelled collections mixed with unrelated headlines, so that joining everything does not pay:
# benchmarks/stories.py.
_BRIEF = _Bar(odds=1.0, missing=0.15, each=0.6, size=1.0, alike=1.0, floor=4.0, single=10.0, smooth=1.0)
"""For headlines with little else."""
_FULL = _Bar(odds=5.67, missing=0.2, each=1.0, size=1.5, alike=8.0, floor=15.0, single=6.0, smooth=0.0)
PRIOR = 3000
"""Stories that we pretend to have seen, so that the first entries of a new installation are not all rare."""
_COMMON_SHARE = 0.03
"""The share of stories that a common word is pretended to have been in, before the archive knows better."""
_SHARED = 2
"""So many features must be shared at least: one rare word makes no event..."""
_MANY = 10
"""...unless the story is one that so many have told."""
LEADING = 20
"""So many features, those that weigh most, lead to candidates."""
_SERIES = timedelta(hours=12)
"""The same headline in the same source again after so long is the next number of a series."""
_HEADS = 64
"""Headlines that a profile remembers to know a series by: the newest."""
_SHOWN = 5
_RELATED = 0.1
"""From which score on two stories are related."""
_RARE = 100.0
"""A feature that fewer than one story in a hundred has is rare."""
_SHARED_RARE = 2
"""Rare features that two stories in different languages must share to be related."""
_CENTRE = 60
"""Features of a story that count for what it is related to."""
_SAME = 0.37
"""From which share of words on two sentences say the same."""
_OTHER_FIGURES = 0.06
"""What figures that differ take from that share."""

_COMMON = frozenset(CHINESE).union(
    stem(form)
    for word in ENGLISH
    for form in (word, f"{word}s", f"{word.removesuffix('e')}ed", f"{word.removesuffix('e')}ing")
)

_PRETENDED = _COMMON_SHARE * PRIOR

Rarity = Callable[[str], float]
Why = Literal["", "closed", "script", "series", "little", "below"]


def rarity(feature: str, having: int, stories: int) -> float:
    """How rare a feature is that `having` of all `stories` of the archive have, in nats."""
    seen, stories = (1 + having + _PRETENDED if feature in _COMMON else 1 + having), PRIOR + stories
    return math.log(stories / seen) if seen < stories else 0.0


@dataclass(slots=True)
class Profile:
    """What is known of a story: the sum of its members' features. Whole numbers only, so that the order in which members
    are added makes no difference. `squares` is the sum of the squared weights, `cjk` the members in Chinese, Japanese or
    Korean; `heads` the newest headlines: (when, template, figures, source), the last three hashed.
    """

    weights: dict[str, int] = field(default_factory=dict)
    members: int = 0
    first: datetime | None = None
    last: datetime | None = None
    squares: int = 0
    cjk: int = 0
    heads: list[tuple[int, int, int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, members: Iterable[tuple[Fingerprint, str, datetime]]) -> "Profile":
        profile = cls()
        for member in members:
            profile.add(*member)
        return profile

    def add(self, print: Fingerprint, source: str, when: datetime) -> None:  # noqa: A002  what it is called everywhere here
        for feature, weight in print.weights.items():
            before = self.weights.get(feature, 0)
            self.weights[feature] = before + weight
            self.squares += weight * (2 * before + weight)
        self.members += 1
        self.cjk += print.cjk
        self.first = when if self.first is None else min(self.first, when)
        self.last = when if self.last is None else max(self.last, when)
        self.heads = heapq.nlargest(_HEADS, [*self.heads, _head(print, source, when)])


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry that is held against stories: its features with weight and odds, worked out once for all candidates."""

    print: Fingerprint
    source: str
    when: datetime
    bar: _Bar
    odds: tuple[tuple[str, float, float], ...]
    """(feature, weight, the odds that a story that all tell with it has over chance)."""
    known: float
    """The evidence for a story whose members were all like this entry."""
    cost: float
    length: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an entry joins a story, or why not. `score` and `least` are in nats; both are 0 where they did not matter."""

    joins: bool
    score: float = 0.0
    least: float = 0.0
    why: Why = ""
    share: float = 0.0
    """How much of the entry the story explains, from 0 to 1; 0 where it is too little to call the two related."""

    @property
    def margin(self) -> float:
        return self.score - self.least


def ask(print: Fingerprint, source: str, when: datetime, rarity: Rarity) -> Asked:  # noqa: A002
    bar = _BRIEF if print.brief else _FULL
    odds = tuple(
        (feature, weight / UNIT, bar.odds * math.exp(rarity(feature))) for feature, weight in print.weights.items()
    )
    weight = sum(weight for _, weight, _ in odds)
    return Asked(
        print,
        source,
        when,
        bar,
        odds,
        known=sum(weight * math.log1p(odd) for _, weight, odd in odds),
        cost=bar.each * math.sqrt(weight),
        length=math.sqrt(sum(weight * weight for weight in print.weights.values())),
    )


def leading(print: Fingerprint, rarity: Rarity) -> dict[str, float]:  # noqa: A002
    """The features that lead to candidates, with their worth: weight times the square of rarity."""
    worth = {feature: weight * rarity(feature) ** 2 for feature, weight in print.weights.items()}
    return {feature: worth[feature] for feature in heapq.nlargest(LEADING, worth, key=worth.__getitem__)}


def weigh(asked: Asked, told: Profile, window: timedelta | None = None) -> Verdict:
    bar, members = asked.bar, told.members
    trust = 1 / (UNIT * (members + bar.smooth))
    evidence, product, shared, rare = 0.0, 0.0, 0, 0
    for feature, weight, odd in asked.odds:
        theirs = told.weights.get(feature)
        if theirs:
            shared += 1
            rare += odd >= bar.odds * _RARE
            product += weight * theirs
            evidence += weight * math.log1p(odd * min(1.0, theirs * trust))
    why = _barred(asked, told, window)
    share = evidence / asked.known if asked.known else 0.0
    if not (rare >= _SHARED_RARE if why == "script" else shared >= _SHARED and share >= _RELATED):
        share = 0.0
    if why:
        return Verdict(joins=False, why=why, share=share)
    if shared < _SHARED and (not shared or members < _MANY):
        return Verdict(joins=False, why="little", share=share)
    cosine = UNIT * product / (asked.length * math.sqrt(told.squares))
    against = asked.cost + bar.missing * (asked.known - evidence)
    score = evidence - against + bar.size * math.log(members) + bar.alike * math.log(cosine)
    least = bar.floor + bar.single / members
    joins = score >= least
    return Verdict(joins, score, least, "" if joins else "below", share)


def judge(  # noqa: PLR0917  all that decides
    ours: Fingerprint,
    source: str,
    when: datetime,
    told: Profile,
    rarity: Rarity,
    window: timedelta | None = None,
) -> Verdict:
    """Whether the entry joins the story. Who asks of several stories calls `ask` once and `weigh` for each."""
    return weigh(ask(ours, source, when, rarity), told, window)


def reason(ours: Fingerprint, told: Profile, rarity: Rarity, verdict: Verdict, story: str = "it") -> str:
    """The verdict in words, with the rarest of what is shared and of what is missing."""
    both = _shown(ours, rarity, [feature for feature in ours.weights if feature in told.weights])
    rest = _shown(ours, rarity, [feature for feature in ours.weights if feature not in told.weights])
    figures = f"{verdict.score:.1f} for story {story} ({verdict.least:.1f} is enough)"
    said = {"closed": f"story {story} is closed", "script": f"story {story} is in another script"}
    said |= {"series": f"another number of a series than story {story}", "little": f"too little in common with {story}"}
    shares = f", shares {', '.join(both)}" if both else ""
    lacks = f"; not: {', '.join(rest)}" if rest and not verdict.joins else ""
    return said.get(verdict.why, figures) + shares + lacks


def related(one: Profile, other: Profile, rarity: Rarity) -> float:
    """How much two stories have to do with each other, from 0 to 1; 0 where it is not enough to say so.

    Stories in different languages are related by what is written alike in both: names in Latin letters and figures.
    """
    ours, theirs = _centre(one, rarity), _centre(other, rarity)
    shared = ours.keys() & theirs.keys()
    rare = sum(rarity(feature) >= _RARE for feature in shared)
    if len(shared) < _SHARED or (bool(one.cjk) != bool(other.cjk) and rare < _SHARED_RARE):
        return 0.0
    product = math.fsum(ours[feature] * theirs[feature] for feature in shared)
    score = product / (_length(ours) * _length(theirs) or 1.0)
    if bool(one.cjk) != bool(other.cjk):
        score = math.sqrt(score)
    return round(score, 3) if score >= _RELATED else 0.0


def alike(one: str, other: str) -> tuple[float, bool]:
    """How much of the longer of two sentences the other says too, in words; and whether they say the same."""
    ours, theirs = words(one), words(other)
    share = len(ours & theirs) / max(len(ours), len(theirs), 1)
    if {word for word in ours if word[0].isdigit()} != {word for word in theirs if word[0].isdigit()}:
        share -= _OTHER_FIGURES
    return share, share >= _SAME


def _barred(asked: Asked, told: Profile, window: timedelta | None) -> Why:
    if window is not None and not _is_open(told, asked.when, window):
        return "closed"
    if not (told.cjk if asked.print.cjk else told.members - told.cjk):
        return "script"
    return "series" if _is_series(asked, told) else ""


def _is_open(told: Profile, when: datetime, window: timedelta) -> bool:
    return told.first is not None and told.last is not None and told.first - window <= when <= told.last + window


def _is_series(asked: Asked, told: Profile) -> bool:
    """The same headline with other figures (episode 12 and 13, magnitude 5.1 and 6.2), or at another time."""
    when, template, figures, source = _head(asked.print, asked.source, asked.when)
    again = _SERIES.total_seconds()
    return any(
        theirs == template and (numbers != figures or (by == source and abs(at - when) >= again))
        for at, theirs, numbers, by in told.heads
    )


def _head(print: Fingerprint, source: str, when: datetime) -> tuple[int, int, int, int]:  # noqa: A002
    return int(when.timestamp()), _hash(print.template), _hash(" ".join(print.figures)), _hash(source)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest())


def _shown(ours: Fingerprint, rarity: Rarity, features: list[str]) -> list[str]:
    rank = {feature: rarity(feature) * ours.weights[feature] for feature in features}
    return sorted(runs(features), key=lambda run: (-max(rank.get(run[:2], 0), rank.get(run, 0)), run))[:_SHOWN]


def _centre(told: Profile, rarity: Rarity) -> dict[str, float]:
    heaviest = heapq.nsmallest(_CENTRE, told.weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return {feature: weight * rarity(feature) for feature, weight in heaviest}


def _length(weights: Mapping[str, float]) -> float:
    return math.sqrt(math.fsum(weight * weight for weight in weights.values()))
