"""Quoted-printable for letters that are spliced.

The standard library's encoder breaks lines wherever they are full, also in the middle of a reader's token, leaves a
lone CR as it is, and parts the bytes of one character. This one does neither: a soft break stands between characters
and never in a token.
"""

from collections.abc import Iterator
from functools import lru_cache

from aggregator.model import TOKEN_PLACEHOLDER

LONGEST_LINE = 76
_CONTINUES = "89AB"  # first hexadecimal digit of a byte inside a UTF-8 character


class _Codes(dict[int, str]):
    """Each character's code, worked out when it first occurs."""

    def __missing__(self, point: int) -> str:
        sign = chr(point)
        plain = sign == "\t" or (" " <= sign <= "~" and sign != "=")
        self[point] = sign if plain else "".join(f"={byte:02X}" for byte in sign.encode("utf-8", "replace"))
        return self[point]


_CODES = _Codes()


def quoted_printable(text: str) -> bytes:
    """`text` in UTF-8, with CRLF between its lines, none of them longer than 76 characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\r\n".join(map(_encoded, lines)).encode("ascii")


@lru_cache(maxsize=1 << 13)  # readers' letters are put together from the same lines
def _encoded(line: str) -> str:
    return "\r\n".join(_folded(_ended(line.translate(_CODES))))


def _ended(line: str) -> str:
    """White space at the end of a line gets lost on the way, so it is encoded."""
    return line[:-1] + f"={ord(line[-1]):02X}" if line.endswith((" ", "\t")) else line


def _folded(line: str) -> Iterator[str]:
    start = 0
    while len(line) - start > LONGEST_LINE:
        cut = _cut(line, start + LONGEST_LINE - 1)
        yield line[start:cut] + "="
        start = cut
    yield line[start:]


def _cut(line: str, at: int) -> int:
    """The last place up to `at` where the line may be parted."""
    token = line.find(TOKEN_PLACEHOLDER, at - len(TOKEN_PLACEHOLDER) + 1, at + len(TOKEN_PLACEHOLDER) - 1)
    if token != -1:
        return token
    for back in (1, 2):
        if line[at - back] == "=":
            at -= back
    while line[at] == "=" and line[at + 1] in _CONTINUES:
        at -= 3
    return at
