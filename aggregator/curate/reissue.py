"""Old news under a new name: which entries of a poll are old ones of the same source under another guid or address.

A site that moves, takes another CMS or makes up its guids anew brings all that it ever told once more. What is known by
its guid never comes here, and what stands in the document at hand is nobody's old form: two items side by side are two.
Texts are compared as `dedup` does; here dates and addresses have a say too, since within one source they tell more.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from hashlib import blake2b
from itertools import chain
from urllib.parse import urlsplit

from aggregator.curate.dedup import Likeness, compare, is_front
from aggregator.curate.headlines import letters, width
from aggregator.curate.shingles import text_of
from aggregator.curate.text import fold
from aggregator.model import Choice, Entry

_OWN_TITLE = 24
"""The width from which on a headline is an article's own, and no rubric's (a Chinese character counts three letters)."""
_SILENT = 40
"""The width up to which a text says nothing that could agree or differ."""
_AGREES, _SAME_TEXT, _NEARLY, _VERBATIM = 0.6, 0.75, 0.8, 0.9
"""So much of the shorter text must the other have: beside other evidence; under the same headline alone; under nearly
the same; under another one of the same date.
"""
_LONG, _BESIDE = 160, 60
"""The width from which on a text is an article's own; and from which on it is, beside the same headline."""
_MASS, _MOST = 5, 0.6
"""Where so many items are unknown, and so large a part of them has the headlines of old ones, the site was moved: then
an own headline alone is enough.
"""
_PAGE = 6
"""Characters from which on the last part of an address names a page."""
_LEAD, _LEAD_WIDE = 80, 30
"""Letters of the summary's beginning by which it is found; characters, where it is Chinese."""
_READ = 3 * _LEAD


def marks(entry: Entry) -> tuple[int, ...]:
    """Under what its source may bring it again: its headline, the beginning of its text, its page; as signed 64-bit
    integers that are the same everywhere. The time, which is the fourth, is indexed as it is.
    """
    found = [f"title {_title(entry)}"]
    lead = _letters(entry.summary[:_READ])
    size = _LEAD if width(lead[:_LEAD_WIDE]) < 2 * _LEAD_WIDE else _LEAD_WIDE
    if len(lead) >= size:
        found.append(f"lead {lead[:size]}")
    if entry.canonical_url and not is_front(entry.canonical_url):
        parts = urlsplit(entry.canonical_url)
        found.append(f"page {_page(entry.canonical_url) or parts.path}")
        if parts.query:
            found.append(f"query {parts.path}?{parts.query}")
    return tuple(_mark(f"{entry.source} {one}") for one in found)


def _mark(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)


def _page(address: str | None) -> str:
    """The last part of an address, where it is the name of a page: it stays when a site moves."""
    if address is None:
        return ""
    name = urlsplit(address).path.rpartition("/")[2].partition(".")[0]
    return name if len(name) >= _PAGE and name.lower() not in {"article", "default", "detail", "content"} else ""


def reissues(
    unknown: Sequence[Entry], candidates: Mapping[str, Sequence[Entry]], beside: Sequence[Entry]
) -> dict[str, Choice]:
    """By the id of an unknown item: which old entry it is, and why. No old entry is two of them.

    `candidates`: by the same ids, entries of the same source that may be it and that the document has not. `beside`:
    what the document has of known ones.
    """
    pairs = [pair for entry in unknown for pair in _pairs(entry, candidates.get(entry.id, ()))]
    if not pairs:
        return {}
    shown, families = {_title(entry) for entry in beside}, Counter(_title(entry) for entry in unknown)
    pairs = [pair for pair in pairs if pair.certain or not _in_column(pair, candidates, shown, families)]
    old_news = {pair.new.id for pair in pairs if pair.rank <= _ALONE}
    moved = len(unknown) >= _MASS and len(old_news) >= _MOST * len(unknown)
    found: dict[str, Choice] = {}
    taken: set[str] = set()
    for pair in sorted(pairs, key=_order):
        if (pair.rank < _ALONE or moved) and pair.new.id not in found and pair.old.id not in taken:
            found[pair.new.id] = Choice(pair.old.id, f"{_RULES[pair.rank]}: {pair.old.title!r}")
            taken.add(pair.old.id)
    return found


_RULES = (
    "the same address and date",
    "the same headline and date",
    "the same text and date",
    "the same address and headline",
    "the same address and text",
    "the same page name, headline and text",
    "the same headline and text",
    "nearly the same headline, and the same text",
    "the same headline, as most of what its source brought with it has one of old entries",
    "the same short headline, as most of what its source brought with it has one of old entries",
    "the same text, as most of what its source brought with it has the headlines of old entries",
)
"""From the strongest to the weakest."""
_ALONE = 8
"""From this rule on, only where a site was moved."""
_CERTAIN = 5
"""Rules before this one hold for what comes again and again under one headline, too."""


