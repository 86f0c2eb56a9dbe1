"""Which sentences of several texts tell most of what all of them tell, in few words and without saying a thing twice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.edit.passages import Sentence

_LEADS = 0.4
"""What a sentence gains by standing in the lead's text: all of it the first, half of it the second, a third the third."""
_ALONE = 0.2
"""In one text alone words weigh so much less than places: every gap reads like one."""
_LEAST_GAIN = 0.12
"""What a sentence of another text must add: so much of its words are shared on average, and not told yet."""
_SAME = 0.5
"""Two sentences that share so much of the shorter one's words say the same."""
_SHORT = 6
"""A sentence of fewer words is weighed as one of so many: else the shortest would win."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A sentence, of which text and where in it, and how much of what is shared it adds."""

    passage: int
    place: int
    sentence: Sentence
    gain: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: int
    place: int
    sentence: Sentence
    shared: frozenset[str]
    """Those of its words that others have, too."""


def choose(
    texts: Sequence[Sequence[Sentence]], headline: frozenset[str], *, room: int, first: int, most: int
) -> list[Taken]:
    """At most `most` whole sentences that fit in `room` columns together; the first of them, if need be, in `first`
    columns. In the order of the texts, the lead's before the others. `headline`: the words that readers have seen.
    """
    shares = _shares(texts, headline)
    weight = 1.0 if len(texts) > 1 else _ALONE
    left = [
        _Candidate(text, place, sentence, sentence.terms & shares.keys())
        for text, some in enumerate(texts)
        for place, sentence in enumerate(some)
        if sentence.whole and sentence.columns <= first
    ]
    taken: list[Taken] = []
    told: set[str] = set()
    while len(taken) < most and (best := _best(left, taken, shares, told, weight)) is not None:
        taken.append(best)
        told |= best.sentence.terms
        left = [
            one for one in left if _fits(one.sentence, taken, room) and not _say_the_same(one.sentence, best.sentence)
        ]
    return sorted(taken, key=lambda one: (one.passage, one.place))


def _shares(texts: Sequence[Sequence[Sentence]], headline: frozenset[str]) -> dict[str, float]:
    """Of each word that is in more than one of the texts: in how many of the others, from 0 to 1. One text alone is measured
    by its own sentences; the headline counts as one more.
    """
    if len(texts) > 1:
        units = [frozenset[str]().union(*(sentence.terms for sentence in some)) for some in texts]
    else:
        units = [sentence.terms for some in texts for sentence in some]
    counted = Counter(headline)
    for unit in units:
        counted.update(unit)
    return {term: (count - 1) / len(units) for term, count in counted.items() if count > 1}


def _best(
    left: Sequence[_Candidate],
    taken: Sequence[Taken],
    shares: Mapping[str, float],
    told: set[str],
    weight: float,
) -> Taken | None:
    """What adds most of what is shared, so far as that weighs; what is of the lead is worth more, the nearer to its
    beginning.
    """
    best, most = None, 0.0
    for one in left:
        gain = sum([shares[term] for term in one.shared - told]) / max(_SHORT, len(one.sentence.terms))
        worth = weight * gain + (_LEADS / (1 + one.place) if one.passage == 0 else 0)
        enough = one.passage == 0 or not taken or gain >= _LEAST_GAIN
        if worth > most and enough and _may_follow(one, taken):
            best, most = Taken(one.passage, one.place, one.sentence, gain), worth
    return best


def _may_follow(one: _Candidate, taken: Sequence[Taken]) -> bool:
    """What points back needs what it points to."""
    if not one.sentence.back or one.passage == one.place == 0:
        return True
    return any(other.passage == one.passage and other.place == one.place - 1 for other in taken)


def _fits(one: Sentence, taken: Sequence[Taken], room: int) -> bool:
    """Wherever in the order it comes to stand: behind the last one there is no space."""
    every = (one, *[other.sentence for other in taken])
    return sum([each.columns + each.space for each in every]) - min([each.space for each in every]) <= room


def _say_the_same(one: Sentence, other: Sentence) -> bool:
    least = min(len(one.terms), len(other.terms))
    return one.text == other.text or (least > 1 and len(one.terms & other.terms) >= _SAME * least)
