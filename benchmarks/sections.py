"""How often each kind of evidence says what kind of text an entry is, and how often it is right.

    python benchmarks/sections.py CORPORA [--show N]

real-feeds: how many entries each kind of evidence speaks of, and for how many it decides; --show prints N of each, to be
judged by eye. classification: which share of headlines bears a mark; and on nyt_homepage_sections precision, recall and F1
of opinion by marks in titles and by address, apart: the address there says the answer, and headlines of opinion hardly
differ from others. zh-analysis-items: essays, of which what decides by style is no news.
"""

import argparse
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.collect.normalise import count_words, normalise
from aggregator.collect.parse import parse
from aggregator.config import DEFAULT_SECTIONS, Source
from aggregator.curate.marks import TitleMarks
from aggregator.curate.measure import measure
from aggregator.curate.sections import Sections
from aggregator.curate.text import plain
from aggregator.errors import ParseError
from aggregator.model import Entry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECTIONS = Sections(DEFAULT_SECTIONS, "briefings")
MARKS = TitleMarks((section.slug, mark) for section in DEFAULT_SECTIONS for mark in section.titles)
NOTHING = Entry(id="x", source="x", guid="x", url=None, canonical_url=None, title="", seen=NOW)


def rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def real_feeds(folder: Path) -> Iterator[Entry]:
    for row in rows(folder / "index.jsonl.gz"):
        source = Source(name="corpus", url=f"https://{row['site']}/feed")
        try:
            feed = parse((folder / "files" / row["file"]).read_bytes(), None, source.url)
        except ParseError:
            continue
        yield from normalise(source, feed, source.url, NOW).entries


def on_real_feeds(folder: Path, shown: int) -> None:
    spoke: Counter[str] = Counter()
    decided: dict[str, list[str]] = defaultdict(list)
    for entry in real_feeds(folder):
        evidence = list(SECTIONS.evidence(entry, None))
        spoke.update(kind for kind, _ in evidence)
        kind, choice = evidence[0]
        decided[kind].append(f"{choice.value}: {entry.title[:70]} [{choice.reason[:60]}]")
    print(f"real-feeds: {spoke['news']} entries")
    for kind, found in decided.items():
        print(f"  {kind:8} speaks of {spoke[kind]:5}, decides {len(found):5}")
        for line in random.Random(4).sample(found, min(shown, len(found)) if kind != "news" else 0):
            print("     ", line)


def on_headlines(folder: Path, shown: int) -> None:
    for file in sorted(folder.glob("*.jsonl.gz")):
        titles = [row["title"] for row in rows(file)]
        found = [(mark, title) for title in titles if (mark := MARKS.find(title))]
        sections = Counter(slug for (slug, _), _ in found)
        print(f"{file.name.partition('.')[0]}: {len(titles)} headlines, {len(found)} bear a mark {dict(sections)}")
        for (slug, mark), title in random.Random(4).sample(found, min(shown, len(found))):
            print(f"     {slug}: {title[:70]} [{mark}]")


def on_opinion(file: Path) -> None:
    every = list(rows(file))
    for name, kind in (("titles", "title"), ("address", "url")):
        guesses = [SECTIONS.choose(replace(NOTHING, **{kind: row[kind]}), None).value for row in every]
        pairs = [
            ("opinion" if row["opinion"] else "other", "opinion" if guess == "perspectives" else "other")
            for row, guess in zip(every, guesses, strict=True)
        ]
        found = measure(pairs).rows["opinion"]
        figures = ", ".join(f"{figure} {found[figure]:.3f}" for figure in ("precision", "recall", "f1"))
        print(f"opinion by {name}: {figures}")


def on_essays(file: Path) -> None:
    found: Counter[str] = Counter()
    for row in rows(file):
        words = count_words(plain(row["html"]))
        entry = replace(NOTHING, title=row["title"], content=row["html"], author=row["author"], words=words)
        found.update([next((f"{kind} {choice.value}" for kind, choice in SECTIONS.evidence(entry, None)), "")])
    print(f"{file.name.partition('.')[0]}:", dict(found.most_common()))


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("corpora", type=Path)
    wanted.add_argument("--show", type=int, default=0)
    given = wanted.parse_args()
    on_real_feeds(given.corpora / "real-feeds", given.show)
    on_headlines(given.corpora / "classification", given.show)
    on_opinion(given.corpora / "classification" / "nyt_homepage_sections.jsonl.gz")
    on_essays(given.corpora / "zh-analysis-items" / "oped2_zh_items.jsonl.gz")


if __name__ == "__main__":
    main()
