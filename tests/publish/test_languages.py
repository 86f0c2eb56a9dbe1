"""Whatever is published says of each text in which language it is, and which way it runs."""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from aggregator.collect import opml
from aggregator.config import Config
from aggregator.edit.compose import from_json, to_json
from aggregator.edit.summarise import brief
from aggregator.model import Story
from aggregator.publish import mail, site, syndicate, theme
from aggregator.publish.feeds.post import Words
from tests.support import editions

TEMPLATES = (Path(__file__).parents[2] / "templates",)
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ATOM = "{http://www.w3.org/2005/Atom}"
TEXTS = {
    "en": ("Ferry line opens again", "The ferry line across the bay opened again on Monday after a year of repairs."),
    "zh-Hant": ("渡輪航線重開", "橫跨海灣的渡輪航線經過一年維修後，於星期一重新開放，首日載客三千人。"),
    "ar": ("خط العبارات يعود إلى العمل", "عاد خط العبارات عبر الخليج إلى العمل يوم الاثنين بعد عام من الإصلاحات."),
}


@dataclass(frozen=True)
class Case:
    config: Config
    story: Story
    beside: Story

    @property
    def said(self) -> tuple[str, str]:
        language = self.story.language or ""
        return language, "rtl" if language == "ar" else "ltr"

    @property
    def needles(self) -> tuple[str, str]:
        return self.story.title, self.story.summary


@cache
def case(publication: str, language: str) -> Case:
    title, summary = TEXTS[language]
    reports = (
        editions.report("hket", title, language=language, summary=summary),
        editions.report("lake", title, language=language),
    )
    told = editions.story("ferry", "technology", "briefings", summary, *reports, related=("other",))
    beside = editions.story("other", None, "briefings", "", editions.report("hket", f"{title} (2)", language=language))
    return Case(editions.config(publication), told, beside)  # fmt: skip


CASES = [
    pytest.param(case("en", "zh-Hant"), id="Chinese in English"),
    pytest.param(case("zh-Hans", "en"), id="English in Chinese"),
    pytest.param(case("zh-Hans", "zh-Hant"), id="traditional in simplified"),
    pytest.param(case("en", "ar"), id="Arabic in English"),
    pytest.param(case("ar", "en"), id="English in Arabic"),
]
every_case = pytest.mark.parametrize("case", CASES)


def nearest(element: Any, *names: str) -> str | None:
    """The attribute of the element, or of the nearest one around it that has it."""
    around = (element, *element.iterancestors())
    return next((each.get(name) for each in around for name in names if each.get(name)), None)


def spoken(root: Any, needle: str) -> set[tuple[str | None, str]]:
    """(language, direction) of every text that begins so, in a page or a fragment."""
    found = set()
    for element in root.iter(etree.Element):
        texts = (element.text, *(child.tail for child in element), element.get("content"))
        if any(needle[:20] in text for text in texts if text):
            found.add((nearest(element, "lang"), nearest(element, "dir") or "ltr"))
    return found


def assert_said(root: Any, case: Case, *, needles: tuple[str, ...] | None = None) -> None:
    for needle in needles or case.needles:
        assert spoken(root, needle) == {case.said}, needle


def fragment(text: str, around: str) -> Any:
    """As a reader shows it: in its own page, which has the language of the entry but not its direction."""
    return html.fromstring(f'<div lang="{around}">{text}</div>')


@every_case
def test_pages(case: Case) -> None:
    told = site.Site(case.config, (case.story, case.beside), ())
    pages = dict(site.front(told, TEMPLATES)) | dict(site.sections(told, TEMPLATES))
    for path in ("index.html", "sections/briefings/index.html"):
        assert_said(html.document_fromstring(pages[path]().decode()), case)
    page = site.story(case.config, case.story, [case.beside], TEMPLATES)
    assert_said(html.document_fromstring(page.decode()), case)
    moved = site.moved(case.config, "old", case.story, TEMPLATES)
    assert_said(html.document_fromstring(moved.decode()), case, needles=(case.story.title,))


@every_case
def test_editions_on_the_web_and_by_mail(case: Case) -> None:
    edition = editions.edition((case.story,), case.config, {"other": case.beside})
    assert edition.lead is not None
    assert edition.lead.related
    page = mail.web_page(edition, case.config, TEMPLATES)
    letter = mail.render(edition, case.config, TEMPLATES)
    for document in (page.decode(), letter.html):
        root = html.document_fromstring(document)
        assert root.get("lang") == case.config.publication.language
        assert_said(root, case)
    told = site.Site(case.config, (case.story,), (edition,))
    listed = html.document_fromstring(dict(site.editions(told, TEMPLATES))["editions/index.html"]().decode())
    assert_said(listed, case, needles=(case.story.title,))


@every_case
def test_atom(case: Case) -> None:
    feed = etree.fromstring(syndicate.atom(case.config, (case.story,), words=Words(brief), path="atom.xml"))
    assert feed.get(XML_LANG) == case.config.publication.language
    (entry,) = feed.findall(f"{ATOM}entry")
    for name in ("title", "summary"):
        assert nearest(entry.find(f"{ATOM}{name}"), XML_LANG) == case.story.language
    assert_said(fragment(entry.findtext(f"{ATOM}content"), entry.get(XML_LANG)), case)


