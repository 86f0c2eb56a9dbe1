"""Every oddity that the demo promises is really in its samples, and what newcomers read is clean."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree
from opencc import OpenCC

from aggregator.config import Config
from aggregator.curate.classify import Classifier
from aggregator.curate.sections import Sections
from aggregator.demo.samples import FOLDER, MODIFIED, NOW, SAMPLES, Sample
from aggregator.model import Entry

FILED = [sample for sample in SAMPLES if sample.file]
XML = [sample for sample in FILED if not sample.file.endswith(".json")]
SORTED: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "demo_sorted.jsonl").read_text(encoding="utf-8").splitlines()
]
"""Each entry with the category and the section that an editor would give it."""
MALFORMED = "old-canal-gazette.rss"
# Names of real outlets and agencies, as whole words: an invented sentence must not be put into their mouths.
REAL = (
    "Reuters|Bloomberg|BBC|CNN|Xinhua|SCMP|HKET|RTHK|AFP|Caixin|Nikkei|Sixth Tone|Epoch Times|Global Times|People's Daily|"
    "South China Morning Post|New York Times|Washington Post|Wall Street Journal|Financial Times|Guardian|Economist|"
    "Straits Times|Taipei Times|Apple Daily|Ming Pao|Focus Taiwan|Globe and Mail|Chinascope|Radio Free Asia|Voice of America"
)
REAL_CHINESE = (
    "新华社|新华网|人民日报|人民网|环球时报|财新|财经网|澎湃|央视|中央社|自由時報|聯合報|中國時報|蘋果日報|明報|經濟日報|"
    "信報|星島|東方日報|南方周末|南方都市报|第一财经|界面新闻|虎嗅|36氪|大紀元|路透|彭博|法新社|美联社|美聯社"
)


def ids(sample: Sample) -> str:
    return sample.file or sample.path


@pytest.mark.parametrize("sample", XML, ids=ids)
def test_a_sample_is_well_formed_and_read_by_feedparser_but_for_the_malformed_one(sample: Sample) -> None:
    parsed = feedparser.parse(sample.body())
    items = len(re.findall(r"<(?:item|entry)[ >]", sample.body().decode(sample.charset)))
    assert len(parsed.entries) == items > 3
    assert all(entry.title and entry.link and entry.summary for entry in parsed.entries)
    assert bool(parsed.bozo) == (sample.file == MALFORMED)


def test_the_malformed_sample_has_bare_ampersands_and_unclosed_tags() -> None:
    text = (FOLDER / MALFORMED).read_text(encoding="utf-8")
    assert re.search(r"& ", text)
    for tag in ("category", "channel", "br"):
        assert f"<{tag}>" in text
        assert f"</{tag}>" not in text
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(text.encode())


@pytest.mark.parametrize("sample", [sample for sample in FILED if sample.file.endswith(".json")], ids=ids)
def test_the_json_feeds_are_json_feeds(sample: Sample) -> None:
    feed = json.loads(sample.body())
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert all(item["id"] and (item.get("content_text") or item.get("content_html")) for item in feed["items"])


def test_all_formats_and_languages_are_there() -> None:
    formats = Counter(feedparser.parse(sample.body()).version for sample in XML)
    assert formats.keys() == {"rss20", "rss10", "atom10"}
    assert formats["rss20"] >= 5
    assert sum(sample.file.endswith(".json") for sample in FILED) >= 2
    languages = {feedparser.parse(sample.body()).feed.get("language", "").lower() for sample in XML}
    assert {"en", "zh-cn", "zh-hk"} <= languages


@pytest.mark.parametrize("charset", ["gbk", "big5"])
def test_one_sample_is_served_in_the_charset_that_it_declares(charset: str) -> None:
    (sample,) = [sample for sample in FILED if sample.charset == charset]
    body = sample.body()
    assert f'encoding="{charset}"'.encode() in body[:60].lower()
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert body.decode(charset) == (FOLDER / sample.file).read_text(encoding="utf-8")


def test_there_are_enough_entries_with_a_summary_each(entries: tuple[Entry, ...]) -> None:
    assert 70 <= len(entries) <= 110
    assert all(entry.title and entry.url and len(entry.summary) > 30 for entry in entries)


def test_no_entry_is_dated_later_than_the_demo_and_some_are_for_the_archive(entries: tuple[Entry, ...]) -> None:
    dates = [entry.published for entry in entries if entry.published is not None]
    assert len(dates) == len(entries)
    assert max(dates) <= MODIFIED <= NOW
    assert sum(date.month < 5 for date in dates) == 2
    assert sum((NOW - date).days < 2 for date in dates) > 80


def test_one_item_comes_twice_under_the_same_guid() -> None:
    twice: dict[str, int] = {}
    for sample in XML:
        guids = Counter(entry.get("id") for entry in feedparser.parse(sample.body()).entries)
        twice |= {guid: count for guid, count in guids.items() if count > 1}
    assert twice == {"maple-2020-0513-poll": 2}


def test_titles_are_unique_but_for_the_syndicated_copies(entries: tuple[Entry, ...]) -> None:
    repeated = {title: count for title, count in Counter(entry.title for entry in entries).items() if count > 1}
    assert set(repeated.values()) == {2}
    copies = {entry.title: entry for entry in entries if entry.source == "coastline-reprints"}
    assert len(repeated) == 2
    for entry in entries:
        if entry.title in repeated:
            assert entry.summary == copies[entry.title].summary
            assert entry.content.count("</p>") == copies[entry.title].content.count("</p>")


def test_one_article_comes_again_with_tracking_parameters_and_www() -> None:
    links = [entry.link for sample in XML for entry in feedparser.parse(sample.body()).entries]
    (tracked,) = [link for link in links if "utm_source=coastline" in link]
    host, path = urlsplit(tracked).netloc, urlsplit(tracked).path.rstrip("/")
    assert host.startswith("www.")
    assert any(urlsplit(link).netloc == host.removeprefix("www.") and urlsplit(link).path == path for link in links)


def test_a_script_and_a_handler_are_in_the_samples_and_gone_from_the_entries(entries: tuple[Entry, ...]) -> None:
    raw = (FOLDER / "harbour-economic-times.rss").read_text(encoding="utf-8")
    assert "<script>" in raw
    assert "onclick=" in raw
    (entry,) = [e for e in entries if e.source == "harbour-economic-times" and "SMIC" in e.title]
    assert "35,000" in entry.content
    assert not re.search(r"script|onclick|Subscribe", entry.content)


def test_every_address_in_the_samples_leads_nowhere() -> None:
    for sample in FILED:
        text = (FOLDER / sample.file).read_text(encoding="utf-8")
        hosts = {urlsplit(url).hostname or "" for url in re.findall(r"https?://[^\s\"'<>)\]]+", text)}
        strange = {host for host in hosts if not host.endswith(".example")}
        assert strange <= {"purl.org", "www.w3.org", "jsonfeed.org"}, sample.file


def test_no_real_outlet_is_named(config: Config) -> None:
    texts = [(FOLDER / sample.file).read_text(encoding="utf-8") for sample in FILED]
    for text in [*texts, *(source.title or "" for source in config.sources)]:
        assert not re.search(rf"\b(?:{REAL})\b", text)
        assert not re.search(REAL_CHINESE, text)


@pytest.mark.parametrize(
    ("words", "sources"),
    [
        (("TSMC", "Huawei", "emergency order"), 4),
        (("SMIC", "2.2 billion"), 4),
        (("14 per cent", "Canadians"), 2),
        (("Nasdaq", "Chinese companies", "plan"), 4),
        (("laboratories", "destroy", "samples"), 4),
        (("enter Beijing", "two sessions", "ealth code"), 3),
        (("law professor", "open letter"), 3),
        (("Wuhan", "eleven million"), 2),
        (("barley", "80 per cent"), 3),
        (("纳斯达克", "退出"), 2),
        (("中芯", "22亿美元"), 4),
        (("台积电", "急单"), 3),
        (("两会", "上访"), 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_the_same_event_is_told_by_several(words: tuple[str, ...], sources: int, entries: tuple[Entry, ...]) -> None:
    fold = OpenCC("t2s").convert
    tellers = {
        entry.source for entry in entries if all(word in fold(f"{entry.title} {entry.summary}") for word in words)
    }
    assert len(tellers) >= sources, tellers


def test_opinion_and_analysis_stand_beside_news(config: Config, entries: tuple[Entry, ...]) -> None:
    for slug in ("analyses", "perspectives"):
        section = config.section(slug)
        assert section is not None
        marks = {
            "title": [e for e in entries if any(mark in e.title.lower() for mark in section.titles)],
            "address": [e for e in entries if any(mark in (e.url or "") for mark in section.addresses)],
            "tag": [e for e in entries if {tag.lower() for tag in e.tags} & set(section.tags)],
        }
        assert all(len(found) >= 3 for found in marks.values()), (slug, {key: len(marks[key]) for key in marks})


@pytest.mark.parametrize("line", SORTED, ids=lambda line: f"{line['source']}: {line['title'][:40]}")
def test_an_entry_is_sorted_as_a_person_would(
    line: dict[str, Any], config: Config, sorts: tuple[Classifier, Sections], entries: tuple[Entry, ...]
) -> None:
    (entry,) = [e for e in entries if (e.source, e.title) == (line["source"], line["title"])]
    categories, sections = sorts
    source = config.source(entry.source)
    best = next(iter(categories.categories(entry, source)), None)
    said = f"{best.slug}: {best.reason}" if best else "nothing"
    assert (best.slug if best else None) == line["category"], said
    assert sections.choose(entry, source).value == line["section"]


def test_every_entry_has_a_place_that_a_person_chose(entries: tuple[Entry, ...]) -> None:
    assert {(line["source"], line["title"]) for line in SORTED} == {(e.source, e.title) for e in entries}
    told = Counter(line["category"] for line in SORTED)
    assert told[None] <= 3
    assert len(told) >= 14
