"""What a source's own feed published, as a part of ours: clean, and not longer than a feed may carry."""

import re
from collections.abc import Iterator
from typing import Any

import nh3

from aggregator.publish.feeds.wording import address, clean

LARGEST = 32 * 1024
"""Bytes of one entry's content. Longer ones are read where they were published."""

_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi blockquote br caption cite code col colgroup dd del dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 "
        "h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub sup table tbody td tfoot th thead "
        "time tr u ul var wbr",
    )
)
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "time": {"datetime"},
    "*": {"lang", "dir"},
}
_OPENED = frozenset({"div", "blockquote", "figure", "ul", "ol", "dl"})
"""Of these a part may be kept; of all else, the whole or nothing."""


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name not in {"href", "src"} or value.startswith("mailto:"):
        return value
    return address(value)


_IMAGE_OF_NOTHING = re.compile(r"<img(?![^>]* src=)[^>]*>")
_BLOCK = re.compile(r"<(?:blockquote|div|dl|figure|h[1-6]|hr|ol|p|pre|table|ul)\b")
_MORE = "<p>[\u2026]</p>"
_RESERVE = 1024
"""For that, and for what an entity more or less may change."""

# Made once: a cleaner takes longer to make than to clean a page. What was stored was cleaned once before, by what we knew
# then; a feed goes to programs that we do not know, so it is done again, and with fewer elements.
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags={"script", "style", "svg", "math", "iframe", "noscript", "object", "template", "title", "head"},
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
    strip_comments=True,
)


def fragment(html: str) -> str:
    """At most `LARGEST` bytes, by whole blocks; where blocks are missing, “[…]” stands at the end. Empty where nothing
    that is whole would fit.
    """
    cleaned = _cleaned(html)
    if len(cleaned) * 4 <= LARGEST or len(cleaned.encode()) <= LARGEST:
        return cleaned
    kept = _cleaned("".join(_within(cleaned, LARGEST - _RESERVE)))
    return f"{kept}\n{_MORE}" if kept and len(kept.encode()) <= LARGEST - len(_MORE.encode()) else ""


def _cleaned(html: str) -> str:
    """Characters at last: an entity may name whatever it likes. Bare text becomes a paragraph."""
    cleaned = clean(_IMAGE_OF_NOTHING.sub("", _CLEANER.clean(clean(html)))).strip()
    return f"<p>{cleaned}</p>" if cleaned and not _BLOCK.search(cleaned) else cleaned


def _within(html: str, room: int) -> Iterator[str]:
    from lxml import html as lxml_html  # only for what is too long

    for node in lxml_html.fragments_fromstring(html):
        if isinstance(node, str):
            continue  # text without an element around it: not a whole of anything
        room = _cut(node, room)
        if room >= 0:
            yield lxml_html.tostring(node, encoding="unicode", with_tail=False)
        if room <= 0:
            return


def _cut(element: Any, room: int) -> int:
    """Take from the end what is more than `room` bytes; what is left of it: 0 where something was taken, less where
    nothing of the element fits.
    """
    size = _size(element)
    if size <= room:
        return room - size
    if element.tag not in _OPENED:
        return -1
    children = list(element)
    inner = room - size + sum(_size(child) + len((child.tail or "").encode()) for child in children)
    kept = False
    for child in children:
        inner = _cut(child, inner) if inner > 0 else -1
        if inner < 0:
            element.remove(child)
            continue
        kept = True
        inner -= len((child.tail or "").encode())
        if inner < 0:
            child.tail = None
    return 0 if kept else -1


def _size(element: Any) -> int:
    from lxml import etree

    return len(etree.tostring(element, method="html", encoding="utf-8", with_tail=False))
