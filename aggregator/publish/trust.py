"""What may stand in a mail: printable text and web addresses, and none of the signs that are ours.

A feed that knows our placeholder could have every reader's own token sent to an address of its choice: it is spelled
otherwise here. What we mark places with in templates (`blocks`) no text has after this.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from aggregator.config import Config
from aggregator.model import TOKEN_PLACEHOLDER, Edition, EditionItem, Link
from aggregator.publish.blocks import NON_CHARACTERS
from aggregator.publish.theme import language_tag, legal, web_address
from aggregator.typeset import clip

LONGEST_ADDRESS = 1_500
_TURNING = "\u202a-\u202e\u2066-\u2069"
_NOT_SHOWN = re.compile(f"[{_TURNING}{NON_CHARACTERS}]")
_OURS = re.compile(f"[{NON_CHARACTERS}]")


def trusted(edition: Edition, config: Config) -> Edition:
    page = f"{config.site_url}/"
    sections = tuple(
        replace(section, title=_line(section.title, 80), items=tuple(_item(item, page) for item in section.items))
        for section in edition.sections
    )
    return replace(
        edition,
        title=_line(edition.title, 100),
        preheader=preheader(edition),
        opening=opening(edition),
        language=language_tag(edition.language) or config.publication.language,
        lead=_item(edition.lead, page) if edition.lead is not None else None,
        sections=sections,
        quick=tuple(_link(link, page) for link in edition.quick),
        url=_address(edition.url, page),
    )


def preheader(edition: Edition) -> str:
    return _line(edition.preheader, 300)


def opening(edition: Edition) -> str:
    return _line(edition.opening, 600)


def _item(item: EditionItem, page: str) -> EditionItem:
    story_url = _address(item.story_url, page)
    url = _address(item.url, story_url)
    source = _name(item.source, 60) or _host(url)
    also = [_link(link, story_url) for link in item.also]
    return replace(
        item,
        kicker=(_name(item.kicker, 60) or None) if item.kicker else None,
        headline=_name(item.headline, 220) or source,
        summary=_line(item.summary, 700),
        language=language_tag(item.language),
        summary_language=language_tag(item.summary_language),
        source=source,
        url=url,
        story_url=story_url,
        also=tuple(replace(link, source=link.source or _host(link.url)) for link in also),
        related=tuple(_link(link, story_url) for link in item.related),
    )


def _link(link: Link, otherwise: str) -> Link:
    url = _address(link.url, otherwise)
    source = _name(link.source, 60)
    return replace(
        link,
        title=_name(link.title, 160) or source or _host(url),
        source=source,
        url=url,
        language=language_tag(link.language),
    )


def _address(address: str, otherwise: str) -> str:
    found = web_address(_OURS.sub("", address))
    return _without_token(found) if found is not None and len(found) <= LONGEST_ADDRESS else otherwise


def _host(address: str) -> str:
    """What names a text that has no name left: a link without words can be seen by nobody."""
    return urlsplit(address).hostname or address


def _name(text: str, columns: int) -> str:
    """Empty where nothing of it can be seen."""
    shown = _line(text, columns)
    return shown if any(sign.isprintable() for sign in shown if sign != " ") else ""


def _line(text: str, columns: int) -> str:
    """One line, not too long, without controls and without the signs that turn the direction of all that follows."""
    return _without_token(clip(" ".join(_NOT_SHOWN.sub("", legal(text)).split()), columns))


def _without_token(text: str) -> str:
    return text.replace(TOKEN_PLACEHOLDER, f"%{ord(TOKEN_PLACEHOLDER[0]):02X}{TOKEN_PLACEHOLDER[1:]}")