@dataclass(frozen=True, slots=True)
class _Pair:
    new: Entry
    old: Entry
    rank: int

    @property
    def certain(self) -> bool:
        return self.rank < _CERTAIN


def _order(pair: _Pair) -> tuple[int, float, str, str]:
    """Under the same rule, those whose dates are nearest."""
    return pair.rank, abs((pair.new.when - pair.old.when).total_seconds()), pair.old.id, pair.new.id


def _pairs(entry: Entry, candidates: Sequence[Entry]) -> Iterator[_Pair]:
    for old in candidates:
        if (rank := _rank(entry, old)) is not None:
            yield _Pair(entry, old, rank)


def _title(entry: Entry) -> str:
    return _letters(entry.title)


def _letters(text: str) -> str:
    """Folded, without all else; most are plain, and need no folding."""
    return text.lower().encode().translate(None, _NO_LETTERS).decode() if text.isascii() else letters(fold(text))


_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())


def _rank(entry: Entry, old: Entry) -> int | None:
    """The first of the rules that makes them one, or None. A series and a template have other figures."""
    like = compare(text_of(entry), text_of(old))
    if like.titles == "series":
        return 0 if _same_address(entry, old) and _same_date(entry, old) else None
    rules = chain(_by_date(entry, old, like), _by_address(entry, old, like), _by_words(entry, old, like))
    return next(rules, None)


def _by_date(entry: Entry, old: Entry, like: Likeness) -> Iterator[int]:
    if not _same_date(entry, old):
        return
    if _same_address(entry, old):
        yield 0
    page = _page(entry.canonical_url)
    named = _own_title(entry, old) and entry.published == old.published
    if _titled(entry, old, like) and (named or _agrees(like) or like.length < _SILENT):
        yield 1
    if (like.share >= _VERBATIM and like.length >= _LONG and _agrees(like)) or (
        page and page == _page(old.canonical_url)
    ):
        yield 2


def _by_address(entry: Entry, old: Entry, like: Likeness) -> Iterator[int]:
    agrees, title = _agrees(like), _titled(entry, old, like)
    if _same_address(entry, old):
        if title and (agrees or like.length < _SILENT):
            yield 3
        if agrees and like.length >= _LONG:
            yield 4
    page = _page(entry.canonical_url)
    if page and page == _page(old.canonical_url) and title and (agrees or like.length < _SILENT):
        yield 5


def _by_words(entry: Entry, old: Entry, like: Likeness) -> Iterator[int]:
    own = _own_title(entry, old)
    if like.length >= _SILENT and _agrees(like):
        if like.titles == "same" and like.share >= _SAME_TEXT and (own or like.length >= _BESIDE):
            yield 6
        if like.titles == "near" and own and like.share >= _NEARLY:
            yield 7
        if like.share >= _VERBATIM and like.length >= _LONG and _within(entry, old):
            yield 7
    if like.titles == "same" and (like.length < _SILENT or _agrees(like)):
        yield _ALONE if own else _ALONE + 1
    if like.share >= _VERBATIM and like.length >= _LONG and not like.replaced:
        yield _ALONE + 2


def _within(entry: Entry, old: Entry) -> bool:
    """Whether one headline is the other with more before or behind it."""
    one, other = sorted((_title(entry), _title(old)), key=len)
    return bool(one) and (other.startswith(one) or other.endswith(one))


def _agrees(like: Likeness) -> bool:
    """A template's text agrees with the next one's, but for the figures in it."""
    return like.share >= _AGREES and (not like.replaced or like.replaced * 4 <= like.kept)


def _titled(entry: Entry, old: Entry, like: Likeness) -> bool:
    """Whether one headline is the other's, letters corrected; of short ones, only above a text that agrees."""
    if like.titles != "near":
        return like.titles == "same"
    return _own_title(entry, old) or (like.length >= _BESIDE and _agrees(like))


def _own_title(entry: Entry, old: Entry) -> bool:
    return min(text_of(entry).title.width, text_of(old).title.width) >= _OWN_TITLE


def _same_address(entry: Entry, old: Entry) -> bool:
    address = entry.canonical_url
    return bool(address) and address == old.canonical_url and not is_front(str(address))


def _same_date(entry: Entry, old: Entry) -> bool:
    """To the second; to the day, where one of the two tells no more."""
    one, other = entry.published, old.published
    if one is None or other is None:
        return False
    return one == other or (one.date() == other.date() and time() in {one.time(), other.time()})


def _in_column(
    pair: _Pair, candidates: Mapping[str, Sequence[Entry]], shown: Collection[str], families: Mapping[str, int]
) -> bool:
    """Whether its headline is one that its source uses again and again: another item of that name is in the document, or
    there were several of other dates, and this is the only new one.
    """
    title = _title(pair.new)
    dates = {one.when for one in candidates[pair.new.id] if _title(one) == title}
    return title in shown or (families[title] == 1 and len(dates) > 1)
