"""Names that have an English form of their own, and the Chinese words for them: the table beside this module."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from aggregator.write.words import folded


@dataclass(frozen=True, slots=True)
class Known:
    """`english`: folded forms, one of which may stand for another where `joined`; `chinese`: simplified."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]
    joined: bool


@cache
def known() -> tuple[Known, ...]:
    return tuple(_read())


def _read() -> Iterator[Known]:
    joined = True
    for line in files("aggregator.write").joinpath("known_names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            joined = False
        elif line and not line.startswith("#"):
            names, _, words = line.rpartition(": ")
            english = tuple(folded(name) for name in names.split("; "))
            yield Known(english, tuple(words.split("|")), joined)


@cache
def by_english() -> Mapping[str, tuple[Known, ...]]:
    """Folded English form -> what it may stand for."""
    found: dict[str, tuple[Known, ...]] = {}
    for one in known():
        for name in one.english:
            found[name] = (*found.get(name, ()), one)
    return found


@cache
def longest() -> int:
    """Words of the longest English form."""
    return max(len(name.split()) for name in by_english())


@cache
def chinese_names() -> re.Pattern[str]:
    """The Chinese words that are names by themselves, the longest first."""
    words = {word for one in known() if one.joined for word in one.chinese if len(word) > 1}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@cache
def by_chinese() -> Mapping[str, tuple[Known, ...]]:
    found: dict[str, tuple[Known, ...]] = {}
    for one in known():
        for word in one.chinese:
            found[word] = (*found.get(word, ()), one)
    return found
