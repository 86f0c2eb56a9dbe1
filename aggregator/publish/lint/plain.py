"""Rules about the text part: written for whoever reads it, and telling the same as the HTML."""

import re
from collections.abc import Iterator
from functools import partial

from aggregator.publish.lint.letter import Finding, Letter, words
from aggregator.typeset import width

COLUMNS = 78
_finding = partial(Finding, part="text")
_LISTED = re.compile(r"\[(\d{1,5})\] (\S+)")
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_TOO_MANY = 2
"""An address that no line can hold stands on its own, behind its number at most."""
_HEADLINES = ("h2", "h3")


def present(letter: Letter) -> Iterator[Finding]:
    """A letter has both parts, and something in each."""
    for part, content in (("html", letter.html), ("text", letter.text)):
        is_missing = content is None and letter.raw is not None
        if is_missing or (content is not None and not content.strip()):
            said = f"the letter has no {part} part" if is_missing else f"the {part} part is empty"
            shown = "text" if part == "text" else "html"
            mend = "send both: readers choose, and filters distrust a letter of one"
            yield Finding(
                level="error", rule="parts", part="text" if shown == "text" else "html", line=1, said=said, mend=mend
            )


def columns(letter: Letter) -> Iterator[Finding]:
    for number, line in enumerate((letter.text or "").split("\n"), 1):
        if 2 * len(line) > COLUMNS and width(line) > COLUMNS and not _is_address(line):
            said = f"a line is longer than {COLUMNS} columns: some readers cut it, others break it badly"
            yield _finding(level="warning", rule="text-columns", line=number, said=said, mend="set it in 72 columns")


def numbers(letter: Letter) -> Iterator[Finding]:
    """Links by number: each address has one, each number one address, none is left out."""
    known: dict[int, str] = {}
    for at, line in enumerate((letter.text or "").split("\n"), 1):
        found = _LISTED.fullmatch(line.strip())
        if found is None or not _ADDRESS.fullmatch(found[2]):
            continue
        number, address = int(found[1]), found[2]
        if number in known or address in known.values():
            said = f"[{number}] is listed twice" if number in known else f"[{number}] is an address that has a number"
            yield _warned(at, said)
        elif number != len(known) + 1:
            yield _warned(at, f"[{number}] is listed where [{len(known) + 1}] would come")
        known.setdefault(number, address)
    text = letter.text or ""
    for number in known:
        if text.count(f"[{number}]") < _TOO_MANY:
            yield _warned(_line_of(text, f"[{number}]"), f"[{number}] is listed, and nothing in the text refers to it")


def stories(letter: Letter) -> Iterator[Finding]:
    """Each headline that is a link in the HTML is told in the text: its words, or its address."""
    if letter.page is None or not (letter.text or "").strip():
        return
    told = _squeezed(letter.text or "")
    for heading in letter.page.all(*_HEADLINES):
        link = next((each for each in heading.iter("a") if each.get("href")), None)
        if link is not None and _squeezed(link.get("href")) not in told and _squeezed(words(heading)) not in told:
            said = "a story of the HTML part is not in the text part"
            yield _finding(level="error", rule="text-stories", line=1, said=said, mend="make both of the same stories")


def _warned(at: int, said: str) -> Finding:
    mend = "number each address once, in reading order, where it is first met"
    return _finding(level="warning", rule="text-links", line=at, said=said, mend=mend)


def _is_address(line: str) -> bool:
    """Whether it is long by an address alone."""
    return (
        any(len(word) > COLUMNS // 2 and _ADDRESS.search(word) for word in line.split())
        and len(line.split()) <= _TOO_MANY
    )


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _line_of(text: str, mark: str) -> int:
    return text.count("\n", 0, text.find(mark)) + 1
