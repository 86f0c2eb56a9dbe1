"""The same article again. One entry leads, the others are its duplicates.

Exact rules come first (the same address, guid or text, word for word), then the comparison of two texts: how much of
the shorter one the other has, whether the headlines are one, and whether the figures are the same. A wrong merge hides
an article, a missed one only tells it twice: what is in doubt is not a duplicate.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import urlsplit

from aggregator.curate.headlines import OWN, Relation, letters, relation
from aggregator.curate.shingles import RUN, Text, runs, sketch, text_of
from aggregator.model import Choice, Entry

__all__ = ["Key", "Likeness", "choose", "compare", "keys", "reissue", "sketch", "text_of"]

_GLOBAL = re.compile(r"^(?:https?://[^/]+/.|tag:|urn:)", re.IGNORECASE)
_FRONT = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?/?)?(?:index\.\w+|default\.\w+|home)?/?", re.IGNORECASE)
"""The path of a home page, also of one language's: /, /zh/, /en-us/index.html."""
_ENOUGH = 160
"""The width from which on a text is an article's own (a Chinese character counts three letters)."""
_LONG = 600
"""The width from which on a text that two sources share is an agency's article, whatever they call it."""
_PHRASE = 8
_APART = timedelta(days=1)

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

Key = tuple[str, str]


def keys(entry: Entry) -> tuple[Key, ...]:
    """Under what the same article may be found again; which of them decide, and when, `choose` knows."""
    text = text_of(entry)
    found: list[Key] = []
    if _GLOBAL.match(entry.guid):
        found.append(("guid", entry.guid))
    if _has_address(entry):
        found.append(("address", str(entry.canonical_url)))
    if text.width >= _ENOUGH:
        found.append(("text", _digest("".join(text.words))))
    titles = (title.letters for title in text.titles if title.width >= OWN)
    return (*found, *(("title", _digest(title)) for title in titles))


def choose(entry: Entry, candidates: Sequence[Entry]) -> Choice | None:
    """Which of the candidates, the first seen first, this entry repeats; the value is that entry's id."""
    for other in sorted(candidates, key=lambda one: (one.seen, one.when, one.id)):
        reason = _same(entry, other) or _alike_texts(entry, other)
        if reason is not None:
            return Choice(other.id, reason)
    return None


def reissue(entry: Entry, candidates: Sequence[Entry]) -> Choice | None:
    """Which old entry of the same source this one is, under a new guid or address."""
    return choose(entry, [other for other in candidates if other.source == entry.source])


# --- two texts -------------------------------------------------------------------------------------------


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
    like, here = compare(ours, theirs), _is_here(entry, other)
    if _are_numbers(ours, theirs, like, here=here) or _begin_otherwise(ours, theirs, like):
        return None
    own = min(_own_width(ours), _own_width(theirs)) >= OWN
    if like.titles == "same":
        return "same headline and text" if like.share >= (_SAME if own else _RUBRIC)[here] - like.slack else None
    if like.titles == "near" and like.share >= _NEAR[here] - like.slack:
        return "nearly the same headline and text"
    return "same text" if not here and _is_resold(ours, theirs, like) else None


def _is_resold(ours: Text, theirs: Text, like: Likeness) -> bool:
    """Whether two outlets have one text under headlines of their own: short ones may quote one another."""
    if like.share < _OTHER:
        return False
    if like.titles == "varied" and (like.share >= _NEARLY_ALL or like.length >= _LONG):
        return True
    return like.back >= _BOTH_WAYS and (like.length >= _LONG or _opens(ours, theirs) or _opens(theirs, ours))


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
    apart = abs(entry.when - other.when)
    if _is_here(entry, other):
        return apart <= _NEXT_NUMBER or entry.published == other.published is not None
    return apart <= _FRESH


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


def _is_here(entry: Entry, other: Entry) -> bool:
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


def _alike_texts(entry: Entry, other: Entry) -> str | None:
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


# --- exact rules -----------------------------------------------------------------------------------------


def _same(entry: Entry, other: Entry) -> str | None:
    """By address, guid or word for word."""
    shared = _shared(entry, other)
    if shared is None or _another(entry, other, shared):
        return None
    told = {"address": entry.canonical_url, "guid": entry.guid, "text": "word for word"}[shared]
    return f"same {shared} as {other.id} of {other.source}: {told}"


def _shared(entry: Entry, other: Entry) -> str | None:
    if _has_address(entry) and entry.canonical_url == other.canonical_url:
        return "address"
    if entry.guid == other.guid and _GLOBAL.match(entry.guid):
        return "guid"
    ours, theirs = text_of(entry), text_of(other)
    return "text" if ours.width >= _ENOUGH and ours.words == theirs.words else None


def _has_address(entry: Entry) -> bool:
    return bool(entry.canonical_url) and not is_front(str(entry.canonical_url))


def _another(entry: Entry, other: Entry, shared: str) -> bool:
    """Whether the two are different articles in spite of what they share.

    A live page keeps its address while its story changes, and some feeds give every item the same one; a series keeps
    its words while its figures change; a show says the same of itself under every episode.
    """
    if shared == "text":
        titles = relation(text_of(entry).titles, text_of(other).titles)
        return titles == "series" or (titles == "other" and _is_blurb(entry, other))
    if _body(entry) and _body(entry) == _body(other):
        return False
    if _alike(text_of(entry).title.letters, text_of(other).title.letters):
        return False
    if abs(entry.when - other.when) > _APART:
        return True
    return entry.source == other.source and not _is_revised(entry, other)


def _is_revised(entry: Entry, other: Entry) -> bool:
    """Whether one text is the other with changes: what few letters share by chance, so many in a row do not."""
    one, two = _body(entry)[:_LONG], _body(other)[:_LONG]
    return bool(one and two) and _alike(one, two, size=_PHRASE)


def _is_blurb(entry: Entry, other: Entry) -> bool:
    """Whether the text that they share may be what a publisher says of itself: one source's own, or a short one.

    A long text under another headline in another source is what an agency sold to both.
    """
    return _is_here(entry, other) or text_of(entry).width < _LONG


def _alike(one: str, other: str, *, size: int = 3) -> bool:
    first, second = _grams(one, size), _grams(other, size)
    return len(first & second) * 2 >= min(len(first), len(second))


def _grams(letters_: str, size: int) -> set[str]:
    return {letters_[place : place + size] for place in range(max(1, len(letters_) - size + 1))}


def _body(entry: Entry) -> str:
    return "".join(text_of(entry).words)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def is_front(address: str) -> bool:
    parts = urlsplit(address if "//" in address else f"//{address}")
    return _FRONT.fullmatch(parts.path) is not None and not parts.query
