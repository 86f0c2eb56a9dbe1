"""Plain text set by hand: lines of so many columns, links by number.

Lines break between words and between Chinese characters; a word that is longer than a line is cut, but an address is
not: in two pieces it is none. Lines are set once an edition; which numbers its links have, each reader's letter decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aggregator.publish import blocks
from aggregator.typeset import chunks, may_break, width

COLUMNS = 72
_LONGEST_WORD = COLUMNS - 4
"""A line that hangs has room for it."""
LISTED, LINK = "listed", "#"
"""What marks in a text say: here stand addresses; here stands the number of this one."""
_BEFORE_NUMBER, _AFTER_NUMBER = "\x05", "\x06"
_FIRST_NUMBER, _MOST_LINKS = 0xE000, 6_400
"""Characters of private use, one column wide: with the two around them as wide as 999."""
_NUMBER = re.compile(f"{_BEFORE_NUMBER}(.){_AFTER_NUMBER}")
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """Set one paragraph; `first` stands before its first line, `indent` before the others."""
    lines: list[str] = []
    line, room = indent if first is None else first, COLUMNS
    left = room - width(line)
    begun = False
    for gap, unit in _units(text):
        taken = len(gap) + width(unit)
        if begun and taken > left:
            lines.append(line)
            line, left, begun = indent, room - width(indent), False
        line, left = (line + gap + unit, left - taken) if begun else (line + unit, left - taken + len(gap))
        begun = True
    return "\n".join([*lines, line]) if begun else ""


def rule(mark: str) -> str:
    return mark * COLUMNS


# --- links -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Links:
    """The links of a text that is not put together yet: each address has a placeholder, as wide as the widest number."""

    addresses: dict[str, int] = field(default_factory=dict)

    def mark(self, address: str) -> str:
        """[3], once the text is put together: the number of this address."""
        number = self.addresses.setdefault(address, len(self.addresses))
        if number >= _MOST_LINKS:
            raise ValueError(f"a text has {_MOST_LINKS} links at most")
        return f"[{_BEFORE_NUMBER}{chr(_FIRST_NUMBER + number)}{_AFTER_NUMBER}]"

    def listed(self) -> str:
        """Where the addresses stand that were met since the last time."""
        return blocks.mark(LISTED)


def marked(text: str) -> str:
    """The placeholders of links as marks, once lines are set."""
    return _NUMBER.sub(lambda found: blocks.mark(slot(ord(found[1]) - _FIRST_NUMBER)), text)


def slot(number: int) -> str:
    return f"{LINK}{number}"


@dataclass(slots=True)
class Numbering:
    """The numbers of one reader's links: in reading order, one an address, each listed once."""

    numbers: dict[str, str] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)

    def number(self, address: str) -> str:
        found = self.numbers.get(address)
        if found is None:
            found = self.numbers[address] = str(len(self.numbers) + 1)
            self.pending.append(f"[{found}] {address}")
        return found

    def listed(self) -> str:
        lines = "\n".join(self.pending)
        self.pending.clear()
        return lines


# --- words -----------------------------------------------------------------------------------------------


def _units(text: str) -> Iterator[tuple[str, str]]:
    """What must stay on one line, with the space that stands before it when it does not begin the line."""
    for at, word in enumerate(text.split()):
        gap = " " if at else ""
        for unit in _units_of(word):
            yield gap, unit
            gap = ""


def _units_of(word: str) -> Iterator[str]:
    if word.isascii() and len(word) <= _LONGEST_WORD:  # most are: no line ends inside it
        yield word
        return
    for piece in _pieces(word):
        yield from (piece,) if _ADDRESS.match(piece) else chunks(piece, _LONGEST_WORD)


def _pieces(word: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(word)):
        if may_break(word[at - 1], word[at]):
            yield word[start:at]
            start = at
    yield word[start:]


def trimmed(text: str) -> str:
    """No space at the end of a line."""
    return re.sub(r"[ \t]+\n", "\n", text)


def tidy(text: str) -> str:
    """No two blank lines together, one line break at the end."""
    while "\n\n\n" in text:  # a regular expression takes longer than all else that putting together is
        text = text.replace("\n\n\n", "\n\n")
    return text.strip() + "\n"
