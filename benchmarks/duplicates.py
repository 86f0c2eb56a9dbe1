"""How well the same article is known again, and what only looks like it is not: English and Chinese apart.

    python benchmarks/duplicates.py FOLDER_OF_CORPORA [DRAWS] [--seed N] [--all]

FOLDER_OF_CORPORA holds real-feeds and zh-analysis-items. Of their articles pairs are made in each of DRAWS: the same
article as feeds have it again (variants.py), and as many lookalikes (lookalikes.py, and the nearest neighbours of one
site). All texts of a draw and all other articles go one by one, in a random order, into one index with lists as short
as the store's: a copy counts as found only if its keys or its sketch lead to the original. Every wrong merge counts,
also one with a text of another pair. --all shows all errors, with their texts.
"""

import argparse
import heapq
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from articles import articles, neighbours
from lookalikes import lookalike
from phrases import CHINESE, ENGLISH, Phrases
from variants import Pair, copy_of

from aggregator.curate.dedup import choose, compare, keys
from aggregator.curate.shingles import sketch, text_of
from aggregator.model import Choice, Entry

POSTINGS = 64
"""Entries that are remembered of each sample: the newest."""
BY_KEY = 8
CANDIDATES = 10
"""Entries that share the most samples are compared."""
SHOWN = 10

Error = tuple[float, str, Entry, Entry, str]


@dataclass(slots=True)
class Index:
    """What the store keeps."""

    by_key: dict[tuple[str, str], deque[Entry]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=BY_KEY))
    )
    by_sample: dict[int, deque[Entry]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=POSTINGS)))

    def candidates(self, entry: Entry) -> list[Entry]:
        shared: Counter[str] = Counter()
        there: dict[str, Entry] = {}
        for sample in sketch(text_of(entry)):
            for other in self.by_sample.get(sample, ()):
                shared[other.id] += 1
                there[other.id] = other
        found = {id_: there[id_] for id_ in heapq.nsmallest(CANDIDATES, shared, key=lambda id_: (-shared[id_], id_))}
        found |= {other.id: other for key in keys(entry) for other in self.by_key.get(key, ())}
        return list(found.values())

    def add(self, entry: Entry) -> None:
        for key in keys(entry):
            self.by_key[key].append(entry)
        for sample in sketch(text_of(entry)):
            self.by_sample[sample].append(entry)


