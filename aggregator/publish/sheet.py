"""An edition's mail in pieces, made once; and a reader's letter put together from them.

A sheet holds every story both as an item and as the lead, and whatever else some reader's letter may need. It is
inlined once; a letter is a walk through its pieces that takes those which the reader's edition has. So two thousand
readers with as many different wishes cost one run of premailer.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from markupsafe import escape

from aggregator.config import Config
from aggregator.config.workspace import packaged
from aggregator.errors import RenderError
from aggregator.model import Edition, EditionSection
from aggregator.publish import blocks, plain, trust, values
from aggregator.publish.blocks import Parts, Scope
from aggregator.publish.inline import inlined
from aggregator.publish.labels import labels
from aggregator.publish.shorten import lighter
from aggregator.publish.theme import direction, environment, language_tag
from aggregator.publish.theme import render as fill_template

MAX_BYTES = 90_000
"""Gmail clips at some 102 KB, and with the end of the mail goes the link to unsubscribe."""
SLOTS = ("preheader", "preheader_language", "preheader_direction", "opening", "length", "more")
"""What differs from letter to letter in words."""
_LATER = "~"
_NUMBERED = (plain.LINK, _LATER)
_ONE: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Mail:
    """The two parts of a letter, with TOKEN_PLACEHOLDER wherever a reader's own token belongs."""

    html: str
    text: str
    left_out: int = 0
    """How many stories and quick links were left to the web, for it would have become too long."""


@dataclass(frozen=True, slots=True)
class Sheet:
    html: Parts
    text: Parts
    later: Mapping[str, "_Paragraph"]
    """Paragraphs of the text with words in them that are not known yet, by the names of their slots."""
    addresses: Mapping[str, str]
    """Addresses in the text, by the names of the slots where their numbers stand."""
    language: str
    links: Mapping[tuple[str, str], str]
    """The key of a quick link, by its address and title as the edition has them."""


@dataclass(frozen=True, slots=True)
class _Paragraph:
    parts: Parts
    indent: str
    first: str | None


# --- once an edition -------------------------------------------------------------------------------------


def prepare(edition: Edition, config: Config, folders: tuple[Path, ...]) -> Sheet:
    """Render and inline. Raises RenderError with a hint where a template fails, or makes what must not go out."""
    return _Press(edition, config, folders).sheet("mail/edition.html", "mail/inline.css")


def prepare_plain(edition: Edition, config: Config) -> Sheet:
    """The same from templates that are ours alone, without style: where an operator's do not pass."""
    return _Press(edition, config, (packaged("templates"),)).sheet("mail/plain.html")


class _Press:
    """The templates of one edition, and what they are given."""

    def __init__(self, edition: Edition, config: Config, folders: Sequence[Path]) -> None:
        self.config = config
        self.whole = trust.trusted(edition, config)
        pairs = zip(edition.quick, self.whole.quick, strict=True)
        self.links = {(theirs.url, theirs.title): blocks.key(ours) for theirs, ours in pairs}
        self.made = environment(tuple(folders), language=self.whole.language, timezone=self.whole.timezone)

    def sheet(self, html: str, css: str | None = None) -> Sheet:
        setting = _Setting()
        return Sheet(
            html=self._html(html, css),
            text=self._text("mail/edition.txt", setting),
            later=setting.later,
            addresses={plain.slot(number): address for address, number in setting.links.addresses.items()},
            language=self.whole.language,
            links=self.links,
        )

    def _html(self, template: str, css: str | None) -> Parts:
        marks = blocks.Marks(comments=True)
        document = fill_template(self.made, template, **self._values(marks))
        if css is not None:
            document = inlined(document, fill_template(self.made, css))
        return self._checked(document, marks, template)

    def _text(self, template: str, setting: "_Setting") -> Parts:
        marks = blocks.Marks(comments=False)
        given = self._values(marks) | {"wrap": setting.wrap, "rule": plain.rule, "links": setting.links}
        text = plain.marked(plain.trimmed(fill_template(self.made, template, **given)))
        return self._checked(text, marks, template)

    def _values(self, marks: blocks.Marks) -> dict[str, object]:
        """Where the edition says what differs from letter to letter, it says so by slots."""
        said = blocks.slots(SLOTS)
        edition = replace(
            self.whole,
            preheader=said["preheader"],
            opening=said["opening"],
            sections=self._sections(),
            minutes=0,
            more=0,
        )
        return values.of_edition(edition, self.config) | {
            "sections": edition.sections,
            "stories": self.whole.items,
            "slots": said,
            "block": marks.block,
        }

    def _sections(self) -> tuple[EditionSection, ...]:
        """The lead is among them: another story may lead another reader's letter."""
        lead, sections = self.whole.lead, self.whole.sections
        if lead is None:
            return sections
        if all(section.slug != lead.section for section in sections) and (own := self.config.section(lead.section)):
            sections = (*sections, EditionSection(slug=own.slug, title=own.title, items=()))
        return tuple(
            replace(section, items=(lead, *section.items)) if section.slug == lead.section else section
            for section in sections
        )

    def _checked(self, document: str, marks: blocks.Marks, template: str) -> Parts:
        """No letter goes out that a reader cannot unsubscribe from, or that would lose a story."""
        try:
            parts = _parsed(document, marks.keys)
        except ValueError as error:
            raise RenderError(f"{template}: {error}", hint="write {{ slots.opening }} as it is") from error
        if values.unsubscribe_url(self.config) not in blocks.fill(parts, {}, str):
            raise RenderError(
                f"{template} has no link to unsubscribe", hint="write {{ unsubscribe_url }} into its foot, in no block"
            )
        if missing := next(self._missing(parts), None):
            raise RenderError(
                f"{template} has no block {missing}", hint="the head of mail/edition.html says which there are"
            )
        return parts

    def _missing(self, parts: Parts) -> Iterator[str]:
        stories = {item.story for item in self.whole.items}
        of_section = {section.slug: {item.story for item in section.items} for section in self._sections()}
        needed: dict[Scope, AbstractSet[str]] = {
            ("line", ""): stories,
            ("lead", ""): stories,
            ("item", ""): stories,
            ("section", ""): of_section.keys(),
            ("link", ""): {blocks.key(link) for link in self.whole.quick},
            **{("item", slug): items for slug, items in of_section.items()},
        }
        rows = [part for part in blocks.walk(parts) if isinstance(part, blocks.Row) and blocks.KINDS[part.scope[0]]]
        for row in rows:
            if row.scope not in needed:
                yield f"{row.scope[0]!r} in its place: it stands inside of another one"
            elif needed[row.scope] - row.blocks.keys():
                yield f"{row.scope[0]!r} for each: nothing stands between them"
        found = {row.scope for row in rows}
        if stories and ("lead", "") not in found:
            yield "'lead'"
        told = all(("item", slug) in found for slug, items in of_section.items() if items)
        if not told and ("item", "") not in found:
            yield "'item'"


