"""Real feeds, hostile input and lists that nobody here wrote. They lie beside the project and are not part of it."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from aggregator.collect.cage import Cage
from aggregator.collect.dates import parse_date
from aggregator.collect.guard import Guard
from aggregator.collect.html import clean, text_of
from aggregator.collect.normalise import normalise
from aggregator.collect.opml import read, write
from aggregator.collect.parse import parse
from aggregator.config import Source
from aggregator.errors import ParseError
from aggregator.model import Feed, Item, Page, Reading

URL = "https://news.example/feed.xml"
SOURCE = Source(name="corpus", url=URL)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LABEL = re.compile(rb"""encoding=["'][^"']*["']""")


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        yield from map(json.loads, lines)


def told(feed: Feed) -> list[tuple[str, ...]]:
    return [
        (text_of(item.title or ""), item.guid or "", item.url or "", text_of(item.content or item.summary or "")[:300])
        for item in feed.items
    ]


def test_real_feeds_are_read_as_two_other_parsers_read_them(corpora: Path) -> None:
    folder, compared, unlike = corpora / "real-feeds", 0, []
    for row in rows(folder / "index.jsonl.gz"):
        feed = parse((folder / "files" / row["file"]).read_bytes(), None, URL)
        assert bool(normalise(SOURCE, feed, URL, NOW).entries) == bool(feed.items)
        if not row["n_agree"]:
            continue
        with gzip.open(folder / "reference" / f"{row['file']}.json.gz") as file:
            reference = json.load(file)
        ours, one, other = feed.items, reference["feedparser"]["entries"], reference["fastfeedparser"]["entries"]
        assert len(ours) == len(one)
        for item, first, second in zip(ours, one, other, strict=True):
            pairs = zip(facts(item), reference_facts(first), reference_facts(second), strict=True)
            agreed = [(mine, theirs) for mine, theirs, others in pairs if theirs == others and theirs is not None]
            compared += len(agreed)
            unlike += [(row["file"], mine, theirs) for mine, theirs in agreed if mine != theirs]
    assert compared > 1000
    assert len(unlike) <= compared * 0.005, unlike[:10]


def facts(item: Item) -> tuple[object, ...]:
    return text_of(item.title or ""), item.url, item.guid, parse_date(item.published) or parse_date(item.updated)


def reference_facts(entry: dict[str, Any]) -> tuple[object, ...]:
    return text_of(entry["title"] or ""), entry["link"], entry["id"], parse_date(entry["published"])


def test_recoded_feeds_are_read_like_their_originals_whatever_the_label(corpora: Path) -> None:
    folder = corpora / "real-feeds"
    for row in rows(folder / "transcoded.jsonl.gz"):
        expected = told(parse((folder / "files" / row["of"]).read_bytes(), None, URL))
        body = (folder / row["file"]).read_bytes()
        assert told(parse(body, None, URL)) == expected
        if row["encoding"] in {"gb2312", "gbk", "gb18030", "big5"}:
            assert told(parse(LABEL.sub(b"", body, count=1), None, URL)) == expected
            other = b'encoding="gb2312"' if row["encoding"] == "big5" else b'encoding="big5"'
            for label in (b'encoding="utf-8"', other):
                assert told(parse(LABEL.sub(label, body, count=1), None, URL)) == expected
            assert told(parse(LABEL.sub(b"", body, count=1), "text/xml; charset=iso-8859-1", URL)) == expected


def test_test_feeds_of_other_projects_harm_nothing(corpora: Path) -> None:
    files = [path for path in (corpora / "feed-parsing").rglob("*") if path.is_file() and path.suffix != ".gz"]
    read_ones = 0
    for path in files:
        try:
            feed = parse(path.read_bytes(), None, URL)
        except ParseError:
            continue
        read_ones += bool(normalise(SOURCE, feed, URL, NOW).entries)
    assert read_ones > len(files) / 3


def test_entities_and_bombs_are_inert(corpora: Path) -> None:
    hostnames = Path("/etc/passwd").read_text().splitlines()[0]
    with Cage(seconds=5) as cage:
        for row in rows(corpora / "security" / "xxe_bombs.jsonl.gz"):
            body = str(row.get("xml") or row.get("payload")).encode("utf-8", "replace")
            found = cage.read(SOURCE, Page(url=URL, final_url=URL, status=200, headers={}, body=body), NOW)
            assert isinstance(found, Reading | ParseError)
            assert hostnames not in repr(found)


def test_every_inside_address_is_refused(corpora: Path) -> None:
    labelled = [row["url"] for row in rows(corpora / "security" / "ssrf_urls.jsonl.gz") if row["label"] == "block"]
    passed = []
    for url in labelled:
        try:
            Guard().web_address(url)
        except ValueError:
            continue
        passed.append(url)
    assert labelled
    assert not passed


@pytest.mark.parametrize("name", ["dompurify_fixtures", "xss_payloads", "xss_files", "naughty_strings"])
def test_nothing_active_survives_cleaning(corpora: Path, name: str) -> None:
    count = 0
    for row in rows(corpora / "security" / f"{name}.jsonl.gz"):
        payload = row.get("payload") or row.get("s") or ""
        cleaned = clean(payload, URL)
        count += 1
        assert clean(cleaned, URL) == cleaned
        assert not active(cleaned), (payload, cleaned)
        assert isinstance(text_of(payload), str)
    assert count


def active(cleaned: str) -> list[str]:
    if not cleaned:
        return []
    root = lxml_html.fragment_fromstring(cleaned, create_parent="div")
    forbidden = {"script", "style", "iframe", "object", "embed", "form", "input", "svg", "math", "link", "meta", "base"}
    tags = [str(element.tag) for element in root.iter() if element.tag in forbidden]
    names = [
        name
        for element in root.iter()
        for name in element.attrib
        if name.startswith("on") or name in {"style", "srcdoc"}
    ]
    links = [link for element in root.iter() for name, link in element.attrib.items() if name in {"href", "src"}]
    return tags + names + [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]


def test_subscription_lists_are_read_whole(corpora: Path) -> None:
    for row in rows(corpora / "opml" / "index.jsonl.gz"):
        data = (corpora / "opml" / row["file"]).read_bytes()
        try:
            feeds = read(data)
        except ParseError:
            feeds = ()
        assert len(feeds) == row["feeds"], row["file"]
        again = read(write("All", feeds))
        assert [feed.url for feed in again] == [feed.url for feed in feeds]
