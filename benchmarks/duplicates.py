"""How well the same article is known again, and what only looks like it is not: English and Chinese apart.

    python benchmarks/duplicates.py FOLDER_OF_CORPORA [ROUNDS] [--seed N] [--all]

FOLDER_OF_CORPORA holds real-feeds and zh-analysis-items. Of their entries pairs are made (variants.py): the same
article as feeds have it again, and as many lookalikes, in ROUNDS draws. All texts of a draw go one by one, in a random
order, into one index of the size that the store keeps: a copy counts as found only if its keys or its sketch lead to
the original. Every wrong merge counts, also one with a text of another pair. --all shows every error.
"""

import argparse
import gzip
import heapq
import json
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from variants import Pair, draft, is_chinese, pairs

from aggregator.collect.normalise import Label, normalise
from aggregator.collect.parse import parse
from aggregator.curate.dedup import choose, compare, keys
from aggregator.curate.headlines import headlines, width
from aggregator.curate.shingles import sketch, text_of
from aggregator.curate.text import fold
from aggregator.errors import ParseError
from aggregator.model import Entry, Feed, Item

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POSTINGS = 64
CANDIDATES = 10
BY_KEY = 8
LEAST = 60
"""The width of headline and text from which on a person could tell an article by them."""
LEAST_BODY = 60


def real_feeds(folder: Path) -> Iterator[Entry]:
    with gzip.open(folder / "index.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        try:
            feed = parse((folder / "files" / row["file"]).read_bytes(), None, "https://site.example/feed")
        except ParseError:
            continue
        site = str(row["site"])
        yield from normalise(Label(site, None, None), feed, f"https://{site}/feed", NOW).entries


def analyses(folder: Path) -> Iterator[Entry]:
    with gzip.open(folder / "oped2_zh_items.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        item = Item(guid=row["id"], url=row["link"], title=row["title"], content=row["html"], published=row["date"])
        feed = Feed(format="rss20", items=(item,))
        yield from normalise(Label(row["source"], None, None), feed, "https://site.example/feed", NOW).entries


def bases(folder: Path) -> dict[str, list[Entry]]:
    """By language; each article once, as far as its address, headline and text tell: some sites have several feeds, and
    some take over what others wrote.
    """
    found: dict[str, list[Entry]] = {"English": [], "Chinese": []}
    known: set[str] = set()
    told: set[str] = set()
    for entry in [*real_feeds(folder / "real-feeds"), *analyses(folder / "zh-analysis-items")]:
        body = draft(entry).body
        names = {name for name in (entry.canonical_url, body if width(body) > LEAST else None) if name}
        names |= {title.letters for title in headlines(fold(entry.title)) if title.width > LEAST / 2}
        passages = {body[place : place + 16] for place in range(64, min(len(body), 480) - 16)}
        taken = len(passages & told) > len(passages) / 2
        if (
            not taken
            and known.isdisjoint(names)
            and width(entry.title) + width(body) >= LEAST
            and width(body) >= LEAST_BODY
        ):
            if is_chinese(entry):
                found["Chinese"].append(entry)
            elif entry.title.isascii() and (entry.language or "en").startswith("en"):
                found["English"].append(entry)
        known |= names
        told |= passages
    return found


@dataclass(slots=True)
class Index:
    """What the store keeps: the newest entries of each key and of each sample."""

    by_key: dict[tuple[str, str], deque[Entry]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=BY_KEY))
    )
    by_sample: dict[int, deque[Entry]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=POSTINGS)))
    compared: int = 0

    def candidates(self, entry: Entry) -> list[Entry]:
        shared: Counter[str] = Counter()
        there: dict[str, Entry] = {}
        for sample in sketch(text_of(entry)):
            for other in self.by_sample.get(sample, ()):
                shared[other.id] += 1
                there[other.id] = other
        best = heapq.nsmallest(CANDIDATES, shared, key=lambda id_: (-shared[id_], id_))
        found = {id_: there[id_] for id_ in best}
        found |= {other.id: other for key in keys(entry) for other in self.by_key.get(key, ())}
        self.compared += len(found)
        return list(found.values())

    def add(self, entry: Entry) -> None:
        for key in keys(entry):
            self.by_key[key].append(entry)
        for sample in sketch(text_of(entry)):
            self.by_sample[sample].append(entry)


