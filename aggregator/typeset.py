"""How much room a text takes, and where it may be cut: in columns, between words, between sentences; and in which Chinese.

A column is the room of one Latin letter in a text of even pitch; a Chinese character takes two (UAX #11).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Literal

_NO_START = frozenset("，。、！？：；）」』》〉】〕”’…—·％,.!?:;)]}%")
_NO_END = frozenset("（「『《〈【〔“‘([{")
_JOINER = "\u200d"
_DANGLING = " \u3000,，、；;：:—–-"

_CLOSERS = "”’\"'」』）)】》\\]"
_SENTENCE_END = re.compile(rf"[。！？][{_CLOSERS}]*\s*|[.!?…]+[{_CLOSERS}]*(?:\s+|$|(?=[\u3400-\u9fff]))")
_WHOLE = re.compile(rf"[。！？.!?…][{_CLOSERS}]*$")
_LAST_WORD = re.compile(r"[\s(（“\"'‘]")
_LONGEST_WORD = 40
"""Looked at before a full stop: no abbreviation is longer."""
_INITIALS = re.compile(r"(?:[A-Za-z]\.)+")
_ABBREVIATION = re.compile(
    r"(?:mr|mrs|ms|messrs|dr|prof|ph\.d|sens?|reps?|amb|gov|gen|adm|brig|col|cmdr|lt|sgt|capt|maj|rev|hon|pres|st|mt|ft"
    r"|jr|sr|vs|etc|inc|ltd|co|corp|dept|univ|approx|est|al|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri)\.",
    re.IGNORECASE,
)
_BEFORE_A_NUMBER = re.compile(r"(?:nos?|fig|vol|art|pp?|ch|sec|mar)\.", re.IGNORECASE)
_ORDINAL_DOT = frozenset(
    ("de", "da", "nb", "nn", "no", "fi", "cs", "sk", "pl", "hu", "hr", "sl", "sr", "et", "lv", "tr")
)
"""Languages that write “14. Mai”."""
_TRADITIONAL_SUBTAGS = frozenset({"hant", "tw", "hk", "mo"})


# --- scripts ---------------------------------------------------------------------------------------------


def chinese_script(language: str) -> Literal["simplified", "traditional"] | None:
    """Which Chinese a BCP 47 language is written in, by its script or its region; None where it is no Chinese."""
    primary, *subtags = language.lower().split("-")
    if primary != "zh":
        return None
    is_traditional = "hans" not in subtags and not _TRADITIONAL_SUBTAGS.isdisjoint(subtags)
    return "traditional" if is_traditional else "simplified"


# --- columns ---------------------------------------------------------------------------------------------


def width(text: str) -> int:
    """Columns that a text takes: two for a Chinese character, none for a combining mark."""
    return len(text) if text.isascii() else sum(map(_COLUMNS.__getitem__, text))


@lru_cache(maxsize=8192)
def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _columns(character: str) -> int:
    return _COLUMNS[character]


class _Columns(dict[str, int]):
    """Of each character that was met: most texts are made of few."""

    def __missing__(self, character: str) -> int:
        narrow = 0 if unicodedata.category(character) in {"Mn", "Me", "Cf"} else 1
        self[character] = columns = 2 * narrow if _is_wide(character) else narrow
        return columns


_COLUMNS = _Columns()


# --- cutting ---------------------------------------------------------------------------------------------


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two signs without a space: beside a Chinese character, but not before a mark that
    closes nor after one that opens (kinsoku).
    """
    if before in _NO_END or after in _NO_START or _belong(before, after):
        return False
    return _is_wide(before) or _is_wide(after)


def fit(text: str, room: int) -> str:
    """The longest start of the text within `room` columns that ends between words; maybe none."""
    return _start(text, room, _ends_word)


def clip(text: str, room: int) -> str:
    """At most `room` columns, cut between words, with an ellipsis. A word that takes most of the room is cut itself."""
    if 2 * len(text) <= room or width(text) <= room:
        return text
    kept = fit(text, room - 1)
    if 2 * width(kept) < room - 1:
        kept = _start(text, room - 1, lambda before, after: not _belong(before, after))
    return f"{kept.rstrip(_DANGLING)}…"


def chunks(word: str, room: int) -> Iterator[str]:
    """A word in pieces of at most `room` columns; what is drawn as one sign stays together."""
    while width(word) > room and (piece := _start(word, room, lambda before, after: not _belong(before, after))):
        yield piece
        word = word[len(piece) :]
    yield word


def _start(text: str, room: int, may_part: Callable[[str, str], bool]) -> str:
    used = good = 0
    for place, character in enumerate(text):
        if place and may_part(text[place - 1], character):
            good = place
        used += _columns(character)
        if used > room:
            return text[:good]
    return text


def _ends_word(before: str, after: str) -> bool:
    if after.isspace() or before.isspace():
        return True
    return (_is_wide(before) or _is_wide(after)) and not _belong(before, after)


def _belong(before: str, after: str) -> bool:
    """Drawn as one sign: a letter and its accent, an emoji and what it is joined with."""
    return before == _JOINER or _columns(after) == 0


# --- sentences -------------------------------------------------------------------------------------------


def sentences(text: str, language: str | None = None) -> Iterator[str]:
    """The text in pieces that end where a sentence does; joined, they are the text."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if end.end() < len(text) and not _ends_here(text, start, end, language):
            continue
        yield text[start : end.end()]
        start = end.end()
    if start < len(text):
        yield text[start:]


def is_whole(piece: str) -> bool:
    """Whether it ends as a sentence does."""
    return bool(_WHOLE.search(piece.rstrip()[-_LONGEST_WORD:]))


def leading(pieces: Iterable[str], room: int) -> str:
    """As many pieces from the front as fit in `room` columns, joined; maybe none."""
    chosen = ""
    for piece in pieces:
        if width((chosen + piece).rstrip()) > room:
            break
        chosen += piece
    return chosen.rstrip()


def whole_sentences(text: str, room: int, language: str | None = None) -> str:
    """The first sentences that fit in `room` columns; where not even one does, its start with an ellipsis."""
    if 2 * len(text) <= room:
        return text
    return leading(sentences(text, language), room) or clip(text, room)


def _ends_here(text: str, start: int, end: re.Match[str], language: str | None) -> bool:
    mark = end.group().rstrip()
    if mark[0] in "。！？":
        return True
    following = text[end.end()]
    if following.islower():
        return False
    if mark[0] != ".":
        return True
    word = _LAST_WORD.split(text[max(start, end.start() - _LONGEST_WORD) : end.start()])[-1]
    before = f"{word}."
    if before[:-1].isdigit() and language is not None and language[:2].lower() in _ORDINAL_DOT:
        return False
    if following.isdigit() and _BEFORE_A_NUMBER.fullmatch(before):
        return False
    return not (_INITIALS.fullmatch(before) or _ABBREVIATION.fullmatch(before))
