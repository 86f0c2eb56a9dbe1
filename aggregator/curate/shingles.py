"""A text as it is compared with others: its headline, the beginning of its body in short runs of words, its figures.

Words are the units of scripts that part them, single characters those of Chinese, Japanese and Korean.
"""

import heapq
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Literal

from aggregator.curate.text import CJK, fold
from aggregator.model import Entry

_LEAD = 1200
"""The width of the beginning of a body that is looked at: a copy that was cut keeps its beginning."""
_MARKUP = 3
"""So many characters of HTML are read at most for each of the lead."""
_LEAD_CJK = 450
_TOLD = 80
"""Characters of the summary by which it is known to be the body's beginning, and no text beside it."""

_CHARACTER = re.compile(f"[{CJK}]")
_TOKEN = re.compile(rf"\d+(?:[.,:]\d+)*|[{CJK}]|[^\W\d_{CJK}]+(?:'[^\W\d_{CJK}]+)?")
_FEW_LETTERS = re.compile(r"[^\w]|_")
_TAG = re.compile(r"<[^>]*>")
_UNFINISHED = re.compile(r"<[^>]*\Z")


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS_FOR_FIGURES = _split(
    """
    one two three four five six seven eight nine ten eleven twelve first second third fourth fifth
    monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec ii iii iv vi vii viii ix xi xii
    二 三 四 五 六 七 八 九 十
    """
)
_ORDER = re.compile(
    r"第[〇零一二三四五六七八九十百千两\d]+|[〇零一二三四五六七八九十百千]+(?=[期集日月号回章届例])|[(\[]?[上中下一][)\]]?$"
)
"""Numbers of a series in a Chinese headline."""

_SEPARATOR = re.compile(r"\s+[-|/·•»:]+\s+|\s*[|丨_]+\s*|\s*:+\s+|(?<=[^\x00-\x7f]):|(?<=[\])\"])\s*(?=\w)|\s+(?=\[)")
_LONGEST_LABEL = 36
"""The width of what may be an outlet's or a rubric's name beside a headline."""

Shingle = tuple[str, ...]
_RUN = 3


@dataclass(frozen=True, slots=True)
class Text:
    """`title`: its letters alone. `cores`: without the name of an outlet or a rubric at either end; empty where the rest
    would say too little. `marks`: figures, days and months of the title in their order. `words`: of the body's lead, in
    reading order. `figures`: what stands beside a figure of the body -> the figures there.
    """

    title: str
    cores: frozenset[str]
    title_grams: frozenset[str]
    marks: tuple[str, ...]
    words: tuple[str, ...]
    shingles: frozenset[Shingle]
    figures: Mapping[Shingle, frozenset[str]]
    width: int


@lru_cache(maxsize=256)
def text_of(entry: Entry) -> Text:
    title = fold(entry.title)
    words = tuple(_TOKEN.findall(_fold_fast(_lead(entry))))
    title_words = _TOKEN.findall(title)
    return Text(
        title=letters(title),
        cores=frozenset(_cores(title)),
        title_grams=frozenset(pairs(letters(title))),
        marks=_marks(title, title_words),
        words=words,
        shingles=frozenset(zip(words, words[1:], words[2:], strict=False)) or frozenset({words} if words else ()),
        figures=_figures(words),
        width=sum(map(len, words)) + 2 * sum(map(_is_character, words)),
    )


def letters(folded: str) -> str:
    return _FEW_LETTERS.sub("", folded)


def pairs(text: str) -> set[str]:
    """Of neighbouring letters."""
    return {text[place : place + 2] for place in range(len(text) - 1)}


def width(text: str) -> int:
    """How much a text says: a Chinese character counts three letters."""
    return len(text) if text.isascii() else len(text) + 2 * len(_CHARACTER.findall(text))


def _is_character(word: str) -> bool:
    return len(word) == 1 and word > "\u10ff"


def _lead(entry: Entry) -> str:
    """The beginning of the fullest body, and the summary where it says something else."""
    if len(entry.content) <= len(entry.summary):
        return _bounded(entry.summary)
    markup = entry.content[: _LEAD * _MARKUP]
    if len(markup) < len(entry.content):
        markup = _UNFINISHED.sub("", markup)
    shown = _TAG.sub(" ", markup)
    body = " ".join((html.unescape(shown) if "&" in shown else shown).split())
    if " ".join(entry.summary[:_TOLD].split()) in body:
        return _bounded(body)
    return f"{_bounded(body)} {_bounded(entry.summary)}"


