"""What a story is about: its entries vote, and the kicker stands until another category has clearly more votes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from aggregator.model import Report, Word

_CLEARLY_MORE = Fraction(3, 2)
"""Readers know a story by its kicker: one vote more or less must not turn it to and fro."""


_NARROWER = 2
"""So much more a vote is worth against a category in which another lies: the kicker is the most specific that applies."""

Broader = Mapping[str, Collection[str]]
_NO_BROADER: Broader = {}
Turn = tuple[str, str | None, str]
"""How the kicker came to be: the entry that turned it, what it was before, what it was then."""


@dataclass(frozen=True, slots=True)
class About:
    """`categories`: the kicker first, then by votes: the first category of an entry has one, its second half a one, and
    so on. `word`: of which entry an editor said something last, and what: then no vote counts.
    """

    categories: tuple[str, ...]
    votes: Mapping[str, Fraction] = field(default_factory=dict)
    voters: int = 0
    turns: tuple[Turn, ...] = ()
    word: tuple[str, Word] | None = None


def told_about(
    reports: Sequence[Report], lead: Report, words: Mapping[str, Word], broader: Broader = _NO_BROADER
) -> About:
    """`words`: what editors said, by entry. Copies of one text have no further vote; what was said of one counts.
    `broader`: of each category those in which it lies.
    """
    came = sorted(reports, key=lambda one: one.came)
    voters = [report for report in came if report.duplicate_of is None] or came[:1]
    votes, turns = _count(voters, broader)
    kicker = turns[-1][2] if turns else None
    told = {slug: place for place, slug in enumerate(lead.categories)}
    ranked = sorted(votes, key=lambda slug: (slug != kicker, -votes[slug], told.get(slug, len(told)), slug))
    said = [(one.entry, words[one.entry]) for one in came if one.entry in words]
    word = max(said, key=lambda pair: pair[1].number, default=None)
    about = tuple(ranked) if word is None else with_broader(word[1].said, broader)
    return About(about, votes, len(voters), turns, word)


def with_broader(said: Sequence[str], broader: Broader) -> tuple[str, ...]:
    """Where a category applies, those in which it lies do too."""
    following = (other for slug in said for other in broader.get(slug, ()))
    return tuple(dict.fromkeys((*said, *following)))


def _count(voters: Sequence[Report], broader: Broader) -> tuple[dict[str, Fraction], tuple[Turn, ...]]:
    """In the order in which they came, and by it alone, so that it makes no difference how many came at once."""
    votes: dict[str, Fraction] = {}
    turns: list[Turn] = []
    kicker = None
    for report in voters:
        for place, slug in enumerate(report.categories):
            votes[slug] = votes.get(slug, Fraction(0)) + Fraction(1, 1 + place)
        best = _best(votes, broader)
        if best is not None and best != kicker and (kicker is None or _outvotes(best, kicker, votes, broader)):
            turns.append((report.entry, kicker, best))
            kicker = best
    return votes, tuple(turns)


def _best(votes: Mapping[str, Fraction], broader: Broader) -> str | None:
    """The one with most votes, or the narrowest within it that has half of them."""
    best = max(votes, key=votes.__getitem__, default=None)
    while best is not None:
        half = votes[best] / _NARROWER
        inner = [slug for slug in votes if best in broader.get(slug, ()) and votes[slug] >= half]
        if not inner:
            break
        best = max(inner, key=votes.__getitem__)
    return best


def _outvotes(one: str, other: str, votes: Mapping[str, Fraction], broader: Broader) -> bool:
    mine = votes[one] * (_NARROWER if other in broader.get(one, ()) else 1)
    theirs = votes[other] * (_NARROWER if one in broader.get(other, ()) else 1)
    return mine >= _CLEARLY_MORE * theirs
