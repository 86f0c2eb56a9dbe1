"""Whether an entry tells what a story tells: evidence against chance.

A feature that an entry shares with a story speaks for the story by how much more often its members have it than the
stories of the archive do (the logarithm of the two shares' quotient, as in topic detection and tracking: Allan 2002;
smoothed after Jelinek and Mercer). What all members have and few other stories is strong evidence; what one of fifty
has, or what any news may have, is next to none. Against it stands what the story does not explain of the entry. Nothing
else of the story is looked at but the entry's own features, so a decision costs the same however large a story grew.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal, NamedTuple

from aggregator.curate.commonwords import CHINESE, ENGLISH
from aggregator.curate.fingerprint import UNIT, Fingerprint, runs, stem, words


@dataclass(frozen=True, slots=True)
class _Bar:
    """What is asked of an entry, in units of evidence (nats) but for `odds` and `smooth`.

    `odds`: how far a story's members are trusted over chance; `smooth`: members with nothing in common that are added to
    them. `missing`: the part of what is not explained that counts against joining, `strange`: that part more for names;
    `each`: what the root of the number of features costs. `size`: a story that many have told is likelier to be meant, by
    the logarithm of its members. `alike`: by that of the plain cosine. `named`: for sharing the story's name.
    `floor`, and `single` more for a story of one, falling with the number of members.
    `shared`: so many features must be shared at least, as one rare word makes no event; up to `name` of them
    that stand together in a headline are but a name. Of a story that `many` have told one feature, or its name, is enough.
    `related`: so great a part of an entry must a story explain, by evidence, to be named beside it.
    """

    odds: float
    smooth: float
    missing: float
    strange: float
    each: float
    size: float
    alike: float
    named: float
    floor: float
    single: float
    shared: int
    name: int
    many: int
    related: float


# Tuned on labelled collections mixed with unrelated headlines, so that joining everything does not pay:
# benchmarks/stories.py.
_BRIEF = _Bar(
    odds=1.5,
    smooth=1.25,
    missing=0.15,
    strange=0,
    each=0.6,
    size=1,
    alike=1,
    named=20,
    floor=4,
    single=9,
    shared=2,
    name=3,
    many=4,
    related=0.2,
)
"""For headlines with little else."""
_FULL = _Bar(
    odds=5.7,
    smooth=1,
    missing=0.1,
    strange=0.1,
    each=1,
    size=0,
    alike=4,
    named=0,
    floor=16,
    single=4,
    shared=2,
    name=3,
    many=8,
    related=0.2,
)
_CJK = _Bar(
    odds=4,
    smooth=0.5,
    missing=0.05,
    strange=0,
    each=0.5,
    size=0.5,
    alike=1,
    named=0,
    floor=13,
    single=2,
    shared=4,
    name=6,
    many=5,
    related=0.12,
)
"""For pairs of characters: what they overlap in is not independent, and none is known to be a name."""
_NEARLY = 0.75
"""What so great a part of a story's members has, of `many` at least..."""
_ELSEWHERE = 10
"""...and at most so many other stories, is the story's name."""
PRIOR = 6000
"""Stories that we pretend to have seen, so that the first entries of a new installation are not all rare."""
_COMMON_SHARE = 0.06
"""The share of stories that a common word is pretended to have been in, before the archive knows better."""
LEADING = 20
"""So many features, those that weigh most, lead to candidates."""
_SERIES = timedelta(hours=12)
"""The same headline in the same source again after so long is the next number of a series."""
_HEADS = 64
"""Headlines that a profile remembers to know a series by: the newest."""
_NUMBERS = 8
"""Numbers of each kind that a profile remembers: the first in the order of their letters."""
_SAME_QUAKE = 0.5
"""Magnitudes of one quake differ by less, as agencies measure and correct them."""
_SHOWN = 5
_RARE = 100
"""A feature that fewer than one story in a hundred has is rare."""
_SHARED_RARE = 2
"""Rare features that two stories in different languages must share to be related."""
_SAME = 0.43
"""From which share of words on two sentences say the same."""
_OTHER_FIGURES = 0.06
"""What figures that differ take from that share."""

_COMMON = frozenset(CHINESE).union(stem(form) for word in ENGLISH for form in (word, f"{word}s"))

_PRETENDED = _COMMON_SHARE * PRIOR

