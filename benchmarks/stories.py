"""How well entries are grouped into stories: B-cubed on labelled collections, in the order of the file.

    python benchmarks/stories.py FOLDER      FOLDER holds *.jsonl.gz with title, text or summary, and cluster

Dates are ignored: every entry falls into one window, which is harder than life.
"""

import gzip
import json
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.curate.stories import StoryIndex
from aggregator.model import Entry

NOW = datetime(2020, 5, 14, tzinfo=UTC)


def entries(file: Path) -> list[tuple[Entry, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        (
            Entry(
                id=f"e{number:05}",
                source=str(row.get("source", "")),
                guid=str(number),
                url=None,
                canonical_url=None,
                title=row["title"],
                summary=(row.get("text") or row.get("summary") or "")[:600],
                seen=NOW,
            ),
            str(row["cluster"]),
        )
        for number, row in enumerate(rows)
    ]


def group(found: list[tuple[Entry, str]]) -> dict[str, str]:
    index = StoryIndex(timedelta(days=3))
    placed: dict[str, str] = {}
    for entry, _ in found:
        choice = index.place(entry)
        placed[entry.id] = choice.value if choice else f"s{entry.id}"
        index.add(placed[entry.id], entry)
    return placed


def b_cubed(found: list[tuple[Entry, str]], placed: dict[str, str]) -> tuple[float, float, float]:
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


def main() -> None:
    for file in sorted(Path(sys.argv[1]).glob("*stories.jsonl.gz")):
        found = entries(file)
        start = time.process_time()
        placed = group(found)
        spent = time.process_time() - start
        precision, recall, f1 = b_cubed(found, placed)
        print(
            f"{file.name}: {len(found)} entries, {len(set(placed.values()))} stories for {len({c for _, c in found})}; "
            f"B3 precision {precision:.3f}, recall {recall:.3f}, F {f1:.3f}; {1000 * spent / len(found):.2f} ms an entry"
        )


if __name__ == "__main__":
    main()
