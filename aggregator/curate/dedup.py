"""The same article again: the same guid, address or text. One entry leads, the others are its duplicates."""

import re
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import urlsplit

from aggregator.curate.text import HAN, fold, plain
from aggregator.model import Choice, Entry

_GLOBAL = re.compile(r"^(?:https?://[^/]+/.|tag:|urn:)", re.IGNORECASE)
_HAN = re.compile(f"[{HAN}]")
_FRONT = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?/?)?(?:index\.\w+|default\.\w+|home)?/?", re.IGNORECASE)
"""The path of a home page, also of one language's: /, /zh/, /en-us/index.html."""
_LETTERS = re.compile(r"[^\w]|_")
_FIGURES = re.compile(r"\d+")
_ENOUGH = 160
"""The width from which on a text is an article's own (a Chinese character counts three letters)."""
_LONG = 600
"""The width from which on a text that two sources share is an agency's article, whatever they call it."""
_PHRASE = 8
_APART = timedelta(days=1)

Key = tuple[str, str]


def keys(entry: Entry) -> tuple[Key, ...]:
    """Under what the same article may be found again."""
    found: list[Key] = []
    if _GLOBAL.match(entry.guid):
        found.append(("guid", entry.guid))
    if entry.canonical_url and not _is_front(entry.canonical_url):
        found.append(("address", entry.canonical_url))
    text = _body(entry)
    if _width(text) >= _ENOUGH:
        found.append(("text", blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()))
    return tuple(found)


def choose(entry: Entry, candidates: Sequence[Entry]) -> Choice | None:
    """Which of the candidates, the first seen first, this entry repeats; the value is that entry's id."""
    ours = dict(keys(entry))
    for other in sorted(candidates, key=lambda one: (one.seen, one.when, one.id)):
        theirs = dict(keys(other))
        shared = next(
            (kind for kind in ("address", "guid", "text") if kind in ours and ours[kind] == theirs.get(kind)), None
        )
        if shared is not None and not _another(entry, other, shared):
            told = {"address": entry.canonical_url, "guid": entry.guid, "text": "word for word"}[shared]
            return Choice(other.id, f"same {shared} as {other.id} of {other.source}: {told}")
    return None


def _another(entry: Entry, other: Entry, shared: str) -> bool:
    """Whether the two are different articles in spite of what they share.

    A live page keeps its address while its story changes, and some feeds give every item the same one; a series keeps
    its words while its figures change; a show says the same of itself under every episode.
    """
    if shared == "text":
        return _is_blurb(entry, other) and (
            _series(entry.title, other.title) or not _alike(_letters(entry.title), _letters(other.title))
        )
    if _body(entry) and _body(entry) == _body(other):
        return False
    if _alike(_letters(entry.title), _letters(other.title)):
        return False
    if abs(entry.when - other.when) > _APART:
        return True
    return entry.source == other.source and not _is_revised(entry, other)


def _is_revised(entry: Entry, other: Entry) -> bool:
    """Whether one text is the other with changes: what few letters share by chance, so many in a row do not."""
    one, two = _body(entry)[:_LONG], _body(other)[:_LONG]
    return bool(one and two) and _alike(one, two, size=_PHRASE)


def _series(title: str, other: str) -> bool:
    return _FIGURES.findall(fold(title)) != _FIGURES.findall(fold(other))


def _is_blurb(entry: Entry, other: Entry) -> bool:
    """Whether the text that they share may be what a publisher says of itself: one source's own, or a short one.

    A long text under another headline in another source is what an agency sold to both.
    """
    return entry.source == other.source or _width(_body(entry)) < _LONG


def _alike(one: str, other: str, *, size: int = 3) -> bool:
    first, second = _grams(one, size), _grams(other, size)
    return len(first & second) * 2 >= min(len(first), len(second))


def _grams(letters: str, size: int) -> set[str]:
    return {letters[place : place + size] for place in range(max(1, len(letters) - size + 1))}


def _letters(text: str) -> str:
    return _LETTERS.sub("", fold(text))


def _body(entry: Entry) -> str:
    return _letters(plain(entry.content) if len(entry.content) > len(entry.summary) else entry.summary)


def _width(text: str) -> int:
    return len(text) + 2 * len(_HAN.findall(text))


def _is_front(address: str) -> bool:
    parts = urlsplit(address if "//" in address else f"//{address}")
    return _FRONT.fullmatch(parts.path) is not None and not parts.query
