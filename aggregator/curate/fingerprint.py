"""What makes two texts alike: words of Latin scripts, pairs of Chinese characters, figures."""

import re
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import lru_cache

from aggregator.curate.stopwords import CHINESE, ENGLISH
from aggregator.curate.text import CJK, fold
from aggregator.model import Entry

_PIECE = re.compile(rf"[{CJK}]+|\d+(?:[.,]\d+)*|[^\W\d_{CJK}]+")
_ASCII = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*")
"""The same of a folded text that has ASCII only, in a third of the time."""
_IS_CJK = re.compile(f"[{CJK}]")
_BEFORE_CJK = "\u10ff"
"""Most features of other scripts are known by comparing with it."""
_NAMED = re.compile(r"(?<=[\w,;] )[A-Z][\w]+")
UNIT = 100
"""What a word of the headline weighs. Weights are whole numbers: sums of them do not depend on the order of adding."""
_TOLD, _AGAIN = 35, 46
"""A word of the summary alone; one that the summary says more than once."""
_NAME = 2
"""So many times as much counts what is capitalised inside a sentence of the summary: names tell events apart."""
_PAIR = 2
"""Pairs of characters overlap: this many are as much as one word."""
_SUMMARY = 400
"""Characters of the summary that count: the event stands at its beginning."""
_BODY = 8
"""Features beyond those of the title from which on a text is more than its headline."""
_MOST = 64
"""Features of an entry that count, those of the headline first."""
_LINK, _LINKS = 25, 4
"""What an address weighs that a text links to elsewhere, and so many: two that name one document are on one thing."""
_HREF = re.compile(r'<a\s[^<>]*?href="https?://(?:www\.)?([^"/?#<>\s]+)(/[^"?#<>\s]{4,200})', re.IGNORECASE)

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_MONTHS = "january february march april may june july august september october november december"
_WAYS = "up down higher lower rise rises fall falls gain gains lose loses"
_HAN_NUMBER = "[〇零一二三四五六七八九十百千]+"
_FIGURE_ASCII = re.compile(rf"(\d+(?:[.,]\d+)*|\b(?:{'|'.join(f'{_NUMBERS} {_DAYS} {_MONTHS} {_WAYS}'.split())})\b)")
_FIGURE = re.compile(
    _FIGURE_ASCII.pattern[:-1] + rf"|(?<=第){_HAN_NUMBER}|{_HAN_NUMBER}(?=[期集日月号回章届例万亿])"
    "|(?<=[周星])(?:期)?[一二三四五六日]|[涨跌升降])"
)
_PARTS = "episode|ep|part|issue|no|number|vol|volume|edition|chapter|round|day|week"
_MONTH = f"({'|'.join(_MONTHS.split())})"
_SERIAL = re.compile(
    rf"\b({_PARTS})\b[ .#:]*(\d+)|第(\d+|{_HAN_NUMBER})([期集季章回届轮批周天号])"
    rf"|\b(\d{{1,2}}) {_MONTH}\b(?! \d{{4}})|\b{_MONTH} (\d{{1,2}})\b(?!,? \d{{4}})|(\d{{1,2}}月)(\d{{1,2}})[日号]"
)
_MAGNITUDE = re.compile(r"\bmagnitude[ -]*(\d+(?:\.\d+)?)|(?<![\d.] )\b(\d+(?:\.\d+)?)[ -]*(?:magnitude|级)")
_IS_NUMBER = re.compile(rf"\d+|{_HAN_NUMBER}")
_NUMBERED = re.compile(r"\d|第")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`weights`: feature -> how much it counts, before its rarity, in hundredths of a word of the headline.

    `names` are those that are capitalised as names are. `template` is the title without its figures, days and
    directions. `serials` are what numbers it in a series, by kind: (episode, 12), (may, 3). `cjk`: written in Chinese,
    Japanese or Korean. `brief`: little more than a headline.
    """

    weights: dict[str, int]
    names: frozenset[str]
    template: str
    figures: tuple[str, ...]
    serials: tuple[tuple[str, str], ...]
    cjk: bool
    brief: bool


def fingerprint(entry: Entry) -> Fingerprint:
    summary = entry.summary[:_SUMMARY]
    title, body = fold(entry.title), fold(summary)
    names = frozenset(stem(word.casefold()) for word in _NAMED.findall(summary))
    headline, told = Counter(_features(title)), Counter(_features(body))
    pieces = (_FIGURE_ASCII if title.isascii() else _FIGURE).split(title)
    both = headline.keys() | told.keys()
    return Fingerprint(
        weights=_weights(headline, told, names) | dict.fromkeys(_links(entry), _LINK),
        names=names,
        template="#".join(pieces[::2]),
        figures=tuple(pieces[1::2]),
        serials=_serials(title),
        cjk=2 * sum(map(_is_cjk, both)) > len(both),
        brief=len(both) - len(headline) < _BODY,
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


def _serials(title: str) -> tuple[tuple[str, str], ...]:
    if not _NUMBERED.search(title):
        return ()
    parts = [[part for part in found if part] for found in _SERIAL.findall(title)]
    found = [(other, one) if _IS_NUMBER.fullmatch(one) else (one, other) for one, other in parts]
    strengths = [("magnitude", one or other) for one, other in _MAGNITUDE.findall(title)]
    return tuple(found + strengths)


def _weights(headline: Counter[str], told: Counter[str], names: Container[str]) -> dict[str, int]:
    weights: dict[str, int] = {}
    for feature in (*headline, *(feature for feature in told if feature not in headline)):
        weight = UNIT if feature in headline else _AGAIN if told[feature] > 1 else _TOLD
        if feature in names:
            weight *= _NAME
        weights[feature] = weight // _PAIR if _is_cjk(feature) else weight
        if len(weights) == _MOST:
            break
    return weights


def _links(entry: Entry) -> list[str]:
    """Pages of other hosts that the text leads to."""
    if "href=" not in entry.content:
        return []
    ours = (entry.canonical_url or "").partition("/")[0].removeprefix("www.")
    found = (
        f"→{host.lower()}{path.rstrip('/')}" for host, path in _HREF.findall(entry.content) if host.lower() != ours
    )
    return list(dict.fromkeys(found))[:_LINKS]


def _is_cjk(feature: str) -> bool:
    return feature > _BEFORE_CJK and _IS_CJK.match(feature) is not None


def _features(folded: str) -> list[str]:
    pieces = _ASCII if folded.isascii() else _PIECE
    return [feature for piece in pieces.findall(folded) for feature in _of(piece)]


@lru_cache(maxsize=1 << 15)
def _of(piece: str) -> tuple[str, ...]:
    if _is_cjk(piece):
        pairs = [piece[place : place + 2] for place in range(len(piece) - 1)] or [piece]
        return tuple(pair for pair in pairs if pair not in CHINESE)
    if piece[0].isdigit():
        return (piece.replace(",", ""),)
    return (stem(piece),) if len(piece) > 1 and piece not in ENGLISH else ()


_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""))
_CORE = 3


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Light: plurals, -ed, -ing, a double letter or an e before them; enough for "laboratories" to meet "laboratory"."""
    core = word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _CORE and not word.endswith("ss"):
            core = word[: -len(ending)] + instead
            if len(core) > _CORE + 1 and core[-1] == core[-2] and core[-1] not in "aeiouls":
                core = core[:-1]
            break
    return core[:-1] if len(core) > _CORE + 1 and core[-1] == "e" else core
