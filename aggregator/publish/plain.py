"""Plain text set by hand: lines of so many columns, links by number.

Lines break between words and between Chinese characters; a word that is longer than a line is cut, but an address is
not: in two pieces it is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aggregator.typeset import chunks, may_break, width

COLUMNS = 72
_LONGEST_WORD = COLUMNS - 4
"""A line that hangs has room for it."""
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)


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
        for unit in _units_of(word):
            yield gap, unit
            gap = ""


def _units_of(word: str) -> Iterator[str]:
    for piece in _pieces(word):
        yield from (piece,) if _ADDRESS.match(piece) else chunks(piece, _LONGEST_WORD)


def _pieces(word: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(word)):
        if may_break(word[at - 1], word[at]):
            yield word[start:at]
            start = at
    yield word[start:]


def tidy(text: str) -> str:
    """No space at the end of a line, no two blank lines together, one line break at the end."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
