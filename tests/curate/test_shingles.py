"""What of a text is compared, and what of it leads to candidates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.shingles import sketch, text_of
from aggregator.curate.text import fold
from tests.support.entries import entry

WORDS = [f"{first}{second}{third}" for first in "bdfgk" for second in "aeiou" for third in "lmnrs"]
LONG = " ".join(WORDS[place * 7 % len(WORDS)] + WORDS[place * 3 % len(WORDS)] for place in range(150))
LONG_ZH = "".join(chr(0x4E00 + place * 37 % 3000) for place in range(400))


def sampled(text: str) -> set[int]:
    return set(sketch(text_of(entry("T", text))))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"summary": LONG}, {"content": f"<p>{LONG[:300]}</p><p>{LONG[300:]}</p>"}, id="paragraphs"),
        pytest.param(
            {"summary": "A river & a road run north"},
            {"content": "<b>A river</b> &amp; a road run&nbsp;north"},
            id="HTML",
        ),
        pytest.param({"summary": "臺灣的「芯片」，５Ｇ"}, {"summary": "台湾的“芯片”, 5g"}, id="typeset otherwise"),
    ],
)
def test_one_text_written_in_two_ways_is_one(one: dict[str, str], other: dict[str, str]) -> None:
    assert text_of(entry("T", **one)).words == text_of(entry("T", **other)).words


@given(st.text("ab 12,.'’“”-—北臺台ＡＢ５ß江。，\u00a0", max_size=80))
def test_a_folded_text_is_the_text(text: str) -> None:
    assert text_of(entry("T", fold(text))).words == text_of(entry("T", text)).words


def test_a_summary_that_says_something_else_is_looked_at_too() -> None:
    words = text_of(entry("T", "Farmers fear for their water.", content=f"<p>{LONG}</p>")).words
    assert "farmers" in words
    assert LONG.split()[0] in words


@pytest.mark.parametrize(("text", "longest"), [(LONG * 20, 1200), (LONG_ZH * 20, 460)], ids=["words", "characters"])
def test_only_the_beginning_is_looked_at(text: str, longest: int) -> None:
    assert sum(map(len, text_of(entry("T", content=text)).words)) <= longest


def test_samples_are_the_same_on_every_machine_and_in_every_version() -> None:
    assert sketch(text_of(entry("T", "The river is low in autumn, and the farmers know it."))) == ENGLISH
    assert sketch(text_of(entry("T", "河水在秋天很低，农民们都知道这件事情。"))) == CHINESE


ENGLISH = (-3814779568258185248, -5414810332936667434, -1794350293686225809, -9185219923890207099)
CHINESE = (
    -6470770520015442478,
    6207374778062147004,
    -8617467878778270602,
    -6784110604783395856,
    1316904507246445861,
    -6010247641951861317,
    -9071122760561601800,
)


def test_a_text_without_words_has_no_samples() -> None:
    assert sketch(text_of(entry("T", " — … "))) == ()


@pytest.mark.parametrize("text", [LONG, LONG_ZH * 3], ids=["words", "characters"])
def test_there_are_few_samples_and_each_is_a_signed_64_bit_number(text: str) -> None:
    found = sketch(text_of(entry("T", text)))
    assert 8 <= len(found) <= 24
    assert all(-(1 << 63) <= value < 1 << 63 for value in found)


@given(st.integers(min_value=15, max_value=60), st.integers(min_value=0, max_value=10))
def test_a_part_shares_samples_with_the_whole(length: int, start: int) -> None:
    words = LONG.split()
    assert sampled(" ".join(words[start : start + length])) & sampled(LONG)


@given(st.integers(min_value=30, max_value=120), st.integers(min_value=0, max_value=30))
def test_a_part_in_chinese_shares_samples_with_the_whole(length: int, start: int) -> None:
    assert sampled(LONG_ZH[start : start + length]) & sampled(LONG_ZH)
