"""Bytes to a Feed: which reader a page is for, and what it is where none can read it.

Well-formed XML is read fast (`xml_feed`), what is not goes through feedparser (`loose`) after its usual faults have
been put right, JSON by hand (`json_feed`). The two readers of XML give the same answer; only their speed differs.
"""

import re
from dataclasses import replace
from html.entities import html5

from aggregator.collect import json_feed, xml_feed
from aggregator.collect.encoding import decode
from aggregator.collect.fields import MOST_ITEMS
from aggregator.errors import ParseError
from aggregator.model import Feed

__all__ = ["MOST_ITEMS", "parse"]

_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
# A CDATA section that never ends is taken to the end of the text, or looking for its end again and again would hang.
_AMPERSANDS = re.compile(
    r"(?P<kept><!\[CDATA\[(?:.*?\]\]>|.*)|&#\d+;|&#[xX][0-9a-fA-F]+;)|&(?P<name>[A-Za-z][A-Za-z0-9]{0,31});|&",
    re.DOTALL,
)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def parse(body: bytes, content_type: str | None, url: str) -> Feed:  # noqa: ARG001  the seam has it for readers that need it
    """Raises ParseError with a sentence that says what the page is instead of a feed.

    Addresses in what it gives are as the publisher wrote them: `url` is left to `normalise`, for guids do not depend on it.
    """
    raw, dirt = decode(body, content_type)
    text = _legal(raw).strip()
    if not text:
        raise ParseError("the page is empty")
    if len(text) < len(raw.strip().strip("\0")):
        dirt = "; ".join(filter(None, (dirt, "control characters in it")))
    return json_feed.read(text, dirt) if text[0] in "{[" else _xml(text, dirt)


def _legal(text: str) -> str:
    """Without characters that must not stand in XML; there are hardly ever any, which bytes tell at once."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return _NOT_XML.sub("", text)
    has_none = not text.isascii() and any(sign in data for sign in _NO_CHARACTERS)
    return _NOT_XML.sub("", text) if has_none or len(data.translate(None, _CONTROLS)) < len(data) else text


def _xml(text: str, dirt: str | None) -> Feed:
    feed = xml_feed.read(text)
    if feed is None:
        mended = _mended(text)
        feed = (xml_feed.read(mended) if mended != text else None) or _loose(mended, text)
        if mended != text and "not well-formed" not in (feed.dirt or ""):
            feed = replace(feed, dirt="; ".join(filter(None, ("not well-formed", feed.dirt))))
    return replace(feed, dirt="; ".join(filter(None, (dirt, feed.dirt))) or None)


def _loose(mended: str, text: str) -> Feed:
    from aggregator.collect import loose

    feed = loose.read(mended)
    if _HTML.match(text) and (feed is None or feed.format == "unknown"):
        raise ParseError("the page is HTML, no feed", hint="look for the feed's own address in the page")
    if feed is None:
        raise ParseError(f"the page is no feed: {_what(text)}")
    return feed


def _mended(text: str) -> str:
    """What breaks most broken feeds, put right, so that they need not go through the loose parser, which guesses."""
    return _AMPERSANDS.sub(_ampersand, text)


def _ampersand(found: re.Match[str]) -> str:
    name = found["name"]
    if name is None:
        return found[0] if found["kept"] else "&amp;"
    character = None if name in _XML_ENTITIES else html5.get(f"{name};")
    return found[0] if character is None else "".join(f"&#{ord(part)};" for part in character)


def _what(text: str) -> str:
    if not text.startswith("<"):
        return f"it is text that begins with {text[:40]!r}"
    root = _ROOT.search(text)
    return f"it is XML with the root <{root[1]}>" if root else "it is broken XML"
