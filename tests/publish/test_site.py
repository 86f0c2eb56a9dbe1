import re
import shutil
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from aggregator.config import Config
from aggregator.errors import RenderError
from aggregator.model import Story
from aggregator.publish import site
from tests.support import briefing_week

TEMPLATES = (Path(__file__).parents[2] / "templates",)
WEEK = briefing_week.week()
HOSTILE = (
    '"><script>alert(1)</script>',
    "</title><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ config.delivery }}{% include 'x' %}",
    "\x00\x08\ufffe\ud800 control",
    "<!-- --> &lt;b&gt; ]]>",
    "\u202etfel ot thgir",
    "長" * 5000,
)


def published(
    config: Config, stories: tuple[Story, ...] = WEEK, folders: tuple[Path, ...] = TEMPLATES
) -> dict[str, bytes]:
    """All that the site's functions give, by path."""
    told = site.Site(config, stories, briefing_week.editions() if stories else ())
    pages: dict[str, bytes] = {"style.css": site.stylesheet(folders)}
    for part in (site.front, site.sections, site.categories, site.editions):
        for path, make in part(told, folders):
            assert path not in pages
            pages[path] = make()
    for one in stories:
        related = [told.by_id[other] for other in one.related if other in told.by_id]
        pages[f"stories/{one.id}.html"] = site.story(config, one, related, folders)
    return pages


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    return published(briefing_week.config())


def tree(page: bytes) -> Any:
    return html.document_fromstring(page.decode())


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def front(stories: tuple[Story, ...], config: Config | None = None) -> Any:
    ((path, make),) = site.front(site.Site(config or briefing_week.config(), stories), TEMPLATES)
    assert path == "index.html"
    return tree(make())


# --- the front page --------------------------------------------------------------------------------------


def test_the_four_sections_stand_in_the_configured_order(pages: dict[str, bytes]) -> None:
    page = tree(pages["index.html"])
    assert [text(heading) for heading in page.cssselect("h2.section")] == [
        "Latest Briefings",
        "Hot Topics",
        "Analyses",
        "Perspectives",
    ]
    assert [text(heading) for heading in page.cssselect(".main h2")] == ["Latest Briefings"]


def test_a_section_without_stories_is_left_out() -> None:
    page = front(tuple(told for told in WEEK if told.section != "hot-topics"))
    assert [text(heading) for heading in page.cssselect("h2.section")] == [
        "Latest Briefings",
        "Analyses",
        "Perspectives",
    ]
    page = front(tuple(told for told in WEEK if told.section == "analyses"))
    assert [text(heading) for heading in page.cssselect(".main h2")] == ["Analyses"]
    assert not page.cssselect(".side")


def test_a_story_whose_section_is_gone_stands_in_the_first() -> None:
    page = front((replace(WEEK[0], section="abolished"),))
    assert [text(heading) for heading in page.cssselect("h2.section")] == ["Latest Briefings"]
    assert len(page.cssselect(".card")) == 1


def test_a_category_that_is_gone_leaves_its_place_to_the_next_in_lists_too() -> None:
    whole = briefing_week.config()
    told = replace(WEEK[0], categories=("technology", "economy"))
    config = whole.model_copy(update={"categories": tuple(c for c in whole.categories if c.slug != "technology")})
    kicker = tree(published(config, (told,))["index.html"]).cssselect(".card .kicker")[0]
    assert kicker.get("href") == "categories/economy/index.html"