@dataclass(slots=True)
class Tally:
    """`right`, `wrong`, `missed` merges; `by_kind`: kind -> [right, of so many]."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    by_kind: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    errors: list[tuple[float, str, Entry, Entry, str]] = field(default_factory=list)
    real: list[tuple[Entry, Entry, str]] = field(default_factory=list)
    retrieved: int = 0
    texts: int = 0
    seconds: float = 0.0
    compared: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def measure(tally: Tally, found: list[Pair], others: list[Entry], draw: random.Random) -> None:
    entries = [*others, *(entry for pair in found for entry in (pair.one, pair.other))]
    draw.shuffle(entries)
    index, answers, offered = Index(), {}, {}
    start = time.process_time()
    for entry in entries:
        candidates = index.candidates(entry)
        choice = choose(entry, candidates)
        answers[entry.id], offered[entry.id] = choice, {other.id for other in candidates}
        index.add(entry)
    tally.seconds += time.process_time() - start
    tally.texts += len(entries)
    tally.compared += index.compared
    by_id = {entry.id: entry for entry in entries}
    pair_of = {entry.id: pair for pair in found for entry in (pair.one, pair.other)}
    for pair in found:
        hit = any(
            (choice := answers[entry.id]) is not None and choice.value in {pair.one.id, pair.other.id}
            for entry in (pair.one, pair.other)
        )
        for kind in pair.kinds:
            tally.by_kind[kind if pair.same else f"no: {kind}"][0] += hit if pair.same else not hit
            tally.by_kind[kind if pair.same else f"no: {kind}"][1] += 1
        share = compare(text_of(pair.one), text_of(pair.other)).share
        if pair.same:
            tally.right += hit
            tally.missed += not hit
            reachable = pair.one.id in offered[pair.other.id] or pair.other.id in offered[pair.one.id]
            tally.retrieved += reachable
            if not hit:
                told = "missed" if reachable else "missed, no candidate"
                tally.errors.append((1 - share, f"{told} ({', '.join(pair.kinds)})", pair.one, pair.other, ""))
    for id_, choice in answers.items():
        if choice is None:
            continue
        pair = pair_of.get(id_)
        if pair is not None and pair.same and choice.value in {pair.one.id, pair.other.id}:
            continue
        if pair is None and choice.value not in pair_of:
            tally.real.append((by_id[id_], by_id[choice.value], choice.reason))
            continue
        tally.wrong += 1
        kinds = ", ".join(pair.kinds) if pair else "a real text"
        tally.errors.append((2.0, f"wrong ({kinds})", by_id[id_], by_id[choice.value], choice.reason))


def baseline(found: list[Pair]) -> tuple[float, float]:
    """The same title or half... Jaccard of shingles from 0.7 on, for the pairs as they are."""
    right = wrong = missed = 0
    for pair in found:
        one, other = text_of(pair.one), text_of(pair.other)
        both = len(one.shingles & other.shingles)
        says = one.title.letters == other.title.letters or both >= 0.7 * max(1, len(one.shingles | other.shingles))
        right += says and pair.same
        wrong += says and not pair.same
        missed += pair.same and not says
    return right / max(1, right + wrong), right / max(1, right + missed)


def speed(entries: list[Entry]) -> None:
    prepare = text_of.__wrapped__
    start = time.process_time()
    for entry in entries:
        sketch(prepare(entry))
    spent = time.process_time() - start
    words = sum(min(len(text_of(entry).words), 400) for entry in entries) / len(entries)
    print(
        f"  prepared and sketched: {1e6 * spent / len(entries):.0f} us a text of {words:.0f} words looked at", end="; "
    )
    texts = [prepare(entry) for entry in entries[:400]]
    start = time.process_time()
    for one, other in zip(texts, texts[1:], strict=False):
        compare(one, other)
    print(f"compared: {1e6 * (time.process_time() - start) / len(texts):.0f} us")


def report(language: str, found: list[Entry], options: argparse.Namespace) -> None:
    tally, base = Tally(), []
    for number in range(options.rounds):
        draw = random.Random(f"{options.seed} {number}")
        made = pairs(draw, found, len(found) // 4, zh=language == "Chinese")
        used = {id_ for pair in made for id_ in pair.of}
        measure(tally, made, [entry for entry in found if entry.id not in used], draw)
        base.append(baseline(made))
    print(
        f"\n{language}: {len(found)} articles, {tally.right + tally.missed} copies and as many lookalikes in {options.rounds} draws"
    )
    print(
        f"  precision {tally.precision:.4f} ({tally.wrong} wrong), recall {tally.recall:.4f} ({tally.missed} missed), candidates reach {tally.retrieved / (tally.right + tally.missed):.4f}"
    )
    print(
        f"  baseline (same headline, or Jaccard from 0.7): precision {sum(one for one, _ in base) / len(base):.4f}, recall {sum(two for _, two in base) / len(base):.4f}"
    )
    print(
        f"  {tally.texts / tally.seconds:.0f} texts a second, index and all; {tally.compared / tally.texts:.1f} candidates a text"
    )
    speed(found)
    for kind, (right, of) in sorted(tally.by_kind.items(), key=lambda pair: (pair[0].startswith("no:"), pair[0])):
        print(f"    {kind:<24} {right:5} of {of:5}  {right / of:.3f}")
    print(f"  real items merged with each other: {len(tally.real)}")
    for one, other, reason in tally.real[: None if options.all else 0]:
        print(
            f"    {one.source}: {one.title[:60]!r} / {other.source}: {other.title[:60]!r}\n      {one.url} {other.url} {reason[:200]}"
        )
    print("  the worst errors:")
    for _, what, one, other, reason in heapq.nlargest(
        10_000 if options.all else 10, tally.errors, key=lambda error: error[0]
    ):
        print(f"    {what}: {one.title[:50]!r} / {other.title[:50]!r} {reason[:160]}")
        if options.all:
            print(
                f"        {one.source} {' '.join(text_of(one).words)[:240]}\n        {other.source} {' '.join(text_of(other).words)[:240]}\n       {compare(text_of(one), text_of(other))}"
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    for language, found in bases(options.folder).items():
        report(language, found, options)


if __name__ == "__main__":
    main()
