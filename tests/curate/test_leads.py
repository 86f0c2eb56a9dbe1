"""Which copy of an article leads."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.leads import Copy, leader
from tests.support.entries import NOW, entry

LATER = NOW + timedelta(hours=3)


def copy(
    id_: str, outlet: str, *, title: str = "Plant to be built", text: str = "It is big.", **values: object
) -> Copy:
    host = outlet.lower().replace(" ", "")
    return entry(title, text, id=id_, canonical_url=f"https://{host}.example/{id_}", **values), outlet


@pytest.mark.parametrize(
    "credit",
    [
        pytest.param({"title": "Plant to be built - Reuters"}, id="after the headline"),
        pytest.param({"text": "NORTHTOWN (Reuters) - It is big."}, id="in a dateline"),
        pytest.param({"text": "It is big. Source: Reuters"}, id="as its source"),
        pytest.param({"text": "It is big. This article was first published by Reuters."}, id="as first to publish"),
        pytest.param({"author": "Jane Miller, Reuters"}, id="beside the author"),
        pytest.param({"text": "路透社北京5月14日电 很大。"}, id="in a Chinese dateline"),
        pytest.param({"text": "很大。来源：路透社"}, id="as its Chinese source"),
        pytest.param({"text": "本文转自路透社，很大。"}, id="as whom it was taken from"),
    ],
)
def test_whom_a_copy_credits_leads_though_later(credit: dict[str, str]) -> None:
    origin = copy("origin", "Reuters World News", published=LATER, seen=LATER)
    choice = leader([copy("copy", "Yahoo", **credit), origin])
    assert choice.value == "origin"
    assert choice.reason == "Reuters World News is whom the copies credit"


def test_who_credits_nobody_leads_before_who_passes_on() -> None:
    passed = copy("passed", "Yahoo", text="It is big. Source: Reuters")
    own = copy("own", "Courier", published=LATER, seen=LATER)
    assert leader([passed, own]).value == "own"
    assert leader([passed, own]).reason == "the others credit another outlet"


def test_an_outlet_that_names_itself_passes_nothing_on() -> None:
    first, second = (
        copy("first", "Reuters", text="(Reuters) - It is big."),
        copy("second", "Courier", published=LATER, seen=LATER),
    )
    assert leader([second, first]).value == "first"


def test_what_follows_a_headline_is_no_credit_unless_it_is_an_outlet() -> None:
    first, second = (
        copy("first", "Post", title="Plant to be built - Technology"),
        copy("second", "Courier", published=LATER, seen=LATER),
    )
    assert leader([second, first]).value == "first"
    assert leader([second, first]).reason == "the earliest"


def test_else_the_earlier_leads_and_of_these_the_fuller() -> None:
    late = copy("late", "Post", published=LATER, seen=LATER, words=900)
    short, full = copy("a", "Courier", words=20), copy("b", "Gazette", words=400)
    assert leader([late, short, full]).value == "b"
    assert leader([late, short, full]).reason == "the fullest of the earliest"
    assert leader([late]).reason == "the only copy"


said_to_be = st.sampled_from(
    ["It is big.", "(Reuters) - It is big.", "It is big. Source: Courier", "来源：新华社 很大"]
)
outlets = st.sampled_from(["Reuters", "Courier", "Post", "新华网"])


@given(st.lists(st.tuples(outlets, said_to_be, st.integers(0, 3)), min_size=1, max_size=5), st.randoms())
def test_the_order_in_which_copies_came_makes_no_difference(said: list[tuple[str, str, int]], draw: object) -> None:
    copies = [
        copy(f"e{place}", outlet, text=text, published=NOW + timedelta(hours=hours), seen=LATER)
        for place, (outlet, text, hours) in enumerate(said)
    ]
    shuffled = list(copies)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert leader(shuffled) == leader(copies)
