"""A validator of RSS 2.0: the specification, the RSS Advisory Board's profile, and the modules that we use."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from tests.support import feedrules
from tests.support.feedrules import ATOM, elements

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CHANNEL = frozenset(
    [
        "title",
        "link",
        "description",
        "language",
        "copyright",
        "managingEditor",
        "webMaster",
        "pubDate",
        "lastBuildDate",
        "category",
        "generator",
        "docs",
        "cloud",
        "ttl",
        "image",
        "rating",
        "textInput",
        "skipHours",
        "skipDays",
        "item",
    ]
)
_ITEM = frozenset("title link description author category comments enclosure guid pubDate source".split())  # noqa: SIM905  read so
_MANY = frozenset({"category", "item"})
_ATTRIBUTES = {
    "guid": {"isPermaLink"},
    "category": {"domain"},
    "source": {"url"},
    "enclosure": {"url", "length", "type"},
    "cloud": {"domain", "port", "path", "registerProcedure", "protocol"},
}
_TWICE = {
    "managingEditor": "creator", "webMaster": "publisher", "copyright": "rights", "pubDate": "date", "language": "language",
    "category": "subject", "author": "creator", "source": "source",
}  # fmt: skip
_KNOWN = frozenset(
    {
        "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/modules/content/", "http://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/terms/", "http://purl.org/rss/1.0/modules/syndication/", "http://purl.org/rss/1.0/modules/slash/",
        "http://wellformedweb.org/CommentAPI/", "http://www.w3.org/XML/1998/namespace", "http://search.yahoo.com/mrss/",
        "http://www.w3.org/1999/xhtml", "http://purl.org/syndication/history/1.0", "http://webns.net/mvcb/",
        "http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.w3.org/2003/01/geo/wgs84_pos#", "http://postneo.com/icbm",
    }
)  # fmt: skip


def errors(document: bytes) -> list[str]:
    """What is forbidden."""
    return [said for said in complaints(document) if not said.startswith("should")]


def complaints(document: bytes) -> list[str]:
    """That, and what is bad."""
    root = feedrules.parsed(document)
    if isinstance(root, str):
        return [root]
    if root.tag != "rss":
        return [f"the root is {root.tag}"]
    found = [*_root(root)]
    for channel in root.findall("channel"):
        found += _channel(channel)
        for item in channel.findall("item"):
            found += _item(item)
        guids = Counter(item.findtext("guid") for item in channel.findall("item"))
        found += [f"{count} items have the guid {guid}" for guid, count in guids.items() if guid and count > 1]
    return found


def _root(root: Any) -> Iterator[str]:
    if root.get("version") is None:
        yield "rss has no version"
    elif root.get("version") not in {"0.91", "0.92", "2.0"}:
        yield f"there is no RSS {root.get('version')}"
    yield from (f"rss has an attribute {key}" for key in root.attrib if key != "version" and "}" not in key)
    channels = [child for child in elements(root) if child.tag == "channel"]
    if len(channels) != 1:
        yield f"rss has {len(channels)} channel" if channels else "rss has no channel"
    yield from (f"rss has an unknown child {child.tag}" for child in elements(root) if child.tag != "channel")
    spaces = {space for element in root.iter(etree.Element) for space in element.nsmap.values()}
    yield from (f"should: nobody knows the namespace {space}" for space in sorted(spaces - _KNOWN))


def _channel(channel: Any) -> Iterator[str]:
    yield from _element(channel, "channel", _CHANNEL)
    yield from (f"channel has no {name}" for name in ("title", "link", "description") if channel.find(name) is None)
    tags = [child.tag for child in elements(channel)]
    if "item" in tags and any(tag in _CHANNEL - {"item"} or tag.startswith(ATOM) for tag in tags[tags.index("item") :]):
        yield "should: something of the channel stands after its items"
    if channel.getparent().get("version") == "2.0" and not channel.findall(f"{ATOM}link[@rel='self']"):
        yield "should: the channel has no link rel=self"


def _item(item: Any) -> Iterator[str]:
    yield from _element(item, "item", _ITEM)
    if item.find("title") is None and item.find("description") is None:
        yield "item has no title and no description"
    if item.find("guid") is None:
        yield "should: item has no guid"
    tags = [child.tag for child in elements(item)]
    if _CONTENT in tags and "description" not in tags[: tags.index(_CONTENT)]:
        yield "should: no description stands before content:encoded"


def _element(element: Any, name: str, known: frozenset[str]) -> Iterator[str]:
    counts = Counter(child.tag for child in elements(element))
    yield from (f"{name} has an unknown child {tag}" for tag in counts if "}" not in tag and tag not in known)
    yield from (f"{name} has {count} {tag}" for tag, count in counts.items() if count > 1 and tag in known - _MANY)
    if feedrules.own_text(element):
        yield f"{name} holds text"
    for core, module in _TWICE.items():
        if counts[core] and counts[f"{_DC}{module}"]:
            yield f"should: {name} says it twice: {core} and dc:{module}"
    for child in elements(element):
        if "}" not in child.tag and child.tag not in {"item", "channel"}:
            allowed = _ATTRIBUTES.get(child.tag, set())
            yield from (
                f"{child.tag} has an attribute {key}" for key in child.attrib if key not in allowed and "}" not in key
            )
        yield from _child(child, name)


def _child(child: Any, parent: str) -> Iterator[str]:
    text = feedrules.text_of(child).strip()
    rule = _RULES.get(child.tag)
    if rule is not None:
        yield from rule(child, text, parent)


def _plain(child: Any, text: str, _parent: str) -> Iterator[str]:
    if elements(child):
        yield f"{child.tag} has child elements"
    elif not text and child.tag == "title":
        yield f"should: {child.tag} is empty"
    yield from feedrules.plain(child.text or "", child.tag, guessed=True)


def _description(child: Any, text: str, parent: str) -> Iterator[str]:
    if parent == "channel":
        yield from _plain(child, text, parent)
    elif elements(child):
        yield f"{child.tag} has child elements"
    else:
        yield from feedrules.html(text, "description")


def _html(child: Any, text: str, _parent: str) -> Iterator[str]:
    yield from feedrules.html(text, "content:encoded")
    yield from ["content:encoded has child elements"] if elements(child) else []


def _address(child: Any, text: str, _parent: str) -> Iterator[str]:
    yield from feedrules.address(text, child.tag)
    if not text.isascii():
        yield f"{child.tag}: {text!r} has characters that an address has not"


def _date(child: Any, text: str, _parent: str) -> Iterator[str]:
    yield from feedrules.mail_date(text, child.tag)


def _mail(child: Any, text: str, _parent: str) -> Iterator[str]:
    found = re.fullmatch(r"(\S+)(?: \((.*)\))?", text)
    if found is None and "@" in text:
        yield f"should: {child.tag}: write the mail address, then the name in brackets"
    elif found is None or "@" not in found[1]:
        yield f"{child.tag}: {text!r} is no mail address"
    else:
        yield from feedrules.mailbox(found[1], child.tag)
        yield from [] if found[2] else [f"should: {child.tag}: write the mail address, then the name in brackets"]
    yield from feedrules.plain(child.text or "", child.tag, guessed=True)


def _language(_child: Any, text: str, _parent: str) -> Iterator[str]:
    yield from feedrules.language(text, "language")


def _number(child: Any, text: str, _parent: str) -> Iterator[str]:
    if not text.isdecimal() or (child.tag == "ttl" and int(text) == 0):
        yield f"{child.tag}: {text!r} is no number"


def _guid(child: Any, text: str, _parent: str) -> Iterator[str]:
    permanent = child.get("isPermaLink", "true")
    if permanent not in {"true", "false"}:
        yield f"guid: {permanent!r} is neither true nor false"
    elif permanent == "true" and not re.match(r"[a-z][a-z0-9+.-]*:", text, re.IGNORECASE):
        yield f"guid: {text!r} is no address, and not said to be none"
    elif permanent == "true" and text.lower().startswith(("tag:", "urn:uuid:")):
        yield f"guid: {text!r} leads nowhere"
    if not text:
        yield "should: guid is empty"


def _source(child: Any, text: str, _parent: str) -> Iterator[str]:
    url = child.get("url")
    yield from feedrules.address(url, "source") if url is not None else ["source has no url"]
    yield from feedrules.plain(child.text or "", "source", guessed=True)


def _enclosure(child: Any, _text: str, _parent: str) -> Iterator[str]:
    yield from (f"enclosure has no {name}" for name in ("url", "length", "type") if child.get(name) is None)
    if child.get("url") is not None:
        yield from feedrules.address(child.get("url"), "enclosure")
    if not (child.get("length") or "0").isdecimal():
        yield f"enclosure: the length {child.get('length')!r} is no number"
    if child.get("type") is not None:
        yield from feedrules.mime(child.get("type"), "enclosure")


def _cloud(child: Any, _text: str, _parent: str) -> Iterator[str]:
    yield from (f"cloud has no {name}" for name in sorted(_ATTRIBUTES["cloud"]) if child.get(name) is None)
    if not (child.get("port") or "80").isdecimal() or child.get("port") == "0":
        yield f"cloud: the port {child.get('port')!r} is no number"


def _image(child: Any, _text: str, _parent: str) -> Iterator[str]:
    counts = Counter(each.tag for each in elements(child))
    yield from (f"image has no {name}" for name in ("url", "title", "link") if not counts[name])
    yield from (f"image has {count} {tag}" for tag, count in counts.items() if count > 1)
    yield from (
        f"image has an unknown child {tag}"
        for tag in counts
        if tag not in {"url", "title", "link", "width", "height", "description"}
    )
    for each in elements(child):
        text = (each.text or "").strip()
        if each.tag in {"url", "link"}:
            yield from _address(each, text, "image")
        if each.tag in {"width", "height"}:
            yield from _number(each, text, "image")
        if each.tag in {"title", "description"}:
            yield from _plain(each, text, "image")


def _text_input(child: Any, _text: str, _parent: str) -> Iterator[str]:
    counts = Counter(each.tag for each in elements(child))
    yield from (f"textInput has no {name}" for name in ("title", "description", "name", "link") if not counts[name])
    yield from (f"textInput has {count} {tag}" for tag, count in counts.items() if count > 1)
    for each in elements(child):
        yield from _plain(each, feedrules.text_of(each), "textInput")


def _skipped(child: Any, _text: str, _parent: str) -> Iterator[str]:
    one, most = ("day", 7) if child.tag == "skipDays" else ("hour", 24)
    yield from (f"{child.tag} has an unknown child {each.tag}" for each in elements(child) if each.tag != one)
    if len(elements(child)) > most:
        yield f"{child.tag} is longer than what it counts"


def _atom_link(child: Any, _text: str, _parent: str) -> Iterator[str]:
    yield from feedrules.address(child.get("href"), "atom:link") if child.get("href") else ["atom:link has no href"]


_RULES: dict[str, Callable[[Any, str, str], Iterator[str]]] = {
    **dict.fromkeys(("title", "category", "copyright"), _plain),
    "description": _description,
    _CONTENT: _html,
    **dict.fromkeys(("link", "docs", "comments"), _address),
    **dict.fromkeys(("pubDate", "lastBuildDate"), _date),
    **dict.fromkeys(("managingEditor", "webMaster", "author"), _mail),
    **dict.fromkeys(("language", f"{_DC}language"), _language),
    "ttl": _number,
    "guid": _guid,
    "source": _source,
    "enclosure": _enclosure,
    "cloud": _cloud,
    "image": _image,
    "textInput": _text_input,
    **dict.fromkeys(("skipDays", "skipHours"), _skipped),
    f"{ATOM}link": _atom_link,
}
