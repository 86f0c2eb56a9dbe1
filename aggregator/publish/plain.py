"""Plain text set by hand: lines of so many columns, links by number.

A Chinese character takes two columns; lines break between Chinese characters, but no line begins with a mark that
closes or ends with one that opens (kinsoku). A Latin word is never broken: an address in two pieces is no address.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

COLUMNS = 72
_NO_START = "，。、！？：；）」』》〉】〕”’…—·％,.!?:;)]}%"
_NO_END = "（「『《〈【〔“‘([{"


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """Set one paragraph; `first` stands before its first line, `indent` before the others."""
    lines: list[str] = []
    line = used = ""
    for gap, unit in _units(text):
        if used and width((indent if lines or first is None else first) + used + gap + unit) > COLUMNS:
            lines.append(line)
            used = ""
        used = used + gap + unit if used else unit
        line = used
    if used:
        lines.append(used)
    starts = [indent if first is None else first, *[indent] * len(lines)]
    return "\n".join(start + each for start, each in zip(starts, lines, strict=False))


def rule(mark: str) -> str:
    return mark * COLUMNS


def width(text: str) -> int:
    return sum(map(_columns, text))


@dataclass(slots=True)
class Numbered:
    """The links of one mail: each address has one number, and is listed once, where it is first met."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _pending: list[str] = field(default_factory=list)

    def mark(self, address: str) -> str:
        """[3]: the number of this address."""
        if address not in self._numbers:
            self._numbers[address] = len(self._numbers) + 1
            self._pending.append(address)
        return f"[{self._numbers[address]}]"

    def listed(self) -> str:
        """The addresses met since the last time, each on its line."""
        lines = [f"[{self._numbers[address]}] {address}" for address in self._pending]
        self._pending.clear()
        return "\n".join(lines)


def _units(text: str) -> Iterator[tuple[str, str]]:
    """What must stay on one line, with the space that stands before it when it does not begin the line."""
    for at, word in enumerate(text.split()):
        gap = " " if at else ""
        for unit in _pieces(word):
            yield gap, unit
            gap = ""


def _pieces(word: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(word)):
        if _may_break(word[at - 1], word[at]):
            yield word[start:at]
            start = at
    yield word[start:]


def _may_break(before: str, after: str) -> bool:
    if before in _NO_END or after in _NO_START or _columns(after) == 0:
        return False
    return _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if _is_wide(character) else 1


def tidy(text: str) -> str:
    """No space at the end of a line, no two blank lines together, one line break at the end."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
