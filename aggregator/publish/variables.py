"""What templates are given, for their authors: docs/templates.md is made from it, and `check` knows a wrong name by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import BaseModel

from aggregator.config import Category, Config, Newsletter, Section
from aggregator.config.values import Publication
from aggregator.model import Brief, Edition, EditionItem, EditionSection, Link, Report, Story
from aggregator.publish.archive import Drawer, Line, Year
from aggregator.publish.site import Block, Card, Month, Shelf, SourceLine, SourceLink, Teller

Names = dict[str, tuple[str, str]]
"""A name -> what kind of value, and what it means."""


@dataclass(frozen=True, slots=True)
class Template:
    about: str
    given: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Value:
    """A kind of value, with what templates may ask of it."""

    of: type[BaseModel] | type
    about: str
    has: Names


EVERYWHERE: Names = {
    "words": ("map of text", "our own few words in the language of the page: `{{ words.unsubscribe }}`"),
    "language": ("text", "the language of the page, as in `zh-Hans`"),
    "direction": ("text", "`ltr` or `rtl`, by the language"),
}

_SITE: Names = {
    "config": ("Config", "the configuration, as far as it is for readers"),
    "root": ("text", "leads from the page to the site's front: empty, or `../` once for each folder"),
}
_BRIEF: Names = {
    "brief": (
        "function",
        "`brief(story, 300)`: a Brief of the story, in so many columns; a Chinese character takes two",
    )
}
_PAGE: Names = _SITE | {"path": ("text", "where the page is published, as in `sections/briefings/index.html`")}
_STORIES: Names = _PAGE | _BRIEF
_ARCHIVE: Names = _STORIES | {
    "years": ("list of Year", "of the archive, the newest first"),
    "total": ("number", "how many stories there are in all"),
}

_EDITION: Names = {
    "edition": ("Edition", "the edition"),
    "config": ("Config", "the configuration, as far as it is for readers"),
    "figures": ("function", "`figures(item)`: “ · 640 words · 3 min”; empty where only an excerpt is known"),
    "description": ("text", "what the configuration says of the newsletter; may be empty"),
    "subscribe_url": ("text", "where anybody subscribes"),
    "unsubscribe_url": ("text", "where this reader unsubscribes; a mail without it is refused"),
    "preferences_url": ("text", "where this reader changes what she gets"),
    "feed_url": ("text", "the newsletter as a feed"),
    "home_url": ("text", "the site's front page"),
}
_MAIL: Names = _EDITION | {
    "edition": ("Edition", "the edition, whole; its `opening` and `preheader` are slots, `minutes` and `more` are 0"),
    "stories": ("list of EditionItem", "all of them: any may lead some reader's letter"),
    "sections": ("list of EditionSection", "all of them, each with all of its stories"),
    "block": (
        "function",
        (
            '`{% call block("item", item) %} … {% endcall %}`: what may be missing from a letter, or stand elsewhere in it; the '
            "head of `mail/edition.html` lists the kinds"
        ),
    ),
    "slots": (
        "map of text",
        (
            "what differs from letter to letter, written as it is, without a filter: `preheader`, `preheader_language`, "
            "`preheader_direction`, `opening`, `length` (“8 stories · 3 min”), `more` (“2 more stories on the web”)"
        ),
    ),
}
_TEXT: Names = _MAIL | {
    "wrap": (
        "function",
        "`wrap(text, indent, first)`: a paragraph in 72 columns; `first` stands before its first line",
    ),
    "rule": ("function", '`rule("=")`: a line of that sign'),
    "links": (
        "function",
        "`links.mark(url)` is where its number stands, as in [3]; `links.listed()` where addresses stand that were not yet listed",
    ),
}

TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "mail/edition.html": Template(
            "The mail of an edition: one whole document, of which each reader's letter is made.", _MAIL
        ),
        "mail/item.html": Template("A story in the mail: a macro that `mail/edition.html` imports."),
        "mail/inline.css": Template("The mail's styles, written into its elements."),
        "mail/wide.css": Template("What the mail has besides on wide screens: a style block of its own."),
        "mail/dark.css": Template("The mail by night: a style block of its own."),
        "mail/outlook.css": Template("The mail by night in Outlook's apps: a style block of its own."),
        "mail/edition.txt": Template("The mail's text part. Nothing is escaped in it.", _TEXT),
        "mail/plain.html": Template(
            "The mail where the designed one does not pass. Always ours: a copy in a workspace is not read."
        ),
        "edition.html": Template(
            "The web page of an edition, which mails call *View in browser*.",
            _PAGE | _EDITION,
        ),
        "site/base.html": Template(
            "Around every page of the site: masthead, navigation, foot. Blocks: `title`, `description` (and `title_lang`, "
            "`description_lang`, where they are in another language than the page), `head`, `dateline`, `content`.",
            _PAGE,
        ),
        "site/_card.html": Template("A story in a list: a macro that the pages with lists import."),
        "site/front.html": Template(
            "The front page.",
            _STORIES
            | {
                "main": ("Block or none", "the first section that has stories"),
                "side": ("list of Block", "the other sections that have some"),
                "newest": ("time or none", "of the newest story"),
            },
        ),
        "site/list.html": Template(
            "A section or a category.",
            _STORIES
            | {
                "heading": ("text", "its name"),
                "folder": ("text", "where it stands on the site, as in `categories/technology`"),
                "cards": ("list of Card", "its newest stories; hot topics the hottest first"),
                "total": ("number", "how many stories it has"),
            },
        ),
        "site/story.html": Template(
            "A story's own page.",
            _STORIES
            | {
                "story": ("Story", "the story"),
                "categories": ("list of Category", "what it is about, best first"),
                "section": ("Section or none", "where it stands"),
                "lines": ("list of SourceLine", "its reports, in the order of time"),
                "tellers": ("list of Teller", "the outlets that tell it, the one that leads first"),
                "related": ("list of Story", "other stories that go on from it, or before it"),
            },
        ),
        "site/sources.html": Template(
            "All sources that readers may know of.",
            _STORIES | {"sources": ("list of SourceLink", "by title")},
        ),
        "site/source.html": Template(
            "A source, and what it told last.",
            _STORIES
            | {
                "source": ("SourceLink", "the source"),
                "heading": ("text", "its title"),
                "folder": ("text", "where it stands on the site"),
                "cards": ("list of Card", "its newest stories"),
                "total": ("number", "how many stories it tells"),
            },
        ),
        "site/archive.html": Template("The archive: all stories, month by month.", _ARCHIVE),
        "site/drawer.html": Template(
            "A part of the archive: a month, a day, or a part of a day.",
            _STORIES
            | {
                "drawer": ("Drawer", "which"),
                "above": ("list of Drawer", "those that it is in, the outermost first"),
                "inside": ("list of Drawer", "those in it, where it is divided; it has no lines then"),
                "lines": ("list of Line", "its stories, the newest first"),
                "newer": ("Drawer or none", "its neighbour"),
                "older": ("Drawer or none", "its neighbour"),
            },
        ),
        "site/_drawers.html": Template("The archive's months, year by year: macros that pages import."),
        "site/search.html": Template(
            "The search. `search.js` shows its form; without it, the page is a list of the archive.", _ARCHIVE
        ),
        "site/search.js": Template("What looks through the stories. It is no template: it is published as it is."),
        "site/404.html": Template(
            "What a web server shows for an address where nothing is: `root` is the site's whole address here.",
            _SITE | _BRIEF,
        ),
        "site/categories.html": Template(
            "All categories.",
            _STORIES | {"categories": ("list of pairs", "of a Category and how many stories it has")},
        ),
        "site/editions.html": Template(
            "Past editions: of all newsletters, or of one.",
            _STORIES
            | {
                "shelves": ("list of Shelf", "newsletters with their editions"),
                "alone": ("true or false", "whether it is a newsletter's own page, which lists them all"),
            },
        ),
        "site/withdrawn.html": Template(
            "In the place of a story that was taken back. Nothing of what it said is known here.",
            _STORIES | {"when": ("time", "when it was taken back")},
        ),
        "site/moved.html": Template(
            "In the place of a story that is told in another one now.",
            _STORIES
            | {
                "into": ("text", "the other story's id"),
                "title": ("text", "its title"),
                "title_language": ("text or none", "the language of that"),
            },
        ),
        "site/style.css": Template("The site's style sheet. It is no template: it is published as it is."),
        "web/answer.html": Template(
            "What the server says to a reader: unsubscribed, an unknown link, how to subscribe.",
            _SITE
            | {
                "heading": ("text", "what it is about"),
                "text": ("text", "what is said"),
                "note": ("text", "what is said besides; may be empty"),
                "email": ("text or none", "whom to write to"),
                "listed": ("list of text", "titles of newsletters that the reader gets"),
                "shelf": ("list of Newsletter", "those that one may subscribe to"),
                "button": ("Button or none", "a form with this one button: `button.label`, `button.action`"),
            },
        ),
        "web/nothing.html": Template("The front page before anything was published.", _SITE),
    }
)
"""Every template of ours, in the order of the documentation."""

_TIME = "time"

VALUES: Mapping[str, Value] = MappingProxyType(
    {
        "Config": Value(
            Config,
            "The configuration. Secrets in it cannot be read.",
            {
                "publication": ("Publication", "title, description and the like"),
                "sections": ("list of Section", "in the order of the front page"),
                "categories": ("list of Category", "all that are configured"),
                "newsletters": ("list of Newsletter", "all that are configured"),
                "delivery": ("anything or none", "none where nothing is mailed: `{% if config.delivery %}`"),
                "site_url": ("text", "the site's address, without a slash at its end"),
                "public_url": ("text", "the same of what a server answers"),
                "section": ("function", '`config.section("briefings")`: the Section, or none'),
                "category": ("function", '`config.category("technology")`: the Category, or none'),
                "newsletter": ("function", '`config.newsletter("daily")`: the Newsletter, or none'),
            },
        ),
        "Publication": Value(
            Publication,
            "What readers know the whole by.",
            {
                "title": ("text", "its name"),
                "description": ("text", "may be empty"),
                "link": ("text", "its address"),
                "language": ("text", "as in `en`"),
                "timezone": ("text", "in which dates are shown"),
                "author": ("anything or none", "has `name` and `email`"),
                "imprint": ("text", "who answers for it; may be empty"),
            },
        ),
        "Section": Value(
            Section,
            "What kind of text a story is.",
            {"slug": ("text", "its name in addresses"), "title": ("text", "its name for readers")},
        ),
        "Category": Value(
            Category,
            "What a story is about.",
            {"slug": ("text", "its name in addresses"), "name": ("text", "its name for readers")},
        ),
        "Newsletter": Value(
            Newsletter,
            "What is mailed again and again.",
            {
                "name": ("text", "its name in addresses"),
                "title": ("text", "its name for readers"),
                "description": ("text", "may be empty"),
            },
        ),
        "Story": Value(
            Story,
            "Reports that tell the same event.",
            {
                "id": ("text", "for addresses: `stories/{{ story.id | urlencode }}.html`"),
                "title": ("text", "the headline of the report that leads"),
                "summary": ("text", "what that report says, at whatever length"),
                "language": ("text or none", "of title and summary"),
                "url": ("text or none", "the original; write `{{ story.url | web }}`"),
                "section": ("text", "a section's slug"),
                "categories": ("list of text", "categories' slugs, best first"),
                "reports": ("list of Report", "all, the one that leads first"),
                "originals": ("list of Report", "without copies"),
                "lead": ("Report", "the one that leads"),
                "first_published": (_TIME, "of its earliest report"),
                "last_published": (_TIME, "of its latest report"),
                "heat": ("number", "how hot a topic it is; 0 for what is none"),
            },
        ),
        "Report": Value(
            Report,
            "One source's part in a story.",
            {
                "source": ("text", "the source's name in the configuration"),
                "source_title": ("text", "its name for readers"),
                "url": ("text or none", "the original; write `{{ report.url | web }}`"),
                "title": ("text", "its headline"),
                "summary": ("text", "what it says"),
                "language": ("text or none", "of both"),
                "published": (_TIME, "when, by its source"),
                "author": ("text or none", "who wrote it"),
                "words": ("number", "how long it is; a Chinese character is half a word"),
            },
        ),
        "Brief": Value(
            Brief,
            "A story's summary at some length.",
            {
                "text": ("text", "whole sentences"),
                "language": ("text or none", "theirs"),
                "written_by": ("text or none", "the model that wrote it; none where it was chosen from the sources"),
            },
        ),
        "Card": Value(
            Card,
            "A story as lists show it.",
            {
                "story": ("Story", "the story"),
                "kicker": ("Category or none", "what stands before its headline"),
                "more": ("number", "how many other sources tell it"),
                "related": ("list of Story", "a few"),
            },
        ),
        "Block": Value(
            Block,
            "A section on the front page.",
            {"section": ("Section", "which"), "cards": ("list of Card", "its stories, the lead first")},
        ),
        "Shelf": Value(
            Shelf,
            "A newsletter's editions.",
            {
                "newsletter": ("Newsletter", "which"),
                "editions": ("list of Edition", "the newest first"),
                "total": ("number", "how many it has in all"),
                "months": ("list of Month", "those that have a page of their own"),
                "month": ("Month or none", "whose page it is"),
            },
        ),
        "Month": Value(
            Month,
            "A month of a newsletter.",
            {"start": (_TIME, "show it by `month`"), "page": ("text", "its page, seen from the site's front")},
        ),
        "SourceLine": Value(
            SourceLine,
            "A report on a story's page.",
            {
                "report": ("Report", "the report"),
                "copy_of": ("text or none", "whose report it repeats"),
                "page": ("text or none", "the page of its source, seen from the site's front"),
                "leads": ("true or false", "whether it is the one that leads"),
            },
        ),
        "Teller": Value(
            Teller,
            "An outlet that tells a story.",
            {
                "title": ("text", "its name for readers"),
                "page": ("text or none", "its page, seen from the site's front"),
                "count": ("number", "how many reports of the story are its"),
            },
        ),
        "SourceLink": Value(
            SourceLink,
            "A source, as readers may know it.",
            {
                "name": ("text", "its name in addresses"),
                "title": ("text", "its name for readers"),
                "page": ("text", "its page, seen from the site's front"),
                "home": ("text or none", "its own site; write `{{ source.home | web }}`"),
                "language": ("text or none", "in which it writes"),
                "stories": ("number", "how many it tells"),
            },
        ),
        "Year": Value(
            Year,
            "A year of the archive.",
            {
                "year": ("number", "which"),
                "months": ("list of Drawer", "the newest first"),
                "stories": ("number", "how many it has"),
            },
        ),
        "Drawer": Value(
            Drawer,
            "A part of the archive.",
            {
                "name": ("text", "as in `2026-11`, `2026-11-14`, `2026-11-14-2`"),
                "kind": ("text", "`month`, `day` or `part`"),
                "start": (_TIME, 'in UTC: show it by `month`, or `day("UTC")`'),
                "number": ("number", "of a part of a day, from 1; else 0"),
                "stories": ("number", "how many it holds"),
                "path": ("text", "its page, seen from the site's front"),
                "folder": ("text", "where that stands"),
            },
        ),
        "Line": Value(
            Line,
            "A story, as the archive lists it.",
            {
                "story": ("text", "the story's id"),
                "title": ("text", "its headline"),
                "language": ("text or none", "of the headline"),
                "brief": ("text", "a sentence or two"),
                "brief_language": ("text or none", "of those"),
                "kicker": ("Category or none", "what it is about"),
                "source_title": ("text", "whose report leads"),
                "source_page": ("text or none", "the page of that source, seen from the site's front"),
                "first": (_TIME, "when it was first published"),
            },
        ),
        "Edition": Value(
            Edition,
            "One number of a newsletter.",
            {
                "newsletter": ("text", "the newsletter's name in addresses"),
                "number": ("number", "counts from 1"),
                "title": ("text", "the newsletter's name for readers"),
                "slot": (_TIME, "when it was due: its date"),
                "timezone": ("text", "in which its dates are shown"),
                "language": ("text", "of its own words"),
                "subject": ("text", "of the mail"),
                "preheader": ("text", "what inboxes show beside the subject"),
                "preheader_language": ("text", "of that"),
                "opening": ("text", "a sentence or two on the whole; may be empty"),
                "lead": ("EditionItem or none", "the first story"),
                "sections": ("list of EditionSection", "the others"),
                "items": ("list of EditionItem", "all, the lead first"),
                "quick": ("list of Link", "what is told by a headline alone"),
                "more": ("number", "how many further stories are on the web"),
                "url": ("text", "its web page"),
                "minutes": ("number", "how long reading it takes; 0 where that is not known"),
            },
        ),
        "EditionSection": Value(
            EditionSection,
            "A section of an edition.",
            {
                "slug": ("text", "its name in addresses"),
                "title": ("text", "its name for readers"),
                "items": ("list of EditionItem", "its stories"),
            },
        ),
        "EditionItem": Value(
            EditionItem,
            "A story as an edition tells it.",
            {
                "story": ("text", "the story's id"),
                "kicker": ("text or none", "the name of its category"),
                "kicker_slug": ("text or none", "the same in addresses"),
                "headline": ("text", "its headline"),
                "summary": ("text", "one to three whole sentences; may be empty"),
                "language": ("text or none", "of the headline"),
                "summary_language": ("text or none", "of the summary; none where it is the headline's"),
                "written_by": ("text or none", "the model that wrote the summary"),
                "section": ("text", "a section's slug"),
                "url": ("text", "the original, or the story's page"),
                "story_url": ("text", "the story's page"),
                "source": ("text", "who reports it, for readers"),
                "published": (_TIME, "when"),
                "words": ("number", "how long the original is"),
                "minutes": ("number", "how long reading it takes"),
                "also": ("list of Link", "who else reports it"),
                "also_more": ("number", "how many more"),
                "related": ("list of Link", "other stories"),
            },
        ),
        "Link": Value(
            Link,
            "A headline that leads elsewhere.",
            {
                "title": ("text", "the headline"),
                "url": ("text", "where to"),
                "source": ("text", "who reports it; may be empty"),
                "language": ("text or none", "of the headline"),
                "published": ("time or none", "when"),
            },
        ),
    }
)
"""What the variables are made of."""

FILTERS: Names = {
    "day": ("time", "`May 14, 2020`; with a name of a time zone, the day there"),
    "dated": ("time", "`Thursday, May 14, 2020`"),
    "month": ("time", "`May 2020`, in UTC"),
    "moment": ("time", "`May 14, 2020 20:00`"),
    "iso": ("time", "for machines: `2020-05-14T12:00:00Z`"),
    "web": ("text or none", "an address that may stand in a link, or none: nothing else of a feed's may"),
    "clip": ("text", "`clip(90)`: cut to so many columns with an ellipsis; a Chinese character takes two"),
    "sentences": ("text", "`sentences(300, story.language)`: whole sentences within so many columns"),
    "lang": ("text or none", "`<p{{ story.language | lang }}>`: the attributes for a text in another language"),
    "isolated": ("text", "`{{ item.source | isolated }}`: a name that may run the other way than what is around it"),
}
"""Ours, besides Jinja's own: what each takes, and gives."""