def test_an_item_has_all_its_parts(pages: dict[str, bytes]) -> None:
    lead = tree(pages["index.html"]).cssselect(".card.lead")[0]
    headline = lead.cssselect("h3")[0]
    assert text(headline).startswith("Technology: Chip maker weighs a plant in Arizona")
    kicker, title = headline.cssselect("a")
    assert kicker.get("href") == "categories/technology/index.html"
    assert title.get("href") == "stories/s001.html"
    assert text(lead.cssselect(".summary")[0]) == WEEK[1].summary
    assert text(lead.cssselect(".meta")[0]) == "Source: South China Morning Post, May 14, 2020 and 4 more"
    assert text(lead.cssselect(".related .label")[0]) == "Related postings"
    assert [link.get("href") for link in lead.cssselect(".related a")] == [
        "stories/s006.html",
        "stories/s010.html",
        "stories/s004.html",
    ]
    (onward,) = lead.cssselect(".onward a")
    assert (onward.get("href"), onward.get("rel")) == ("https://news.example.org/scmp/e001", "noopener")
    assert text(onward).startswith("Continue reading")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The Globe, May 14, 2020"),
        ("zh-Hans", "The Globe，2020年5月14日"),
        ("zh-Hant", "The Globe，2020年5月14日"),
    ],
)
def test_a_related_story_is_named_with_its_source_and_date(language: str, said: str) -> None:
    """Also where it is so old that it stands in no list any more."""
    old = next(told for told in WEEK if told.id == "s004")
    told = site.Site(briefing_week.config(language), (replace(WEEK[1], related=("s404", "s004")),))
    assert list(told.missing) == ["s404", "s004"]
    told = replace(told, earlier=(old,))
    (front_page,) = [make() for path, make in site.front(told, TEMPLATES) if path == "index.html"]
    story_page = site.story(told.config, told.stories[0], [old], TEMPLATES)
    for page, place in ((front_page, ".related li"), (story_page, ".index li")):
        (line,) = tree(page).cssselect(place)
        assert text(line) == f"{old.title} {said}"


def test_hot_topics_stand_in_the_order_of_their_heat() -> None:
    hot = [replace(told, section="hot-topics", heat=heat) for told, heat in zip(WEEK, (1.5, 4.5, 3.0), strict=False)]
    told = site.Site(briefing_week.config(), (*hot, *WEEK[3:5]))
    assert [one.id for one in told.by_section["hot-topics"] if one.heat] == [hot[1].id, hot[2].id, hot[0].id]
    (block,) = front(tuple(hot)).cssselect("section.main")
    assert [
        text(title).endswith(hot[at].title) for title, at in zip(block.cssselect(".headline"), (1, 2, 0), strict=True)
    ]


def test_the_page_of_what_is_gone_says_no_more_than_that() -> None:
    page = tree(site.withdrawn(briefing_week.config(), "s001", WEEK[1].updated, TEMPLATES))
    assert page.cssselect("meta[name=robots]")[0].get("content") == "noindex"
    assert text(page.cssselect("h1")[0]) == "This story was withdrawn"
    assert WEEK[1].title not in text(page)


def test_the_lead_is_the_story_that_most_sources_tell_among_the_newest() -> None:
    assert "Chip maker" in text(front(WEEK).cssselect(".lead h3")[0])
    alone = tuple(replace(told, reports=told.reports[:1]) for told in WEEK)
    assert WEEK[0].title in text(front(alone).cssselect(".lead h3")[0])


def test_a_story_without_address_kicker_or_summary_is_still_told() -> None:
    bare = replace(WEEK[2], url=None, categories=("abolished",), summary="", related=("unknown", WEEK[2].id))
    (card,) = front((bare,)).cssselect(".card")
    assert text(card) == f"{bare.title} Source: Asia Wire, May 14, 2020 and 1 more"


def test_the_date_is_that_of_the_newest_story(pages: dict[str, bytes]) -> None:
    (date,) = tree(pages["index.html"]).cssselect(".dateline time")
    assert (text(date), date.get("datetime")) == ("Thursday, May 14, 2020", "2020-05-14T12:20:00Z")


def test_an_empty_publication_has_a_friendly_page() -> None:
    empty = published(briefing_week.config(), ())
    page = tree(empty["index.html"])
    assert text(page.cssselect(".empty h2")[0]) == "Nothing has been published yet"
    assert not page.cssselect(".card, .dateline")
    assert text(tree(empty["sections/analyses/index.html"]).cssselect(".nothing")[0]) == "No stories here yet."
    assert "No edition has come out yet." in text(tree(empty["editions/index.html"]))


# --- the other pages -------------------------------------------------------------------------------------


