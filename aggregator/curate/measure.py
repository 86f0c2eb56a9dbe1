"""Figures for a classifier: accuracy, macro-F1, and precision and recall of each category."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


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
