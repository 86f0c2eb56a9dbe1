"""Texts as they are compared: without case, accents and possessives; Chinese in simplified characters."""

import re
import unicodedata
from functools import cache
from typing import Any

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_RUN = re.compile(f"[{HAN}]+")
_SIGN = rf"(?:(?![{HAN}])[^\W_])"
_WORD = re.compile(rf"{_SIGN}+(?:['’.&]{_SIGN}+)*")
_POSSESSIVE = re.compile(r"['’]s$|['’]$")
_PLAIN = str.maketrans({"’": "'", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ı": "i", "æ": "ae"})


def folded(text: str) -> str:
    """Words with one space between them: “the U.S.’s” is “the us”."""
    return " ".join(map(fold_word, words(text)))


def words(text: str) -> list[str]:
    """As they are written; hyphens part them, and Chinese characters, which are none."""
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def fold_word(word: str) -> str:
    plain = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", word).translate(_PLAIN))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).replace(".", "").casefold()


def simplified(text: str) -> str:
    return str(_converter().convert(unicodedata.normalize("NFKC", text)))


def traditional(text: str) -> str:
    return str(_converter("s2t").convert(unicodedata.normalize("NFKC", text)))


@cache
def _converter(kind: str = "t2s") -> Any:
    from opencc import OpenCC

    return OpenCC(kind)


def han_runs(text: str) -> list[str]:
    return _HAN_RUN.findall(text)
