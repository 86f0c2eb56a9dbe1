"""What is the same article again, and what only looks like it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.dedup import choose, keys
from aggregator.model import Entry
from tests.support.entries import NOW, entry

TEXT = (
    "The ministry said on Thursday that the plant would be built within three years, that it would make the smallest "
    "chips there are, and that the province would pay a third of the cost from its own funds."
)
ZH = "该部周四表示，工厂将在三年内建成，生产目前最小的芯片，省里将用自有资金支付三分之一的费用，其余部分由企业自己承担，银行也会给予贷款支持。"
LONG = f"{TEXT} Work is to begin in the autumn, when the river is low. {TEXT.upper()} Nobody lives there but farmers. {TEXT} {TEXT}"


def same(one: Entry, other: Entry) -> bool:
    shared = set(keys(one)) & set(keys(other))
    return bool(shared) and choose(other, [one]) is not None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(
            {"canonical_url": "https://x.example/a"}, {"canonical_url": "https://x.example/a"}, True, id="address"
        ),
        pytest.param(
            {"canonical_url": "https://x.example/a"}, {"canonical_url": "https://x.example/b"}, False, id="another"
        ),
        pytest.param(
            {"canonical_url": "https://x.example/"}, {"canonical_url": "https://x.example/"}, False, id="a front page"
        ),
        pytest.param(
            {"canonical_url": "https://x.example/zh/"}, {"canonical_url": "https://x.example/zh/"}, False, id="a home"
        ),
        pytest.param({"guid": "tag:x.example,2020:1"}, {"guid": "tag:x.example,2020:1"}, True, id="a global guid"),
        pytest.param({"guid": "17"}, {"guid": "17"}, False, id="a guid that is only a number"),
        pytest.param({"summary": TEXT}, {"summary": f"  {TEXT.upper()}"}, True, id="the same text, typeset otherwise"),
        pytest.param({"summary": TEXT}, {"content": f"<p>{TEXT}</p>"}, True, id="the same text as HTML"),
        pytest.param({"summary": ZH}, {"summary": ZH.replace("表示", "表示 ")}, True, id="the same Chinese text"),
        pytest.param({"summary": "Short."}, {"summary": "Short."}, False, id="too short to be an article's own"),
        pytest.param(
            {"title": "Cases: 12", "summary": TEXT}, {"title": "Cases: 17", "summary": TEXT}, False, id="a series"
        ),
        pytest.param(
            {"title": "Live: flood in the south", "canonical_url": "https://x.example/live", "summary": TEXT},
            {
                "title": "Vote counted in the north",
                "canonical_url": "https://x.example/live",
                "published": NOW + timedelta(days=3),
                "seen": NOW + timedelta(days=3),
            },
            False,
            id="a live page, days later",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/now"},
            {
                "title": "Vote counted in the north",
                "canonical_url": "https://x.example/now",
                "published": NOW + timedelta(days=3),
                "seen": NOW + timedelta(days=3),
            },
            False,
            id="a page of the moment, without texts",
        ),
        pytest.param(
            {"title": "Rivers of the north", "summary": TEXT},
            {"title": "Old bridges", "summary": TEXT},
            False,
            id="what a show says of itself",
        ),
        pytest.param(
            {"title": "Province to pay for plant", "summary": LONG, "source": "one"},
            {"title": "Smallest chips there are", "summary": LONG, "source": "two"},
            True,
            id="an agency's article under another headline",
        ),
        pytest.param(
            {"title": "12 countries told", "summary": LONG, "source": "one"},
            {"title": "Ministry tells 9 countries", "summary": LONG, "source": "two"},
            True,
            id="an agency's article under a headline with other figures",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/live"},
            {"title": "Vote counted in the north", "canonical_url": "https://x.example/live"},
            False,
            id="items of one feed that all have one link",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/live", "summary": TEXT},
            {
                "title": "Vote counted in the north",
                "canonical_url": "https://x.example/live",
                "summary": "No result yet.",
            },
            False,
            id="items of one feed that all have one link, with texts",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/a"},
            {"title": "Thousands leave homes", "canonical_url": "https://x.example/a", "source": "other"},
            True,
            id="one link in two feeds under different headlines",
        ),
        pytest.param(
            {"title": "Province to pay", "canonical_url": "https://x.example/a", "summary": TEXT},
            {"title": "Smallest chips", "canonical_url": "https://x.example/a", "summary": f"{TEXT} Banks will lend."},
            True,
            id="a text that grew under a new headline",
        ),
        pytest.param(
            {"title": "Plant to be built", "canonical_url": "https://x.example/a"},
            {
                "title": "Plant to be built, ministry says",
                "canonical_url": "https://x.example/a",
                "published": NOW + timedelta(days=3),
                "seen": NOW + timedelta(days=3),
            },
            True,
            id="a headline that grew",
        ),
    ],
)
def test_duplicates(one: dict[str, Any], other: dict[str, Any], expected: bool) -> None:  # noqa: FBT001  a table of cases
    first, second = entry(**{"title": "T", **one}), entry(**{"title": "T", **other})
    assert same(first, second) is expected
    assert same(second, first) is expected


def test_the_reason_names_what_is_shared() -> None:
    first = entry(canonical_url="https://x.example/a", source="origin")
    choice = choose(entry(canonical_url="https://x.example/a"), [first])
    assert choice is not None
    assert choice.value == first.id
    assert choice.reason == f"same address as {first.id} of origin: https://x.example/a"


@given(st.permutations(range(4)))
def test_the_first_that_was_seen_is_repeated_in_whatever_order_they_are_offered(order: list[int]) -> None:
    copies = [
        entry("T", id=f"e{number}", canonical_url="https://x.example/a", seen=NOW + timedelta(hours=number))
        for number in range(4)
    ]
    choice = choose(entry("T", canonical_url="https://x.example/a"), [copies[place] for place in order])
    assert choice is not None
    assert choice.value == "e0"