def test_the_paths(pages: dict[str, bytes]) -> None:
    config = briefing_week.config()
    assert set(pages) == {
        "index.html",
        "style.css",
        "categories/index.html",
        "editions/index.html",
        "editions/daily/index.html",
        "editions/weekly/index.html",
        *(f"categories/{category.slug}/index.html" for category in config.categories),
        *(f"sections/{section.slug}/index.html" for section in config.sections),
        *(f"stories/{told.id}.html" for told in WEEK),
    }


def test_a_category_lists_its_stories(pages: dict[str, bytes]) -> None:
    page = tree(pages["categories/trade/index.html"])
    titles = [link.get("href") for link in page.cssselect(".card h2 a:not(.kicker)")]
    assert titles == [f"../../stories/{told.id}.html" for told in WEEK if "trade" in told.categories]
    feeds = [link.get("href") for link in page.cssselect('link[type="application/atom+xml"]')]
    assert feeds == ["../../atom.xml", "../../categories/trade/atom.xml"]
    assert "4 stories" in text(page.cssselect(".top")[0])


def test_a_story_shows_every_source_and_marks_copies(pages: dict[str, bytes]) -> None:
    page = tree(pages["stories/s001.html"])
    lines = page.cssselect(".sources li")
    assert len(lines) == len(WEEK[1].reports) == 5
    assert text(lines[1]) == (
        f"May 14, 2020 17:00 · HKET {WEEK[1].title} https://news.example.org/hket/e001-c0"
        " Copy of the report by South China Morning Post"
    )
    assert [text(mark) for mark in page.cssselect(".mark")] == ["Copy of the report by South China Morning Post"]
    assert [line.get("class") for line in lines].count("copy") == 1
    assert lines[1].get("class") == "copy"
    assert [link.get("href") for link in page.cssselect('a[rel="tag"]')] == [
        "../categories/technology/index.html",
        "../categories/trade/index.html",
    ]
    assert text(page.cssselect("h1")[0]).startswith("Technology: Chip maker")


def test_editions_are_listed_with_number_and_date_in_their_own_zone(pages: dict[str, bytes]) -> None:
    items = tree(pages["editions/daily/index.html"]).cssselect(".numbers li")
    assert len(items) == 10
    assert text(items[0].cssselect(".meta")[0]) == "No. 10 May 22, 2020"
    assert items[0].cssselect("h2 a")[0].get("href") == "../../editions/daily/10/index.html"
    page = tree(pages["editions/index.html"])
    assert [text(heading) for heading in page.cssselect("h2")][:2] == ["Daily Briefing", "The Week in China"]
    assert len(page.cssselect(".numbers h3")) == 8
    assert "All editions of Daily Briefing" in text(page)


# --- links -----------------------------------------------------------------------------------------------


def test_every_link_inside_is_relative_and_leads_somewhere(pages: dict[str, bytes]) -> None:
    feeds = {"atom.xml", "rss.xml", "feed.json"}
    beside = {"archive/index.html", "sources/index.html", "search/index.html", "sitemap.xml"}
    for path, page in pages.items():
        if not path.endswith(".html"):
            continue
        document = tree(page)
        for element in document.cssselect("[href]"):
            href = element.get("href")
            if urlsplit(href).scheme or element.get("rel") == "canonical":
                continue
            address, fragment = urldefrag(href)
            assert not address.startswith("/")
            if not address:
                assert document.get_element_by_id(fragment) is not None
                continue
            target = _resolve(path, unquote(address))
            edition = re.fullmatch(r"editions/daily/\d+/index\.html", target)
            assert target in pages or PurePosixPath(target).name in feeds or target in beside or edition, (path, href)


def _resolve(path: str, address: str) -> str:
    steps: list[str] = []
    for step in (PurePosixPath(path).parent / address).parts:
        if step == "..":
            assert steps, f"{address} leads out of the site"
            steps.pop()
        else:
            steps.append(step)
    return "/".join(steps)


