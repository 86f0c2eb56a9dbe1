"""Figures for a classifier (accuracy, macro-F1, precision and recall of each category), and for the grouping of texts
into stories (B-cubed and pairwise precision and recall).
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import comb, fsum
from typing import Any, Protocol

from aggregator.curate.stories import Placed
from aggregator.model import Entry


@dataclass(frozen=True, slots=True)
class Measure:
    """`rows`: by category, n, precision, recall, f1, and for what its texts were most often mistaken."""

    n: int
    accuracy: float
    macro_f1: float
    rows: dict[str, dict[str, Any]]


def measure(pairs: Sequence[tuple[str, str]]) -> Measure:
    """`pairs`: (right label, given label). Macro-F1 is the mean over the labels that the texts bear."""
    right = Counter(label for label, _ in pairs)
    given = Counter(label for _, label in pairs)
    hits = Counter(label for label, guess in pairs if label == guess)
    confused = Counter(pair for pair in pairs if pair[0] != pair[1])
    rows = {
        label: _row(count, given[label], hits[label]) | {"mistaken_for": _mistaken(label, confused)}
        for label, count in sorted(right.items())
    }
    f1 = [row["f1"] for row in rows.values()]
    n = len(pairs)
    return Measure(n, hits.total() / n if n else 0.0, sum(f1) / len(f1) if f1 else 0.0, rows)


def _row(count: int, given: int, hits: int) -> dict[str, Any]:
    precision = hits / given if given else 0.0
    recall = hits / count
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"n": count, "precision": precision, "recall": recall, "f1": f1}


def _mistaken(label: str, confused: Counter[tuple[str, str]]) -> dict[str, int]:
    return {guess: count for (right, guess), count in confused.most_common() if right == label and count}


# --- stories ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Grouping:
    """`stories`: how many were made of `n` texts; `clusters`: how many would be right.

    `b_cubed` is the mean over the texts (Bagga and Baldwin 1998): of those in its story, how many belong there, and of
    those that belong there, how many are in it. `pairwise` counts pairs of texts that stand in one story.
    """

    n: int
    b_cubed: Score
    pairwise: Score
    stories: int
    clusters: int


class Placing(Protocol):
    """Where new entries are placed: the index of stories."""

    def place(self, entry: Entry, /) -> Placed: ...
    def add(self, story: str, entry: Entry, /) -> object: ...


def placed(entries: Iterable[Entry], index: Placing) -> dict[str, str]:
    """Entry id -> story, each entry placed among those before it."""
    found: dict[str, str] = {}
    for entry in entries:
        story = index.place(entry).story
        found[entry.id] = story.value if story is not None else f"s{entry.id}"
        index.add(found[entry.id], entry)
    return found


def grouping(pairs: Sequence[tuple[Hashable, Hashable]]) -> Grouping:
    """`pairs`: (right cluster, given story) of each text. Where nothing was joined, or nothing was to be, none of it is
    wrong: the score is 1.
    """
    right = Counter(cluster for cluster, _ in pairs)
    given = Counter(story for _, story in pairs)
    both = Counter(pairs)
    n = len(pairs)
    b_cubed = _score(
        fsum(count * count / given[story] for (_, story), count in both.items()) / n if n else 1.0,
        fsum(count * count / right[cluster] for (cluster, _), count in both.items()) / n if n else 1.0,
    )
    hits = _pairs_in(both)
    pairwise = _score(_share(hits, _pairs_in(given)), _share(hits, _pairs_in(right)))
    return Grouping(n, b_cubed, pairwise, len(given), len(right))


def _pairs_in(sizes: Counter[Any]) -> int:
    return sum(comb(size, 2) for size in sizes.values())


def _share(hits: int, all_: int) -> float:
    return hits / all_ if all_ else 1.0


def _score(precision: float, recall: float) -> Score:
    both = precision + recall
    return Score(precision, recall, 2 * precision * recall / both if both else 0.0)
