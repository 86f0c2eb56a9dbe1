"""An edition as a letter to everybody, and as a page of the site.

The mail is one full document, inlined once; what differs from reader to reader is a token in two links of its foot.
What mail clients do to mail decides its form: tables and inline styles carry it, whatever else it has (wide screens,
dark mode) stands in style blocks of its own that a client may drop one by one.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path

from jinja2.sandbox import ImmutableSandboxedEnvironment

from aggregator.config import Config
from aggregator.errors import RenderError
from aggregator.model import TOKEN_PLACEHOLDER, Edition, EditionItem, EditionSection, Link
from aggregator.publish import plain
from aggregator.publish.labels import labels
from aggregator.publish.theme import environment, language_tag, legal, web_address
from aggregator.publish.theme import render as fill
from aggregator.typeset import clip

MAX_BYTES = 90_000
"""Gmail clips at some 102 KB, and with the end of the mail goes the link to unsubscribe."""
LONGEST_ADDRESS = 1_500
_LEAST_WORDS = 100
"""A text of fewer words is taken for an excerpt."""
_CONTENTS = 8
_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
_ROOT = "../../../"  # from an edition's page
_IGNORE = 'data-premailer="ignore"'


@dataclass(frozen=True, slots=True)
class Mail:
    """The two parts of a letter, with TOKEN_PLACEHOLDER wherever a reader's own token belongs."""

    html: str
    text: str


def render(edition: Edition, config: Config, folders: tuple[Path, ...]) -> Mail:
    """Both parts, from the same items. An edition that is too long for Gmail is shortened: the rest is on the web.

    Raises RenderError with a hint where a template fails, or makes what must not go out.
    """
    for lighter in _lighter(trusted(edition, config)):
        html = _html(lighter, config, folders)
        if len(html.encode()) <= MAX_BYTES:
            return Mail(html, _text(lighter, config, folders))
    raise RenderError(
        f"the mail is larger than {MAX_BYTES // 1000} KB even with a single story",
        hint="make templates/mail smaller: mail clients clip what is longer",
    )


def web_page(edition: Edition, config: Config, folders: tuple[Path, ...]) -> bytes:
    """The edition's page, to be published as `editions/NEWSLETTER/NUMBER/index.html`; no reader's link is on it."""
    path = f"editions/{edition.newsletter}/{edition.number}/index.html"
    values = _values(_from_here(trusted(edition, config), config), config)
    page = fill(_environment(edition, folders), "edition.html", root=_ROOT, path=path, **values)
    return legal(page).encode()


def _from_here(edition: Edition, config: Config) -> Edition:
    """What is on the site is linked as seen from the edition's page, like everywhere on the site."""
    site = f"{config.site_url}/"

    def near(address: str) -> str:
        return f"{_ROOT}{address[len(site) :] or 'index.html'}" if address.startswith(site) else address

    def brought_near(item: EditionItem) -> EditionItem:
        also, related = (tuple(replace(link, url=near(link.url)) for link in row) for row in (item.also, item.related))
        return replace(item, url=near(item.url), also=also, related=related)

    quick = tuple(replace(link, url=near(link.url)) for link in edition.quick)
    return replace(_each_item(edition, brought_near), quick=quick)


def public(part: str, config: Config) -> str:
    """A part of a mail as the site may show it: the personal links lead to where anybody subscribes."""
    personal = re.escape(config.public_url) + r"/[pu]/" + re.escape(TOKEN_PLACEHOLDER)
    return re.sub(personal, lambda _: f"{config.public_url}/subscribe", part)


# --- what may stand in a mail ----------------------------------------------------------------------------


def trusted(edition: Edition, config: Config) -> Edition:
    """The edition with nothing in it but printable text and web addresses.

    A feed that knows our placeholder could have every reader's own token sent to an address of its choice: it is
    spelled otherwise here.
    """
    page = f"{config.site_url}/"
    sections = tuple(
        replace(section, title=_line(section.title, 80), items=tuple(_item(item, page) for item in section.items))
        for section in edition.sections
    )
    return replace(
        edition,
        title=_line(edition.title, 100),
        preheader=_line(edition.preheader, 300),
        opening=_line(edition.opening, 600),
        language=language_tag(edition.language) or config.publication.language,
        lead=_item(edition.lead, page) if edition.lead is not None else None,
        sections=sections,
        quick=tuple(_link(link, page) for link in edition.quick),
        url=_address(edition.url, page),
    )


