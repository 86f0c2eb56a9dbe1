"""How well entries are grouped into stories, in the order of the file, one after another.

    python benchmarks/stories.py FOLDER [OTHERS...] [--worst] [--shuffle N]

FOLDER holds *stories.jsonl.gz with title, text or summary, and cluster, and may hold *pairs.jsonl.gz of sentences with
a label. OTHERS are .jsonl.gz of titles (and summaries) that have nothing to do with each other or with them: as many as
there are entries are mixed in, each a story of its own. Without them, joining everything pays too well. Some of any
thousand headlines do tell the same event, so that the share of "others" that join has a floor of one or two hundredths.
Dates are ignored: every entry falls into one window, which is harder than life.

The figures of the labelled entries alone are told, and their spread over random halves of the clusters. Series and
templates of our own (numbers of a briefing, episodes, magnitudes, cases) must not join at all.
"""

import argparse
import gzip
import json
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.curate.likeness import alike
from aggregator.curate.measure import Score, grouping, measure
from aggregator.curate.stories import StoryIndex
from aggregator.model import Entry

NOW = datetime(2020, 5, 14, tzinfo=UTC)
OWN = Path(__file__).parent.parent / "tests" / "data" / "zh_stories.jsonl"
MANY = 5
"""Members from which on a cluster says something of how scattered it is."""

Labelled = list[tuple[Entry, str]]
Placed = dict[str, str]

SERIES = (
    "Daily briefing for {day} May: {topic}",
    "Magnitude {day}.{few} quake shakes {place}",
    "Episode {day}: {topic}",
    "{place} reports {many} new cases on {week}",
    "Live: {place} markets, {week} {day} May",
    "5月{day}日疫情通报：新增确诊{many}例",
    "河谷夜话第{day}期",
    "{zh}发生{few}.{day}级地震",
    "早报5月{day}日",
)


def rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def entries(found: Iterable[dict[str, Any]], prefix: str) -> Labelled:
    return [
        (
            Entry(
                id=f"{prefix}{number:05}",
                source=str(row.get("source", "")),
                guid=str(number),
                url=None,
                canonical_url=None,
                title=row["title"],
                summary=(row.get("text") or row.get("summary") or "")[:600],
                seen=NOW,
            ),
            str(row.get("cluster", f"{prefix}{number}")),
        )
        for number, row in enumerate(found)
    ]


def mixed(found: Labelled, others: list[dict[str, Any]]) -> Labelled:
    """The labelled in their own order, with others in between at places that are always the same."""
    draw = random.Random(1)
    unrelated = entries(draw.sample(others, min(len(found), len(others))), "x")
    places = sorted(draw.sample(range(len(found) + len(unrelated)), len(unrelated)))
    result = list(found)
    for place, other in zip(places, unrelated, strict=True):
        result.insert(place, other)
    return result


def group(found: Labelled) -> Placed:
    index = StoryIndex(timedelta(days=3))
    placed: Placed = {}
    for entry, _ in found:
        spot = index.place(entry)
        placed[entry.id] = spot.story.value if spot.story else f"s{entry.id}"
        index.add(placed[entry.id], entry, near=spot.near)
    return placed


def told(score: Score) -> str:
    return f"P {score.precision:.3f} R {score.recall:.3f} F {score.f1:.3f}"


def judged(found: Labelled, placed: Placed) -> list[tuple[str, str]]:
    return [(cluster, placed[entry.id]) for entry, cluster in found if not entry.id.startswith("x")]


def report(name: str, found: Labelled) -> Placed:
    start = time.process_time()
    placed = group(found)
    spent = time.process_time() - start
    pairs = judged(found, placed)
    sizes = Counter(placed.values())
    others = [sizes[placed[entry.id]] > 1 for entry, _ in found if entry.id.startswith("x")]
    print(
        f"{name}: {len(found)} entries; B3 {told(grouping(pairs).b_cubed)}; "
        f"pairs {told(grouping(pairs).pairwise)}; "
        f"{len(found) / spent:.0f} entries/s"
        + (f"; {sum(others) / len(others):.3f} of the unrelated joined" if others else "")
    )
    return placed


