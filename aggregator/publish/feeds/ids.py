"""Permanent names of feeds and of what is in them."""

import re
from urllib.parse import quote, urlsplit

from aggregator.config import Config
from aggregator.publish.feeds.wording import address
from aggregator.publish.theme import legal


def tag_uri(config: Config, *parts: str) -> str:
    """A permanent id (RFC 4151): the publication's host, the year it was founded, and a name in it."""
    name = "/".join(quote(legal(part), safe="") for part in parts)
    return f"tag:{_authority(config.site_url)},{config.publication.founded}:{name}"


def place(config: Config, path: str = "") -> str:
    """The address of what is published at `path`."""
    return f"{address(config.site_url) or config.site_url}/{quote(path, safe='/')}"


def _authority(address: str) -> str:
    """The host as RFC 4151 wants it: ASCII, lower case, no port."""
    try:
        host = (urlsplit(address).hostname or "").encode("idna").decode("ascii")
    except ValueError:
        host = ""
    return re.sub(r"[^a-z0-9.-]", "-", host.lower()).strip("-.") or "localhost"