def _item(item: EditionItem, page: str) -> EditionItem:
    story_url = _address(item.story_url, page)
    return replace(
        item,
        kicker=_line(item.kicker, 60) if item.kicker else None,
        headline=_line(item.headline, 220),
        summary=_line(item.summary, 700),
        language=language_tag(item.language),
        source=_line(item.source, 60),
        url=_address(item.url, story_url),
        story_url=story_url,
        also=tuple(_link(link, story_url) for link in item.also),
        related=tuple(_link(link, story_url) for link in item.related),
    )


def _link(link: Link, otherwise: str) -> Link:
    return replace(
        link,
        title=_line(link.title, 160),
        source=_line(link.source, 60),
        url=_address(link.url, otherwise),
        language=language_tag(link.language),
    )


def _address(address: str, otherwise: str) -> str:
    found = web_address(address)
    return _without_token(found) if found is not None and len(found) <= LONGEST_ADDRESS else otherwise


def _line(text: str, columns: int) -> str:
    """One line, not too long, without controls and without the signs that turn the direction of all that follows."""
    shown = "".join(sign for sign in legal(text) if unicodedata.bidirectional(sign) not in _TURNING)
    return _without_token(clip(" ".join(shown.split()), columns))


def _without_token(text: str) -> str:
    return text.replace(TOKEN_PLACEHOLDER, f"%{ord(TOKEN_PLACEHOLDER[0]):02X}{TOKEN_PLACEHOLDER[1:]}")


# --- size ------------------------------------------------------------------------------------------------


def _lighter(edition: Edition) -> Iterator[Edition]:
    """The edition, and again with less and less: without quick links, without side links, with fewer stories (and
    without the line and the minutes that speak of all of them).
    """
    yield edition
    edition = replace(edition, quick=(), more=edition.more + len(edition.quick))
    yield edition
    edition = _each_item(edition, lambda item: replace(item, also=(), also_more=0, related=()))
    yield edition
    edition = replace(edition, opening="", minutes=0)
    while len(edition.items) > 1:
        edition = _without_last(edition, ceil(len(edition.items) / 8))
        yield edition


def _each_item(edition: Edition, change: Callable[[EditionItem], EditionItem]) -> Edition:
    lead = change(edition.lead) if edition.lead is not None else None
    sections = tuple(replace(section, items=tuple(map(change, section.items))) for section in edition.sections)
    return replace(edition, lead=lead, sections=sections)


def _without_last(edition: Edition, count: int) -> Edition:
    """The longest section loses its last story, `count` times: every section keeps its best as long as it can."""
    sections = list(edition.sections)
    for _ in range(min(count, sum(len(section.items) for section in sections))):
        longest = max(range(len(sections)), key=lambda at: len(sections[at].items))
        sections[longest] = replace(sections[longest], items=sections[longest].items[:-1])
    kept = tuple(section for section in sections if section.items)
    dropped = sum(len(section.items) for section in edition.sections) - sum(len(section.items) for section in kept)
    return replace(edition, sections=kept, more=edition.more + dropped)


# --- templates -------------------------------------------------------------------------------------------


def _html(edition: Edition, config: Config, folders: tuple[Path, ...]) -> str:
    made = _environment(edition, folders)
    document = fill(made, "mail/edition.html", **_values(edition, config))
    inlined = _checked(document, _inlined(document, fill(made, "mail/inline.css")))
    return _with_way_out(inlined, config, "mail/edition.html")


def _text(edition: Edition, config: Config, folders: tuple[Path, ...]) -> str:
    values = _values(edition, config) | {"wrap": plain.wrap, "rule": plain.rule, "links": plain.Numbered()}
    text = plain.tidy(fill(_environment(edition, folders), "mail/edition.txt", **values))
    return _with_way_out(text, config, "mail/edition.txt")