def _bounded(text: str) -> str:
    share = len(_CHARACTER.findall(text[:_LEAD_CJK])) / _LEAD_CJK
    return text[: round(_LEAD - share * (_LEAD - _LEAD_CJK))]


class _Folded(dict[int, str]):
    """Each character folded alone, once: a quarter of the time that folding a text as a whole takes."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = " " if character.isspace() else fold(character)
        return self[code]


_FOLDED = _Folded()
_HALF_WIDTH_VOICED = ("\uff9e", "\uff9f")


def _fold_fast(text: str) -> str:
    """What `fold` makes of a text as far as its words go."""
    if text.isascii():
        return text.lower()
    form: Literal["NFC", "NFKC"] = "NFKC" if any(mark in text for mark in _HALF_WIDTH_VOICED) else "NFC"
    return unicodedata.normalize(form, text).translate(_FOLDED)


def _marks(title: str, words: Sequence[str]) -> tuple[str, ...]:
    found = [word for word in words if word[0].isdigit() or word in _WORDS_FOR_FIGURES]
    return (*found, *_ORDER.findall(title))


def _cores(title: str) -> Iterable[str]:
    """What the headline may be without the first or the last of the parts that signs divide it into."""
    parts = [(found.start(), found.end()) for found in _SEPARATOR.finditer(title)]
    if not parts:
        return
    (_, first), (last, _) = parts[0], parts[-1]
    head, tail = letters(title[: parts[0][0]]), letters(title[parts[-1][1] :])
    for core, label in ((title[first:], head), (title[:last], tail)):
        rest = letters(core)
        if width(label) <= min(_LONGEST_LABEL, width(rest)):
            yield rest


def _figures(words: Sequence[str]) -> dict[Shingle, frozenset[str]]:
    """What stands beside each figure (two words before, one after, other figures masked), and which figures."""
    places = [place for place, word in enumerate(words) if word[0].isdigit() or word in _WORDS_FOR_FIGURES]
    if not places:
        return {}
    masked = ["", "", *words, ""]
    for place in places:
        masked[place + 2] = "#"
    found: dict[Shingle, frozenset[str]] = {}
    for place in places:
        beside = (masked[place], masked[place + 1], masked[place + 3])
        found[beside] = found.get(beside, frozenset()) | {words[place].replace(",", "")}
    return found


# --- sampling --------------------------------------------------------------------------------------------

_SAMPLES = 16
_LOWEST = 6
_WINDOW, _WINDOW_CJK = 9, 20
"""Of so many neighbouring words the one with the lowest hash is taken: two texts that share a passage of a window and a
run share a sample (winnowing; Schleimer, Wilkerson and Aiken 2003).
"""
_SAMPLE, _SAMPLE_CJK = 4, 8
"""Words or characters of a sample."""


def sketch(text: Text) -> tuple[int, ...]:
    """Hashes of a few runs of four words or eight characters, as signed 64-bit integers that are the same everywhere."""
    words = text.words
    if not words:
        return ()
    each = [_hash(word) for word in words]
    cjk = 2 * sum(map(_is_character, words)) > len(words)
    places = list(islice(_winnowed(each, _WINDOW_CJK if cjk else _WINDOW), _SAMPLES))
    first = {value: place for place, value in reversed(list(enumerate(each)))}
    places += [first[value] for value in heapq.nsmallest(_LOWEST, first)]
    runs = (words[place : place + (_SAMPLE_CJK if _is_character(words[place]) else _SAMPLE)] for place in places)
    return tuple(dict.fromkeys(_hash(" ".join(run)) for run in runs if len(run) >= _SAMPLE))


def _winnowed(hashes: Sequence[int], window: int) -> Iterator[int]:
    """The places of the lowest of each window, each once, in their order."""
    place = -1
    while place + 1 < len(hashes):
        ahead = hashes[place + 1 : place + 1 + window]
        lowest = hashes[place] if place >= 0 else min(ahead)
        below = next((step for step, value in enumerate(ahead) if value < lowest), None)
        place += 1 + (below if below is not None else ahead.index(min(ahead)))
        yield place


@lru_cache(maxsize=1 << 15)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)
