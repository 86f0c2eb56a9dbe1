"""What a story is about: its entries vote, and the kicker stands until another category has clearly more votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from aggregator.model import Report, Word

_CLEARLY_MORE = Fraction(3, 2)
"""Readers know a story by its kicker: one vote more or less must not turn it to and fro."""


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


def told_about(reports: Sequence[Report], lead: Report, words: Mapping[str, Word]) -> About:
    """`words`: what editors said, by entry. Copies of one text have no further vote; what was said of one counts."""
    came = sorted(reports, key=lambda one: one.came)
    voters = [report for report in came if report.duplicate_of is None] or came[:1]
    votes, turns = _count(voters)
    kicker = turns[-1][2] if turns else None
    told = {slug: place for place, slug in enumerate(lead.categories)}
    ranked = sorted(votes, key=lambda slug: (slug != kicker, -votes[slug], told.get(slug, len(told)), slug))
    said = [(one.entry, words[one.entry]) for one in came if one.entry in words]
    word = max(said, key=lambda pair: pair[1].number, default=None)
    return About(tuple(ranked) if word is None else word[1].said, votes, len(voters), turns, word)


def _count(voters: Sequence[Report]) -> tuple[dict[str, Fraction], tuple[Turn, ...]]:
    """In the order in which they came, and by it alone, so that it makes no difference how many came at once."""
    votes: dict[str, Fraction] = {}
    turns: list[Turn] = []
    kicker = None
    for report in voters:
        for place, slug in enumerate(report.categories):
            votes[slug] = votes.get(slug, Fraction(0)) + Fraction(1, 1 + place)
        best = max(votes, key=votes.__getitem__, default=None)
        if best is not None and (kicker is None or votes[best] >= _CLEARLY_MORE * votes[kicker]):
            turns.append((report.entry, kicker, best))
            kicker = best
    return votes, tuple(turns)
