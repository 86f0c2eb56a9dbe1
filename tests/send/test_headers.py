"""Header lines, read again by the standard library, which did not write them."""

import random
import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import RenderError
from aggregator.send import headers

TEXTS = {
    "plain": "Three stories this morning",
    "long and plain": "State money for a chip maker, limits on entering the capital, and a professor who calls for reform",
    "one long word": "x" * 300,
    "Chinese": "台积电与紧急命令：三条要闻，以及一位教授呼吁改革、进入北京的新限制、国家出资支持一家芯片制造商",
    "emoji": "🇨🇳👩‍🚀" * 30,
    "combining marks": "e\u0301" * 90,
    "one dash": "Public opinion — a poll of Canadians",
    "looks encoded": "=?utf-8?q?hi=0ABcc=3A_v=40x?=",
    "looks half encoded": "a =?b",
    "another header": "hello\r\nBcc: eve@example.net",
    "a whole letter": "hello\r\n\r\n.\r\nMAIL FROM:<eve@example.net>",
    "controls": "a\0b\x0bc\x1cd\x85e\u2028f\u2029g\x7fh",
    "runs of spaces": "a  b   c",
    "an ideographic space": "一\u3000二",
    "quotes": 'He said "no" \\ and, left',
    "half a character": "a\ud800b",
    "very long": "word " * 400,
    "very long in Chinese": "命令" * 400,
    "equals signs": "=" * 200,
}

# What hostile titles are made of.
PIECES = (
    "\r\n", "\n", "\r", "\r\n ", "\n\n", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\t", " ", "  ",
    "Bcc: eve@example.net", "Subject: x", "=?utf-8?q?", "=?utf-8?b?", "=0ABcc=3A_eve=40example.net", "?=", "=?", "=",
    "DQpCY2M6IGV2ZUBleGFtcGxlLm5ldA==", "=?utf-8?q?hi=0ABcc=3A_v=40x?=", "<", ">", '"', "\\", ",", ";", ":", "(", ")",
    "@", "_", ".", "\r\n.\r\n", "台积电", "é", "e\u0301", "🙂", "👩‍🚀", "\ufeff", "\u202e", "\ud800", "word", "a" * 90,
)  # fmt: skip


def read(line: bytes) -> EmailMessage:
    read = message_from_bytes(line + b"\r\nbody", policy=default)
    assert isinstance(read, EmailMessage)
    return read


def has_right_form(lines: bytes) -> bool:
    """No line too long, no encoded word too long, each of them whole characters."""
    for word in re.findall(rb"=\?[^?]*\?[^?]*\?[^?]*\?=", lines):
        assert len(word) <= 75
        assert str(make_header(decode_header(word.decode("ascii"))))  # decodes on its own
    return all(len(line) <= 78 and line.strip() for line in lines.removesuffix(b"\r\n").split(b"\r\n"))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_is_read_as_it_was_cleaned(text: str) -> None:
    line = headers.text("Subject", text)
    headers.check(line, ["Subject"])
    assert has_right_form(line)
    assert read(line)["Subject"] == headers.clean(text)
    assert read(line).keys() == ["Subject"]


@given(st.text())
def test_any_text_is_read_as_it_was_cleaned(text: str) -> None:
    line = headers.text("Subject", "x" + text)
    headers.check(line, ["Subject"])
    assert has_right_form(line)
    assert read(line)["Subject"] == headers.clean("x" + text)


def test_twenty_thousand_hostile_subjects_add_no_header() -> None:
    dice = random.Random(2020)
    for _ in range(20_000):
        hostile = "x" + "".join(dice.choices(PIECES, k=dice.randint(1, 12)))
        line = headers.text("Subject", hostile)
        headers.check(line, ["Subject"])
        assert re.fullmatch(rb"Subject: [^\r\n\0]+(?:\r\n [^\r\n\0]+)*\r\n", line)
        words = re.sub(rb"=\?utf-8\?(?:q\?[!*+/0-9=A-Z_a-z-]*|b\?[+/0-9=A-Za-z]*)\?=", b"", line)
        assert b"=?" not in words
        decoded = make_header(decode_header(line.decode("ascii").removeprefix("Subject: ").replace("\r\n", "").strip()))
        assert str(decoded) == headers.clean(hostile)


def test_hostile_display_names_add_neither_header_nor_recipient() -> None:
    dice = random.Random(14)
    for _ in range(1_000):
        hostile = "x" + "".join(dice.choices(PIECES, k=dice.randint(1, 8)))
        line = headers.mailbox("To", hostile, "bob@example.net")
        headers.check(line, ["To"])
        assert has_right_form(line)
        (address,) = read(line)["To"].addresses
        assert address.addr_spec == "bob@example.net"


@pytest.mark.parametrize("name", ["Bob Smith", "Smith, Bob", 'Bob "B" \\ Smith', "李雷", "=?utf-8?q?x?="])
def test_display_names_are_read_as_they_were(name: str) -> None:
    line = headers.mailbox("To", name, "bob@example.net")
    assert has_right_form(line)
    (address,) = read(line)["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "bob@example.net")


@pytest.mark.parametrize("name", ["é" * 80, "B" * 90, "台积电" * 30, "Bob, " * 40 + "B"])
def test_long_display_names_are_read_as_they_were(name: str) -> None:
    """By the older functions: the newer ones of some Pythons put a blank between two encoded words of a name."""
    line = headers.mailbox("To", name, "bob@example.net")
    assert has_right_form(line)
    phrase, _, address = line.decode("ascii").removeprefix("To: ").replace("\r\n", "").rpartition(" ")
    assert (str(make_header(decode_header(phrase))), address) == (name, "<bob@example.net>")


def test_no_display_name_is_no_brackets() -> None:
    assert headers.mailbox("To", " \r\n ", "bob@example.net") == b"To: bob@example.net\r\n"


def test_the_smaller_encoding_is_taken() -> None:
    assert headers.text("Subject", "Café and more") == b"Subject: =?utf-8?q?Caf=C3=A9_and_more?=\r\n"
    assert headers.text("Subject", "台积电") == b"Subject: =?utf-8?b?5Y+w56ev55S1?=\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: a\r\nBcc: b\r\n",
        b"Bcc: b\r\n",
        b"Subject: a\r\n\r\n",
        b"Subject: a\nBcc: b\r\n",
        b"Subject: a\rBcc: b\r\n",
        b"Subject: a\0\r\n",
        b"Subject: a",
        b" a\r\nSubject: a\r\n",
        b"Subject: a\r\n \r\n",
        b"Subject a\r\n",
        b"Subject : a\r\n",
        b"Subject: \r\n",
        b"Subject: " + b"a" * 990 + b"\r\n",
        b"",
    ],
)
def test_a_head_that_is_not_what_was_meant_is_not_sent(head: bytes) -> None:
    with pytest.raises(RenderError):
        headers.check(head, ["Subject"])
