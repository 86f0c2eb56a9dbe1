"""Theirs to ours: an Item, not trusted, becomes an Entry, whose texts may be shown."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple, Protocol

from aggregator.collect.dates import parse_date
from aggregator.collect.html import clean, one_line, text_of, text_of_scrubbed
from aggregator.collect.urls import absolute, bare, canonical
from aggregator.model import Entry, Feed, Hints, Item, Reading

LONGEST_SUMMARY = 600
_LONGEST_TITLE = 500
_LONGEST_NAME = 200
_MOST_TAGS = 30
_LEAST_SHARE = 0.5
# It begins with one class of characters, which lets the search leap from one of them to the next.
_SENTENCE_END = re.compile(r"[.!?…。！？](?:(?<=[.!?…])[\"'”’»)]*(?=\s)|(?<=[。！？…])[」』”’）]*)")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_CLASSES = bytes(
    ord("a" if chr(code).isalnum() or code == ord("_") else "." if chr(code) in "'.-" else " ") for code in range(128)
)
_CLASSES += b" " * 128
_SIGNS = (("’", "'"), *((sign, " ") for sign in "‘“”–—…\xa0"))
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8})*)")
_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
"""Base 32, two digits at a time."""
_REGION_LENGTH = 2
_SCRIPT_LENGTH = 4


class Labelled(Protocol):
    """What is known of a source from elsewhere and goes into its entries: a configured Source has it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def language(self) -> str | None: ...


class Label(NamedTuple):
    name: str
    title: str | None
    language: str | None


def normalise(source: Labelled, feed: Feed, page_url: str, now: datetime) -> Reading:
    place = bare(page_url)
    home = absolute(feed.home, place)
    entries = [_entry(source, feed, item, (home or place, place), now) for item in feed.items]
    return Reading(
        format=feed.format,
        title=_title(feed.title),
        home=home,
        language=_language(feed.language),
        hints=_hints(feed.hints, page_url),
        entries=tuple(_newest_first(_distinct(_newest_first(entries)))),
        dirt=feed.dirt,
        deleted=_deleted(source, feed, entries),
    )


def _deleted(source: Labelled, feed: Feed, entries: Iterable[Entry]) -> tuple[str, ...]:
    """The ids of the entries that are gone; not of one that the feed tells again since (RFC 6721, 3)."""
    told = {entry.id: entry.updated or entry.published for entry in entries}
    found = []
    for guid, said in feed.deleted:
        id_, when = entry_id(source.name, _line(guid, 2048) or ""), parse_date(said)
        again = told.get(id_)
        if id_ not in told or (when is not None and again is not None and again <= when):
            found.append(id_)
    return tuple(dict.fromkeys(found))


def entry_id(source: str, guid: str) -> str:
    digest = int.from_bytes(blake2b(f"{source}\0{guid}".encode(), digest_size=8).digest()) >> 4
    return "e" + "".join([_PAIRS[digest >> shift & 0x3FF] for shift in range(50, -1, -10)])


def _entry(source: Labelled, feed: Feed, item: Item, places: tuple[str, str], now: datetime) -> Entry:
    base = absolute(item.base, places[1])
    url = _url(item, base, *places)
    title = _title(item.title)
    guid = _line(item.guid, 2048) or url or _fingerprint(item)
    content = _content(item, base or url or places[0])
    told = text_of(item.summary) if item.summary else ""
    whole = text_of_scrubbed(content) if item.content or not told else told
    published, updated = parse_date(item.published), parse_date(item.updated)
    return Entry(
        id=entry_id(source.name, guid),
        source=source.name,
        guid=guid,
        url=url,
        canonical_url=canonical(url) if url else None,
        title=title or shorten(told or whole, 80) or _title(url) or source.title or source.name,
        summary=shorten(told or whole, LONGEST_SUMMARY),
        content=content,
        author=_line(text_of(item.author or ""), _LONGEST_NAME),
        tags=_tags(item.categories),
        language=source.language or _language(item.language) or _language(feed.language),
        published=published or updated,
        updated=updated,
        seen=now.astimezone(UTC),
        words=count_words(whole) if told == whole else max(count_words(told), count_words(whole)),
    )


