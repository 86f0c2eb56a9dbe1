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
_BLOCKS = (
    "address|article|aside|blockquote|br|caption|center|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr|li|main"
    "|nav|ol|option|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_BLOCK_EDGE = re.compile(rf"<(?=/?(?:{_BLOCKS})\b)", re.IGNORECASE)
_OPENING = re.compile(r"<([a-z][a-z0-9]{0,15})\b[^<>]*>", re.IGNORECASE)
_CLOSING = re.compile(r"</([a-z][a-z0-9]{0,15})\s*>", re.IGNORECASE)
_USUAL_ATTRIBUTES = r"""(?:\s+[a-zA-Z][a-zA-Z0-9-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*/?>"""
_USUAL_BLOCK = re.compile(rf"</?(?:p|br|div|li|ul|ol|h[1-6]|blockquote|hr){_USUAL_ATTRIBUTES}", re.IGNORECASE)
_USUAL_MARK = re.compile(
    rf"</?(?:a|b|cite|code|em|i|img|s|small|span|strong|sub|sup|u){_USUAL_ATTRIBUTES}", re.IGNORECASE
)
_TAG_IN_TAG = re.compile(r"<[^<>]*<")
_USUAL_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|[lr][sd]quo|[mn]dash|hellip|#[1-9]\d{1,4});")
_VOID = frozenset({"br", "hr", "img", "wbr"})
_TAG = re.compile(r'<(/?)([a-z0-9]+)(?: [^\s=>"]+="[^"]*")*>')
_MARKS = frozenset({"a", "b", "cite", "code", "em", "i", "s", "small", "span", "strong", "sub", "sup", "u"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HOLDS = dict.fromkeys(("p", "ul", "ol", *_HEADINGS), frozenset({"", "div", "blockquote", "li"}))
"""Simple blocks, and in what each may stand at once."""
_HOLDS |= {"li": frozenset({"ul", "ol"}), "div": frozenset({"", "div"}), "blockquote": frozenset({"", "div"})}
_SIMPLE_BLOCKS = frozenset(_HOLDS)
_ESCAPED_AMPERSANDS = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# As nh3 writes them: every value in double quotes.
_LINKED = re.compile(r'<(?:a|img)(?: [^\s=>"]+="[^"]*")+>')
_LINK = re.compile(r' (?:href|src)="([^"]*)"')
# What `absolute` may change, or refuse.
_UNUSUAL_LINK = re.compile(
    r' (?:href|src)="(?!https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/(?:[A-Za-z0-9._~/?!$()*+,=%:@-]|&amp;){0,2000})?")'
)
_IMAGE = re.compile(r"<img\b[^>]*>")
_PRE_START = re.compile(r"(<pre\b[^>]*>)\n+")  # every reading of HTML drops the first of them
_PIXEL = re.compile(r'\b(?:width|height)="0*[01](?:px)?"')
# Control characters, surrogates, what must not stand in XML, and signs that turn the direction of a whole line.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]"
)
_ASCII_UNWANTED = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})

# Made once: a cleaner takes longer to make than to clean a page.
_SHOWN = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=_WITHOUT_CONTENT,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
_TEXT_ALONE = nh3.Cleaner(tags=set(), clean_content_tags=_WITHOUT_CONTENT)


def scrub(text: str) -> str:
    """Without characters that no reader should get: control characters, halves of characters, direction switches."""
    if text.isascii():
        raw = text.encode()
        kept = raw.translate(None, _ASCII_UNWANTED)
        return text if len(kept) == len(raw) else kept.decode()
    return text if text.isprintable() else _UNWANTED.sub("", text)


def one_line(text: str) -> str:
    """With single spaces for all white space."""
    if text.isascii():
        raw = text.encode()
        is_plain = len(raw.translate(None, b"\t\n\v\f\r\x1c\x1d\x1e\x1f")) == len(raw)
    else:
        is_plain = text.isprintable()  # of all white space only the plain space is printable
    if not is_plain:
        return " ".join(text.split())
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip()


