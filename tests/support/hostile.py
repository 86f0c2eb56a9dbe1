"""What attackers write, as feeds bring it: in titles, bodies, links, authors and categories, in three formats and in none."""

import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

from aggregator.publish.theme import legal

T = TypeVar("T")

WHEN = datetime(2020, 5, 14, 4, tzinfo=UTC)
_FILES = {"xss_payloads": "payload", "xss_files": "payload", "dompurify_fixtures": "payload", "naughty_strings": "s"}
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()  # noqa: SIM905  as one reads it


def payloads(corpora: Path) -> list[str]:
    """Each once, without what no document of any format may hold."""
    found: dict[str, None] = {}
    for name, field in _FILES.items():
        with gzip.open(corpora / "security" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            found |= {legal(json.loads(line)[field]): None for line in lines}
    return [payload for payload in found if payload.strip()]


def words(payload: str, count: int = 16) -> str:
    """Words of its own for each, so that no two are taken for one text."""
    digest = blake2b(payload.encode(), digest_size=3 * count).digest()
    syllables = [_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest]
    return " ".join("".join(syllables[at : at + 3]) for at in range(0, 3 * count, 3))


def rss(told: Sequence[str]) -> bytes:
    """HTML, escaped once, in every element; the body in a CDATA section."""
    items = "".join(
        f"<item><title>{escape(f'{words(each, 8)} {each}')}</title><link>{escape(each)}</link><guid isPermaLink='false'>"
        f"{escape(words(each))}</guid><dc:creator>{escape(each)}</dc:creator><category domain={quoteattr(each)}>{escape(each)}</category>"
        f"<pubDate>{WHEN:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description><![CDATA[{_cdata(f'{words(each)} {each}')}]]></description></item>"
        for each in told
    )
    head = "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title>"
    return f"{head}<link>https://wire.example/</link><description/>{items}</channel></rss>".encode()


def atom(told: Sequence[str]) -> bytes:
    """The title as plain text, which is to be seen as it stands; the body as HTML."""
    entries = "".join(
        f"<entry><title type='text'>{escape(f'{words(each, 8)} {each}')}</title><link href={quoteattr(each)}/>"
        f"<link href={quoteattr(f'https://wire.example/{each}')}/><id>{escape(words(each))}</id><author><name>{escape(each)}</name>"
        f"<uri>{escape(each)}</uri></author><category term={quoteattr(each)} label={quoteattr(each)}/><updated>{WHEN:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f"<content type='html'>{escape(f'<p>{words(each)}</p> {each}')}</content></entry>"
        for each in told
    )
    head = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Wire</title><id>urn:x</id><updated>2020-05-14T00:00:00Z</updated>"
    return f"{head}{entries}</feed>".encode()


def json_feed(told: Sequence[str]) -> bytes:
    items = [
        {
            "id": words(each), "url": each, "title": f"{words(each, 8)} {each}", "content_html": f"{words(each)} {each}",
            "authors": [{"name": each, "url": each}], "tags": [each], "date_published": f"{WHEN:%Y-%m-%dT%H:%M:%SZ}",
        }
        for each in told
    ]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Wire", "items": items}
    return json.dumps(feed).encode("utf-8", "surrogatepass")


def raw(told: Sequence[str]) -> bytes:
    """As a careless program writes it, with nothing escaped: hardly ever XML."""
    items = "".join(
        f"<item><title>{words(each, 8)} {each}</title><link>{each}</link><guid>{words(each)}</guid><author>{each}</author>"
        f"<category>{each}</category><pubDate>{WHEN:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>{words(each)} {each}</description></item>\n"
        for each in told
    )
    return f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".encode()


def dealt(told: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(told), size):
        yield told[at : at + size]


def _cdata(text: str) -> str:
    return text.replace("]]>", "]]]]><![CDATA[>")
