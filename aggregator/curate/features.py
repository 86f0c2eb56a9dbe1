"""What the learned layer sees of a text, for its subject and for its manner.

Subject: words and pairs of words. Where a text has Chinese: runs of one to three characters, in which signs and the two
ends count as characters and every number as one, and parts of what stands there in Latin letters. Manner (opinion, report):
besides, how a headline is built, which is its words of grammar and signs, with everything else a blank.

Training and sorting read a text by the same functions, so that they can never mean different things.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from zlib import crc32

from aggregator.curate.stopwords import ENGLISH
from aggregator.curate.text import CJK, fold, plain
from aggregator.model import Entry

LONGEST_RUN = 4
"""Characters of a Chinese word that the vectors of words may know; what is learned goes up to three."""
_READ = 1000
"""Characters of a text beside its headline: what it is about stands at its beginning."""
_BUILT = 4
"""Words of a headline's build that are looked at together."""
_WORD = re.compile(rf"[^\W_{CJK}]+")
_UNIT = re.compile(rf"[{CJK}]|[0-9]+(?:[.,][0-9]+)*|[^\W\d_{CJK}]+|[^\w\s]")
_CJK = re.compile(f"[{CJK}]")
_CJK_RUN = re.compile(f"[{CJK}]{{{LONGEST_RUN},}}")
_SIGNED = re.compile(r"[a-z]+|\d+|[?!.,:;'\"()-]")
_NUMBER, _BLANK, _START, _END = "#", "_", "^", "$"
_DIGITS = frozenset("0123456789")

WORD, PAIR, RUN, PART, BUILD = "w", "p", "r", "l", "b"
"""A feature's first character says what it is."""

_ALSO = (
    "i me my you your he him his she her we us our they them their who what why how when where which not no never "
    "can could will would shall should must may might do does did is isn are aren was were be been being have has "
    "had let don doesn didn won t s re ve ll m d really just still even only ever if than then but because about "
    "against without"
)
_GRAMMAR = ENGLISH.union(_ALSO.split())
"""Words that say how a sentence is built, and not what about."""


def subject(title: str, text: str) -> list[str]:
    """Each feature once for the headline and once for the text: what both say counts twice."""
    return [*_of(fold(title)), *_of(fold(text[:_READ]))]


def manner(title: str, text: str) -> list[str]:
    folded = fold(title)
    return [*_of(folded), *_build(folded), *_of(fold(text[:_READ]))]


def said(entry: Entry) -> tuple[str, str]:
    """What is read of an entry: its headline, and its summary or, without one, its text."""
    return entry.title, entry.summary or plain(entry.content)


Read = Callable[[str, str], list[str]]
READ: Mapping[str, Read] = {"subject": subject, "manner": manner}


def shown(feature: str) -> str:
    """As people read it."""
    return f"…{feature[1:]}…" if feature[0] == PART else feature[1:]


def key(feature: str) -> int:
    """The same in every version and on every machine, which Python's own hash is not."""
    return crc32(feature.encode("utf-8", "surrogatepass"))


def _of(folded: str) -> Iterable[str]:
    words = _WORD.findall(folded)
    found = [WORD + word for word in words]
    if _CJK.search(folded):
        found += _runs(folded)
        found += _parts(words)
    else:
        found += [f"{PAIR}{one} {other}" for one, other in pairwise(words)]
    return dict.fromkeys(found)


def _runs(folded: str) -> list[str]:
    units = [_START, *[_NUMBER if unit[0] in _DIGITS else unit for unit in _UNIT.findall(folded)], _END]
    twos = [one + other for one, other in pairwise(units)]
    found = [RUN + one for one in units]
    found += [RUN + two for two in twos]
    found += [RUN + two + one for two, one in zip(twos, units[2:], strict=False)]
    for run in _CJK_RUN.findall(folded):
        found += [RUN + run[start : start + LONGEST_RUN] for start in range(len(run) - LONGEST_RUN + 1)]
    return found


def _parts(words: Sequence[str]) -> list[str]:
    return [
        PART + word[start : start + length]
        for word in words
        for length in (2, 3)
        for start in range(len(word) - length + 1)
    ]


def _build(folded: str) -> Iterable[str]:
    words = [
        word if word in _GRAMMAR or not word[0].isalnum() else _NUMBER if word[0].isdigit() else _BLANK
        for word in _SIGNED.findall(folded)
    ]
    built = [_START, *words, _END]
    runs = (
        " ".join(built[start : start + length])
        for length in range(1, _BUILT + 1)
        for start in range(len(built) - length + 1)
    )
    told = _WORD.findall(folded)
    ends = (f"{_START}{told[0]}", f"{_START}{' '.join(told[:2])}", f"{told[-1]}{_END}") if told else ()
    return dict.fromkeys(BUILD + one for one in (*runs, *ends, f"{len(told) // 3 * 3} words"))
