"""What makes two texts alike: words of Latin scripts, pairs of Chinese characters, figures."""

import re
from collections import Counter
from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass

from aggregator.curate.stopwords import CHINESE, ENGLISH
from aggregator.curate.text import CJK, fold
from aggregator.model import Entry

_PIECE = re.compile(rf"[{CJK}]+|\d+(?:[.,]\d+)*|[^\W\d_{CJK}]+")
_IS_CJK = re.compile(f"[{CJK}]")
_NAMED = re.compile(r"(?<=[\w,;] )[A-Z][\w]+")
UNIT = 100
"""What a word of the headline weighs. Weights are whole numbers: sums of them do not depend on the order of adding."""
_BOTH = 1.2
"""A word of the headline that the summary takes up."""
_TOLD = 0.5
"""A word of the summary alone."""
_AGAIN = 1.3
"""A word that the summary says more than once."""
_NAME = 1.6
"""A word that is capitalised inside a sentence of the summary: names tell events apart."""
_PAIR = 0.5
"""Pairs of characters overlap: two to three of them are as much as one word."""
_SUMMARY = 400
"""Characters of the summary that count: the event stands at its beginning."""
_BODY = 8
"""Features beyond those of the title from which on a text is more than its headline."""
_MOST = 64
"""Features of an entry that count, those of the headline first."""

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_MONTHS = "january february march april may june july august september october november december"
_FIGURE = re.compile(
    rf"\d+(?:[.,]\d+)*|\b(?:{'|'.join(f'{_NUMBERS} {_DAYS} {_MONTHS}'.split())})\b"
    r"|(?<=第)[〇零一二三四五六七八九十百千]+|[〇零一二三四五六七八九十百千]+(?=[期集日月号回章届例])|(?<=[周星])(?:期)?[一二三四五六日]"
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`weights`: feature -> how much it counts, before its rarity, in hundredths of a word of the headline.

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
    names = {stem(word.casefold()) for word in _NAMED.findall(summary)}
    headline, told = Counter(_features(title)), Counter(_features(body))
    return Fingerprint(
        weights=_weights(headline, told, names),
        template=_FIGURE.sub("#", title),
        figures=tuple(_FIGURE.findall(title)),
        cjk=_is_cjk({**headline, **told}),
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


def words(text: str) -> frozenset[str]:
    """All words of a text, also those that say nothing of what it is about."""
    return frozenset(piece if piece[0].isdigit() else stem(piece) for piece in _PIECE.findall(fold(text)))


def _weights(headline: Counter[str], told: Counter[str], names: Container[str]) -> dict[str, int]:
    weights: dict[str, int] = {}
    for feature in (*headline, *(feature for feature in told if feature not in headline)):
        worth = _place(feature in headline, told[feature]) * (_NAME if feature in names else 1.0)
        weights[feature] = round(UNIT * worth * (_PAIR if _IS_CJK.match(feature) else 1.0))
        if len(weights) == _MOST:
            break
    return weights


def _place(headline: bool, told: int) -> float:  # noqa: FBT001  one of two places
    if headline:
        return _BOTH if told else 1.0
    return _TOLD * (_AGAIN if told > 1 else 1.0)


def _is_cjk(features: Collection[str]) -> bool:
    return 2 * sum(_IS_CJK.match(feature) is not None for feature in features) > len(features)


def _features(folded: str) -> list[str]:
    found: list[str] = []
    for piece in _PIECE.findall(folded):
        if _IS_CJK.match(piece):
            pairs = [piece[place : place + 2] for place in range(len(piece) - 1)] or [piece]
            found += [pair for pair in pairs if pair not in CHINESE]
        elif piece[0].isdigit():
            found.append(piece.replace(",", ""))
        elif len(piece) > 1 and piece not in ENGLISH:
            found.append(stem(piece))
    return found


def stem(word: str) -> str:
    """Light: plurals and -ed/-ing of longer words; enough for "laboratories" to meet "laboratory"."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):  # noqa: PLR2004  a word's core
            return word[: -len(ending)] + instead
    return word
