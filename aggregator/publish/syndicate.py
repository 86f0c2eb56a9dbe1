"""Stories and editions as feeds: Atom (RFC 4287) and RSS through feedgen, JSON Feed 1.1.

feedgen's defaults are set aside wherever they would make the bytes change without a reason: it fills every missing
time with now, puts new entries first, and names its own version. Nothing here asks the clock: a feed is as new as its
newest entry. Text is cleaned before feedgen sees it, since one control character in one title would cost the feed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from aggregator.config import Config, Newsletter
from aggregator.model import Edition, EditionItem, Report, Story
from aggregator.publish.feedgen_extensions import EntryExtension, FeedExtension, Provenance
from aggregator.publish.labels import labels
from aggregator.publish.theme import day, fragment_attributes, iso, lang_attributes, language_tag, legal, web_address

_SHOWN_SOURCES = 20
_TOMBSTONES_FOR = timedelta(days=30)
_MOST_TOMBSTONES = 50


def atom(
    config: Config,
    stories: Sequence[Story],
    *,
    path: str,
    title: str | None = None,
    withdrawn: Iterable[tuple[str, datetime]] = (),
    limit: int = 100,
) -> bytes:
    """`path` is where the feed is published; its id follows from the folder it is in. Stories come newest first.

    `withdrawn`: ids of stories that are gone, and since when, the last first. They are told by tombstones (RFC 6721)
    for a month of the feed's own time, which ends with its newest entry.
    """
    shown = stories[:limit]
    times = [story.updated for story in shown]
    gone = [(story, at) for story, at in withdrawn if at >= max(times, default=at) - _TOMBSTONES_FOR][:_MOST_TOMBSTONES]
    feed = _generator(config, path, title, "application/atom+xml", [*times, *(at for _, at in gone)])
    if gone:
        feed.register_extension("tombstones", FeedExtension, rss=False)
        feed.tombstones.gone = [(tag_uri(config, "story", story), _whole_second(at)) for story, at in gone]
    for story in shown:
        _atom_entry(config, feed, story)
    return _written(feed.atom_str(pretty=True))


def rss(config: Config, stories: Sequence[Story], *, path: str, title: str | None = None, limit: int = 100) -> bytes:
    shown = stories[:limit]
    feed = _generator(config, path, title, "application/rss+xml", [story.updated for story in shown])
    feed.load_extension("dc", atom=False)
    for story in shown:
        _rss_item(config, feed, story)
    return _written(feed.rss_str(pretty=True))


def json_feed(
    config: Config, stories: Sequence[Story], *, path: str, title: str | None = None, limit: int = 100
) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(title or config.publication.title, config),
        "home_page_url": _home(config, path),
        "feed_url": f"{config.site_url}/{path}",
        "description": legal(config.publication.description) or None,
        "language": config.publication.language,
        "authors": [{"name": _author(config)["name"]}],
        "items": [_json_item(config, story) for story in stories[:limit]],
    }
    return json.dumps(_without_none(feed), ensure_ascii=False, indent=1).encode() + b"\n"


def newsletter_atom(config: Config, newsletter: Newsletter, editions: Sequence[Edition], *, limit: int = 100) -> bytes:
    """A newsletter as a feed: an entry an edition, newest first."""
    shown = editions[:limit]
    path = f"editions/{newsletter.name}/atom.xml"
    times = [edition.composed for edition in shown]
    feed = _generator(config, path, newsletter.title, "application/atom+xml", times)
    for edition in shown:
        _edition_entry(config, feed, edition)
    return _written(feed.atom_str(pretty=True))


def tag_uri(config: Config, *parts: str) -> str:
    """A permanent id (RFC 4151): the publication's host, the year it was founded, and a name in it."""
    name = "/".join(quote(legal(part), safe="") for part in parts)
    return f"tag:{_authority(config.site_url)},{config.publication.founded}:{name}"


def _authority(address: str) -> str:
    """The host as RFC 4151 wants it: ASCII, lower case, no port."""
    try:
        host = (urlsplit(address).hostname or "").encode("idna").decode("ascii")
    except ValueError:
        host = ""
    return re.sub(r"[^a-z0-9.-]", "-", host.lower()).strip("-.") or "localhost"


# --- feeds -----------------------------------------------------------------------------------------------


def _generator(config: Config, path: str, title: str | None, media_type: str, times: Sequence[datetime]) -> Any:
    from feedgen.feed import FeedGenerator  # lxml and dateutil with it: only where a feed is written

    publication = config.publication
    feed = FeedGenerator()
    folder = PurePosixPath(path).parent.parts
    feed.id(tag_uri(config, "feed", *folder))
    feed.title(_title(title or publication.title, config))
    # RSS wants a description; Atom has none that is empty.
    feed.description(legal(publication.description).strip() or _title(publication.title, config))
    feed.language(publication.language)
    feed.author(_author(config))
    # In this order: feedgen takes the last link as the RSS channel's.
    feed.link(href=f"{config.site_url}/{path}", rel="self", type=media_type)
    feed.link(href=_home(config, path), rel="alternate", type="text/html")
    feed.generator("aggregator")
    # RFC 4287 wants a time of an empty feed too; one that never changes tells no reader that there is news.
    feed.updated(max(map(_whole_second, times), default=datetime(publication.founded, 1, 1, tzinfo=UTC)))
    return feed


