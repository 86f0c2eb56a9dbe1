"""A text as it is compared with others: its headline, the beginning of its body in short runs of words, its figures.

Words are the units of scripts that part them, single characters those of Chinese, Japanese and Korean.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Literal

from aggregator.curate.headlines import WORD, Headline, headlines, is_figure, width
from aggregator.curate.text import CJK, fold
from aggregator.model import Entry

_LEAD = 1200
"""The width of the beginning of a body that is looked at: a copy that was cut keeps its beginning."""
_MARKUP = 3
"""So many characters of HTML are read at most for each of the lead."""
_LEAD_CJK = 380
_SEEN = 150
"""Characters that tell whether a text is Chinese, and so how much of it is looked at."""
_TOLD = 80
"""Characters of the summary by which it is known to be the body's beginning, and no text beside it."""

_CHARACTER = re.compile(f"[{CJK}]")
_TAG = re.compile(r"<[^<>]*>")
_UNFINISHED = re.compile(r"<[^<>]*\Z")

Beside = tuple[str, str, str]
RUN = 3


@dataclass(frozen=True, slots=True)
class Text:
    """`titles`: the headline whole, then without labels. `words`: of the body's lead, in reading order. `figures`: what
    stands beside a figure of the body -> the figures there. `width`: of the lead.
    """

    titles: tuple[Headline, ...]
    words: tuple[str, ...]
    shingles: frozenset[str]
    figures: Mapping[Beside, frozenset[str]]
    width: int

    @property
    def title(self) -> Headline:
        return self.titles[0]


@lru_cache(maxsize=1200)
def text_of(entry: Entry) -> Text:
    words = tuple(WORD.findall(_fold_fast(_lead(entry))))
    return Text(
        titles=headlines(_fold_fast(entry.title)),
        words=words,
        shingles=frozenset(runs(words)) or frozenset({" ".join(words)} if words else ()),
        figures=_figures(words),
        width=width("".join(words)),
    )


def runs(words: Sequence[str]) -> Iterator[str]:
    """Of three words: strings, for the garbage collector looks at tuples one by one."""
    return map(" ".join, zip(words, words[1:], words[2:], strict=False))


def _is_character(word: str) -> bool:
    return len(word) == 1 and word > "\u10ff"


def _lead(entry: Entry) -> str:
    """The beginning of the fullest body, and the summary where it says something else."""
    if len(entry.content) <= len(entry.summary):
        return _bounded(entry.summary)
    body = _shown(entry.content)
    if "".join(entry.summary[:_TOLD].split()) in body.replace(" ", ""):
        return _bounded(body)
    return f"{_bounded(body)} {_bounded(entry.summary)}"


def _shown(markup: str) -> str:
    """What a reader sees of the beginning of HTML, on one line: more of it is read where tags take most of the room."""
    for read in (_LEAD, _LEAD * _MARKUP):
        part = markup[:read]
        shown = _TAG.sub(" ", part if read >= len(markup) else _UNFINISHED.sub("", part))
        body = " ".join((html.unescape(shown) if "&" in shown else shown).split())
        if read >= len(markup) or len(body) >= len(_bounded(body + " " * _LEAD)):
            break
    return body


def _bounded(text: str) -> str:
    share = len(_CHARACTER.findall(text[:_SEEN])) / _SEEN
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


def _figures(words: Sequence[str]) -> dict[Beside, frozenset[str]]:
    """What stands beside each figure (two words before, one after, other figures masked), and which figures."""
    figures = {word for word in set(words) if is_figure(word)}
    if not figures:
        return {}
    places = [place for place, word in enumerate(words) if word in figures]
    masked = ["", "", *words, ""]
    for place in places:
        masked[place + 2] = "#"
    found: dict[Beside, frozenset[str]] = {}
    for place in places:
        beside = (masked[place], masked[place + 1], masked[place + 3])
        found[beside] = found.get(beside, frozenset()) | {words[place].replace(",", "")}
    return found


# --- sampling --------------------------------------------------------------------------------------------

_SAMPLED = 260
"""Words or characters of which samples are taken."""
_SAMPLES = 16
_LOWEST = 6
_WINDOW, _WINDOW_CJK = 9, 20
"""Of so many neighbouring words the one with the lowest hash is taken: two texts that share a passage of a window and a
run share a sample (winnowing; Schleimer, Wilkerson and Aiken 2003).
"""
_SAMPLE, _SAMPLE_CJK = 4, 8
"""Words or characters of a sample."""
_SHORT_WORDS = 2.5
"""Letters of a word, at the mean, below which a text is mostly single characters."""
_REMEMBERED = 1 << 15


def sketch(text: Text) -> tuple[int, ...]:
    """Hashes of a few runs of four words or eight characters, as signed 64-bit integers that are the same everywhere."""
    words = text.words[:_SAMPLED]
    if not words:
        return ()
    each = [_HASHES[word] for word in words]
    beginning = words[:_SEEN]
    window = _WINDOW_CJK if len("".join(beginning)) < _SHORT_WORDS * len(beginning) else _WINDOW
    places = list(islice(_winnowed(each, window), _SAMPLES))
    first = dict(zip(reversed(each), range(len(each) - 1, -1, -1), strict=True))
    places += [first[value] for value in sorted(first)[:_LOWEST]]
    samples = (words[place : place + (_SAMPLE_CJK if _is_character(words[place]) else _SAMPLE)] for place in places)
    return tuple(dict.fromkeys(_hash(" ".join(sample)) for sample in samples if len(sample) >= _SAMPLE))


def _winnowed(hashes: Sequence[int], window: int) -> Iterator[int]:
    """The places of the lowest of each window, each once, in their order."""
    place = -1
    while place + 1 < len(hashes):
        ahead = hashes[place + 1 : place + 1 + window]
        lowest = min(ahead)
        if place >= 0 and lowest < hashes[place]:
            place += next(step for step, value in enumerate(ahead, 1) if value < hashes[place])
        else:
            place += 1 + ahead.index(lowest)
        yield place


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)


class _Hashes(dict[str, int]):
    """Of words, remembered: most come again."""

    def __missing__(self, word: str) -> int:
        if len(self) > _REMEMBERED:
            self.clear()
        self[word] = found = _hash(word)
        return found


_HASHES = _Hashes()