def _hints(theirs: Hints, page_url: str) -> Hints:
    hubs = (absolute(hub, page_url) for hub in theirs.hubs)
    return replace(
        theirs,
        hubs=tuple(hub for hub in hubs if hub),
        self_url=absolute(theirs.self_url, page_url),
        older=absolute(theirs.older, page_url),
    )


def _content(item: Item, base: str) -> str:
    return (clean(item.content, base) if item.content else "") or (clean(item.summary, base) if item.summary else "")


def _url(item: Item, base: str | None, home: str, page_url: str) -> str | None:
    """`/post` belongs to the site (a feed is often served from elsewhere), `post` to the page it stands in."""
    link = (item.url or "").strip()
    return absolute(link, base or (home if link.startswith("/") else page_url))


def shorten(text: str, longest: int) -> str:
    """At most so many characters: whole sentences if they fill half of it, else whole words and a mark of omission."""
    if len(text) <= longest:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text[: longest + 1]) if found.end() <= longest]
    if ends and ends[-1] >= longest * _LEAST_SHARE:
        return text[: ends[-1]]
    room = text[: longest - 1]
    at_word = room.rstrip() if text[longest - 1] == " " else room.rpartition(" ")[0].rstrip()
    return (at_word if len(at_word) >= longest * _LEAST_SHARE else room) + "…"


def count_words(text: str) -> int:
    """Words; a Chinese or Japanese character counts half a word."""
    plain = text
    if not text.isascii():
        for sign, as_good in _SIGNS:
            plain = plain.replace(sign, as_good)
    if plain.isascii():
        return _ascii_words(plain)
    east_asian = len(_EAST_ASIAN.findall(text))
    return len(_WORD.findall(_EAST_ASIAN.sub(" ", text) if east_asian else text)) + (east_asian + 1) // 2


def _ascii_words(text: str) -> int:
    """The same count by where words begin: after a space, or after a joining sign that follows no word."""
    classes = b"  " + text.encode("ascii").translate(_CLASSES)
    return classes.count(b" a") + classes.count(b" .a") + classes.count(b"..a")


def _newest_first(entries: list[Entry]) -> list[Entry]:
    """By date where every entry has one; else the feed's own order is the better witness."""
    if all(entry.published for entry in entries):
        return sorted(entries, key=lambda entry: entry.published or entry.seen, reverse=True)
    return entries


def _distinct(entries: Iterable[Entry]) -> list[Entry]:
    """One entry a guid: the first, which is the newest."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.id, entry)
    return list(found.values())


def _title(text: str | None) -> str:
    return shorten(text_of(text or ""), _LONGEST_TITLE)


def _line(text: str | None, longest: int) -> str | None:
    """On one line, without control characters; empty is None."""
    plain = one_line(text if text and text.isprintable() else _NO_LINE.sub(" ", text or ""))
    return plain[:longest] or None


def _tags(categories: Iterable[str]) -> tuple[str, ...]:
    names = (_line(text_of(category), _LONGEST_NAME) for category in categories)
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_TAGS]


def _language(text: str | None) -> str | None:
    """As BCP 47 writes it: zh-CN, zh-Hant-TW, en; None for what is no language."""
    found = _LANGUAGE.fullmatch((text or "").strip().replace("_", "-"))
    if found is None:
        return None
    parts = found[2].split("-")[1:]
    return "-".join([found[1].lower(), *(_subtag(part) for part in parts)])


def _subtag(part: str) -> str:
    if len(part) == _REGION_LENGTH:
        return part.upper()
    return part.title() if len(part) == _SCRIPT_LENGTH and part.isalpha() else part.lower()


def _fingerprint(item: Item) -> str:
    """For an item without guid and link: what it says is what it is."""
    said = "\0".join((item.title or "", item.content or item.summary or "", item.published or ""))
    return "text:" + blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()
