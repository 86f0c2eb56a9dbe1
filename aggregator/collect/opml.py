"""Subscription lists: written so that the same sources give the same bytes, read however broken they are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from aggregator.collect.encoding import decode
from aggregator.collect.html import scrub
from aggregator.errors import ParseError

_DEEPEST = 50
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
# An attribute ends at the quote after which another begins, or the tag ends and a new one begins.
_ATTRIBUTE = re.compile(
    r"""(\s[\w:.-]+\s*=\s*)"([^\n]*?)"(?=\s+[\w:.-]+\s*=\s*["']|\s*[/?]?>\s*(?:<|\Z))""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """`folder` is the path of the outlines around it, joined by a slash."""

    title: str
    url: str
    home: str | None = None
    folder: str | None = None


def write(title: str, sources: Sequence[tuple[str, str, str | None]]) -> bytes:
    """OPML 2.0 of (title, feed, home page), in the order given, without a date."""
    outlines = "".join(
        f'    <outline type="rss" text={_quoted(name)} title={_quoted(name)} xmlUrl={_quoted(url)}'
        f"{f' htmlUrl={_quoted(home)}' if home else ''}/>\n"
        for name, url, home in sources
    )
    head = f"  <head>\n    <title>{_quoted(title)[1:-1]}</title>\n  </head>\n"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n{head}  <body>\n{outlines}  </body>\n</opml>\n'.encode()


def read(data: bytes) -> tuple[OpmlFeed, ...]:
    """Every feed in it, as often as it stands there (in two folders, say). Raises ParseError where it is no subscription list."""
    text, _ = decode(data, None)
    root = _tree(text)
    if root is None or not any(_name(element) in {"opml", "outline"} for element in root.iter(etree.Element)):
        raise ParseError(
            "the file is no OPML: no <outline> in it", hint="export the list from your feed reader as OPML"
        )
    return tuple(_feeds(root, (), 0))


def _tree(text: str) -> Any:
    """As it stands if it is XML; else with the bare & and < and quotes mended that would cost lxml the outline."""
    try:
        return _parsed(text, recover=False)
    except etree.XMLSyntaxError:
        mended = _ATTRIBUTE.sub(_mended, _BARE_AMPERSAND.sub("&amp;", text))
    try:
        return _parsed(mended, recover=True)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"the file is no OPML: {error.msg}") from error


def _parsed(text: str, *, recover: bool) -> Any:
    parser = etree.XMLParser(recover=recover, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(text.strip().encode("utf-8", "replace"), parser)


def _mended(attribute: re.Match[str]) -> str:
    value = attribute[2].replace("<", "&lt;").replace('"', "&quot;")
    return f'{attribute[1]}"{value}"'


def _feeds(element: Any, folders: tuple[str, ...], depth: int) -> Iterator[OpmlFeed]:
    for child in element.iterchildren(etree.Element):
        values = {str(name).lower(): str(value).strip() for name, value in child.attrib.items()}
        title = scrub(values.get("title") or values.get("text") or "")
        url = values.get("xmlurl")
        if _name(child) == "outline" and url:
            home = values.get("htmlurl") or None
            yield OpmlFeed(title=title or url, url=url, home=home, folder="/".join(folders) or None)
        inside = (*folders, title) if _name(child) == "outline" and title and not url else folders
        if depth < _DEEPEST:
            yield from _feeds(child, inside, depth + 1)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _quoted(text: str) -> str:
    return quoteattr(" ".join(scrub(text).split()), {'"': "&quot;"})
