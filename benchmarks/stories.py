"""How well entries are grouped into stories: B-cubed on labelled collections, in the order of the file.

    python benchmarks/stories.py FOLDER [OTHERS]

FOLDER holds *stories.jsonl.gz with title, text or summary, and cluster. OTHERS is a .jsonl.gz of titles (and
summaries) that have nothing to do with each other or with them: as many as there are entries are mixed in, each a
story of its own. Without them, joining everything pays too well. Dates are ignored: every entry falls into one window,
which is harder than life.
"""

import gzip
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.curate.stories import StoryIndex
from aggregator.model import Entry

NOW = datetime(2020, 5, 14, tzinfo=UTC)


Labelled = list[tuple[Entry, str]]


def rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
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


def group(found: Labelled) -> dict[str, str]:
    index = StoryIndex(timedelta(days=3))
    placed: dict[str, str] = {}
    for entry, _ in found:
        spot = index.place(entry)
        placed[entry.id] = spot.story.value if spot.story else f"s{entry.id}"
        index.add(placed[entry.id], entry, near=spot.near)
    return placed


def b_cubed(found: Labelled, placed: dict[str, str]) -> tuple[float, float, float]:
    right, ours = defaultdict(set), defaultdict(set)
    for entry, cluster in found:
        right[cluster].add(entry.id)
        ours[placed[entry.id]].add(entry.id)
    precision = recall = 0.0
    for entry, cluster in found:
        both = len(right[cluster] & ours[placed[entry.id]])
        precision += both / len(ours[placed[entry.id]])
        recall += both / len(right[cluster])
    precision, recall = precision / len(found), recall / len(found)
    return precision, recall, 2 * precision * recall / (precision + recall)


def report(name: str, found: Labelled) -> None:
    start = time.process_time()
    placed = group(found)
    spent = time.process_time() - start
    told, right = len(set(placed.values())), len({cluster for _, cluster in found})
    precision, recall, f1 = b_cubed(found, placed)
    sizes = Counter(placed.values())
    others = [sizes[placed[entry.id]] > 1 for entry, _ in found if entry.id.startswith("x")]
    print(
        f"{name}: {len(found)} entries, {told} stories for {right}; "
        f"B3 precision {precision:.3f}, recall {recall:.3f}, F {f1:.3f}; {1000 * spent / len(found):.2f} ms an entry"
        + (f"; {sum(others) / len(others):.3f} of the unrelated joined" if others else "")
    )


def main() -> None:
    others = rows(Path(sys.argv[2])) if len(sys.argv) > 2 else []
    for file in sorted(Path(sys.argv[1]).glob("*stories.jsonl.gz")):
        found = entries(rows(file), "e")
        report(file.name, found)
        if others:
            report(f"{file.name} among others", mixed(found, others))


if __name__ == "__main__":
    main()
