"""What a story is about, by the votes of its entries and an editor's word."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.kicker import told_about
from aggregator.model import Report, Word
from tests.support.entries import NOW, report

HOUR = timedelta(hours=1)


def reports(*said: str) -> list[Report]:
    """One after the other, each with its categories."""
    return [report(f"w{hour}", categories=tuple(one.split()), seen=NOW + hour * HOUR) for hour, one in enumerate(said)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(["trade"], "trade", id="one entry"),
        pytest.param([""], "", id="none"),
        pytest.param(["", "trade"], "trade", id="the first that says anything"),
        pytest.param(["trade health", "health"], "health trade", id="half as many again turn it"),
        pytest.param(["trade", "health"], "trade health", id="as many do not"),
        pytest.param(["trade", "trade", "health", "health"], "trade health", id="two against two"),
        pytest.param(
            ["trade", "trade", "health health2", "health", "law health"], "trade health law health2", id="less"
        ),
        pytest.param(["trade", "trade", "health", "health", "health"], "health trade", id="three against two"),
        pytest.param(["trade", "health", "health", "trade"], "health trade", id="not turned back by as many"),
        pytest.param(["trade law", "trade health", "trade law"], "trade law health", id="the others by votes"),
    ],
)
def test_entries_vote_in_their_order(said: list[str], expected: str) -> None:
    found = reports(*said)
    assert " ".join(told_about(found, found[0], {}).categories) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(["economy", *["finance economy"] * 2], "finance economy", id="three quarters as many"),
        pytest.param(["economy", "finance economy"], "economy finance", id="two thirds"),
        pytest.param(["economy", "economy finance"], "economy finance", id="a third"),
        pytest.param(["finance economy", *["economy"] * 2], "finance economy", id="it stays with less than half"),
        pytest.param(
            ["finance economy", *["economy"] * 3], "economy finance", id="a broader one has three times as many"
        ),
        pytest.param(["banks finance economy", "economy"], "banks economy finance", id="the narrowest"),
        pytest.param(["finance economy", "law", "law"], "law finance economy", id="no more against others"),
    ],
)
def test_what_lies_within_another_leads_it(said: list[str], expected: str) -> None:
    found = reports(*said)
    broader = {"finance": ["economy"], "banks": ["finance", "economy"]}
    assert " ".join(told_about(found, found[0], {}, broader).categories) == expected
    word = told_about(found, found[0], {found[0].entry: Word(NOW, ("law", "banks"))}, broader)
    assert word.categories == ("law", "banks", "finance", "economy")


def test_copies_have_no_vote_but_a_word_on_one_counts() -> None:
    first, copy, *_ = found = [*reports("trade", "health", "health", "health")]
    found[1:] = [replace(one, duplicate_of=first.entry) for one in found[1:]]
    assert told_about(found, first, {}).categories == ("trade",)
    assert told_about(found, first, {copy.entry: Word(NOW, ("law",))}).categories == ("law",)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([("law",), None, None], ("law",), id="one word against three votes"),
        pytest.param([("law",), ("trade", "law"), None], ("trade", "law"), id="the later word"),
        pytest.param([("trade", "law"), None, ()], (), id="none applies"),
    ],
)
def test_an_editor_outweighs_all_votes(words: list[tuple[str, ...] | None], expected: tuple[str, ...]) -> None:
    found = reports("health", "health", "health")
    said = {
        one.entry: Word(NOW, word, number)
        for number, (one, word) in enumerate(zip(found, words, strict=True))
        if word is not None
    }
    assert told_about(found, found[0], said).categories == expected


def test_how_it_came_about_is_told() -> None:
    found = reports("trade health", "health", "health")
    about = told_about(found, found[0], {})
    assert about.votes == {"trade": 1, "health": Fraction(5, 2)}
    assert about.voters == 3
    assert about.turns == ((found[0].entry, None, "trade"), (found[1].entry, "trade", "health"))


@given(st.lists(st.lists(st.sampled_from(["law", "trade", "health"]), unique=True, max_size=3), min_size=1, max_size=9))
def test_the_kicker_has_never_two_thirds_of_anothers_votes_or_less(said: list[list[str]]) -> None:
    found = reports(*(" ".join(one) for one in said))
    about = told_about(found, found[0], {})
    assert set(about.categories) == {slug for one in said for slug in one}
    assert all(votes < Fraction(3, 2) * about.votes[about.categories[0]] for votes in about.votes.values())


@given(st.permutations(reports("trade health", "health", "law", "health law", "trade")))
def test_the_order_in_which_they_are_given_makes_no_difference(found: list[Report]) -> None:
    lead = min(found, key=lambda one: one.came)
    assert told_about(found, lead, {}) == told_about(sorted(found, key=lambda one: one.came), lead, {})
