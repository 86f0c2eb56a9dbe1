"""How good a grouping is, against values worked out by hand, and its laws."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.measure import Grouping, grouping, placed
from aggregator.curate.stories import Placed
from aggregator.model import Choice, Entry
from tests.support.entries import entry

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25)


def scores(found: Grouping) -> tuple[float, ...]:
    return found.b_cubed.precision, found.b_cubed.recall, found.pairwise.precision, found.pairwise.recall


@pytest.mark.parametrize(
    ("right", "given_", "expected"),
    [
        pytest.param("aabb", "1122", (1, 1, 1, 1), id="perfect"),
        pytest.param("aabb", "1111", (1 / 2, 1, 2 / 6, 1), id="all in one"),
        pytest.param("aabb", "1234", (1, 1 / 2, 1, 0), id="nothing joined"),
        pytest.param("abcd", "1234", (1, 1, 1, 1), id="nothing to join"),
        # The three of a: two stand with each other, one with a b; the b's stand apart.
        pytest.param(
            "aaabb",
            "11223",
            ((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5, (2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5, 1 / 2, 1 / 4),
            id="some of both faults",
        ),
    ],
)
def test_a_grouping_by_hand(right: str, given_: str, expected: tuple[float, ...]) -> None:
    found = grouping(list(zip(right, given_, strict=True)))
    assert scores(found) == pytest.approx(expected)
    assert (found.n, found.stories, found.clusters) == (len(right), len(set(given_)), len(set(right)))


def test_f1_is_the_harmonic_mean() -> None:
    found = grouping(list(zip("aabb", "1111", strict=True)))
    assert found.b_cubed.f1 == pytest.approx(2 / 3)
    assert found.pairwise.f1 == pytest.approx(1 / 2)
    assert grouping(list(zip("aabb", "1212", strict=True))).pairwise.f1 == 0.0


def test_of_no_texts_nothing_is_wrong() -> None:
    assert scores(grouping([])) == (1, 1, 1, 1)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=25))
def test_the_right_grouping_under_any_names_is_perfect(right: list[int]) -> None:
    assert scores(grouping([(label, f"s{9 - label}") for label in right])) == pytest.approx((1, 1, 1, 1))


@given(LABELS)
def test_every_figure_is_a_share(pairs: list[tuple[int, int]]) -> None:
    found = grouping(pairs)
    shares = *scores(found), found.b_cubed.f1, found.pairwise.f1
    assert all(0 <= share <= 1 + 1e-12 for share in shares)
    assert min(found.b_cubed.precision, found.b_cubed.recall) > 0, "every text is in one story with itself"


@given(LABELS, st.permutations(range(5)), st.randoms(use_true_random=False))
def test_neither_names_nor_order_matter(pairs: list[tuple[int, int]], names: list[int], draw: Random) -> None:
    renamed = [(cluster, names[story]) for cluster, story in pairs]
    draw.shuffle(renamed)
    assert grouping(renamed) == grouping(pairs)


@given(LABELS)
def test_precision_of_one_is_the_recall_of_the_other(pairs: list[tuple[int, int]]) -> None:
    found, mirrored = grouping(pairs), grouping([(story, cluster) for cluster, story in pairs])
    assert found.b_cubed.precision == mirrored.b_cubed.recall
    assert found.pairwise.precision == mirrored.pairwise.recall


def test_each_text_is_placed_among_those_before_it() -> None:
    class ByTitle:
        def __init__(self) -> None:
            self.told: dict[str, str] = {}

        def place(self, entry: Entry) -> Placed:
            return Placed(Choice(self.told[entry.title], "") if entry.title in self.told else None, {})

        def add(self, story: str, entry: Entry) -> None:
            self.told[entry.title] = story

    one, other, again = entry("a"), entry("b"), entry("a")
    first = f"s{one.id}"
    assert placed([one, other, again], ByTitle()) == {one.id: first, other.id: f"s{other.id}", again.id: first}
