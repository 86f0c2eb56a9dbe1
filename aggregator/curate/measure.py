"""Figures for a classifier (accuracy, macro-F1, precision and recall of each category), and for the grouping of texts
into stories (B-cubed and pairwise precision and recall).
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, fsum
from typing import Any, Protocol

from aggregator.curate.stories import Placed
from aggregator.model import OTHER, Entry

_NO_BROADER: Mapping[str, Collection[str]] = {}


@dataclass(frozen=True, slots=True)
class Measure:
    """`rows`: by label, n, precision, recall, f1, and for what its texts were most often mistaken. `confusion`: by label,
    how many of its texts got which guess, the right one among them.

    `spoken`: the share of the texts that were given anything; `precision`: how many of those were given the right thing.
    """

    n: int
    accuracy: float
    macro_f1: float
    rows: dict[str, dict[str, Any]]
    confusion: dict[str, dict[str, int]]
    spoken: float
    precision: float


def measure(
    pairs: Sequence[tuple[str, str]],
    *,
    given: Sequence[str] | None = None,
    broader: Mapping[str, Collection[str]] = _NO_BROADER,
    silence: str = OTHER,
) -> Measure:
    """`pairs`: (right label, guess). Macro-F1 is the mean over the labels that the texts bear.

    `given`: what readers would see of each text, where the guess was pressed out of who would have kept silent.
    `broader`: by category, those in which it lies: where one of them is the right label, it is right as well.
    """
    held = [(label, _held(label, guess, broader)) for label, guess in pairs]
    right = Counter(label for label, _ in held)
    guessed = Counter(guess for _, guess in held)
    both = Counter(held)
    rows = {
        label: _row(count, guessed[label], both[label, label]) | {"mistaken_for": _mistaken(label, both)}
        for label, count in sorted(right.items())
    }
    shown = [guess for _, guess in pairs] if given is None else given
    spoken = [
        (label, _held(label, one, broader)) for (label, _), one in zip(pairs, shown, strict=True) if one != silence
    ]
    f1 = [row["f1"] for row in rows.values()]
    return Measure(
        n=len(pairs),
        accuracy=_part(sum(both[label, label] for label in right), len(pairs)),
        macro_f1=_part(sum(f1), len(f1)),
        rows=rows,
        confusion={label: _confused(label, both) for label in rows},
        spoken=_part(len(spoken), len(pairs)),
        precision=_part(sum(label == one for label, one in spoken), len(spoken)),
    )


def _held(label: str, guess: str, broader: Mapping[str, Collection[str]]) -> str:
    """A guess as it counts for a text of this label."""
    return label if label in broader.get(guess, ()) else guess


def _row(count: int, guessed: int, hits: int) -> dict[str, Any]:
    precision = _part(hits, guessed)
    recall = hits / count
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"n": count, "precision": precision, "recall": recall, "f1": f1}


def _confused(label: str, both: Counter[tuple[str, str]]) -> dict[str, int]:
    return {guess: count for (right, guess), count in both.most_common() if right == label}


def _mistaken(label: str, both: Counter[tuple[str, str]]) -> dict[str, int]:
    return {guess: count for guess, count in _confused(label, both).items() if guess != label}


def _part(some: float, all_: int) -> float:
    return some / all_ if all_ else 0.0


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
