"""A text as terms are looked for in it: bytes, in small letters, words parted by single spaces.

Folding a Chinese text character by character takes many times as long as finding all terms in it. So the text is only
put into bytes, where one table does letters and separators at once, and it is the terms that are spelled in all the
ways which folding makes one. Only what stands outside of ASCII, common Chinese characters and their marks is folded.
"""

import re
import unicodedata

from aggregator.curate.text import fold

_TO_SPACE = "-'`_/()[]{}<>\"~^\\*="
"""They part words, and a phrase goes on across them; other marks end it. Quotation marks and dashes likewise."""
_SPACES = "’‘“”–—―\u3000\xa0"
_CJK_MARKS = "、。〃「」『』【】《》〈〉〔〕，：；？！（）｜～・…·•\ufffd"
_SIGNS = "£€¥¢§©®°±×÷«»¿¡à-öø-ÿ"
"""Signs, and small letters with accents: as they stand, they are folded already."""
_COMMON = rf"\x00-\x7f\u3005-\u3007\u4e00-\u9fff{_CJK_MARKS}{_SPACES}{_SIGNS}"
_IS_COMMON = re.compile(f"[{_COMMON}]*")
# From the letters before what is not common (an accent may combine with them) to the next mark that folding would change.
_ELSE = re.compile(rf"[A-Za-z0-9à-öø-ÿ]*[^{_COMMON}][^{_CJK_MARKS}{_SPACES}\x00]*")

# Two spaces to begin with, then any: a literal start is searched for at once, ` {2,}` eight times as long.
_RUN = re.compile(rb"  +")


def _table(*, lower: bool) -> bytes:
    table = bytearray(range(256))
    for code in range(1, 128):
        sign = chr(code)
        table[code] = ord(" " if sign.isspace() or sign in _TO_SPACE else sign.lower() if lower else sign)
    return bytes(table)


_SMALL, _AS_WRITTEN = _table(lower=True), _table(lower=False)


def haystack(text: str) -> bytes:
    if not text.isascii():
        if not _IS_COMMON.fullmatch(text):
            text = _ELSE.sub(_folded, text)
        text = _parted(text)
    return _RUN.sub(b" ", text.encode("utf-8", "replace").translate(_SMALL))


def as_written(text: str) -> bytes:
    """The same with its capitals; as long as the haystack, unless folding changed the number of bytes."""
    if not text.isascii():
        text = _parted(_ELSE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text))
    return _RUN.sub(b" ", text.encode("utf-8", "replace").translate(_AS_WRITTEN))


def _folded(found: re.Match[str]) -> str:
    """Between two bars, so that folding leaves the spaces at its ends alone."""
    return fold(f"|{found[0]}|")[1:-1]


def _parted(text: str) -> str:
    for mark in _SPACES:
        text = text.replace(mark, " ")
    return text
