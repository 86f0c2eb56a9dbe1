"""What the learned layer sees of a text: words, their beginnings, pairs of words; of Chinese, runs of one to four characters.

Training and sorting read a text by the same functions, so that they can never mean different things.
"""

import re
from collections.abc import Iterator
from zlib import crc32

from aggregator.curate.text import CJK, fold

LONGEST_RUN = 4
"""Characters of a Chinese word that the vectors of words may know; what is learned goes up to three."""
_READ = 1000
"""Characters of a text beside its headline: what it is about stands at its beginning."""
_STEM = 5
_UNIT = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_IS_CJK = re.compile(f"[{CJK}]")

WORD, STEM, PAIR, RUN = "w", "s", "p", "r"
"""A feature's first character says what it is."""


def features(title: str, text: str) -> list[str]:
    """All features, those of the headline once more where the text repeats them: a headline's words count anew."""
    return [*_of(title), *_of(text[:_READ])]


def is_run(feature: str) -> bool:
    return feature[0] == RUN


def shown(feature: str) -> str:
    """As people read it."""
    return f"{feature[1:]}…" if feature[0] == STEM else feature[1:]


def key(feature: str) -> int:
    """The same in every version and on every machine, which Python's own hash is not."""
    return crc32(feature.encode())


def _of(text: str) -> Iterator[str]:
    units = _UNIT.findall(fold(text))
    latin: str | None = None
    seen: dict[str, None] = {}
    for unit in units:
        if _IS_CJK.match(unit):
            seen.update(dict.fromkeys(_runs(unit)))
            latin = None
            continue
        seen[WORD + unit] = None
        if len(unit) > _STEM:
            seen[STEM + unit[:_STEM]] = None
        if latin is not None:
            seen[f"{PAIR}{latin} {unit}"] = None
        latin = unit
    return iter(seen)


def _runs(text: str) -> Iterator[str]:
    for length in range(1, LONGEST_RUN + 1):
        for start in range(len(text) - length + 1):
            yield RUN + text[start : start + length]
