"""Marks in a title that say what kind of text it is: only where they are set off, or ordinary headlines would bear them.

A title is taken apart once, into what its brackets, bars, first dash and first colon set off; each piece is looked up.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from aggregator.curate.text import CJK, fold

_CJK = re.compile(f"[{CJK}]")
# Quotation marks are not among them: “观点” in the middle of a title is what somebody is quoted with.
_BRACKETS = r"[\[(【〔〖]([^\[\](){}【】〔〕〖〗]{1,40})[\])】〕〗]"
_FIRST_BRACKETS, _LAST_BRACKETS = re.compile(rf"^{_BRACKETS}"), re.compile(rf"{_BRACKETS}$")
_BAR = re.compile(r"[|/·]")
_BARS = str.maketrans(dict.fromkeys("丨│∣︱︳❘", "|"))
"""Before folding, which makes a dash of one and nothing of another. As a character, 丨 stands in no title."""
_AGENCY = re.compile(r"^([A-Z][a-z]+(?: [A-Za-z]+){0,2})-(?=[A-Z])")
"""Agencies write “Analysis-Banks shrink”: told from “Data-driven” by the capital that follows."""
_NAME = 8
"""Characters of a name that may stand before a Chinese mark (【明报社评】)."""
_WORDS = 2
"""Of a name before a mark in Latin script ("Harbour Times editorial:")."""

Sign = Literal["brackets", "bar", "dash", "colon", "nothing"]


class _Mark(NamedTuple):
    slug: str
    shown: str
    weak: bool
    """Written with a bar: a word that, before a colon, names who says so (“Report:”, “数据：”)."""
    named: bool
    """Written after *: may follow a name everywhere."""


class TitleMarks:
    """All marks of all sections, compiled once. Of a mark that two sections have, the first has it."""

    def __init__(self, marks: Iterable[tuple[str, str]]) -> None:
        """`marks`: the section's slug, and the mark as it is configured."""
        self._set_off: dict[str, _Mark] = {}
        self._starts: dict[str, _Mark] = {}
        self._ends: dict[str, _Mark] = {}
        for slug, shown in marks:
            self._take(slug, shown)
        self._any_start, self._any_end = tuple(self._starts), tuple(self._ends)

    def _take(self, slug: str, shown: str) -> None:
        folded = fold(shown).replace("...", "…")
        literal = folded.strip("…*|: ")
        mark = _Mark(slug, shown, weak=folded.endswith("|"), named=folded.startswith("*"))
        if folded.startswith("…"):
            self._ends.setdefault(literal, mark)
        elif folded.endswith("…") or not (folded.endswith((":", "|")) or _CJK.search(folded)):
            self._starts.setdefault(literal, mark)
        else:
            self._set_off.setdefault(literal, mark)

    def find(self, title: str) -> tuple[str, str] | None:
        """The section, and the mark as configured, that the title bears."""
        folded = fold(_AGENCY.sub(r"\1 | ", title.translate(_BARS)))
        found = next((mark for piece in _pieces(folded) if (mark := self._look_up(*piece))), None)
        found = found or self._at_an_end(folded)
        return (found.slug, found.shown) if found else None

    def _at_an_end(self, folded: str) -> _Mark | None:
        if folded.startswith(self._any_start):
            found = next((mark for literal, mark in self._starts.items() if _begins(folded, literal)), None)
            if found is not None:
                return found
        if not folded.endswith(self._any_end):
            return None
        return next((mark for literal, mark in self._ends.items() if _begins(folded[::-1], literal[::-1])), None)

    def _look_up(self, piece: str, sign: Sign) -> _Mark | None:
        mark = self._set_off.get(piece)
        if mark is not None:
            return None if mark.weak and sign in {"colon", "dash", "nothing"} else mark
        behind = next((mark for rest in _behind_a_name(piece) if (mark := self._set_off.get(rest))), None)
        if behind is None or behind.weak or sign == "nothing":
            return None
        plain_chinese = sign in {"brackets", "bar"} and bool(_CJK.search(piece))
        return behind if behind.named or plain_chinese else None


def _pieces(folded: str) -> Iterator[tuple[str, Sign]]:
    """What is set off in a title, and by what. A Chinese title may be its mark alone."""
    for pattern in (_FIRST_BRACKETS, _LAST_BRACKETS):
        if found := pattern.search(folded):
            yield found[1].strip(), "brackets"
    first, *more = _BAR.split(folded)
    if more:
        yield first.strip(), "bar"
        yield more[-1].strip(), "bar"
    before, dash, _ = folded.partition(" - ")
    if dash:
        yield before.strip(), "dash"
    before, colon, _ = folded.partition(":")
    if colon:
        yield before.strip(), "colon"
    if _CJK.search(folded):
        yield folded, "nothing"


def _behind_a_name(piece: str) -> Iterator[str]:
    """What may be a mark behind a name, the longest first."""
    if _CJK.search(piece):
        return (piece[start:] for start in range(1, min(_NAME + 1, len(piece))))
    words = piece.split(" ")
    return (" ".join(words[start:]) for start in range(1, min(_WORDS + 1, len(words))))


def _begins(text: str, literal: str) -> bool:
    """With whole words, where the script has words; also backwards."""
    follows = text[len(literal) : len(literal) + 1]
    return text.startswith(literal) and (not follows.isalnum() or bool(_CJK.match(literal[-1:])))
