"""Headlines as they are compared: without the name of an outlet or a rubric at either end, and with an eye on figures."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from aggregator.curate.text import CJK

WORD = re.compile(rf"[{CJK}]|\d+(?:[.,:]\d+)*|[^\W\d_{CJK}]+(?:'[^\W\d_{CJK}]+)?")
"""A figure, one character of a script without spaces, or a word. Of folded text."""

_NO_LETTER = re.compile(r"[^\w]|_")
_SEPARATOR = re.compile(
    r"\s+[-|/·•»:丨]+\s+|\s*[|丨_]+\s*|\s*:+\s+|(?<=[^\x00-\x7f]):|(?<=[\])】〕\"])\s*(?=\w)|\s+(?=\[)"
)
_LONGEST_LABEL = 36
"""The width of what may be an outlet's or a rubric's name beside a headline."""
OWN = 24
"""The width from which on a headline is an article's own, and no rubric's."""
_LEAST_CUT = 12
_ALIKE = 0.7
_NEAREST = 0.6
_TEMPLATE = 0.5
_CHARACTERS = 10
"""Letters of a headline of which one may be another."""
_LATIN = "\u10ff"
_SETTING_APART = frozenset("上中下前后左右东西南北春夏秋冬甲乙丙丁男女早晚日夜内外新旧大小abcdefghijklmnopqrstuvwxyz")
"""Single characters that part the numbers of a series, or two places."""
_EVERY = 6
"""One word of so many may be missing."""


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPELT = _split(
    """
    one two three four five six seven eight nine ten eleven twelve first second third fourth fifth
    monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec ii iii iv vi vii viii ix xi xii
    二 三 四 五 六 七 八 九 十
    """
)
"""Figures that are written as words, days and months."""
_ORDER = re.compile(
    r"第[〇零一二三四五六七八九十百千两\d]+|[〇零一二三四五六七八九十百千]+(?=[期集日月号回章届例])"
    r"|(?<=[周星])(?:期)?[一二三四五六日天]|[(\[][上中下一二三四五六七八九十][)\]]|[ ][上中下]$"
)
"""The numbers of Chinese series."""


@dataclass(frozen=True, slots=True)
class Headline:
    """`letters`: without all signs. `marks`: figures, days and months, in their order. `cut`: it ends in "…". `whole`: no
    label was taken away.
    """

    letters: str
    words: tuple[str, ...]
    marks: tuple[str, ...]
    cut: bool
    whole: bool

    @property
    def width(self) -> int:
        return width(self.letters)


Relation = Literal["same", "near", "varied", "series", "other"]
"""`near`: the same, corrected. `varied`: a word stands for another. `series`: the same but for its figures."""


def headlines(folded: str) -> tuple[Headline, ...]:
    """The whole one first, then what it is without the labels at its ends. A label that has figures is none."""
    whole = _headline(folded, whole=True)
    parts = {one.letters: one for one in (_headline(part, whole=False) for part in _parts(folded))}
    return (whole, *(one for one in parts.values() if one.letters not in {"", whole.letters}))


def relation(ours: tuple[Headline, ...], theirs: tuple[Headline, ...]) -> Relation:
    """The closest that any two of their forms have."""
    both = [(one, other) for one in ours for other in theirs if _are_comparable(one, other)]
    if any(one.letters == other.letters or _is_cut(one, other) or _is_cut(other, one) for one, other in both):
        return "same"
    found = {(_nearness(one, other), one.marks == other.marks) for one, other in both}
    for nearness in ("near", "varied"):
        if (nearness, True) in found:
            return nearness
        if (nearness, False) in found:
            return "series"
    whole = (ours[0], theirs[0])
    return "series" if _differ(*whole) and _share(*whole) >= _TEMPLATE else "other"


def _are_comparable(one: Headline, other: Headline) -> bool:
    """What is left of both when both lose their labels must be a headline of its own, not a rubric."""
    return one.whole or other.whole or min(one.width, other.width) >= OWN


def letters(folded: str) -> str:
    return _NO_LETTER.sub("", folded)


def width(text: str) -> int:
    """How much a text says, by the bytes of its UTF-8: a Chinese character counts three letters."""
    return len(text.encode("utf-8", "surrogatepass"))


def is_figure(word: str) -> bool:
    """Of folded text: no letter stands before ":"."""
    return word < ":" or word in SPELT


def _headline(folded: str, *, whole: bool) -> Headline:
    words = tuple(WORD.findall(folded))
    marks = (*filter(is_figure, words), *(_ORDER.findall(folded) if not folded.isascii() else ()))
    return Headline(letters(folded), words, marks, cut=folded.rstrip(" )]").endswith("..."), whole=whole)


def _parts(title: str) -> Iterator[str]:
    signs = [(found.start(), found.end()) for found in _SEPARATOR.finditer(title) if found.start()]
    if not signs:
        return
    (head, begin), (end, tail) = signs[0], signs[-1]
    if _is_label(title[tail:]):
        yield title[:end]
    if _is_label(title[:head]):
        yield title[begin:]
        if begin < end and _is_label(title[tail:]):
            yield title[begin:end]


def _is_label(part: str) -> bool:
    return width(letters(part)) <= _LONGEST_LABEL and not _headline(part, whole=False).marks


def _differ(one: Headline, other: Headline) -> bool:
    return bool(one.marks and other.marks) and one.marks != other.marks


def _is_cut(one: Headline, other: Headline) -> bool:
    return one.cut and one.width >= _LEAST_CUT and other.letters.startswith(one.letters)


def _nearness(one: Headline, other: Headline) -> Literal["near", "varied", "other"]:
    """Figures aside: near where words are spelt otherwise, left out or put in; varied where one stands for another."""
    few, many = sorted((len(one.letters), len(other.letters)))
    if few < _NEAREST * many:
        return "other"
    less, more = Counter(one.words), Counter(other.words)
    gone = [word for word in (less - more).elements() if not is_figure(word)]
    new = [word for word in (more - less).elements() if not is_figure(word)]
    least = max(len(one.words), len(other.words)) // _EVERY
    if not gone and not new:
        return "near" if one.words == other.words or one.marks != other.marks else "varied"
    if not gone or not new:
        return "near" if len(gone) + len(new) <= max(1, least) else "other"
    share = _share(one, other)
    if share >= _ALIKE and _are_misspelt("".join(gone), "".join(new), len(one.letters)):
        return "near"
    exchanged = share >= _ALIKE and len(gone) <= least and len(new) <= least
    return "varied" if exchanged or (share >= _TEMPLATE and _is_wrong_character(gone, new)) else "other"


def _is_wrong_character(gone: list[str], new: list[str]) -> bool:
    return len(gone) == len(new) == 1 and min(gone[0], new[0]) > _LATIN and _SETTING_APART.isdisjoint((gone[0], new[0]))


def _are_misspelt(gone: str, new: str, among: int) -> bool:
    if len(gone) == len(new) == 1:
        return among >= _CHARACTERS and _SETTING_APART.isdisjoint((gone, new))
    few, many = sorted((_pairs(gone), _pairs(new)), key=len)
    return 2 * len(few & many) >= max(1, len(many))


def _share(one: Headline, other: Headline) -> float:
    first, second = _pairs(one.letters), _pairs(other.letters)
    return len(first & second) / max(1, len(first), len(second))


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}
