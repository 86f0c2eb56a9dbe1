"""Subscription lists: written so that the same sources give the same bytes, read however broken they are."""

import re
from collections.abc import Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Folder:
    """What feeds are filed under. `slug`: the category's short name, which only our own lists say."""

    name: str
    slug: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """`folder` is the path of the outlines around it, joined by a slash; `folders` what it is filed under: the innermost
    of them, and what its own `category` attribute names.
    """

    title: str
    url: str
    home: str | None = None
    language: str | None = None
    folder: str | None = None
    folders: tuple[Folder, ...] = ()


def write(title: str, feeds: Sequence[OpmlFeed], folders: Sequence[Folder] = ()) -> bytes:
    """OPML 2.0 in the order given, without a date: the feeds of no folder, then the folders in their order. A feed of
    two folders stands in both; a folder without feeds is left out.
    """
    known = set(folders)
    loose = "".join(_outline(feed, 4) for feed in feeds if not known & set(feed.folders))
    filed = "".join(_folder(folder, [feed for feed in feeds if folder in feed.folders]) for folder in folders)
    head = f"  <head>\n    <title>{_quoted(title)[1:-1]}</title>\n  </head>\n"
    body = f"  <body>\n{loose}{filed}  </body>\n"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n{head}{body}</opml>\n'.encode()


def _folder(folder: Folder, feeds: Sequence[OpmlFeed]) -> str:
    name = _quoted(folder.name)
    slug = f" category={_quoted(folder.slug)}" if folder.slug else ""
    inside = "".join(_outline(feed, 6) for feed in feeds)
    return f"    <outline text={name} title={name}{slug}>\n{inside}    </outline>\n" if feeds else ""


def _outline(feed: OpmlFeed, indent: int) -> str:
    name = _quoted(feed.title)
    more = {"xmlUrl": feed.url, "htmlUrl": feed.home, "language": feed.language}
    attributes = "".join(f" {key}={_quoted(value)}" for key, value in more.items() if value)
    return f'{" " * indent}<outline type="rss" text={name} title={name}{attributes}/>\n'


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


def _feeds(element: Any, around: tuple[Folder, ...], depth: int) -> Iterator[OpmlFeed]:
    for child in element.iterchildren(etree.Element):
        values = {str(name).lower(): " ".join(scrub(str(value)).split()) for name, value in child.attrib.items()}
        title = values.get("title") or values.get("text") or ""
        url = values.get("xmlurl")
        if _name(child) == "outline" and url:
            yield OpmlFeed(
                title=title or url,
                url=url,
                home=values.get("htmlurl") or None,
                language=values.get("language") or None,
                folder="/".join(folder.name for folder in around) or None,
                folders=tuple(dict.fromkeys((*around[-1:], *_named(values.get("category", ""))))),
            )
        inside = (*around, Folder(title, _slug(values))) if _name(child) == "outline" and title and not url else around
        if depth < _DEEPEST:
            yield from _feeds(child, inside, depth + 1)


def _slug(values: Mapping[str, str]) -> str | None:
    """As our own lists say it of a folder."""
    return values.get("category") if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", values.get("category", "")) else None


def _named(categories: str) -> Iterator[Folder]:
    """OPML 2.0: paths joined by commas, as in /Press/China,/Trade; the last part of each is its name."""
    for path in categories.split(","):
        if name := path.rstrip("/ ").rpartition("/")[2].strip():
            yield Folder(name)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _quoted(text: str) -> str:
    return quoteattr(" ".join(scrub(text).split()), {'"': "&quot;"})