def halves(found: Labelled, draws: int = 10) -> str:
    """B-cubed F of random halves of the clusters, each grouped by itself."""
    clusters = sorted({cluster for _, cluster in found})
    figures = []
    for seed in range(draws):
        half = set(random.Random(seed).sample(clusters, len(clusters) // 2))
        part = [(entry, cluster) for entry, cluster in found if cluster in half]
        figures.append(grouping(judged(part, group(part))).b_cubed.f1)
    return (
        f"{statistics.mean(figures):.3f} ± {statistics.stdev(figures):.3f} ({min(figures):.3f} to {max(figures):.3f})"
    )


def shuffled(found: Labelled, draws: int) -> str:
    figures = []
    for seed in range(draws):
        order = list(found)
        random.Random(seed).shuffle(order)
        figures.append(grouping(judged(order, group(order))).b_cubed.f1)
    return ", ".join(f"{figure:.3f}" for figure in figures)


def worst(found: Labelled, placed: Placed, most: int = 5) -> None:
    """The stories that hold most of what does not belong to them, and the clusters that are scattered most."""
    stories: dict[str, Counter[str]] = defaultdict(Counter)
    clusters: dict[str, Counter[str]] = defaultdict(Counter)
    titles: dict[tuple[str, str], str] = {}
    for entry, cluster in found:
        stories[placed[entry.id]][cluster] += 1
        clusters[cluster][placed[entry.id]] += 1
        titles.setdefault((cluster, placed[entry.id]), entry.title[:60])
    wrong = sorted(stories, key=lambda story: stories[story].most_common(1)[0][1] - stories[story].total())[:most]
    for story in wrong:
        (main, many), *rest = stories[story].most_common(2)
        if rest:
            print(
                f"  joined    | {many} + {stories[story].total() - many} | {titles[main, story]} | {titles[rest[0][0], story]}"
            )
    scattered = sorted(clusters, key=lambda one: clusters[one].most_common(1)[0][1] - clusters[one].total())[:most]
    for cluster in scattered:
        (main, many), *rest = clusters[cluster].most_common(2)
        if rest:
            parts = len(clusters[cluster])
            print(
                f"  scattered | {many} of {clusters[cluster].total()}, {parts} parts | {titles[cluster, main]}"
                f" | {titles[cluster, rest[0][0]]}"
            )


def series() -> None:
    """Numbers of a series, one a day and from one source: none may join another."""
    draw = random.Random(3)
    places, zh = ("Hualien", "Qinghai", "Yunnan"), ("花莲", "青海", "云南")
    weeks = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    made = [
        template.format(
            day=day,
            few=draw.randint(4, 7),
            many=draw.randint(20, 900),
            week=weeks[day % 5],
            place=places[number % 3],
            zh=zh[number % 3],
            topic=("floods", "trade", "schools", "rivers", "ports")[day % 5],
        )
        for number, template in enumerate(SERIES)
        for day in range(1, 10)
    ]
    found = entries([{"title": title} for title in made], "n")
    placed = group(found)
    sizes = Counter(placed.values())
    print(f"series: {sum(sizes[story] > 1 for story in placed.values())} of {len(made)} numbers joined")


def sentences(file: Path) -> None:
    found = rows(file)
    pairs = [(bool(row["label"]), alike(row["a"], row["b"])[1]) for row in found if "a" in row and "label" in row]
    if pairs and all(row["label"] in {0, 1} for row in found):
        measured = measure([(str(same), str(guess)) for same, guess in pairs])
        row = measured.rows["True"]
        score = Score(row["precision"], row["recall"], row["f1"])
        print(f"{file.name}: {len(pairs)} pairs; {told(score)}; accuracy {measured.accuracy:.3f}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("others", type=Path, nargs="*")
    parser.add_argument("--worst", action="store_true")
    parser.add_argument("--shuffle", type=int, default=0, metavar="N")
    asked = parser.parse_args(arguments)
    series()
    others = [row for file in asked.others for row in rows(file)]
    for file in (OWN, *sorted(asked.folder.glob("*stories.jsonl.gz"))):
        found = entries(rows(file), "e")
        placed = report(file.name, found)
        if others:
            report("  among others", mixed(found, others))
        print(f"  random halves: F {halves(found)}")
        if asked.shuffle:
            print(f"  shuffled: F {shuffled(found, asked.shuffle)}")
        if asked.worst:
            worst(found, placed)
    for file in sorted(asked.folder.glob("*pairs*.jsonl.gz")):
        sentences(file)


if __name__ == "__main__":
    main()
