"""Sitemaps (sitemaps.org), one for each month's stories and one for all other pages, and what names them to robots.

They stand at the top of the site, since a sitemap may name only what lies under its own folder.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup

from aggregator.config import Config
from aggregator.publish.theme import iso, legal

MOST = 50_000
"""Addresses in one of them: what the protocol allows."""
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

Dated = tuple[str, datetime | None]
"""A path, and when it was changed last, where that is known."""


def sitemap(config: Config, paths: Iterable[Dated]) -> bytes:
    return _document("urlset", (_address(config, "url", *dated) for dated in paths))


def index(config: Config, paths: Iterable[Dated]) -> bytes:
    return _document("sitemapindex", (_address(config, "sitemap", *dated) for dated in paths))


def robots(config: Config) -> bytes:
    return f"User-agent: *\nDisallow:\n\nSitemap: {config.site_url}/sitemap.xml\n".encode()


def names(month: str, stories: int) -> Sequence[str]:
    """Where the addresses of a month's stories stand: more than one only where they are more than 50,000."""
    return [f"sitemap-{month}{f'-{at + 1}' if at else ''}.xml" for at in range(-(-stories // MOST))]


def _address(config: Config, element: str, path: str, changed: datetime | None) -> str:
    place = f"{config.site_url}/{quote(legal(path.removesuffix('index.html')), safe='/')}"
    dated = Markup("<lastmod>{}</lastmod>").format(iso(changed)) if changed is not None else ""
    return Markup("<{0}><loc>{1}</loc>{2}</{0}>\n").format(Markup(element), place, dated)  # noqa: S704  our own word


def _document(element: str, addresses: Iterable[str]) -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{element} xmlns="{_SPACE}">\n'
    return f"{head}{''.join(addresses)}</{element}>\n".encode()