@every_case
def test_rss(case: Case) -> None:
    document = syndicate.rss(case.config, (case.story,), words=Words(brief), path="rss.xml")
    channel = etree.fromstring(document).find("channel")
    assert channel.findtext("language") == case.config.publication.language
    assert channel.findtext("item/{http://purl.org/dc/elements/1.1/}language") == case.story.language
    whole = channel.findtext("item/{http://purl.org/rss/1.0/modules/content/}encoded")
    assert_said(fragment(whole, case.config.publication.language), case)
    described = fragment(channel.findtext("item/description"), case.config.publication.language)
    assert_said(described, case, needles=(case.story.summary,))


@every_case
def test_json_feed(case: Case) -> None:
    feed = json.loads(syndicate.json_feed(case.config, (case.story,), words=Words(brief), path="feed.json"))
    assert (feed["language"], feed["items"][0]["language"]) == (case.config.publication.language, case.story.language)
    assert_said(fragment(feed["items"][0]["content_html"], feed["items"][0]["language"]), case)


@every_case
def test_the_feed_of_a_newsletter(case: Case) -> None:
    edition = editions.edition((case.story, case.beside), case.config, {"other": case.beside})
    newsletter = case.config.newsletters[0]
    made = dict(syndicate.of_newsletter(case.config, newsletter, [edition]))
    feed = etree.fromstring(made[f"editions/{newsletter.name}/atom.xml"]())
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.get(XML_LANG) == case.config.publication.language
    for name in ("title", "summary"):
        assert nearest(entry.find(f"{ATOM}{name}"), XML_LANG) == case.story.language
    assert_said(fragment(entry.findtext(f"{ATOM}content"), entry.get(XML_LANG)), case)


@every_case
def test_the_data_of_an_edition(case: Case) -> None:
    edition = editions.edition((case.story,), case.config, {"other": case.beside})
    data = json.loads(to_json(edition))
    assert (data["language"], data["lead"]["language"]) == (case.config.publication.language, case.story.language)
    assert [link["language"] for link in data["lead"]["related"]] == [case.beside.language]
    assert from_json(to_json(edition)) == edition


def test_our_own_words_keep_our_language_beside_theirs() -> None:
    (foreign, ours) = case("en", "ar"), "Sources:"
    feed = json.loads(syndicate.json_feed(foreign.config, (foreign.story,), words=Words(brief), path="feed.json"))
    assert spoken(fragment(feed["items"][0]["content_html"], "ar"), ours) == {("en", "ltr")}


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        pytest.param(("ar", "zh-Hant", "zh-Hant"), "zh-Hant", id="the headlines behind the lead"),
        pytest.param(("en", "zh-Hant", "ar"), "en", id="several: the edition's"),
        pytest.param(("zh-Hant", None, None), "en", id="unknown: the edition's"),
    ],
)
def test_the_language_of_a_preheader(languages: tuple[str | None, ...], expected: str) -> None:
    lead = replace(case("en", "ar").story, title="The lead")
    stories = [
        replace(lead, id=f"s{at}", title=f"Headline number {at}", language=language, reports=(replace(lead.lead, language=language),))
        for at, language in enumerate(languages)
    ]  # fmt: skip
    edition = editions.edition(tuple(stories), editions.config())
    shown = replace(edition, preheader="Headline number 1 · Headline number 2")
    assert shown.preheader_language == expected


def test_the_list_of_sources_says_what_is_configured() -> None:
    feed = opml.OpmlFeed(title="海灣報", url="https://bay.example/feed", language="zh-Hant")
    written = etree.fromstring(opml.write("Sources", [feed], []))
    assert [outline.get("language") for outline in written.iter("outline")] == ["zh-Hant"]


@pytest.mark.parametrize(
    ("around", "name", "expected"),
    [
        ("en", "وكالة <الأنباء>", '<span dir="auto">وكالة &lt;الأنباء&gt;</span>'),
        ("en", "Lake & Review", "Lake &amp; Review"),
        ("zh-Hans", "财讯网", "财讯网"),
        ("ar", "财讯网", '<span dir="auto">财讯网</span>'),
        ("ar", "الأنباء 24", "الأنباء 24"),
    ],
)
def test_a_name_does_not_turn_what_stands_beside_it(around: str, name: str, expected: str) -> None:
    assert theme.isolated(name, around) == expected


def test_a_source_that_runs_the_other_way_leaves_the_date_in_its_place() -> None:
    english = case("en", "en")
    edition = editions.edition((english.story,), english.config, {"other": english.beside})
    assert edition.lead is not None
    turned = replace(edition, lead=replace(edition.lead, source="الأنباء"))
    for letter in (mail.render(turned, english.config, TEMPLATES), mail.render_plain(turned, english.config)):
        assert 'Source: <span dir="auto">الأنباء</span>, May 1' in letter.html