def _home(config: Config, path: str) -> str:
    """The page that shows what the feed at `path` tells."""
    folder = PurePosixPath(path).parent
    return f"{config.site_url}/" if folder == PurePosixPath() else f"{config.site_url}/{folder}/"


def _author(config: Config) -> dict[str, str]:
    author = config.publication.author
    name = legal(author.name).strip() if author else ""
    found = {"name": name or _title(config.publication.title, config)}
    return found | ({"email": author.email} if author and author.email else {})


def _written(document: bytes) -> bytes:
    return document if document.endswith(b"\n") else document + b"\n"


# --- entries ---------------------------------------------------------------------------------------------


def _atom_entry(config: Config, feed: Any, story: Story) -> None:
    entry = feed.add_entry(order="append")
    entry.id(tag_uri(config, "story", story.id))
    entry.title(_title(story.title, config))
    entry.updated(_whole_second(story.updated))
    entry.published(_whole_second(story.first_published))
    entry.author({"name": _one_line(story.lead.author or "") or _source_title(story.lead)})
    for category in _categories(config, story):
        entry.category(category)
    if summary := _text(story.summary):
        entry.summary(summary, type="text")
    entry.content(str(_content(config, story, story.language)), type="html")
    entry.register_extension("ours", EntryExtension)
    entry.ours.language = language_tag(story.language)
    entry.ours.links = tuple(_links(config, story))
    entry.ours.source = _provenance(config, story.lead)


def _rss_item(config: Config, feed: Any, story: Story) -> None:
    item = feed.add_entry(order="append")
    item.guid(tag_uri(config, "story", story.id), permalink=False)
    item.title(_title(story.title, config))
    item.link(href=_story_url(config, story))
    item.published(_whole_second(story.first_published))
    # An RSS description is HTML; feedgen's summary() would put plain text there unescaped.
    item.description(str(_content(config, story, None)), isSummary=True)
    for category in _categories(config, story):
        item.category(category)
    if tag := language_tag(story.language):
        item.dc.dc_language(tag)
    provenance = _provenance(config, story.lead)
    if provenance.link is not None:
        item.source(url=provenance.link[1], title=provenance.title)


def _json_item(config: Config, story: Story) -> dict[str, Any]:
    author = _one_line(story.lead.author or "") or _source_title(story.lead)
    return _without_none(
        {
            "id": tag_uri(config, "story", story.id),
            "url": _story_url(config, story),
            "external_url": web_address(story.url),
            "title": _title(story.title, config),
            "content_html": str(_content(config, story, story.language)),
            "summary": _text(story.summary) or None,
            "date_published": iso(story.first_published),
            "date_modified": iso(story.updated),
            "authors": [{"name": author}],
            "tags": [category["label"] for category in _categories(config, story)],
            "language": language_tag(story.language),
        }
    )


def _links(config: Config, story: Story) -> Iterator[dict[str, str]]:
    """The story's page; the original that it is told from; what else was written about it."""
    yield {"href": _story_url(config, story), "rel": "alternate", "type": "text/html"}
    original = web_address(story.url)
    if original is not None:
        yield {"href": original, "rel": "via"}
    others = (web_address(report.url) for report in story.originals)
    for address in dict.fromkeys(other for other in others if other is not None and other != original):
        yield {"href": address, "rel": "related"}


def _categories(config: Config, story: Story) -> Iterator[dict[str, str]]:
    for slug in story.categories:
        if category := config.category(slug):
            yield {"term": slug, "scheme": f"{config.site_url}/categories/", "label": _one_line(category.name) or slug}
    if section := config.section(story.section):
        yield {
            "term": section.slug,
            "scheme": f"{config.site_url}/sections/",
            "label": _one_line(section.title) or section.slug,
        }


def _provenance(config: Config, report: Report) -> Provenance:
    return Provenance(
        id=tag_uri(config, "source", report.source),
        title=_source_title(report),
        updated=report.published,
        link=_source_link(config, report),
    )


