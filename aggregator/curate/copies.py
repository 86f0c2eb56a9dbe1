"""Whether one text is the other's: how much of the shorter one the other has, whether the headlines are one, and
whether the figures are the same.

A wrong merge hides an article, a missed one only tells it twice: what is in doubt is no copy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from aggregator.curate.headlines import OWN, Relation, letters, relation
from aggregator.curate.shingles import RUN, Text, runs, text_of
from aggregator.model import Entry

ENOUGH = 160
"""The width from which on a text is an article's own (a Chinese character counts three letters)."""
LONG = 600
"""The width from which on a text that two sources share is an agency's article, whatever they call it."""

# Tuned on variants of real articles and on lookalikes: benchmarks/duplicates.py. Pairs: in two outlets, in one.
_SAME = (0.5, 0.7)
"""So much of the shorter text must the other have under one headline: the rest may be what an outlet puts around it."""
_RUBRIC = (0.7, 0.8)
"""The same, where the headline is too short to be an article's own."""
_NEAR = (0.7, 0.8)
"""The same, under a corrected headline."""
_OTHER, _NEARLY_ALL = 0.9, 0.95
"""The same, in two outlets under headlines of their own; and if a short text's headline has another word."""
_BOTH_WAYS = 0.75
"""So much of the longer text must the shorter have then."""
_LEAST = 0.4
"""Below this, nothing else is looked at."""
_MOST_SLACK = 0.1
_STEADY, _STEADY_HERE = 3, 10
"""So many figures must have stayed for each that is another."""
_CORRECTED, _ALL_BUT_ONE = 400, 0.85
"""The width of a text, and the share, from which on one figure that is another in another outlet is a correction."""
_PASSAGE = 6
"""Words in a row that two texts share other than by chance."""
_OWN_WORDS, _OWN_OPENING = 5, 0.1
"""Words, and share of the shorter text, from which on an opening that the other has not is the article itself."""
_OPENING = 120
"""Words of a text among which its headline may be its beginning."""
_BODILESS = 40
"""The width up to which a body says nothing ("Read more", "Comments")."""
_TITLE_ALONE = 32
"""The width from which on a headline without a text is enough."""
_FRESH = timedelta(days=3)
_NEXT_NUMBER = timedelta(hours=12)
"""The same headline without a text in the same source again after so long is the next number of a series."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are, whichever is which. `share`: of the shorter body's runs of words, how many the other has;
    `back`: of the longer one's. `length`: the width of the shorter body. `replaced`, `kept`: figures that stand in the
    same words in both, other ones and the same.
    """

    share: float
    back: float
    length: int
    replaced: int
    kept: int
    titles: Relation
    slack: float
    """What one word, corrected, takes from the share of a short text."""


def compare(one: Text, other: Text) -> Likeness:
    shared = len(one.shingles & other.shingles)
    replaced, kept = _figures(one, other)
    few, many = sorted((len(one.shingles), len(other.shingles)))
    return Likeness(
        share=shared / max(1, few),
        back=shared / max(1, many),
        length=min(one.width, other.width),
        replaced=replaced,
        kept=kept,
        titles=relation(one.titles, other.titles),
        slack=min(_MOST_SLACK, RUN / max(1, few)),
    )


def _figures(one: Text, other: Text) -> tuple[int, int]:
    beside = one.figures.keys() & other.figures.keys()
    pairs = [(one.figures[place], other.figures[place]) for place in beside]
    replaced = sum(not ours <= theirs and not theirs <= ours for ours, theirs in pairs)
    return replaced, len(beside) - replaced


def _rule(entry: Entry, other: Entry) -> str | None:
    """The rule by which one text is the other's, or None."""
    ours, theirs = text_of(entry), text_of(other)
    if min(ours.width, theirs.width) < _BODILESS:
        return "same headline" if _is_same_headline(entry, other) else None
    if _is_far(ours, theirs):
        return None
    like, here = compare(ours, theirs), is_here(entry, other)
    if _are_numbers(ours, theirs, like, here=here) or _begin_otherwise(ours, theirs, like) or is_next(entry, other):
        return None
    own = min(_own_width(ours), _own_width(theirs)) >= OWN
    if like.titles == "same":
        return "same headline and text" if like.share >= (_SAME if own else _RUBRIC)[here] - like.slack else None
    if like.titles == "near" and like.share >= _NEAR[here] - like.slack:
        return "nearly the same headline and text"
    return "same text" if not here and _is_resold(ours, theirs, like) else None


def is_next(entry: Entry, other: Entry) -> bool:
    """Whether they are two days' numbers of one rubric that says the same of itself each day."""
    if not is_here(entry, other) or _are_together(entry, other):
        return False
    ours, theirs = text_of(entry), text_of(other)
    length = min(ours.width, theirs.width)
    return length < ENOUGH or (length < LONG and min(_own_width(ours), _own_width(theirs)) < OWN)