def test_canonical_addresses(pages: dict[str, bytes]) -> None:
    for path, expected in {
        "index.html": "https://desk.example.org/",
        "categories/trade/index.html": "https://desk.example.org/categories/trade/",
        "stories/s001.html": "https://desk.example.org/stories/s001.html",
    }.items():
        (link,) = tree(pages[path]).cssselect('link[rel="canonical"]')
        assert link.get("href") == expected


def test_nothing_active_and_nothing_remote(pages: dict[str, bytes]) -> None:
    for path, page in pages.items():
        if path.endswith(".html"):
            assert_harmless(page)
    assert b"url(" not in pages["style.css"]
    assert b"@import" not in pages["style.css"]


def assert_harmless(page: bytes) -> None:
    document = tree(page)
    assert not document.cssselect(
        "script, style, iframe, object, embed, img, form, base, meta[http-equiv=refresh], svg"
    )
    for element in document.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name in {"style", "src", "srcdoc"}]
        if href := element.get("href"):
            assert urlsplit(href).scheme in {"", "http", "https"} or element.get("rel") == "icon"
    for link in document.cssselect('link[rel="stylesheet"], link[rel="icon"]'):
        assert urlsplit(link.get("href")).scheme in {"", "data"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    *[st.sampled_from(HOSTILE) | st.text(max_size=40)] * 4,
    st.sampled_from(["javascript:alert(1)", "data:text/html,x", 'https://a.example/"><script>', "http://[", ""]),
)
def test_texts_from_feeds_stay_texts(title: str, summary: str, name: str, language: str, address: str) -> None:
    config = briefing_week.config()
    report = replace(WEEK[0].lead, title=title, source_title=name, url=address, language=language)
    told = replace(WEEK[0], title=title, summary=summary, url=address, language=language, reports=(report,))
    told_too = replace(WEEK[1], related=(told.id,))
    for page in (
        *(make() for _, make in site.front(site.Site(config, (told, told_too)), TEMPLATES)),
        site.story(config, told, [told_too], TEMPLATES),
        site.story(config, told_too, [told], TEMPLATES),
    ):
        assert_harmless(page)
        assert not set(page.decode()) & {"\x00", "\x08", "\ufffe"}


# --- language --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "onward", "source"),
    [
        ("en", "Continue reading", "Source: HKET, May 14, 2020 and 1 more"),
        ("zh-Hans", "继续阅读", "来源：HKET，2020年5月14日 另有1家"),
        ("zh-Hant", "繼續閱讀", "來源：HKET，2020年5月14日 另有1家"),
        ("zh-TW", "繼續閱讀", "來源：HKET，2020年5月14日 另有1家"),
        ("de", "Continue reading", "Source: HKET, May 14, 2020 and 1 more"),
    ],
)
def test_our_words_are_in_the_publications_language(language: str, onward: str, source: str) -> None:
    page = front((WEEK[0],), briefing_week.config(language))
    assert page.get("lang") == language
    assert text(page.cssselect(".onward a")[0]).startswith(onward)
    assert text(page.cssselect(".card .meta")[0]) == source


def test_foreign_texts_say_their_language(pages: dict[str, bytes]) -> None:
    cards = tree(pages["sections/briefings/index.html"]).cssselect(".card")
    found = [card.cssselect("h2 a")[-1].get("lang") for card in cards]
    assert found == ["zh-Hant", None, None, "zh-Hans", "zh-Hant", None]
    assert [card.cssselect(".summary")[0].get("lang") for card in cards] == found
    arabic = replace(WEEK[0], language="ar")
    link = front((arabic,)).cssselect("h3 a")[-1]
    assert (link.get("lang"), link.get("dir")) == ("ar", "rtl")


# --- structure -------------------------------------------------------------------------------------------


