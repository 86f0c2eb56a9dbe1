"""A story as a feed tells it, in whatever format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from aggregator.config import Config
from aggregator.model import Brief, Report, Story
from aggregator.protocols import Briefer
from aggregator.publish.feeds.ids import place, tag_uri
from aggregator.publish.feeds.wording import address, apart, clean, label, one_line, paragraphs, person, told_time
from aggregator.publish.labels import labels
from aggregator.publish.theme import day, fragment_attributes, lang_attributes, language_tag, legal

_COLUMNS = 480
"""Of the summary: three or four sentences."""
_SHOWN_SOURCES = 20


@dataclass(frozen=True, slots=True)
class Words:
    """What is told of stories. `contents`: what the source's own feed published, by the lead entry's id, as `fragment`
    makes it; without it, the summary is the content. `told`: what this run has made of a story already, by its id and whether
    it is marked: several lists, in three formats, tell the same ones.
    """

    brief: Briefer
    contents: Mapping[str, str] = field(default_factory=dict)
    told: "dict[tuple[str, bool], Post] | None" = None


@dataclass(frozen=True, slots=True)
class Tag:
    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The feed that an entry comes from, as `atom:source` says it."""

    id: str
    title: str
    updated: datetime
    links: tuple[tuple[str, str], ...] = ()
    """(rel, href)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Texts are plain; `content` is HTML, and so is `described`, the summary for formats that want it so."""

    id: str
    url: str
    title: str
    title_language: str | None = None
    language: str | None
    published: datetime | None
    updated: datetime
    author: str
    summary: str = ""
    summary_language: str | None = None
    described: str = ""
    content: str
    original: str | None = None
    others: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    source: Provenance | None = None


def of_story(config: Config, story: Story, words: Words, *, marked: bool) -> Post:
    """`marked`: whether the format gives the whole entry its language; without it, the feed's holds."""
    key = story.id, marked
    known = words.told.get(key) if words.told is not None else None
    post = known or _of_story(config, story, words, marked=marked)
    if words.told is not None:
        words.told[key] = post
    return post


def _of_story(config: Config, story: Story, words: Words, *, marked: bool) -> Post:
    brief = words.brief(story, _COLUMNS)
    around = (language_tag(story.language) if marked else None) or config.publication.language
    original = address(story.url)
    others = dict.fromkeys(
        other for report in story.originals if (other := address(report.url)) not in {None, original}
    )
    return Post(
        id=tag_uri(config, "story", story.id),
        url=place(config, f"stories/{legal(story.id)}.html"),
        title=title(story.title, config),
        language=language_tag(story.language),
        published=told_time(story.first_published),
        updated=apart(story.updated, story.id),
        author=person(story.lead.author or "") or label(_source_title(story.lead)),
        summary=_summary(config, brief),
        summary_language=language_tag(brief.language) if brief.text else None,
        described=str(_briefing(config, brief, around)),
        content=str(_content(config, story, words, brief, around)),
        original=original,
        others=tuple(others),
        tags=tuple(_tags(config, story)),
        source=_provenance(config, story),
    )


def title(text: str, config: Config) -> str:
    """Never empty: feedgen refuses such a title, and one would cost the whole feed."""
    return one_line(text) or one_line(config.publication.title) or urlsplit(config.site_url).netloc


def anchor(where: str | None, text: str) -> Markup:
    href = address(where)
    return Markup('<a href="{}">{}</a>').format(href, text) if href else escape(text)


def _summary(config: Config, brief: Brief) -> str:
    """Plain text has no other place to say who wrote it."""
    text = paragraphs(brief.text)
    return f"{text} ({_written(config)})" if text and brief.written_by else text


def _written(config: Config) -> str:
    return labels(config.publication.language)["written"]


def _briefing(config: Config, brief: Brief, around: str) -> Markup:
    text = paragraphs(brief.text)
    if not text:
        return Markup("")
    told = Markup("<p{}>{}</p>").format(fragment_attributes(brief.language, around), text)
    if brief.written_by is None:
        return told
    ours = fragment_attributes(config.publication.language, around)
    return told + Markup("\n<p{}><small>{}</small></p>").format(ours, _written(config))


def _content(config: Config, story: Story, words: Words, brief: Brief, around: str) -> Markup:
    """What is to be read here, who reports it, and the way on; every text of ours is escaped here."""
    language = config.publication.language
    our = labels(language)
    ours = fragment_attributes(language, around)
    full = words.contents.get(story.lead.entry, "")
    parts = [_briefing(config, brief, around)] if brief.written_by or not full else []
    if full:
        parts.append(_quoted(full, fragment_attributes(story.language, around)))
    parts.append(Markup("<p{}>{}</p>").format(ours, our["sources"] + our["colon"].rstrip()))
    parts.append(_sources(config, story, around))
    if address(story.url):
        parts.append(Markup("<p{}>{}</p>").format(ours, anchor(story.url, our["continue_reading"])))
    return Markup("\n").join(part for part in parts if part)


def _quoted(full: str, theirs: Markup) -> Markup:
    """Without an element around it where none is needed; the fragment is clean."""
    return Markup("<div{}>{}</div>").format(theirs, Markup(full)) if theirs else Markup(full)  # noqa: S704


def _sources(config: Config, story: Story, around: str) -> Markup:
    shown = story.originals[:_SHOWN_SOURCES] or (story.lead,)
    lines = Markup("").join(_source_line(config, report, around) for report in shown)
    rest = len(story.originals) - len(shown)
    if rest > 0:
        ours = fragment_attributes(config.publication.language, around)
        more = labels(config.publication.language)["and_more"].format(count=rest)
        lines += Markup("<li{}>{}</li>").format(ours, more)
    return Markup("<ul>{}</ul>").format(lines)


def _source_line(config: Config, report: Report, around: str) -> Markup:
    language = config.publication.language
    when = day(report.published, ZoneInfo(config.publication.timezone), language)
    headline = anchor(report.url, one_line(report.title) or _source_title(report))
    theirs = lang_attributes(report.language, language)
    return Markup("<li{}>{} — {}{}{}</li>").format(
        fragment_attributes(language, around),
        Markup("<span{}>{}</span>").format(theirs, headline) if theirs else headline,
        _source_title(report),
        labels(language)["comma"],
        when,
    )


def _tags(config: Config, story: Story) -> Iterator[Tag]:
    for slug in story.categories:
        if category := config.category(slug):
            yield Tag(slug, place(config, "categories/"), label(category.name) or slug)
    if section := config.section(story.section):
        yield Tag(section.slug, place(config, "sections/"), label(section.title) or section.slug)


def _provenance(config: Config, story: Story) -> Provenance:
    report = story.lead
    return Provenance(
        id=tag_uri(config, "source", report.source),
        title=_source_title(report),
        updated=told_time(report.published) or apart(story.updated, story.id),
        links=tuple(_source_links(config, report)),
    )


def _source_links(config: Config, report: Report) -> Iterator[tuple[str, str]]:
    """The source's feed, where its address can hold no key (a query, a user), and its site: the configured page, else
    the host that the report is on.
    """
    source = config.source(report.source)
    feed = address(config.public_url_of(source)) if source is not None else None
    if feed is not None and not urlsplit(feed).query:
        yield "self", feed
    home = source.home if source is not None and source.home else None
    if home is not None and config.masked(home) == home and (page := address(home)):
        yield "alternate", page
    elif original := address(report.url):
        parts = urlsplit(original)
        yield "alternate", f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def _source_title(report: Report) -> str:
    return one_line(report.source_title) or clean(report.source)
