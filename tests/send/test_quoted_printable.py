import quopri
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import TOKEN_PLACEHOLDER
from aggregator.send.quoted_printable import quoted_printable

SIGNS = st.characters(exclude_categories=["Cs"])
LINES = st.lists(
    st.one_of(st.text(SIGNS, max_size=200), st.just(TOKEN_PLACEHOLDER), st.text("=. \t台🙂e\u0301\r\n\0", max_size=120))
)


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(LINES.map("".join))
def test_every_text_is_decoded_to_itself(text: str) -> None:
    encoded = quoted_printable(text)
    assert quopri.decodestring(encoded.replace(b"\r\n", b"\n")).decode() == unix(text)


@given(LINES.map("".join))
def test_lines_are_short_and_plain(text: str) -> None:
    for line in quoted_printable(text).split(b"\r\n"):
        assert len(line) <= 76
        assert re.fullmatch(rb"(?:[\t\x20-\x3c\x3e-\x7e]|=[0-9A-F]{2})*=?", line)
        assert not line.endswith((b" ", b"\t"))


@given(LINES.map("".join))
def test_no_line_ends_within_a_character(text: str) -> None:
    for line in quoted_printable(text).split(b"\r\n"):
        assert quopri.decodestring(line.removesuffix(b"=")).decode() is not None


@given(st.integers(0, 160), st.integers(0, 5), st.sampled_from(["x", "=", "台", "🙂", " "]))
def test_tokens_stay_whole_wherever_they_stand(before: int, tokens: int, filler: str) -> None:
    text = filler * before + TOKEN_PLACEHOLDER * tokens + filler * before
    assert quoted_printable(text).count(TOKEN_PLACEHOLDER.encode()) == tokens


@pytest.mark.parametrize("column", range(90))
def test_a_token_at_every_column_stays_whole(column: int) -> None:
    encoded = quoted_printable(f"{'x' * column}https://b.example.org/u/{TOKEN_PLACEHOLDER}\nnext")
    assert encoded.count(TOKEN_PLACEHOLDER.encode()) == 1
    assert encoded.endswith(b"\r\nnext")


def test_halves_of_characters_and_foreign_line_ends_do_no_harm() -> None:
    assert quoted_printable("a\ud800b\u2028c\rd\r\ne\x85f") == b"a=3Fb=E2=80=A8c\r\nd\r\ne=C2=85f"