def _source_link(config: Config, report: Report) -> tuple[str, str] | None:
    """The source's feed; where that address may hold a key (a query, a user), the host that the report is on."""
    source = config.source(report.source)
    feed = web_address(config.public_url_of(source)) if source is not None else None
    if feed is not None and not urlsplit(feed).query:
        return ("self", feed)
    original = web_address(report.url)
    if original is None:
        return None
    parts = urlsplit(original)
    return ("alternate", f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/")


def _content(config: Config, story: Story, said: str | None) -> Markup:
    """The summary, who reports it, and the way on; every text is escaped here. `said`: the language that the format
    gives the whole entry; without it, the feed's holds.
    """
    language = config.publication.language
    words = labels(language)
    around = language_tag(said) or language
    ours, theirs = fragment_attributes(language, around), fragment_attributes(story.language, around)
    paragraphs = [
        Markup("<p{}>{}</p>").format(theirs, line) for line in _text(story.summary).split("\n") if line.strip()
    ]
    heading = Markup("<p{}>{}</p>").format(ours, words["sources"] + words["colon"].rstrip())
    shown = story.originals[:_SHOWN_SOURCES] or (story.lead,)
    sources = Markup("").join(_source_line(config, report, around) for report in shown)
    rest = len(story.originals) - len(shown)
    more = Markup("<li{}>{}</li>").format(ours, words["and_more"].format(count=rest)) if rest > 0 else Markup("")
    read = _anchor(story.url, words["continue_reading"])
    onward = Markup("<p{}>{}</p>").format(ours, read) if web_address(story.url) else Markup("")
    return Markup("\n").join([*paragraphs, heading, Markup("<ul>{}{}</ul>").format(sources, more), onward])


def _source_line(config: Config, report: Report, around: str) -> Markup:
    language = config.publication.language
    when = day(report.published, ZoneInfo(config.publication.timezone), language)
    title = _anchor(report.url, _one_line(report.title) or _source_title(report))
    theirs = lang_attributes(report.language, language)
    return Markup("<li{}>{} — {}{}{}</li>").format(
        fragment_attributes(language, around),
        Markup("<span{}>{}</span>").format(theirs, title) if theirs else title,
        _source_title(report),
        labels(language)["comma"],
        when,
    )


def _anchor(address: str | None, text: str) -> Markup:
    href = web_address(address)
    return Markup('<a href="{}">{}</a>').format(href, text) if href else escape(text)


# --- editions --------------------------------------------------------------------------------------------


def _edition_entry(config: Config, feed: Any, edition: Edition) -> None:
    page = web_address(edition.url) or f"{config.site_url}/editions/{edition.newsletter}/{edition.number}/"
    entry = feed.add_entry(order="append")
    entry.id(tag_uri(config, "edition", edition.newsletter, str(edition.number)))
    entry.title(_title(edition.lead.headline if edition.lead else edition.title, config))
    entry.updated(_whole_second(edition.composed))
    entry.published(_whole_second(edition.composed))
    entry.author({"name": _author(config)["name"]})
    if summary := _text(edition.preheader or edition.opening):
        entry.summary(summary, type="text")
    entry.content(str(_edition_content(edition, page)), type="html")
    entry.register_extension("ours", EntryExtension)
    entry.ours.language = language_tag(edition.language)
    entry.ours.title_language = language_tag(edition.lead.language) if edition.lead else None
    entry.ours.summary_language = language_tag(edition.preheader_language) if edition.preheader else None
    entry.ours.links = ({"href": page, "rel": "alternate", "type": "text/html"},)


def _edition_content(edition: Edition, page: str) -> Markup:
    words = labels(edition.language)
    ours = fragment_attributes(edition.language, edition.language)
    parts = [Markup("<p{}>{}</p>").format(ours, _text(edition.opening))] if _text(edition.opening) else []
    if edition.lead is not None:
        parts.append(_edition_item(edition, edition.lead))
    for section in edition.sections:
        parts.append(Markup("<h2{}>{}</h2>").format(ours, _one_line(section.title)))
        parts.extend(_edition_item(edition, item) for item in section.items)
    parts.append(Markup("<p{}>{}</p>").format(ours, _anchor(page, words["continue_reading"])))
    return Markup("\n").join(parts)


def _edition_item(edition: Edition, item: EditionItem) -> Markup:
    words = labels(edition.language)
    kicker = f"{_one_line(item.kicker)}{words['colon']}" if item.kicker else ""
    when = day(item.published, ZoneInfo(edition.timezone), edition.language)
    source = f"{words['source']}{words['colon']}{_one_line(item.source)}{words['comma']}{when}"
    ours = fragment_attributes(edition.language, edition.language)
    theirs = fragment_attributes(item.language, edition.language)
    return Markup("<h3{}>{}<span{}>{}</span></h3>\n<p{}>{}</p>\n<p{}>{}</p>").format(
        ours,
        kicker,
        theirs,
        _anchor(item.url, _one_line(item.headline)),
        theirs,
        _text(item.summary),
        ours,
        source,
    )


# --- text ------------------------------------------------------------------------------------------------


def _story_url(config: Config, story: Story) -> str:
    return f"{config.site_url}/stories/{quote(legal(story.id), safe='')}.html"


def _source_title(report: Report) -> str:
    return _one_line(report.source_title) or report.source


def _title(text: str, config: Config) -> str:
    """Never empty: feedgen refuses such a title, and one would cost the whole feed."""
    return _one_line(text) or _one_line(config.publication.title) or urlsplit(config.site_url).netloc


def _one_line(text: str) -> str:
    return " ".join(legal(text).split())


def _text(text: str) -> str:
    return legal(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _whole_second(moment: datetime) -> datetime:
    """In UTC: the same instant is written the same, whatever zone or fraction the database gave back."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
