"""An edition as a letter to everybody, and as a page of the site.

The mail is one full document, inlined once (`sheet`); what differs from reader to reader is which of its blocks she gets,
and a token in two links of its foot. What mail clients do to mail decides its form: tables and inline styles carry it,
whatever else it has (wide screens, dark mode) stands in style blocks of its own that a client may drop one by one.
"""

import re
from dataclasses import replace
from pathlib import Path

from aggregator.config import Config
from aggregator.model import TOKEN_PLACEHOLDER, Edition, EditionItem
from aggregator.publish.sheet import MAX_BYTES, Mail, prepare, prepare_plain, put_together
from aggregator.publish.shorten import each_item
from aggregator.publish.theme import environment, legal
from aggregator.publish.theme import render as fill
from aggregator.publish.trust import trusted
from aggregator.publish.values import of_edition

__all__ = ["MAX_BYTES", "Mail", "public", "render", "render_plain", "web_page"]

_ROOT = "../../../"  # from an edition's page


def render(edition: Edition, config: Config, folders: tuple[Path, ...]) -> Mail:
    """Both parts, from the same items. An edition that is too long for Gmail is shortened: the rest is on the web.

    Raises RenderError with a hint where a template fails, or makes what must not go out.
    """
    return put_together(prepare(edition, config, folders), edition)


def render_plain(edition: Edition, config: Config) -> Mail:
    """The same with almost no style, from templates that no operator changes."""
    return put_together(prepare_plain(edition, config), edition)


def web_page(edition: Edition, config: Config, folders: tuple[Path, ...]) -> bytes:
    """The edition's page, to be published as `editions/NEWSLETTER/NUMBER/index.html`; no reader's link is on it."""
    path = f"editions/{edition.newsletter}/{edition.number}/index.html"
    values = of_edition(_from_here(trusted(edition, config), config), config)
    page = fill(
        environment(tuple(folders), language=edition.language, timezone=edition.timezone),
        "edition.html",
        root=_ROOT,
        path=path,
        **values,
    )
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
    return replace(each_item(edition, brought_near), quick=quick)


def public(part: str, config: Config) -> str:
    """A part of a mail as the site may show it: the personal links lead to where anybody subscribes."""
    personal = re.escape(config.public_url) + r"/[pu]/" + re.escape(TOKEN_PLACEHOLDER)
    return re.sub(personal, lambda _: f"{config.public_url}/subscribe", part)