def test_landmarks_and_headings_are_in_order(pages: dict[str, bytes]) -> None:
    for path, page in pages.items():
        if not path.endswith(".html"):
            continue
        document = tree(page)
        assert len(document.cssselect("main#content")) == len(document.cssselect("h1")) == 1, path
        assert document.cssselect("body > header, body > footer, nav[aria-label]")
        assert document.cssselect("body > a")[0].get("href") == "#content"
        assert text(document.cssselect("title")[0])
        levels = [int(heading.tag[1]) for heading in document.cssselect("main h1, main h2, main h3, main h4")]
        assert all(later - level <= 1 for level, later in zip([0, *levels], levels, strict=False)), path
        ids = [element.get("id") for element in document.cssselect("[id]")]
        assert len(ids) == len(set(ids))
        labels = [element.get("aria-labelledby") for element in document.cssselect("[aria-labelledby]")]
        assert set(labels) <= set(ids)


# --- weight and sameness ---------------------------------------------------------------------------------


def test_no_page_outweighs_a_hundred_kilobytes() -> None:
    long = tuple(
        replace(told, title=told.title * 4, summary=told.summary * 6, language="zh-Hans")
        for told in briefing_week.many(200)
    )
    pages = published(briefing_week.config("zh-Hans"), long)
    heaviest = max(len(page) for path, page in pages.items() if path != "style.css")
    assert heaviest + len(pages["style.css"]) < 100_000


def test_the_same_stories_give_the_same_bytes(pages: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert published(briefing_week.config()) == pages
    finally:
        monkeypatch.undo()
        time.tzset()


def test_one_more_story_leaves_the_other_stories_pages_alone(pages: dict[str, bytes]) -> None:
    new = replace(WEEK[0], id="new")
    after = published(briefing_week.config(), (new, *WEEK))
    changed = {path for path, page in after.items() if pages.get(path) != page}
    assert changed == {
        "index.html",
        "stories/new.html",
        "sections/briefings/index.html",
        "categories/index.html",
        "categories/public-opinion/index.html",
        "categories/hiding-information/index.html",
    }


# --- templates of the operator's own ---------------------------------------------------------------------


def test_a_workspaces_templates_and_style_come_first(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "story.html").write_text("{{ story.title }} in {{ root }}", encoding="utf-8")
    (tmp_path / "site" / "style.css").write_text("a{{color:red}}", encoding="utf-8")
    folders = (tmp_path, *TEMPLATES)
    assert site.story(briefing_week.config(), WEEK[1], [], folders) == f"{WEEK[1].title} in ../".encode()
    assert site.stylesheet(folders) == b"a{{color:red}}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a\n{{ story.nothing }}", r"story\.html:2: .*nothing"),
        ("a\nb\n{% if %}", r"story\.html:3: "),
        ("{{ 1 / 0 }}", r"story\.html:1: division by zero"),
        ("{{ story.__class__.__mro__ }}", r"story\.html:1: .*unsafe"),
        ("{% include 'other.html' %}", r"no template other\.html"),
    ],
    ids=["unknown-name", "syntax", "arithmetic", "sandbox", "missing"],
)
def test_a_mistake_in_a_template_is_told_with_its_place(tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "story.html").write_text(source, encoding="utf-8")
    with pytest.raises(RenderError, match=message) as caught:
        site.story(briefing_week.config(), WEEK[1], [], (tmp_path, *TEMPLATES))
    assert caught.value.hint


def test_missing_templates_are_told(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"no site/style\.css"):
        site.stylesheet((tmp_path,))
    with pytest.raises(RenderError, match=r"no template site/front\.html"):
        [make() for _, make in site.front(site.Site(briefing_week.config()), (tmp_path,))]


def test_another_template_extends_the_base_with_config_and_root_alone(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES[0] / "site", tmp_path / "site")
    (tmp_path / "site" / "story.html").write_text(
        '{% extends "site/base.html" %}{% block title %}T{% endblock %}{% block description %}D{% endblock %}'
        "{% block head %}<meta name=h>{% endblock %}{% block content %}<h1>C</h1>{% endblock %}",
        encoding="utf-8",
    )
    page = tree(site.story(briefing_week.config(), WEEK[1], [], (tmp_path,)))
    assert (text(page.cssselect("title")[0]), text(page.cssselect("main")[0])) == ("T", "C")
    assert page.cssselect('meta[name="h"]')