Rarity = Callable[[str], float]
Why = Literal["", "closed", "script", "series", "little", "name", "below"]


def rarity(feature: str, having: int, stories: int) -> float:
    """How rare a feature is that `having` of all `stories` of the archive have, in nats."""
    seen, stories = (1 + having + _PRETENDED if feature in _COMMON else 1 + having), PRIOR + stories
    return math.log(stories / seen) if seen < stories else 0.0


@dataclass(slots=True)
class Profile:
    """What is known of a story: the sum of its members' features. Whole numbers only, so that the order in which members
    are added makes no difference. `squares` is the sum of the squared weights, `cjk` the members in Chinese, Japanese or
    Korean; `heads` the newest headlines: (when, template, figures, source), the last three hashed.
    `serials`: by kind, the numbers that headlines bear.
    """

    weights: dict[str, int] = field(default_factory=dict)
    members: int = 0
    first: datetime | None = None
    last: datetime | None = None
    squares: int = 0
    cjk: int = 0
    heads: list[tuple[int, int, int, int]] = field(default_factory=list)
    serials: dict[str, list[str]] = field(default_factory=dict)

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
        for kind, number in print.serials:
            self.serials[kind] = sorted({*self.serials.get(kind, ()), number})[:_NUMBERS]
        self.heads = heapq.nlargest(_HEADS, [*self.heads, _head(print, source, when)])


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry that is held against stories: its features with weight and odds, worked out once for all candidates."""

    print: Fingerprint
    when: datetime
    head: tuple[int, int, int, int]
    bar: _Bar
    odds: tuple[tuple[str, float, float], ...]
    """(feature, weight, the odds that a story that all tell with it has over chance)."""
    known: float
    """The evidence for a story whose members were all like this entry; `names`: that of the names."""
    names: float
    cost: float
    length: float
    rare: float
    """The odds from which on a feature is rare enough to be a story's name: those of what hardly any story has."""


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
    bar = _CJK if print.cjk else _BRIEF if print.brief else _FULL
    odds = tuple(
        (feature, weight / UNIT, bar.odds * math.exp(rarity(feature))) for feature, weight in print.weights.items()
    )
    parts = [(feature, weight * math.log1p(odd)) for feature, weight, odd in odds]
    weight = sum(weight for _, weight, _ in odds)
    return Asked(
        print,
        when,
        _head(print, source, when),
        bar,
        odds,
        known=sum(part for _, part in parts),
        names=sum(part for feature, part in parts if feature in print.names),
        cost=bar.each * math.sqrt(weight),
        length=math.sqrt(sum(weight * weight for weight in print.weights.values())),
        rare=bar.odds * math.exp(rarity("")) / (1 + _ELSEWHERE),
    )


def leading(print: Fingerprint, rarity: Rarity) -> dict[str, float]:  # noqa: A002
    """The features that lead to candidates, with their worth: weight times the square of rarity."""
    worth = {feature: weight * rarity(feature) ** 2 for feature, weight in print.weights.items()}
    return {feature: worth[feature] for feature in sorted(worth, key=worth.__getitem__, reverse=True)[:LEADING]}


class _Both(NamedTuple):
    """What an entry and a story share. `span`: how many features of the entry there are from the first to the last of
    them; `rare`: how many of them few stories have; `named`: the story's own name is among them.
    """

    features: int
    span: int
    rare: int
    evidence: float
    names: float
    product: float
    named: bool


def _both(asked: Asked, told: Profile) -> _Both:
    trust, rarely = 1 / (UNIT * (told.members + asked.bar.smooth)), asked.bar.odds * _RARE
    count, first, last, rare, evidence, names, product, named = 0, 0, 0, 0, 0.0, 0.0, 0.0, False
    for place, (feature, weight, odd) in enumerate(asked.odds):
        theirs = told.weights.get(feature)
        if theirs:
            first, last, count = first if count else place, place, count + 1
            product += weight * theirs
            share = min(1.0, theirs * trust)
            part = weight * math.log1p(odd * share)
            evidence += part
            if feature in asked.print.names:
                names += part
            if odd >= rarely:
                rare += 1
                named = named or (share >= _NEARLY and odd >= asked.rare and feature not in _COMMON)
    return _Both(count, last - first + 1, rare, evidence, names, product, named)


