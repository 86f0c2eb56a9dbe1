"""Setting plain text in 72 columns."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.plain import COLUMNS, Links, Numbering, marked, tidy, trimmed, wrap
from aggregator.typeset import width

TEXTS = st.lists(
    st.one_of(
        st.text("abcdefghij-.,!?'", min_size=1, max_size=20),
        st.text("中文字符，。、！？：；）」』》（「『《“”", min_size=1, max_size=60),
    ),
    max_size=60,
).map(" ".join)
CLOSING = "，。、！？：；）」』》"


@given(TEXTS)
def test_no_line_is_wider_than_the_page(text: str) -> None:
    assert [line for line in wrap(text, "  ", "- ").splitlines() if width(line) > COLUMNS] == []


@given(TEXTS)
def test_no_line_begins_with_a_mark_that_closes(text: str) -> None:
    others = wrap(text).splitlines()[1:]
    began = {word[0] for word in text.split()}
    assert not {line[0] for line in others} & (set(CLOSING) - began)


@given(TEXTS)
def test_nothing_is_lost_and_no_latin_word_is_broken(text: str) -> None:
    set_again = wrap(text)
    assert re.sub(r"\s", "", set_again) == re.sub(r"\s", "", text)
    assert re.findall(r"[a-z]+", set_again) == re.findall(r"[a-z]+", text)


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    text = "字" * 36 + "。下一句。"
    assert wrap(text) == "字" * 35 + "\n字。下一句。"


def test_an_opening_mark_does_not_end_a_line() -> None:
    text = "字" * 35 + "「引语」"
    assert wrap(text) == "字" * 35 + "\n「引语」"


def test_a_list_hangs() -> None:
    assert wrap("word " * 20, "  ", "- ") == "- " + "word " * 13 + "word\n  " + "word " * 5 + "word"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), min_size=60, max_size=300))
def test_a_word_longer_than_a_line_is_cut(word: str) -> None:
    assert wrap(word).replace("\n", "") == word
    assert [line for line in wrap(word).splitlines() if width(line) > COLUMNS] == []


def test_an_address_stays_whole() -> None:
    address = f"https://example.org/{'x' * 200}"
    assert wrap(f"See {address} there") == f"See\n{address}\nthere"


def test_each_address_has_one_number_and_is_listed_once() -> None:
    links = Numbering()
    assert [links.number(url) for url in ("https://a", "https://b", "https://a")] == ["1", "2", "1"]
    assert links.listed() == "[1] https://a\n[2] https://b"
    assert links.number("https://b") == "2"
    assert links.listed() == ""


def test_a_link_is_as_wide_as_it_can_get_before_it_has_its_number() -> None:
    links = Links()
    marks = [links.mark(f"https://{number}") for number in range(1000)]
    assert {width(mark) for mark in marks} == {len("[999]")}
    assert links.mark("https://7") == marks[7]
    assert wrap(f"{'word ' * 13}{marks[0]} {marks[1]}") == f"{'word ' * 13}{marks[0]}\n{marks[1]}"
    assert re.findall(r"#\d+", marked(" ".join(marks))) == [f"#{number}" for number in range(1000)]


def test_there_are_only_so_many_links() -> None:
    links = Links({str(number): number for number in range(6400)})
    assert width(links.mark("6399")) == len("[999]")
    with pytest.raises(ValueError, match="6400 links"):
        links.mark("one more")


@pytest.mark.parametrize(("text", "expected"), [("a\n\n\n\nb\n\n", "a\n\nb\n"), ("", "\n")])
def test_blank_lines_do_not_pile_up(text: str, expected: str) -> None:
    assert tidy(text) == expected


def test_no_line_ends_with_a_space() -> None:
    assert trimmed("a  \n\t\n b \n") == "a\n\n b\n"