def _environment(edition: Edition, folders: Sequence[Path]) -> ImmutableSandboxedEnvironment:
    return environment(tuple(folders), language=edition.language, timezone=edition.timezone)


def _values(edition: Edition, config: Config) -> dict[str, object]:
    newsletter = config.newsletter(edition.newsletter)
    return {
        "edition": edition,
        "config": config,
        "contents": _contents(edition),
        "figures": partial(_figures, edition.language),
        "description": newsletter.description if newsletter is not None else "",
        "subscribe_url": f"{config.public_url}/subscribe",
        "unsubscribe_url": f"{config.public_url}/u/{TOKEN_PLACEHOLDER}",
        "preferences_url": f"{config.public_url}/p/{TOKEN_PLACEHOLDER}",
        "feed_url": f"{config.site_url}/editions/{edition.newsletter}/atom.xml",
        "home_url": f"{config.site_url}/",
    }


def _figures(language: str, item: EditionItem) -> str:
    """“ · 640 words · 3 min”; nothing where all that we have of a text is an excerpt, whose length says little."""
    if not item.minutes or item.words < _LEAST_WORDS:
        return ""
    words = labels(language)
    # An entry counts a Chinese character as half a word; who reads Chinese expects characters.
    both_chinese = language.lower().startswith("zh") and (item.language or "").lower().startswith("zh")
    length = words["characters"].format(count=f"{2 * item.words:,}") if both_chinese else ""
    length = length or words["words"].format(count=f"{item.words:,}")
    return f" · {length} · {words['minutes'].format(count=item.minutes)}"


def _contents(edition: Edition) -> list[EditionItem]:
    """Where there are more than fit: the lead and the best of each section, then the next best, round by round."""
    lead = [edition.lead] if edition.lead is not None else []
    rounds = _rounds(edition.sections)
    taken = {item.story for item in (*lead, *rounds[: _CONTENTS - len(lead)])}
    return [item for item in edition.items if item.story in taken]


def _rounds(sections: Sequence[EditionSection]) -> list[EditionItem]:
    longest = max((len(section.items) for section in sections), default=0)
    return [section.items[turn] for turn in range(longest) for section in sections if turn < len(section.items)]


# --- inlining --------------------------------------------------------------------------------------------


def _inlined(document: str, css: str) -> str:
    """Styles into the elements, once, with the one set of options under which dark mode and tokens survive."""
    from premailer import Premailer  # a tenth of a second that only who renders mail should pay

    try:
        made = Premailer(
            document,
            css_text=[css],
            allow_network=False,
            keep_style_tags=False,
            strip_important=False,
            disable_leftover_css=True,
            cssutils_logging_level=logging.CRITICAL,
            remove_classes=False,
        )
        inlined: str = made.transform(pretty_print=False)
    except Exception as error:
        # premailer lets through whatever lxml, cssutils and cssselect raise; all of it means the operator's CSS or HTML.
        raise RenderError(
            f"mail/edition.html could not be inlined: {error}",
            hint=f"it is one whole document; a style block with @-rules in it is marked {_IGNORE}",
        ) from error
    return inlined


def _checked(document: str, inlined: str) -> str:
    """Inlining must not have lost what it has no business with."""
    if document.count(TOKEN_PLACEHOLDER) != inlined.count(TOKEN_PLACEHOLDER):
        raise RenderError(
            "a reader's link was lost in the mail", hint="write {{ unsubscribe_url }} into an href as it is"
        )
    if re.search(r"<link\b", inlined, re.IGNORECASE):
        raise RenderError(
            "the mail has a <link>", hint="mail clients load no style sheets: write it into mail/inline.css"
        )
    if _IGNORE in inlined:
        raise RenderError("a style block was not taken in", hint="style blocks stand in the head of mail/edition.html")
    return inlined


def _with_way_out(part: str, config: Config, template: str) -> str:
    """No letter goes out that a reader cannot unsubscribe from."""
    if f"{config.public_url}/u/{TOKEN_PLACEHOLDER}" not in part:
        raise RenderError(f"{template} has no link to unsubscribe", hint="write {{ unsubscribe_url }} into its foot")
    return part