@dataclass(slots=True)
class Tally:
    """`by_kind`: kind -> how many were judged rightly, of how many. `real`: merges of articles as they were found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    reached: int = 0
    by_kind: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    errors: list[Error] = field(default_factory=list)
    real: list[Error] = field(default_factory=list)
    texts: int = 0
    compared: int = 0
    seconds: float = 0.0

    def count(self, pair: Pair, *, merged: bool) -> None:
        for kind in pair.kinds:
            counts = self.by_kind[kind if pair.same else f"not: {kind}"]
            counts[0] += merged is pair.same
            counts[1] += 1


def draws(found: list[Entry], phrases: Phrases, draw: random.Random) -> list[Pair]:
    """As many copies as lookalikes; of the latter a fifth are neighbours as they were found."""
    many = len(found) // 4
    near = neighbours(found, many // 5)
    used = {id_ for pair in near for id_ in pair.of}
    rest = draw.sample([entry for entry in found if entry.id not in used], 3 * many - 2 * len(near))
    by_site = sorted(rest[many:], key=lambda entry: entry.source)
    two_by_two = zip(by_site[::2], by_site[1::2], strict=False)
    copies = [copy_of(draw, base, phrases) for base in rest[:many]]
    return [*copies, *near, *(lookalike(draw, pair, phrases) for pair in two_by_two)]


def measure(tally: Tally, found: list[Entry], phrases: Phrases, draw: random.Random) -> list[Pair]:
    pairs = draws(found, phrases, draw)
    used = {id_ for pair in pairs for id_ in pair.of}
    entries = [entry for entry in found if entry.id not in used]
    entries += [entry for pair in pairs for entry in (pair.one, pair.other)]
    draw.shuffle(entries)
    index = Index()
    answers: dict[str, Choice | None] = {}
    offered: dict[str, set[str]] = {}
    start = time.process_time()
    for entry in entries:
        candidates = index.candidates(entry)
        answers[entry.id] = choose(entry, candidates)
        offered[entry.id] = {other.id for other in candidates}
        index.add(entry)
    tally.seconds += time.process_time() - start
    tally.texts += len(entries)
    tally.compared += sum(map(len, offered.values()))
    judge(tally, pairs, {entry.id: entry for entry in entries}, answers, offered)
    return pairs


def judge(
    tally: Tally,
    pairs: Sequence[Pair],
    entries: dict[str, Entry],
    answers: dict[str, Choice | None],
    offered: dict[str, set[str]],
) -> None:
    pair_of = {entry.id: pair for pair in pairs for entry in (pair.one, pair.other)}
    said = {id_: choice for id_, choice in answers.items() if choice is not None}
    for pair in pairs:
        ids = (pair.one.id, pair.other.id)
        merged = any(id_ in said and said[id_].value in ids for id_ in ids)
        reached = pair.one.id in offered[pair.other.id] or pair.other.id in offered[pair.one.id]
        tally.count(pair, merged=merged)
        tally.right += merged and pair.same
        tally.missed += pair.same and not merged
        tally.reached += pair.same and reached
        if pair.same and not merged:
            share = compare(text_of(pair.one), text_of(pair.other)).share
            told = f"missed{'' if reached else ', no candidate'} ({', '.join(pair.kinds)})"
            tally.errors.append((1 - share, told, pair.one, pair.other, ""))
    for id_, choice in said.items():
        mine, theirs = pair_of.get(id_), pair_of.get(choice.value)
        if mine is not None and mine is theirs and mine.same:
            continue
        kinds = ", ".join(mine.kinds) if mine else "as it was found"
        error = (2.0, f"wrong ({kinds})", entries[id_], entries[choice.value], choice.reason)
        if mine is None and theirs is None:
            tally.real.append(error)
        else:
            tally.wrong += 1
            tally.errors.append(error)


def baseline(pairs: Sequence[Pair]) -> tuple[int, int, int]:
    """Right, wrong and missed by the same headline or a Jaccard similarity of the shingles from 0.7 on; each pair is
    offered, and nothing else.
    """
    right = wrong = missed = 0
    for pair in pairs:
        one, other = text_of(pair.one), text_of(pair.other)
        both = len(one.shingles & other.shingles)
        says = one.title.letters == other.title.letters or both >= 0.7 * max(1, len(one.shingles | other.shingles))
        right += says and pair.same
        wrong += says and not pair.same
        missed += pair.same and not says
    return right, wrong, missed


def rates(right: int, wrong: int, missed: int) -> str:
    return f"precision {right / max(1, right + wrong):.4f} ({wrong} wrong), recall {right / max(1, right + missed):.4f} ({missed} missed)"


def speed(entries: Sequence[Entry]) -> str:
    prepare = text_of.__wrapped__
    start = time.process_time()
    for entry in entries:
        sketch(prepare(entry))
    prepared = 1e6 * (time.process_time() - start) / len(entries)
    words = sum(len(prepare(entry).words) for entry in entries) / len(entries)
    texts = [prepare(entry) for entry in entries[:500]]
    start = time.process_time()
    for one, other in pairwise(texts):
        compare(one, other)
    compared = 1e6 * (time.process_time() - start) / len(texts)
    return f"prepared and sketched in {prepared:.0f} µs (of {words:.0f} words or characters), compared in {compared:.0f} µs"


def report(found: list[Entry], phrases: Phrases, options: argparse.Namespace) -> None:
    tally, plain = Tally(), [0, 0, 0]
    for number in range(options.draws):
        pairs = measure(tally, found, phrases, random.Random(f"{options.seed} {number}"))
        plain = [one + other for one, other in zip(plain, baseline(pairs), strict=True)]
    copies = tally.right + tally.missed
    print(
        f"\n{phrases.language}: {len(found)} articles; {copies} copies and as many lookalikes in {options.draws} draws"
    )
    print(f"  {rates(tally.right, tally.wrong, tally.missed)}; candidates reach {tally.reached / copies:.4f}")
    print(f"  baseline (same headline, or Jaccard from 0.7): {rates(*plain)}")
    print(f"  {tally.texts / tally.seconds:.0f} texts a second, {tally.compared / tally.texts:.1f} candidates each")
    print(f"  a text is {speed(found)}")
    for kind, (right, of) in sorted(tally.by_kind.items(), key=lambda pair: (pair[0].startswith("not:"), pair[0])):
        print(f"    {kind:<24} {right:5} of {of:5}  {right / of:.3f}")
    show("articles, as they were found, that were merged (to be looked at)", tally.real, options)
    show("the worst errors", tally.errors, options)


def show(what: str, errors: Sequence[Error], options: argparse.Namespace) -> None:
    print(f"  {what}: {len(errors)}")
    for _, told, one, other, reason in heapq.nlargest(
        len(errors) if options.all else SHOWN, errors, key=lambda error: error[0]
    ):
        print(f"    {told}: {one.title[:50]!r} / {other.title[:50]!r} {reason[:160]}")
        if options.all:
            for entry in (one, other):
                print(f"      {entry.source}: {' '.join(text_of(entry).words)[:240]}")
            print(f"      {compare(text_of(one), text_of(other))}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("draws", type=int, nargs="?", default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    found = articles(options.folder)
    for phrases in (ENGLISH, CHINESE):
        report(found[phrases.language], phrases, options)


if __name__ == "__main__":
    main()