def clean(html: str, base: str | None) -> str:
    """HTML that may be shown: no script, style or class, links and images absolute, no 1×1 images, at most `LARGEST`."""
    rest = scrub(html)
    limit = LARGEST
    while True:
        cleaned = _settled(_cut(rest, limit), base)
        if len(cleaned) * 4 <= LARGEST or len(cleaned.encode()) <= LARGEST:
            return cleaned
        limit //= 2


def text_of(html: str) -> str:
    """Plain text on one line. Entities that were escaped twice by mistake come out right too.

    What it gives holds no entity and no paired tag, so escaping and reading it again gives the same text.
    """
    return text_of_scrubbed(scrub(html))


def text_of_scrubbed(text: str) -> str:
    """The same of what has been through `scrub` or `clean` already."""
    if "<" in text:
        text = _without_simple_tags(text) or _bare(text)
    if "&" not in text:
        return one_line(text)
    text = _ESCAPED_AMPERSANDS.sub("&amp;", text)
    while _ENTITY.search(text):
        plain = scrub(entities.unescape(text))
        if plain == text:
            break
        text = _without_pairs(plain)
    return one_line(text)


def _settled(html: str, base: str | None) -> str:
    """Cleaned until nothing changes: HTML that is read otherwise the second time (a link around a table with a link)
    is how markup gets past a sanitiser, and no two readers would show it alike.
    """
    safe = _SHOWN.clean(html)
    after = _finished(safe, base)
    if after == safe and _is_simple(safe):
        return after
    for _ in range(_MOST_ROUNDS):
        before, after = after, _SHOWN.clean(after)
        if after == before:
            return after
        after = _finished(after, base)
        if after == before:
            return after
    return entities.escape(text_of(after))


def _is_simple(safe: str) -> bool:
    """Whether cleaned HTML is surely read as it is written: paragraphs, lists and plain marks inside them, no block in a
    paragraph, no mark in a mark of its own kind, no list item but in a list. (HTML 13.2.6.4.7 has nothing to mend then.)
    Of all else, tables above all, only reading it again can tell.
    """
    open_: list[str] = []
    for close, name in _TAG.findall(safe):
        if close:
            if not open_ or open_.pop() != name:
                return False
        elif name in _SIMPLE_BLOCKS:
            inside = open_[-1] if open_ else ""
            if inside not in _HOLDS[name] or name in open_[:-1]:
                return False
            open_.append(name)
        elif name in _MARKS:
            if name in open_:
                return False
            open_.append(name)
        elif name not in _VOID:
            return False
    return not open_


def _finished(safe: str, base: str | None) -> str:
    """With absolute links, without what is not shown. Doing it once more changes nothing."""
    images = "<img" in safe
    if (images or "<a " in safe) and _UNUSUAL_LINK.search(safe):
        safe = _LINKED.sub(lambda tag: _LINK.sub(lambda link: _linked(tag[0], link, base), tag[0]), safe)
    if images:
        safe = _IMAGE.sub(_shown, safe)
    return (_PRE_START.sub(r"\1", safe) if "<pre" in safe else safe).strip()


def _linked(tag: str, link: re.Match[str], base: str | None) -> str:
    address = entities.unescape(link[1])
    if address.startswith("mailto:") and tag.startswith("<a"):
        return link[0]
    whole = absolute(address, base)
    if whole is None:
        return ""
    return link[0] if whole == address else link[0].replace(f'"{link[1]}"', f'"{entities.escape(whole)}"')


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
    return _TEXT_ALONE.clean(_BLOCK_EDGE.sub(" <", _cut(text, LARGEST)))


def _without_simple_tags(text: str) -> str:
    """What `_bare` gives, of text with nothing but common tags and entities, in less than a third of the time; else
    empty. Such tags move no text, however wrongly they are nested.
    """
    if len(text) * 4 > LARGEST or _TAG_IN_TAG.search(text):
        return ""
    if "&" in text and text.count("&") != len(_USUAL_ENTITY.findall(text)):
        return ""
    bare = _USUAL_MARK.sub("", _USUAL_BLOCK.sub(" ", text))
    return "" if "<" in bare else bare


def _cut(text: str, limit: int) -> str:
    return text if len(text) * 4 <= limit else text.encode()[:limit].decode("utf-8", "ignore")
