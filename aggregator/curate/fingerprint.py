"""What makes two texts alike: words of Latin scripts, pairs of Chinese characters, figures."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.curate.stopwords import CHINESE, ENGLISH
from aggregator.curate.text import CJK, fold
from aggregator.model import Entry

_PIECE = re.compile(rf"[{CJK}]+|\d+(?:[.,]\d+)*|[^\W\d_{CJK}]+")
_IS_CJK = re.compile(f"[{CJK}]")
_NAMED = re.compile(r"(?<=[\w,;] )[A-Z][\w]+")
_TITLE = 2.0
_NAME = 1.5
"""A word that is capitalised inside a sentence, or a figure: names and numbers tell events apart."""
_SUMMARY = 400
"""Characters of the summary that count: the event stands at its beginning."""
_BODY = 8
"""Features beyond those of the title from which on a text is more than its headline."""
_UNIT = 1 << 20
"""Weights are whole numbers: sums of them do not depend on the order in which they are added."""

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_MONTHS = "january february march april may june july august september october november december"
_FIGURE = re.compile(
    rf"\d+(?:[.,]\d+)*|\b(?:{'|'.join(f'{_NUMBERS} {_DAYS} {_MONTHS}'.split())})\b"
    r"|(?<=第)[〇零一二三四五六七八九十百千]+|[〇零一二三四五六七八九十百千]+(?=[期集日月号回章届例])|(?<=[周星])(?:期)?[一二三四五六日]"
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`weights`: feature -> how much it counts, before its rarity; together they have the length `_UNIT`.

    `template` is the title without its figures. `cjk`: written in Chinese, Japanese or Korean. `brief`: little more
    than a headline.
    """

    weights: dict[str, int]
    template: str
    figures: tuple[str, ...]
    cjk: bool
    brief: bool


def fingerprint(entry: Entry) -> Fingerprint:
    summary = entry.summary[:_SUMMARY]
    title, body = fold(entry.title), fold(summary)
    names = {_stem(word.casefold()) for word in _NAMED.findall(f"{entry.title} {summary}")}
    headline, told = Counter(_features(title)), Counter(_features(body))
    worth: dict[str, float] = {}
    for counts, place in ((headline, _TITLE), (told, 1.0)):
        for feature, count in counts.items():
            boost = _NAME if feature in names or feature[0].isdigit() else 1.0
            worth[feature] = max(worth.get(feature, 0.0), place * boost * (1 + 0.3 * (min(count, 3) - 1)))
    return Fingerprint(
        weights=_whole(worth),
        template=_FIGURE.sub("#", title),
        figures=tuple(_FIGURE.findall(title)),
        cjk=2 * sum(_IS_CJK.match(feature) is not None for feature in worth) > len(worth),
        brief=len(told - headline) < _BODY,
    )


def runs(features: Iterable[str]) -> list[str]:
    """Features as people read them: pairs of characters that follow one another become one string."""
    found: list[str] = []
    for feature in features:
        if found and len(feature) > 1 and _IS_CJK.match(feature) and found[-1][-1] == feature[0]:
            found[-1] += feature[1:]
        else:
            found.append(feature)
    return found


def _whole(worth: dict[str, float]) -> dict[str, int]:
    length = math.sqrt(math.fsum(weight * weight for weight in worth.values())) or 1.0
    return {feature: round(_UNIT * weight / length) for feature, weight in worth.items()}


def _features(folded: str) -> list[str]:
    found: list[str] = []
    for piece in _PIECE.findall(folded):
        if _IS_CJK.match(piece):
            pairs = [piece[place : place + 2] for place in range(len(piece) - 1)] or [piece]
            found += [pair for pair in pairs if pair not in CHINESE]
        elif piece[0].isdigit():
            found.append(piece.replace(",", ""))
        elif len(piece) > 1 and piece not in ENGLISH:
            found.append(_stem(piece))
    return found


def _stem(word: str) -> str:
    """Light: plurals and -ed/-ing of longer words; enough for "laboratories" to meet "laboratory"."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):  # noqa: PLR2004  a word's core
            return word[: -len(ending)] + instead
    return word
