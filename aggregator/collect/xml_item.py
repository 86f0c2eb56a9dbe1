"""An item of a well-formed feed: what each of its elements adds to it.

Elements count wherever they stand inside the item. Where two say the same thing, the one nearer to the item wins, and
of two that are equally near the later one; a title, though, stays with the first that has text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from lxml.etree import _Element

from aggregator.collect import fields
from aggregator.collect.xml_text import (
    HTML,
    PLAIN,
    XHTML,
    Place,
    Text,
    UnusualError,
    attributes,
    name_of,
    place_of,
    plain,
    resolve,
    rich,
)
from aggregator.model import Item


@dataclass(slots=True)
class _Person:
    name: str | None = None
    email: str | None = None


@dataclass(slots=True)
class _Tag:
    term: str | None
    label: str | None


@dataclass(slots=True)
class _Link:
    rel: str
    href: str | None


@dataclass(slots=True)
class Draft:
    """An item while it is read."""

    version: str
    readers: dict[str, "Reader"]
    values: dict[str, str] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    details: dict[str, Text] = field(default_factory=dict)
    contents: list[Text] = field(default_factory=list)
    links: list[_Link] = field(default_factory=list)
    people: list[_Person] = field(default_factory=list)
    tags: list[_Tag] = field(default_factory=list)
    stand_in: Text | None = None
    """A content where there is no summary."""
    has_content: bool = False
    title_depth: int = 0

    def put(self, key: str, value: str, depth: int) -> None:
        nearest = self.depths.get(key)
        if nearest is None or depth <= nearest:
            self.depths[key] = depth
            self.values[key] = value


Reader = Callable[[Draft, _Element, int, Place], None]


def item(element: _Element, outer: Place, version: str, readers: dict[str, Reader]) -> Item:
    """`readers` remembers which reader a tag has, for all items of a document."""
    draft = Draft(version, readers)
    if element.keys():
        told = attributes(element)
        if "href" in told or "lastmod" in told:
            raise UnusualError("an item of CDF")
        if told.get("rdf:about"):
            draft.values["id"] = told["rdf:about"]
    _read_inside(draft, element, 1, place_of(element, outer))
    return _finished(draft)


def _finished(draft: Draft) -> Item:
    contents = [text for text in draft.contents if text.value]
    content = max(contents, key=lambda text: len(text.value), default=None)
    details = [text for text in (content, draft.details.get("summary"), draft.details.get("title")) if text]
    values = draft.values
    return Item(
        guid=values.get("id", "").strip() or None,
        url=_url(draft),
        title=_markup(draft, "title"),
        summary=_markup(draft, "summary"),
        content=fields.as_html(content.value, content.kind) if content else None,
        author=fields.author(values.get("author"), (person.name or person.email for person in draft.people)),
        categories=fields.distinct(tag.label or tag.term for tag in draft.tags),
        published=values.get("published") or None,
        updated=values.get("updated") or None,
        language=next((text.place.language for text in details if text.place.language), None),
        base=next((text.place.base for text in details if text.place.base), None),
    )


def _markup(draft: Draft, key: str) -> str | None:
    value = draft.values.get(key)
    detail = draft.details.get(key) or (draft.stand_in if key == "summary" else None)
    return fields.as_html(value, detail.kind if detail else None) if value else None


def _url(draft: Draft) -> str | None:
    links = [link for link in draft.links if link.href and link.rel != "enclosure"]
    alternate = next((link.href for link in links if link.rel == "alternate"), None)
    guid = draft.values.get("link") or draft.values.get("id", "").strip()
    return fields.link(alternate, guid, (link.href for link in links if link.href))


# --- element by element ----------------------------------------------------------------------------------


def _read_inside(draft: Draft, element: _Element, depth: int, place: Place) -> None:
    readers = draft.readers
    for child in element:
        tag = child.tag
        reader = readers.get(tag)
        if reader is None:
            reader = readers[tag] = _READERS.get(name_of(child), _other)
        reader(draft, child, depth, place_of(child, place) if child.keys() else place)


def _other(draft: Draft, element: _Element, depth: int, place: Place) -> None:
    if len(element):
        _read_inside(draft, element, depth + 1, place)


def _skip(draft: Draft, element: _Element, depth: int, place: Place) -> None:
    """What stands in there is told of somebody or something else."""


def _unusual(draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    raise UnusualError(f"<{element.tag}> in an item")


def _value(key: str, draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    draft.put(key, plain(element), depth)


def _guid(draft: Draft, element: _Element, depth: int, place: Place) -> None:
    """A link too, unless it says that it is none or the item has one."""
    value = plain(element)
    is_link = not element.keys() or attributes(element).get("ispermalink", "true") == "true"
    if is_link and value:
        value = resolve(place.base, value)
    draft.put("id", value, depth)
    if is_link:
        draft.values.setdefault("link", value)


def _link(draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    told = attributes(element)
    rel = told.get("rel", "alternate")
    href = told.get("url", told.get("uri", told.get("href")))
    if href is None:
        value = resolve(place.base, plain(element)).replace("&amp;", "&")
        draft.values["link"] = value
        draft.links.append(_Link(rel, value))
        return
    href = resolve(place.base, href)
    draft.links.append(_Link(rel, href))
    if rel == "alternate" and told.get("type", HTML) in {HTML, XHTML, "html", "xhtml"}:
        draft.values["link"] = href


def _license(draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    draft.links.append(_Link("license", attributes(element).get("rdf:resource") or plain(element)))


def _title(draft: Draft, element: _Element, depth: int, place: Place) -> None:
    if _titled(draft, element, depth, place):
        draft.title_depth = depth


def _titled(draft: Draft, element: _Element, depth: int, place: Place) -> bool:
    text = rich(element, PLAIN, place, draft.version)
    if not 0 < draft.title_depth <= depth:
        draft.put("title", text.value, depth)
        draft.details["title"] = text
    return bool(text.value)


def _media_title(draft: Draft, element: _Element, depth: int, place: Place) -> None:
    """Stands in for a title, and gives way to one that comes later."""
    _titled(draft, element, depth, place)


def _summary(default_kind: str, draft: Draft, element: _Element, depth: int, place: Place) -> None:
    """Who summarises twice means the second to be the content."""
    if "summary" in draft.values and not draft.has_content:
        _content(PLAIN, draft, element, depth, place)
    else:
        _abstract(default_kind, draft, element, depth, place)


def _abstract(default_kind: str, draft: Draft, element: _Element, depth: int, place: Place) -> None:
    text = rich(element, default_kind, place, draft.version)
    draft.put("summary", text.value, depth)
    draft.details["summary"] = text


def _content(default_kind: str, draft: Draft, element: _Element, depth: int, place: Place) -> None:
    draft.has_content = True
    _body(default_kind, draft, element, depth, place)


def _body(default_kind: str, draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    text = rich(element, default_kind, place, draft.version)
    draft.contents.append(text)
    if text.kind in {PLAIN, HTML, XHTML} and "summary" not in draft.values:
        draft.values["summary"] = text.value
        draft.stand_in = text


def _author(draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    """Atom's has elements for name and address, RSS's is a text."""
    person = _Person()
    draft.people.append(person)
    if not len(element):
        written = plain(element)
        person.name = fields.person(written)
        draft.put("author", written, depth)
        return
    for child in element:
        name = name_of(child).removeprefix("itunes_")
        if name == "name":
            person.name = plain(child)
        elif name == "email":
            person.email = plain(child)
    if person.name or person.email:
        draft.values["author"] = person.name or person.email or ""


def _category(draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    told = attributes(element) if element.keys() else {}
    term, label = told.get("term"), told.get("label")
    if told.get("term") or told.get("label") or told.get("scheme") or told.get("domain"):
        draft.tags.append(_Tag(term, label))
    value = plain(element)
    if value and draft.tags and not draft.tags[-1].term:
        draft.tags[-1].term = value
    elif value:
        draft.tags.append(_Tag(value, None))


def _itunes_category(draft: Draft, element: _Element, depth: int, place: Place) -> None:
    draft.tags.append(_Tag(attributes(element).get("text"), None))
    _other(draft, element, depth, place)


def _keywords(draft: Draft, element: _Element, depth: int, place: Place) -> None:  # noqa: ARG001
    draft.tags.extend(_Tag(word, None) for word in plain(element).split(","))


_READERS: dict[str, Reader] = {
    "guid": _guid,
    "id": _guid,
    "link": _link,
    "cc_license": _license,
    "creativecommons_license": _license,
    "title": _title,
    "dc_title": _title,
    "media_title": _media_title,
    "description": partial(_summary, HTML),
    "dc_description": partial(_summary, HTML),
    "media_description": partial(_summary, HTML),
    "summary": partial(_summary, PLAIN),
    "itunes_summary": partial(_summary, PLAIN),
    "abstract": partial(_abstract, PLAIN),
    "content": partial(_content, PLAIN),
    "content_encoded": partial(_content, HTML),
    "fullitem": partial(_content, HTML),
    "body": partial(_body, XHTML),
    "xhtml_body": partial(_body, XHTML),
    "category": _category,
    "dc_subject": _category,
    "media_category": _category,
    "itunes_category": _itunes_category,
    "keywords": _category,
    "tags": _keywords,
    "itunes_keywords": _keywords,
    "media_keywords": _keywords,
}
_READERS |= dict.fromkeys(("author", "dc_author", "dc_creator", "itunes_author", "managingeditor"), _author)
_READERS |= dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), partial(_value, "published"))
_READERS |= dict.fromkeys(
    ("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), partial(_value, "updated")
)
_READERS |= dict.fromkeys(("item", "entry", "channel", "feed", "rss"), _unusual)
_READERS |= dict.fromkeys(
    ("source", "contributor", "dc_contributor", "image", "textinput", "itunes_owner", "subtitle", "itunes_subtitle",
     "tagline", "rights", "copyright", "dc_rights", "info", "feedburner_browserfriendly"),
    _skip,
)  # fmt: skip