def _parsed(document: str, keys: Sequence[str] = ()) -> Parts:
    parts = blocks.parse(document, keys)
    for part in blocks.walk(parts):
        if isinstance(part, blocks.Slot) and part.name not in {*SLOTS, plain.LISTED} and part.name[0] not in _NUMBERED:
            raise ValueError(f"there is no slot {part.name!r}, or a filter changed its name")
    return parts


@dataclass(slots=True)
class _Setting:
    """The text while its lines are set."""

    links: plain.Links = field(default_factory=plain.Links)
    later: dict[str, _Paragraph] = field(default_factory=dict)

    def wrap(self, text: str, indent: str = "", first: str | None = None) -> str:
        """Set one paragraph; one with a slot in it is set when the letter is put together."""
        if not blocks.has_mark(text):
            return plain.wrap(text, indent, first)
        name = f"{_LATER}{len(self.later)}"
        self.later[name] = _Paragraph(_parsed(plain.marked(text)), indent, first)
        return blocks.mark(name)


# --- for each reader -------------------------------------------------------------------------------------


def put_together(sheet: Sheet, edition: Edition) -> Mail:
    """The letter of an edition that has what the whole one has, or less of it, in whatever order: the same bytes for the
    same edition. One that is too long for Gmail is shortened: the rest is on the web.

    Raises RenderError where even a single story makes it too long.
    """
    for shorter in lighter(edition):
        wanted, said = _wanted(sheet, shorter), _said(sheet, shorter)
        escaped = {name: str(escape(text)) for name, text in said.items()}
        html = blocks.fill(sheet.html, wanted, escaped.__getitem__)
        if len(html.encode()) <= MAX_BYTES:
            return Mail(html, _text(sheet, wanted, said), shorter.more - edition.more)
    raise RenderError(
        f"the mail is larger than {MAX_BYTES // 1000} KB even with a single story",
        hint="make templates/mail smaller: mail clients clip what is longer",
    )


def _wanted(sheet: Sheet, edition: Edition) -> dict[Scope, Sequence[str]]:
    """Which blocks stand in each place."""
    lines = values.contents(edition)
    items = {("item", section.slug): [item.story for item in section.items] for section in edition.sections}
    return {
        ("opening", ""): _ONE if edition.opening else (),
        ("contents", ""): _ONE if len(lines) > 1 else (),
        ("line", ""): [item.story for item in lines],
        ("lead", ""): [edition.lead.story] if edition.lead is not None else (),
        ("section", ""): [section.slug for section in edition.sections if section.items],
        ("item", ""): [story for stories in items.values() for story in stories],
        **items,
        **{("also", item.story): _ONE for item in edition.items if item.also},
        **{("related", item.story): _ONE for item in edition.items if item.related},
        ("quick", ""): _ONE if edition.quick else (),
        ("link", ""): [sheet.links[link.url, link.title] for link in edition.quick],
        ("more", ""): _ONE if edition.more else (),
    }


def _said(sheet: Sheet, edition: Edition) -> dict[str, str]:
    words, count = labels(sheet.language), len(edition.items)
    stories = words["story_one"] if count == 1 else words["story_many"].format(count=count)
    minutes = words["minutes"].format(count=edition.minutes)
    language = language_tag(edition.preheader_language) or sheet.language
    more = words["more_one"] if edition.more == 1 else words["more_many"].format(count=edition.more)
    return {
        "preheader": trust.preheader(edition),
        "preheader_language": language,
        "preheader_direction": direction(language),
        "opening": trust.opening(edition),
        "length": f"{stories} · {minutes}" if edition.minutes else stories,
        "more": more,
    }


def _text(sheet: Sheet, wanted: Mapping[Scope, Sequence[str]], said: Mapping[str, str]) -> str:
    numbering = plain.Numbering()

    def say(name: str) -> str:
        if (address := sheet.addresses.get(name)) is not None:
            return numbering.number(address)
        if name == plain.LISTED:
            return numbering.listed()
        if (paragraph := sheet.later.get(name)) is not None:
            return plain.wrap(blocks.fill(paragraph.parts, {}, say), paragraph.indent, paragraph.first)
        return said[name]

    return plain.tidy(blocks.fill(sheet.text, wanted, say))
