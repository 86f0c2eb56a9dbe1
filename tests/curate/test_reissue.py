"""Which old entry an unknown item is: laws of the decision. What it decides on is in tests/pipeline/test_floods.py."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.headlines import letters
from aggregator.curate.reissue import _letters, marks, reissues
from aggregator.curate.text import fold
from aggregator.model import Entry
from tests.support.entries import NOW, entry

BODY = (
    "The harbour office put up its notices on Tuesday. From June on no boat longer than nine metres may lie at the old quay; "
    "owners have three weeks to ask for another berth, and the fee stays what it was. 码头管理处星期二贴出通知。"
)
texts = st.text(st.characters(codec="utf-8"), max_size=60)


def old(**values: Any) -> Entry:
    said: dict[str, Any] = {
        "url": "https://old.example/2020/quay-closes-to-long-boats",
        "canonical_url": "https://old.example/2020/quay-closes-to-long-boats",
        "published": NOW - timedelta(days=3),
    }
    return entry("The old quay closes to long boats", BODY, **said | values)


def as_new(found: Entry, number: int = 1, **values: Any) -> Entry:
    return replace(found, id=f"n{number:011}", guid=f"n{number}", **values)


def decided(unknown: list[Entry], known: list[Entry], beside: tuple[Entry, ...] = ()) -> dict[str, str]:
    choices = reissues(unknown, {one.id: known for one in unknown}, beside)
    return {new: choice.value for new, choice in choices.items()}


@given(texts)
def test_plain_texts_take_a_shorter_way_to_the_same_letters(text: str) -> None:
    assert _letters(text) == letters(fold(text))


@given(title=texts, summary=texts, source=st.sampled_from(["a", "b"]))
def test_marks_are_the_same_for_all_spellings_and_other_for_each_source(title: str, summary: str, source: str) -> None:
    one = entry(title, summary, source=source)
    assert marks(one) == marks(replace(one, title=title.upper().lower(), guid="x", published=None, seen=NOW))
    assert set(marks(one)).isdisjoint(marks(replace(one, source="c")))
    assert all(-(2**63) <= mark < 2**63 for mark in marks(one))


GOLDEN = (4080738900833269087, 3027211324428101839, 3509647015789297722)


def test_marks_are_the_same_on_every_machine() -> None:
    """They are in databases: another value here would make all that is known strange."""
    assert marks(old()) == GOLDEN


def test_the_order_of_items_and_candidates_decides_nothing() -> None:
    known = [old(published=NOW - timedelta(days=day)) for day in (3, 4, 5)]
    unknown = [as_new(one, number) for number, one in enumerate(known)]
    answers = [decided(list(some), list(others)) for some in permutations(unknown) for others in permutations(known)]
    assert all(answer == {new.id: one.id for new, one in zip(unknown, known, strict=True)} for answer in answers)


def test_no_old_entry_is_two() -> None:
    known = old()
    twins = [as_new(known, 1), as_new(known, 2)]
    assert list(decided(twins, [known]).values()) == [known.id]


def test_a_headline_that_stands_beside_it_in_the_document_is_a_column() -> None:
    known = old(published=NOW - timedelta(days=30))
    new = as_new(known, url=None, canonical_url=None, published=NOW)
    beside = as_new(known, 7, published=NOW - timedelta(days=7))
    assert decided([new], [known]) == {new.id: known.id}
    assert decided([new], [known], (beside,)) == {}


def test_of_two_that_it_may_be_it_is_the_one_of_its_date() -> None:
    known = [old(canonical_url=None, published=NOW - timedelta(days=day)) for day in (9, 2)]
    new = as_new(known[1])
    assert decided([new], known) == {new.id: known[1].id}


def test_the_reason_names_the_rule_and_the_old_headline() -> None:
    known = old()
    new = as_new(known)
    choice = reissues([new], {new.id: [known]}, ())[new.id]
    assert choice.reason == "the same address and date: 'The old quay closes to long boats'"
