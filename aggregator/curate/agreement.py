"""How well stories agree with those that people made: B-cubed (Bagga and Baldwin 1998) and pairwise figures."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def b_cubed(pairs: Sequence[tuple[Hashable, Hashable]]) -> Score:
    """`pairs`: (right story, given story), one for each entry. The mean over the entries of how much of an entry's given
    story is its right one, and of how much of its right story it was given.
    """
    right, given, both = _sizes(pairs)
    n = len(pairs) or 1
    return Score(
        precision=sum(count * count / given[story] for (_, story), count in both.items()) / n,
        recall=sum(count * count / right[story] for (story, _), count in both.items()) / n,
    )


def pairwise(pairs: Sequence[tuple[Hashable, Hashable]]) -> Score:
    """Over all pairs of entries: of those put together, how many belong together, and the other way round."""
    right, given, both = _sizes(pairs)
    hits = _together(both)
    return Score(precision=_share(hits, _together(given)), recall=_share(hits, _together(right)))


def binary(pairs: Sequence[tuple[bool, bool]]) -> Score:
    """`pairs`: (right answer, given answer)."""
    hits = sum(right and given for right, given in pairs)
    return Score(
        precision=_share(hits, sum(given for _, given in pairs)), recall=_share(hits, sum(right for right, _ in pairs))
    )


def _sizes(
    pairs: Sequence[tuple[Hashable, Hashable]],
) -> tuple[Counter[Hashable], Counter[Hashable], Counter[tuple[Hashable, Hashable]]]:
    return Counter(right for right, _ in pairs), Counter(given for _, given in pairs), Counter(pairs)


def _together(sizes: Mapping[Any, int]) -> int:
    return sum(count * (count - 1) // 2 for count in sizes.values())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
