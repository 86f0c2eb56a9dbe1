"""Real articles, in English and in Chinese, each once: from the corpora real-feeds and zh-analysis-items."""

import gzip
import heapq
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from variants import Pair, draft

from aggregator.collect.normalise import Label, normalise
from aggregator.collect.parse import parse
from aggregator.curate.headlines import headlines, width
from aggregator.curate.text import HAN, fold
from aggregator.errors import ParseError
from aggregator.model import Entry, Feed, Item

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_LEAST = 60
"""The width of a text from which on it is one; half of it makes a headline an article's own."""
_PASSAGE = 16
_WORD = re.compile(rf"[{HAN}]|\w+")


def articles(folder: Path) -> dict[str, list[Entry]]:
    """By language, and each once as far as address, headline and text tell: some sites have several feeds, and some take
    over what others wrote.
    """
    found: dict[str, list[Entry]] = {"English": [], "Chinese": []}
    known: set[str] = set()
    for entry in [*_real_feeds(folder / "real-feeds"), *_analyses(folder / "zh-analysis-items")]:
        body = draft(entry).body
        names = {entry.canonical_url or entry.id, body}
        names |= {title.letters for title in headlines(fold(entry.title)) if title.width > _LEAST / 2}
        passages = {body[place : place + _PASSAGE] for place in range(64, min(len(body), 480) - _PASSAGE)}
        taken = len(passages & known) > len(passages) / 2
        if not taken and known.isdisjoint(names) and width(body) >= _LEAST:
            if len(re.findall(f"[{HAN}]", f"{entry.title}{body[:300]}")) > 100 or re.match(f"[{HAN}]", entry.title):
                found["Chinese"].append(entry)
            elif entry.title.isascii() and (entry.language or "en").startswith("en"):
                found["English"].append(entry)
        known |= names | passages
    return found


def neighbours(entries: Sequence[Entry], many: int) -> list[Pair]:
    """Different articles of one site that are nearest to each other by their words: each article once."""
    by_site: dict[str, list[tuple[Entry, set[str]]]] = defaultdict(list)
    for entry in entries:
        words = set(_WORD.findall(fold(f"{entry.title} {draft(entry).body[:600]}")))
        by_site[entry.source].append((entry, words))
    near = (
        (len(words & others) / len(words | others), one.id, other.id, one, other)
        for site in by_site.values()
        for (one, words), (other, others) in combinations(site, 2)
    )
    used: set[str] = set()
    pairs: list[Pair] = []
    for _, _, _, one, other in heapq.nlargest(20 * many, near, key=lambda pair: pair[:3]):
        if used.isdisjoint((one.id, other.id)) and len(pairs) < many:
            used |= {one.id, other.id}
            pairs.append(Pair(one, other, same=False, kinds=("neighbours",), of=(one.id, other.id)))
    return pairs


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        yield from map(json.loads, lines)


def _real_feeds(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "index.jsonl.gz"):
        try:
            feed = parse((folder / "files" / row["file"]).read_bytes(), None, "https://site.example/feed")
        except ParseError:
            continue
        site = str(row["site"])
        yield from normalise(Label(site, None, None), feed, f"https://{site}/feed", _NOW).entries


def _analyses(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "oped2_zh_items.jsonl.gz"):
        item = Item(guid=row["id"], url=row["link"], title=row["title"], content=row["html"], published=row["date"])
        feed = Feed(format="rss20", items=(item,))
        yield from normalise(Label(row["source"], None, None), feed, "https://site.example/feed", _NOW).entries
