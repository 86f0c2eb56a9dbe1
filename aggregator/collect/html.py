"""HTML of strangers: clean enough to show, or as plain text."""

import html as entities
import re

import nh3

from aggregator.collect.urls import absolute

LARGEST = 256 * 1024
"""Bytes of one text; nh3 needs seconds for deeply nested half megabytes."""

_MOST_ROUNDS = 5
_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure "
        "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup table "
        "tbody td tfoot th thead time tr tt u ul var wbr",
    )
)
_WITHOUT_CONTENT = {"script", "style", "svg", "math", "iframe", "noscript", "object", "template", "title", "head"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "time": {"datetime"},
    "*": {"lang", "dir"},
}
_LINKS = frozenset({("a", "href"), ("img", "src")})
_BLOCKS = (
    "address|article|aside|blockquote|br|caption|center|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr|li|main"
    "|nav|ol|option|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_BLOCK_EDGE = re.compile(rf"(?=</?(?:{_BLOCKS})\b)", re.IGNORECASE)
_OPENING = re.compile(r"<([a-z][a-z0-9]{0,15})\b[^<>]*>", re.IGNORECASE)
_CLOSING = re.compile(r"</([a-z][a-z0-9]{0,15})\s*>", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "wbr"})
_ESCAPED_AMPERSANDS = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_IMAGE = re.compile(r"<img\b[^>]*>")
_PRE_START = re.compile(r"(<pre\b[^>]*>)\n+")  # every reading of HTML drops the first of them
_PIXEL = re.compile(r'\b(?:width|height)="0*[01](?:px)?"')
# Control characters, surrogates, what must not stand in XML, and signs that turn the direction of a whole line.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]"
)


def scrub(text: str) -> str:
    """Without characters that no reader should get: control characters, halves of characters, direction switches."""
    return _UNWANTED.sub("", text)


def clean(html: str, base: str | None) -> str:
    """HTML that may be shown: no script, style or class, links and images absolute, no 1×1 images, at most `LARGEST`."""
    rest = scrub(html)
    limit = LARGEST
    while True:
        cleaned = _settled(_cut(rest, limit), base)
        if len(cleaned.encode()) <= LARGEST:
            return cleaned
        limit //= 2


def text_of(html: str) -> str:
    """Plain text on one line. Entities that were escaped twice by mistake come out right too.

    What it gives holds no entity and no paired tag, so escaping and reading it again gives the same text.
    """
    text = scrub(html)
    if "<" in text:
        text = _bare(text)
    text = _ESCAPED_AMPERSANDS.sub("&amp;", text)
    while _ENTITY.search(text):
        plain = scrub(entities.unescape(text))
        if plain == text:
            break
        text = _without_pairs(plain)
    return " ".join(text.split())


def _settled(html: str, base: str | None) -> str:
    """Cleaned until nothing changes: HTML that is read otherwise the second time (a link around a table with a link)
    is how markup gets past a sanitiser, and no two readers would show it alike.
    """
    after = _cleaned(html, base)
    for _ in range(_MOST_ROUNDS):
        before, after = after, _cleaned(after, base)
        if after == before:
            return after
    return entities.escape(text_of(after))


def _cleaned(html: str, base: str | None) -> str:
    def attribute(tag: str, name: str, value: str) -> str | None:
        if (tag, name) not in _LINKS:
            return value
        return value if value.startswith("mailto:") and tag == "a" else absolute(value, base)

    safe = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=_WITHOUT_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return _PRE_START.sub(r"\1", _IMAGE.sub(_shown, safe)).strip()


def _shown(image: re.Match[str]) -> str:
    """An image that a reader can see; one pixel only counts who opened the page."""
    tag = image[0]
    return tag if ' src="' in tag and not _PIXEL.search(tag) else ""


def _without_pairs(text: str) -> str:
    """Markup that came to light when entities were read once more; a lone <b> in a title about HTML stays."""
    if "<" not in text:
        return text
    closed = {name.lower() for name in _CLOSING.findall(text)} | _VOID
    if not any(name.lower() in closed for name in _OPENING.findall(text)):
        return text
    return _bare(text)


def _bare(text: str) -> str:
    """The text between the tags, escaped."""
    return nh3.clean(_BLOCK_EDGE.sub(" ", _cut(text, LARGEST)), tags=set(), clean_content_tags=_WITHOUT_CONTENT)


def _cut(text: str, limit: int) -> str:
    return text if len(text) * 4 <= limit else text.encode()[:limit].decode("utf-8", "ignore")
