"""Header lines, written by ourselves.

Why not the email package: it folds a long List-Unsubscribe into encoded words, which breaks one-click unsubscribe, and
on some Pythons a text such as `=?utf-8?q?=0ABcc=3A_…?=` in a Subject comes out as a header of its own (CVE-2024-6923).
A feed's title is enough for that. Here nothing is ever decoded; texts lose their controls and are encoded wherever they
are not plain; and every finished head is read again, its names compared with those we meant to write.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence

from aggregator.errors import RenderError

LONGEST_TEXT = 400
_LINE, _WORD = 76, 75  # RFC 2047: a line with encoded words, and one such word
_HARD_LIMIT = 998  # RFC 5322, without CRLF
_PLAIN_WORD = 60
_Q_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_HEADER_LINE = re.compile(rb"([!-9;-~]+): [^\r\n\0]*[^\r\n\0 \t]")
_CONTINUATION = re.compile(rb" [^\r\n\0]*[^\r\n\0 \t]")


def clean(text: str) -> str:
    """One line without controls, of a length that a header can bear. What a reader of the mail will see."""
    line = _SURROGATES.sub("\ufffd", _CONTROLS.sub(" ", text)).strip()
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1].rstrip() + "…"


def plain(name: str, value: str) -> bytes:
    """A value of our own making, neither folded nor encoded. (UTF-8: an address may need it, RFC 6532.)"""
    return f"{name}: {value}\r\n".encode()


def text(name: str, value: str) -> bytes:
    """A text for people, as in Subject."""
    value = clean(value)
    if _is_plain(value) and all(len(word) <= _PLAIN_WORD for word in value.split(" ")):
        return plain(name, "\r\n ".join(_folded(value, len(name) + 2)))
    return plain(name, "\r\n ".join(_encoded_words(value, len(name) + 2)))


def mailbox(name: str, display: str, address: str) -> bytes:
    """`Display name <address>`, also for List-Id; without a display name, the address alone."""
    display = clean(display)
    if not display:
        return plain(name, address)
    *before, last = _phrase(display, len(name) + 2)
    column = len(last) + (0 if before else len(name) + 2)
    joint = " " if column + len(address) + 3 <= _LINE else "\r\n "
    return plain(name, "\r\n ".join([*before, f"{last}{joint}<{address}>"]))


def bare(name: str, address: str) -> bytes:
    """`<address>` and nothing else."""
    return plain(name, f"<{address}>")


def check(head: bytes, names: Sequence[str]) -> None:
    """The finished head has these headers, in this order, and no other; else it is not sent."""
    lines = head.split(b"\r\n")
    if lines.pop() != b"":
        raise RenderError("a head of a mail does not end with its line")
    found: list[str] = []
    for line in lines:
        header = _HEADER_LINE.fullmatch(line)
        if len(line) > _HARD_LIMIT or (header is None and (not found or _CONTINUATION.fullmatch(line) is None)):
            raise RenderError(f"this line cannot stand in the head of a mail: {line[:_LINE]!r}")
        if header is not None:
            found.append(header[1].decode("ascii"))
    if found != list(names):
        raise RenderError(f"a head of a mail has the headers {', '.join(found)} in place of {', '.join(names)}")


def _is_plain(value: str) -> bool:
    return value.isascii() and "=?" not in value


def _phrase(display: str, column: int) -> list[str]:
    """The lines of a display name: as it is, in quotes, or in encoded words."""
    if _is_plain(display):
        shown = display if _ATOMS.fullmatch(display) else '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
        if column + len(shown) <= _LINE:
            return [shown]
    return list(_encoded_words(display, column))


def _folded(value: str, column: int) -> Iterator[str]:
    """Lines of whole words. A text has no two spaces in a row, so each fold stands for exactly one."""
    line, room = "", _LINE - column
    for word in value.split(" "):
        if line and len(line) + 1 + len(word) > room:
            yield line
            line, room = word, _LINE - 1
        else:
            line = f"{line} {word}" if line else word
    yield line


def _encoded_words(value: str, column: int) -> Iterator[str]:
    """RFC 2047: whole characters in each word, the shorter of the two encodings for all of them."""
    quoted = [_q(sign) for sign in value]
    if sum(map(len, quoted)) <= _base64_length(len(value.encode())):
        yield from (f"=?utf-8?q?{word}?=" for word in _packed(quoted, len, column))
    else:
        words = _packed(value, lambda part: _base64_length(len(part.encode())), column)
        yield from (f"=?utf-8?b?{b64encode(word.encode()).decode('ascii')}?=" for word in words)


def _packed(pieces: Iterable[str], length: Callable[[str], int], column: int) -> Iterator[str]:
    """As many pieces to a word as it can bear; the first one stands behind the header's name."""
    room = _LINE - column - len("=?utf-8?q??=")
    word = ""
    for piece in pieces:
        if word and length(word + piece) > room:
            yield word
            word, room = "", _WORD - len("=?utf-8?q??=")
        word += piece
    yield word


def _q(sign: str) -> str:
    if sign in _Q_SAFE:
        return sign
    return "_" if sign == " " else "".join(f"={byte:02X}" for byte in sign.encode())


def _base64_length(size: int) -> int:
    return (size + 2) // 3 * 4