def weigh(asked: Asked, told: Profile, window: timedelta | None = None) -> Verdict:
    """Whether the entry joins the story, and if not, why."""
    both = _both(asked, told)
    share = _share(asked, both, foreign=_is_foreign(asked, told))
    why = _barred(asked, told, window)
    if not why and _is_headline(asked, told):
        return Verdict(joins=True, score=math.inf, share=share)
    why = why or _too_little(asked, told, both)
    if why:
        return Verdict(joins=False, why=why, share=share)
    bar, members = asked.bar, told.members
    unknown = bar.missing * (asked.known - both.evidence) + bar.strange * (asked.names - both.names)
    cosine = UNIT * both.product / (asked.length * math.sqrt(told.squares))
    score = both.evidence - unknown - asked.cost + bar.size * math.log(members) + bar.alike * math.log(cosine)
    if both.named and members >= bar.many:
        score += bar.named
    least = bar.floor + bar.single / members
    joins = score >= least
    return Verdict(joins, score, least, "" if joins else "below", share)


def _too_little(asked: Asked, told: Profile, both: _Both) -> Why:
    bar, members = asked.bar, told.members
    if not both.features or (both.features < bar.shared and members < bar.many):
        return "little"
    beside = both.span == both.features <= bar.name
    return "name" if asked.print.brief and members < bar.many and beside else ""


def _is_headline(asked: Asked, told: Profile) -> bool:
    """Whether it is a headline of the story, word for word, and more than a rubric's."""
    return len(asked.odds) >= 2 * asked.bar.shared and asked.head[1:3] in {head[1:3] for head in told.heads}


def _share(asked: Asked, both: _Both, *, foreign: bool) -> float:
    """How much of the entry the story explains; 0 where that is too little to call them related. What is written in
    another script is related by what both write alike: names in Latin letters, figures.
    """
    share = both.evidence / asked.known if asked.known else 0.0
    related = both.rare >= _SHARED_RARE if foreign else both.features >= asked.bar.shared and share >= asked.bar.related
    return share if related else 0.0


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
    if verdict.score == math.inf:
        return f"the headline of story {story} word for word"
    said = {"closed": f"story {story} is closed", "script": f"story {story} is in another script"}
    said |= {
        "series": f"another number of a series than story {story}",
        "little": f"too little in common with story {story}",
        "name": f"only a name in common with story {story}",
    }
    shares = f", shares {', '.join(both)}" if both else ""
    lacks = f"; not: {', '.join(rest)}" if rest and not verdict.joins else ""
    return said.get(verdict.why, figures) + shares + lacks


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
    if _is_foreign(asked, told):
        return "script"
    return "series" if _is_series(asked, told) else ""


def _is_foreign(asked: Asked, told: Profile) -> bool:
    return not (told.cjk if asked.print.cjk else told.members - told.cjk)


def _is_open(told: Profile, when: datetime, window: timedelta) -> bool:
    return told.first is not None and told.last is not None and told.first - window <= when <= told.last + window


def _is_series(asked: Asked, told: Profile) -> bool:
    """Numbered otherwise (episode 12 and 13, magnitude 5.1 and 6.2), or the same headline with other figures or at
    another time.
    """
    if any(_is_other(kind, number, told.serials.get(kind, ())) for kind, number in asked.print.serials):
        return True
    when, template, figures, source = asked.head
    again = _SERIES.total_seconds()
    return any(
        theirs == template and (numbers != figures or (by == source and abs(at - when) >= again))
        for at, theirs, numbers, by in told.heads
    )


def _is_other(kind: str, number: str, theirs: Sequence[str]) -> bool:
    if kind == "magnitude":
        return bool(theirs) and min(abs(float(number) - float(other)) for other in theirs) >= _SAME_QUAKE
    return bool(theirs) and number not in theirs


def _head(print: Fingerprint, source: str, when: datetime) -> tuple[int, int, int, int]:  # noqa: A002
    return int(when.timestamp()), _hash(print.template), _hash(" ".join(print.figures)), _hash(source)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest())


def _shown(ours: Fingerprint, rarity: Rarity, features: list[str]) -> list[str]:
    rank = {feature: rarity(feature) * ours.weights[feature] for feature in features}
    return sorted(runs(features), key=lambda run: (-max(rank.get(run[:2], 0), rank.get(run, 0)), run))[:_SHOWN]
