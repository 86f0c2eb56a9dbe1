"""What an element of a well-formed feed says: its name among all namespaces, its attributes, its text, markup within.

Feeds are read as feedparser has read them for twenty years, for readers know entries by what it gives: its names for
namespaces, its mending of texts encoded twice, its guess which text is HTML. What is rare is not done again here:
`UnusualError` sends the whole page to feedparser itself.
"""

import re
from contextlib import suppress
from html.entities import entitydefs
from typing import Final, NamedTuple
from urllib.parse import urljoin

from lxml.etree import _Element

from aggregator.collect.fields import has_known_markup
from aggregator.errors import ParseError

XHTML: Final = "application/xhtml+xml"
PLAIN: Final = "text/plain"
HTML: Final = "text/html"
TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
MOST_ATTRIBUTES = 256
_XML = "http://www.w3.org/XML/1998/namespace"
_NAMESPACES = {
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://purl.org/atom/ns#": "",
    "http://www.w3.org/2005/atom": "",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://purl.org/rss/1.0/modules/content/": "content",
    TOMBSTONES: "at",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://www.w3.org/1999/xhtml": "xhtml",
    _XML: "xml",
}
_KINDS = {"text": PLAIN, "plain": PLAIN, "html": HTML, "xhtml": XHTML}
_VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+,.-]*://)/+")
_END_OR_ENTITY = re.compile(r"</\w+>|&#?\w+;")
_TAG = re.compile(r"</?\w+")
_ENTITY = re.compile(r"&(\w+);")
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_WINDOWS_SIGNS = re.compile("[\x80-\x9f]")


class UnusualError(Exception):
    """Nothing wrong with the page: only feedparser knows what is made of this."""


class Place(NamedTuple):
    """Where an element stands: what its addresses start from, and its language."""

    base: str = ""
    language: str | None = None


class Text(NamedTuple):
    value: str
    kind: str
    place: Place


def name_of(element: _Element) -> str:
    """`dc_creator`, `title`: the module's usual prefix, whatever the page calls it, in lower case."""
    namespace, _, local = element.tag.rpartition("}")
    prefix = _prefix(namespace[1:], element.prefix)
    return f"{prefix}_{local}".lower() if prefix else local.lower()


def _prefix(namespace: str, given: str | None) -> str:
    if "backend.userland.com/rss" in namespace:
        return ""
    return _NAMESPACES.get(namespace.lower(), given or "")


def attributes(element: _Element) -> dict[str, str]:
    """By name in lower case; `rel` and `type` say the same in any case."""
    _count_attributes(element)
    found = {}
    for key, value in element.items():
        namespace, _, local = key.rpartition("}")
        prefix = _NAMESPACES.get(namespace[1:].lower()) if namespace else None
        name = f"{prefix}:{local}".lower() if prefix else local.lower()
        found[name] = value.lower() if name in {"rel", "type"} else value
    return found


def _count_attributes(element: _Element) -> int:
    """Before any is read: lxml takes minutes to list ten thousands."""
    count = len(element.keys())
    if count > MOST_ATTRIBUTES:
        raise ParseError(f"an element of the page has {count} attributes: more than {MOST_ATTRIBUTES} are not read")
    return count


def place_of(element: _Element, outer: Place) -> Place:
    """With the element's own xml:base and xml:lang; many write them without the prefix."""
    if not _count_attributes(element):
        return outer
    base = element.get(f"{{{_XML}}}base") or element.get("base")
    language = element.get(f"{{{_XML}}}lang", element.get("lang"))
    if base is None and language is None:
        return outer
    return Place(
        (resolve(outer.base, base) or outer.base) if base else outer.base,
        outer.language if language is None else language.replace("_", "-") or None,
    )


def resolve(base: str, address: str) -> str:
    """As the publisher means it: without a base of his own it stays as it is."""
    address = _SLASHES.sub(r"\1", address)
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def plain(element: _Element) -> str:
    """The text of an element that holds nothing else."""
    if len(element):
        raise UnusualError(f"<{element.tag}> holds elements")
    return _mended(element.text)


