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
    return tuple(_known(line, joined=part == "names") for part, line in _lines() if part != "places")


@cache
def places() -> frozenset[str]:
    """Chinese places whose English name is how they are read."""
    return frozenset(place for part, line in _lines() if part == "places" for place in line.split())


def _lines() -> Iterator[tuple[str, str]]:
    """Each with the part of the table that it stands in."""
    part = "names"
    for line in files("aggregator.write").joinpath("known_names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            part = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            yield part, line


def _known(line: str, *, joined: bool) -> Known:
    names, _, words = line.rpartition(": ")
    return Known(tuple(folded(name) for name in names.split("; ")), tuple(words.split("|")), joined)


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
    words = places() | {word for one in known() if one.joined for word in one.chinese if len(word) > 1}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@cache
def by_chinese() -> Mapping[str, tuple[Known, ...]]:
    found: dict[str, tuple[Known, ...]] = {}
    for one in known():
        for word in one.chinese:
            found[word] = (*found.get(word, ()), one)
    return found
