"""The room that text takes, and where it may be cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.typeset import chunks, clip, fit, sentences, whole_sentences, width

TEXTS = st.text(st.characters() | st.sampled_from("ab 中，。.\u0301\u200d\ufe0f👩👧"), max_size=80)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("中文", 4), ("，", 2), ("ｆｕｌｌ", 8), ("e\u0301", 1), ("a\u200bb", 2), ("한글", 4)],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@given(TEXTS, st.integers(1, 60))
def test_clip_keeps_to_the_room_and_cuts_nothing_that_fits(text: str, room: int) -> None:
    clipped = clip(text, room)
    assert width(clipped) <= room
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))
    assert width(text) > room or clipped == text


@given(TEXTS, st.integers(0, 60))
def test_what_fits_is_a_start_of_the_text(text: str, room: int) -> None:
    fitting = fit(text, room)
    assert width(fitting) <= room
    assert text.startswith(fitting)


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("Chip maker weighs a plant", 20, "Chip maker weighs a…"),
        ("Chip maker weighs a plant", 14, "Chip maker…"),
        ("Chip maker, weighs", 13, "Chip maker…"),
        ("中芯国际获国家大基金注资", 12, "中芯国际获…"),
        ("支持5G网络建设", 13, "支持5G网络建…"),
        ("Internationalisation", 10, "Internati…"),
        ("e\u0301" * 12, 6, "e\u0301" * 5 + "…"),
    ],
)
def test_clip_cuts_between_words(text: str, room: int, expected: str) -> None:
    assert clip(text, room) == expected


@given(TEXTS, st.integers(1, 20))
def test_chunks_are_the_word_in_pieces_that_fit(word: str, room: int) -> None:
    pieces = list(chunks(word, room))
    assert "".join(pieces) == word
    assert [piece for piece in pieces[:-1] if width(piece) > room] == []
    if not any(sign in word for sign in "\u200d\ufe0f") and room > 1:
        assert width(pieces[-1]) <= room


def test_what_is_drawn_as_one_sign_stays_together() -> None:
    family = "\U0001f469\u200d\U0001f467"
    assert list(chunks(family * 3, 5)) == [family, family, family]
    assert clip(family * 3, 6) == f"{family}…"


@given(TEXTS)
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("One two. Three four. Five.", 30, "One two. Three four. Five."),
        ("One two. Three four. Five.", 22, "One two. Three four."),
        ("One two. Three four. Five.", 12, "One two."),
        ("One two three four.", 12, "One two…"),
        ("法案通过。代表散会。", 12, "法案通过。"),
        ("Adm. Roe met Sens. Doe and Poe. They left.", 35, "Adm. Roe met Sens. Doe and Poe."),
    ],
)
def test_whole_sentences_where_one_fits(text: str, room: int, expected: str) -> None:
    assert whole_sentences(text, room) == expected
