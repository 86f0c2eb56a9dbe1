"""What frames the items of an edition: subject, preheader, reading time. All of it follows from the items, so that a reader
who gets some of them has a frame of her own.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import ceil

from aggregator.edit.summarise import shorten
from aggregator.model import EditionItem, Link
from aggregator.typeset import width

WORDS_A_MINUTE = 220
SUBJECT_COLUMNS = 60
PREHEADER_LEAST = 100
PREHEADER_COLUMNS = 160
_WORD = re.compile(r"[^\W\u2e80-\u9fff]+")


def subject(items: Sequence[EditionItem], title: str) -> str:
    """The lead's headline; the newsletter's title where nothing leads."""
    headline = items[0].headline if items else ""
    return shorten(headline, SUBJECT_COLUMNS) or shorten(title, SUBJECT_COLUMNS)


def preheader(items: Sequence[EditionItem], quick: Iterable[Link]) -> str:
    """The other payoffs: subject and preheader are read as a pair. Real words to the end, no padding."""
    shown = ""
    for headline in (*(item.headline for item in items[1:]), *(link.title for link in quick)):
        shown = f"{shown} · {headline}" if shown else headline
        if width(shown) >= PREHEADER_LEAST:
            break
    if width(shown) < PREHEADER_LEAST and items:
        shown = " · ".join(part for part in (shown, items[0].summary) if part)
    return shorten(shown, PREHEADER_COLUMNS)


def reading_minutes(opening: str, items: Iterable[EditionItem]) -> int:
    """For the mail itself, as a promise."""
    texts = (opening, *(text for item in items for text in (item.headline, item.summary)))
    return max(1, ceil(sum(map(_words, texts)) / WORDS_A_MINUTE))


@lru_cache(maxsize=4096)
def _words(text: str) -> float:
    """A Chinese character counts half a word. Kept, as every variant of an edition counts the same texts."""
    wide = sum(unicodedata.east_asian_width(character) == "W" for character in text) if not text.isascii() else 0
    return len(_WORD.findall(text)) + wide / 2
