"""The same article again. One entry leads, the others are its duplicates.

Exact rules come first (the same address, guid or text, word for word), then the comparison of two texts (`copies`).
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import urlsplit

from aggregator.curate.copies import ENOUGH, LONG, Likeness, compare, copied, is_here, is_next
from aggregator.curate.headlines import OWN, relation
from aggregator.curate.shingles import sketch, text_of
from aggregator.model import Choice, Entry

__all__ = ["Key", "Likeness", "choose", "compare", "is_front", "keys", "sketch", "text_of"]

_GLOBAL = re.compile(r"^(?:https?://[^/]+/.|tag:|urn:)", re.IGNORECASE)
_FRONT = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?/?)?(?:index\.\w+|default\.\w+|home)?/?", re.IGNORECASE)
"""The path of a home page, also of one language's: /, /zh/, /en-us/index.html."""
_PHRASE = 8
_APART = timedelta(days=1)

Key = tuple[str, str]


def keys(entry: Entry) -> tuple[Key, ...]:
    """Under what the same article may be found again; which of them decide, and when, `choose` knows."""
    text = text_of(entry)
    found: list[Key] = []
    if _GLOBAL.match(entry.guid):
        found.append(("guid", entry.guid))
    if _has_address(entry):
        found.append(("address", str(entry.canonical_url)))
    if text.width >= ENOUGH:
        found.append(("text", _digest("".join(text.words))))
    titles = (title.letters for title in text.titles if title.width >= OWN)
    return (*found, *(("title", _digest(title)) for title in titles))


def choose(entry: Entry, candidates: Sequence[Entry]) -> Choice | None:
    """Which of the candidates, the first seen first, this entry repeats; the value is that entry's id."""
    for other in sorted(candidates, key=lambda one: one.came):
        reason = _same(entry, other) or copied(entry, other)
        if reason is not None:
            return Choice(other.id, reason)
    return None


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
    return "text" if ours.width >= ENOUGH and ours.words == theirs.words else None


def _has_address(entry: Entry) -> bool:
    return bool(entry.canonical_url) and not is_front(str(entry.canonical_url))


def _another(entry: Entry, other: Entry, shared: str) -> bool:
    """Whether the two are different articles in spite of what they share.

    A live page keeps its address while its story changes, and some feeds give every item the same one; a series keeps
    its words while its figures change; a show says the same of itself under every episode.
    """
    if shared == "text":
        titles = relation(text_of(entry).titles, text_of(other).titles)
        return titles == "series" or (titles == "other" and _is_blurb(entry, other)) or is_next(entry, other)
    if _body(entry) and _body(entry) == _body(other):
        return False
    if _alike(text_of(entry).title.letters, text_of(other).title.letters):
        return False
    if abs(entry.when - other.when) > _APART:
        return True
    return entry.source == other.source and not _is_revised(entry, other)


def _is_revised(entry: Entry, other: Entry) -> bool:
    """Whether one text is the other with changes: what few letters share by chance, so many in a row do not."""
    one, two = _body(entry)[:LONG], _body(other)[:LONG]
    return bool(one and two) and _alike(one, two, size=_PHRASE)


def _is_blurb(entry: Entry, other: Entry) -> bool:
    """Whether the text that they share may be what a publisher says of itself: one source's own, or a short one.

    A long text under another headline in another source is what an agency sold to both.
    """
    return is_here(entry, other) or text_of(entry).width < LONG


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