def rich(element: _Element, default_kind: str, place: Place, version: str) -> Text:
    """A text of which the feed says, or leaves to guess, whether it is HTML."""
    told = attributes(element) if element.keys() else {}
    kind = _kind(told, default_kind)
    if len(element):
        markup = _Markup(kind)
        markup.add_inside(element)
        value, kind = _mended(markup.text(bare=version == "atom10")), markup.kind
    else:
        value = _mended(_escape(element.text or "") if kind == XHTML else element.text)
    if kind == PLAIN and not version.startswith("atom"):
        kind = _guessed(value)
    return Text(value, kind, place)


def _kind(told: dict[str, str], default: str) -> str:
    kind = told.get("type", default)
    kind = _KINDS.get(kind, kind)
    if told.get("mode") == "base64" or not (kind.startswith("text/") or kind.endswith(("+xml", "/xml"))):
        raise UnusualError(f"a text in {kind}")
    return kind


def _guessed(value: str) -> str:
    """What is called text may be HTML. It matters where there are brackets; and known markup is HTML anyway."""
    if ("<" not in value and ">" not in value) or has_known_markup(value) or not _END_OR_ENTITY.search(value):
        return PLAIN
    if _TAG.search(value):
        raise UnusualError("a text that may be HTML or not")
    return HTML if all(name in entitydefs for name in _ENTITY.findall(value)) else PLAIN


def _mended(text: str | None) -> str:
    """UTF-8 that somebody took for Latin-1 and encoded once more; signs that only Windows has at these places."""
    value = text.strip() if text else ""
    if value.isascii():
        return value
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    return value.translate(_WINDOWS) if _WINDOWS_SIGNS.search(value) else value


def _escape(text: str, *, quote: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;") if quote else text


class _Markup:
    """Elements written out again as HTML. `kind` becomes XHTML with the first element that is more than a wrapper."""

    def __init__(self, kind: str) -> None:
        if kind.endswith("xml") and kind != XHTML:
            raise UnusualError(f"elements in a text of {kind}")
        self.kind = kind
        self._pieces: list[str] = []

    def text(self, *, bare: bool) -> str:
        pieces = [piece for piece in self._pieces if piece]
        return "".join(_unwrapped(pieces) if bare and self.kind == XHTML else pieces)

    def add_inside(self, element: _Element) -> None:
        self._add_text(element.text)
        for child in element:
            self._add(child)
            self._add_text(child.tail)

    def _add_text(self, text: str | None) -> None:
        if text:
            self._pieces.append(_escape(text) if self.kind == XHTML else text)

    def _add(self, element: _Element) -> None:
        name = name_of(element).removeprefix("xhtml_")
        if self.kind != XHTML and name == "div":
            self.add_inside(element)
            return
        self.kind = XHTML
        name = name.rpartition("_")[2]
        told = "".join(f' {key}="{_escape(value, quote=True)}"' for key, value in attributes(element).items())
        self._pieces.append(f"<{name}{told}/>" if name in _VOID else f"<{name}{told}>")
        self.add_inside(element)
        if name not in _VOID:
            self._pieces.append(f"</{name}>")


def _unwrapped(pieces: list[str]) -> list[str]:
    """Without the <div> that Atom wants around XHTML, where it holds all there is."""
    while len(pieces) > 1 and not pieces[-1].strip():
        pieces.pop()
    start = next((at for at, piece in enumerate(pieces) if piece.strip()), 0)
    pieces = pieces[start:]
    if not pieces or not (pieces[0] == "<div>" or pieces[0].startswith("<div ")) or pieces[-1] != "</div>":
        return pieces
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return pieces
        elif piece.startswith("<") and not piece.endswith("/>"):
            depth += 1
    return pieces[1:-1]