def _are_together(entry: Entry, other: Entry) -> bool:
    """An entry that is issued again keeps its date, or comes soon; the next number of a series does neither."""
    return abs(entry.when - other.when) <= _NEXT_NUMBER or entry.published == other.published is not None


def _is_resold(ours: Text, theirs: Text, like: Likeness) -> bool:
    """Whether two outlets have one text under headlines of their own: short ones may quote one another."""
    if like.share < _OTHER:
        return False
    if like.titles == "varied" and (like.share >= _NEARLY_ALL or like.length >= LONG):
        return True
    return like.back >= _BOTH_WAYS and (like.length >= LONG or _opens(ours, theirs) or _opens(theirs, ours))


def _is_same_headline(entry: Entry, other: Entry) -> bool:
    """Of entries one of which has no text."""
    ours, theirs = text_of(entry), text_of(other)
    if relation(ours.titles, theirs.titles) != "same":
        return False
    told = min(_own_width(ours), _own_width(theirs))
    if ours.words == theirs.words and told + ours.width < _BODILESS:
        return False
    if told < _TITLE_ALONE and ours.words != theirs.words:
        return False
    return _are_together(entry, other) if is_here(entry, other) else abs(entry.when - other.when) <= _FRESH


def _own_width(text: Text) -> int:
    return max(title.width for title in text.titles)


def _opens(one: Text, other: Text) -> bool:
    """Whether one headline is the beginning of the other's text: it had none, and was given that."""
    return one.title.width >= OWN and letters("".join(other.words[:_OPENING])).startswith(one.title.letters)


def _begin_otherwise(ours: Text, theirs: Text, like: Likeness) -> bool:
    """Whether each has a beginning of its own, and what follows may be what their site puts under everything."""
    if like.share >= _OTHER:
        return False
    own = min(_own_opening(ours, theirs), _own_opening(theirs, ours))
    return own >= max(_OWN_WORDS, _OWN_OPENING * min(len(ours.words), len(theirs.words)))


def _own_opening(ours: Text, theirs: Text) -> int:
    """Words before the first passage that the other has too, less those that it has there as well."""
    own = passage = 0
    for there in _covered(ours, theirs):
        passage = passage + 1 if there else 0
        own += not there
        if passage == _PASSAGE:
            break
    return own


def _is_far(ours: Text, theirs: Text) -> bool:
    """Told without a look at the headlines: most candidates are."""
    return len(ours.shingles & theirs.shingles) < _LEAST * min(len(ours.shingles), len(theirs.shingles))


def is_here(entry: Entry, other: Entry) -> bool:
    return entry.source == other.source or _place(entry) == _place(other)


def _are_numbers(ours: Text, theirs: Text, like: Likeness, *, here: bool) -> bool:
    """Whether they are two of one series, or of one template filled otherwise: with other figures (more of them than a
    correction replaces, and an outlet that corrects keeps the address), or about another that the headline names.
    """
    corrected = not here and like.replaced == 1 and like.length >= _CORRECTED and like.share >= _ALL_BUT_ONE
    if like.titles == "series" or (like.replaced * (_STEADY_HERE if here else _STEADY) > like.kept and not corrected):
        return True
    return like.titles in {"near", "varied"} and _names_its_own(ours, theirs) and _names_its_own(theirs, ours)


def _names_its_own(ours: Text, theirs: Text) -> bool:
    """Whether the headline has a word that the text has too and the other has nowhere."""
    own = set(ours.title.words).difference(theirs.title.words, theirs.words)
    return not own.isdisjoint(ours.words)


def copied(entry: Entry, other: Entry) -> str | None:
    """Why the entry's text is the other's, or None."""
    rule = _rule(entry, other)
    if rule is None:
        return None
    ours, theirs = text_of(entry), text_of(other)
    share = len(ours.shingles & theirs.shingles) / max(1, len(ours.shingles))
    missing = "; ".join(_missing(ours, theirs)[:_SHOWN])
    told = f"{rule} as {other.id} of {other.source}: {share:.0%} of its words are there"
    return told + (f"; missing: {missing}" if missing else "")


def _missing(ours: Text, theirs: Text) -> list[str]:
    """The passages that the other has not, the longest first."""
    return sorted(_passages(ours.words, _covered(ours, theirs)), key=lambda passage: (-len(passage), passage))


def _covered(ours: Text, theirs: Text) -> list[bool]:
    """Of each word, whether it stands in a run that the other has."""
    covered = [False] * len(ours.words)
    for place, run in enumerate(runs(ours.words)):
        if run in theirs.shingles:
            covered[place : place + RUN] = [True] * RUN
    return covered


def _passages(words: Sequence[str], covered: Sequence[bool]) -> Iterator[str]:
    passage: list[str] = []
    for word, there in zip([*words, ""], [*covered, True], strict=True):
        if not there:
            passage.append(word)
        elif passage:
            yield " ".join(passage)
            passage = []


def _place(entry: Entry) -> str:
    return urlsplit(entry.canonical_url).netloc if entry.canonical_url else entry.source
