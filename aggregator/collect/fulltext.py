"""The main text of an article's page, without what stands around it. Needs the extra `fulltext`."""

import re
from importlib.util import find_spec

from aggregator.collect.encoding import decode, with_charset
from aggregator.collect.html import clean, scrub
from aggregator.config import Config
from aggregator.errors import Mistake, ParseError

LARGEST = 4 * 1024**2
INSTALL = "pip install 'aggregator[fulltext]'"
_AROUND = re.compile(r"</?(?:html|body)\b[^>]*>", re.IGNORECASE)


def available() -> bool:
    return find_spec("trafilatura") is not None


def mistakes(config: Config) -> list[Mistake]:
    """What is asked for and cannot be done here."""
    wanted = [] if available() else [index for index, source in enumerate(config.sources) if source.fulltext]
    problem = "full texts need an extra that is not installed"
    return [
        Mistake(
            str(config.file), config.line("sources", index, "fulltext"), f"sources[{index}].fulltext", problem, INSTALL
        )
        for index in wanted
    ]


def article(body: bytes, content_type: str | None, url: str) -> str:
    """Clean HTML; empty where the page has no main text. Raises ParseError where it is no page, or the extra is missing."""
    try:
        from trafilatura import extract
    except ImportError as error:
        raise ParseError("full texts need an extra that is not installed", hint=INSTALL) from error
    text, _ = decode(body[:LARGEST], with_charset(body, content_type))
    found = extract(
        scrub(text), url=url, output_format="html", include_comments=False, include_tables=True, include_links=True
    )
    return clean(_AROUND.sub("", found or ""), url)
