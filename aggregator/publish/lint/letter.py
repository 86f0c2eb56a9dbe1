"""What is linted, and what is found: a letter in its parts, read once for all rules."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from aggregator.publish.lint import css

Level = Literal["error", "warning"]
Part = Literal["html", "text", "head"]
_BOM = "\ufeff"
_HEADER = re.compile(rb"[!-9;-~]+:")

Weight = tuple[int, int, int]
"""Of a selector: ids, classes, tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One wrong thing: an error keeps a letter from going out. `more`: how often the same stands further down."""

    level: Level
    rule: str
    part: Part
    line: int
    said: str
    mend: str
    more: int = 0

    def __str__(self) -> str:
        again = f" (and {self.more} more)" if self.more else ""
        return f"{self.part} line {self.line}: {self.level}: {self.said}{again} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class Own:
    """What is known of the sender: where its site is, and where its readers' own links lead."""

    site_url: str
    public_url: str


@dataclass(frozen=True)
class Letter:
    """Any part may be missing. `raw` is the whole as it goes over the wire, head and all."""

    html: str | None = None
    text: str | None = None
    raw: bytes | None = None
    own: Own | None = None

    @classmethod
    def read(cls, raw: bytes, own: Own | None = None) -> "Letter":
        """A whole letter, with its first text and its first HTML part. Nothing in it is so wrong that it raises."""
        message = message_from_bytes(raw)
        return cls(html=_part(message, "text/html"), text=_part(message, "text/plain"), raw=raw, own=own)

    @cached_property
    def page(self) -> "Page | None":
        from lxml.etree import ParserError

        try:
            return Page(self.html) if self.html is not None and self.html.strip() else None
        except ParserError:  # there is nothing in it but what no document has
            return None

    @cached_property
    def head(self) -> "Head | None":
        return Head(self.raw) if self.raw is not None else None


Rule = Callable[[Letter], Iterable[Finding]]


def read(path: Path) -> Letter:
    """A part of a letter, or a whole one, from a file: by its name, or where that says nothing by how it begins."""
    data = path.read_bytes()
    ending = path.suffix.lower()
    if ending == ".eml" or (ending not in {".html", ".htm", ".txt"} and _HEADER.match(data)):
        return Letter.read(data)
    if ending in {".html", ".htm"} or (ending != ".txt" and data.lstrip()[:1] == b"<"):
        return Letter(html=decoded(data))
    return Letter(text=decoded(data))


# --- the HTML part ---------------------------------------------------------------------------------------


class Page:
    """The HTML part, parsed: elements in their order, and the CSS of its style blocks."""

    def __init__(self, html: str) -> None:
        from lxml.html import HTMLParser, document_fromstring

        self.html = html
        # As bytes: lxml refuses a text that names an encoding, and reads another than it is by the name.
        parser = HTMLParser(encoding="utf-8")
        # It drops what no document may have; the rule about such signs reads the text itself.
        self.root: Any = document_fromstring(html.replace("\0", "").encode("utf-8", "replace"), parser=parser)
        self.elements: list[Any] = [each for each in self.root.iter() if isinstance(each.tag, str)]

    @cached_property
    def body(self) -> Any:
        found = self.root.find("body")
        return self.root if found is None else found

    @cached_property
    def blocks(self) -> list[css.Sheet]:
        """The style blocks; what stands in comments for Word alone is not among them."""
        return [css.sheet(each.text or "", line(each)) for each in self.all("style")]

    def all(self, *tags: str) -> list[Any]:
        return [each for each in self.elements if each.tag in tags]

    def matched(self, selectors: str) -> list[tuple[Weight, Any]]:
        """The elements that a rule is for, each with the weight of the selector that found it. Selectors that only a
        browser can answer (`:hover`) find none.
        """
        return [(weight, each) for weight, path in _paths(selectors) for each in self.root.xpath(path)]


@lru_cache(maxsize=1024)
def _paths(selectors: str) -> tuple[tuple[Weight, str], ...]:
    from cssselect import HTMLTranslator, SelectorError, parse

    try:
        return tuple((each.specificity(), HTMLTranslator().selector_to_xpath(each)) for each in parse(selectors))
    except SelectorError:
        return ()


def line(element: Any) -> int:
    """Where its tag stands (or ends, where it has several lines)."""
    return cast("int", element.sourceline or 1)


def style_of(element: Any) -> tuple[css.Declaration, ...]:
    return css.declarations(element.get("style") or "")


def words(element: Any) -> str:
    """Its text as a reader meets it, in one line."""
    return " ".join("".join(element.itertext()).split())


# --- the head --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Header:
    """A header as it stands: `lines` with what was folded, without their ends."""

    name: str
    lines: tuple[str, ...]
    line: int

    @property
    def value(self) -> str:
        """Unfolded."""
        return "".join((self.lines[0].partition(":")[2], *self.lines[1:])).strip()


class Head:
    """The head and the raw body of a whole letter."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.lines = re.split(rb"\r\n|\n|\r", raw)
        end = next((at for at, each in enumerate(self.lines) if not each), len(self.lines))
        self.headers = list(_headers(self.lines[:end]))
        self.body = b"\n".join(self.lines[end:])
        self.message: Message = message_from_bytes(raw)

    def all(self, name: str) -> list[Header]:
        return [each for each in self.headers if each.name.lower() == name.lower()]

    def get(self, name: str) -> Header | None:
        return next(iter(self.all(name)), None)


def _headers(lines: list[bytes]) -> Iterator[Header]:
    found: Header | None = None
    for number, raw in enumerate(lines, 1):
        shown = raw.decode("utf-8", "replace")
        if raw[:1] in {b" ", b"\t"} and found is not None:
            found = replace(found, lines=(*found.lines, shown))
            continue
        if found is not None:
            yield found
        found = (
            Header(shown.partition(":")[0], (shown,), number) if _HEADER.match(raw) else Header("", (shown,), number)
        )
    if found is not None:
        yield found


def _part(message: Message, kind: str) -> str | None:
    for part in message.walk():
        if part.get_content_type() == kind:
            data = part.get_payload(decode=True)
            return decoded(data, part.get_content_charset() or "utf-8") if isinstance(data, bytes) else None
    return None


def decoded(data: bytes, charset: str = "utf-8") -> str:
    """The text with the line ends that it had; what is no text in its charset is shown as such."""
    try:
        found = data.decode(charset, "replace")
    except LookupError:
        found = data.decode("utf-8", "replace")
    return found.removeprefix(_BOM).replace("\r\n", "\n")
