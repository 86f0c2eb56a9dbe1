"""What makes two texts alike: words of Latin scripts, pairs of Chinese characters, figures."""

import re
from collections import Counter
from dataclasses import dataclass

from aggregator.curate.stopwords import CHINESE, ENGLISH
from aggregator.curate.text import CJK, fold
from aggregator.model import Entry

_PIECE = re.compile(rf"[{CJK}]+|\d+(?:[.,]\d+)*|[^\W\d_{CJK}]+")
_IS_CJK = re.compile(f"[{CJK}]")
_TITLE = 2.0
_NAME = 1.5
"""A word that is capitalised inside a sentence, or a figure: names and numbers tell events apart."""
_SUMMARY = 400
"""Characters of the summary that count: the event stands at its beginning."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`weights`: feature -> how much it counts, before its rarity. `template`: the title without its figures."""

    weights: dict[str, float]
    template: str
    figures: tuple[str, ...]


def fingerprint(entry: Entry) -> Fingerprint:
    title, summary = fold(entry.title), fold(entry.summary[:_SUMMARY])
    names = _names(f"{entry.title} {entry.summary[:_SUMMARY]}")
    weights: dict[str, float] = {}
    for text, worth in ((summary, 1.0), (title, _TITLE)):
        for feature, count in Counter(_features(text)).items():
            boost = _NAME if feature in names or feature[0].isdigit() else 1.0
            weights[feature] = max(weights.get(feature, 0.0), worth * boost * (1 + 0.3 * (min(count, 3) - 1)))
    figures = tuple(re.findall(r"\d+(?:[.,]\d+)*", title))
    return Fingerprint(weights, re.sub(r"\d+(?:[.,]\d+)*", "#", title), figures)


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


def _names(text: str) -> set[str]:
    return {_stem(word.casefold()) for word in re.findall(r"(?<=[\w,;] )[A-Z][\w]+", text)}
