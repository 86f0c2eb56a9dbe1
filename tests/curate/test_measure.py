"""How good categories and a grouping are, against values worked out by hand, and laws."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.measure import Grouping, grouping, measure, placed
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


# --- categories ------------------------------------------------------------------------------------------


def test_figures_of_categories_by_hand() -> None:
    found = measure([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b"), ("other", "a"), ("other", "other")])
    assert [found.n, found.accuracy] == pytest.approx([6, 4 / 6])
    assert found.confusion == {"a": {"a": 1, "b": 1}, "b": {"b": 2}, "other": {"a": 1, "other": 1}}
    assert found.rows["a"] == {"n": 2, "precision": 1 / 2, "recall": 1 / 2, "f1": 1 / 2, "mistaken_for": {"b": 1}}
    assert found.rows["b"]["precision"] == pytest.approx(2 / 3)
    assert found.macro_f1 == pytest.approx((1 / 2 + 4 / 5 + 2 / 3) / 3)
    assert [found.spoken, found.precision] == pytest.approx([5 / 6, 3 / 5])


def test_what_lies_within_the_right_category_counts_under_it() -> None:
    broader = {"finance": ("economy",), "banks": ("economy", "finance")}
    pairs = [("economy", "finance"), ("economy", "banks"), ("finance", "economy"), ("finance", "banks")]
    found = measure(pairs, broader=broader)
    assert found.accuracy == 3 / 4
    assert found.confusion == {"economy": {"economy": 2}, "finance": {"economy": 1, "finance": 1}}
    assert found.rows["finance"]["recall"] == 1 / 2
    assert found.rows["economy"]["precision"] == 2 / 3


def test_a_guess_that_was_pressed_out_counts_for_accuracy_and_not_as_spoken() -> None:
    found = measure([("a", "a"), ("a", "b"), ("b", "b")], given=["a", "other", "other"])
    assert found.accuracy == pytest.approx(2 / 3)
    assert [found.spoken, found.precision] == pytest.approx([1 / 3, 1])


def test_silence_may_be_the_section_of_plain_news() -> None:
    pairs = [("briefings", "briefings"), ("opinion", "opinion"), ("opinion", "briefings"), ("briefings", "opinion")]
    found = measure(pairs, silence="briefings")
    assert (found.spoken, found.precision) == (1 / 2, 1 / 2)


def test_of_no_texts_every_figure_is_nothing() -> None:
    found = measure([])
    assert (found.n, found.accuracy, found.macro_f1, found.spoken, found.precision) == (0, 0, 0, 0, 0)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["a", "b", "e", "other"])), max_size=30))
def test_the_confusion_holds_every_text_once(pairs: list[tuple[str, str]]) -> None:
    found = measure(pairs)
    assert sum(count for row in found.confusion.values() for count in row.values()) == found.n
    assert sum(row["n"] for row in found.rows.values()) == found.n
    assert found.accuracy * found.n == pytest.approx(sum(label == guess for label, guess in pairs))
