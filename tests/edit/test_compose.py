"""An edition as data."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.edit.compose import from_json, one_line, to_json
from aggregator.edit.frame import SUBJECT_COLUMNS
from aggregator.errors import StoreError
from aggregator.model import Edition, EditionItem, EditionSection, Link, Story
from aggregator.typeset import width
from tests.support import editions

TEXT = st.text(max_size=40)
NAME = st.none() | TEXT
COUNT = st.integers(min_value=0, max_value=10**9)
TIME = st.datetimes(timezones=st.just(UTC))
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
LINKS = st.lists(st.builds(Link, title=TEXT, url=TEXT, source=TEXT, language=NAME, categories=TEXTS), max_size=3).map(
    tuple
)
ITEMS = st.builds(
    EditionItem,
    story=TEXT, kicker=NAME, kicker_slug=NAME, headline=TEXT, summary=TEXT, language=NAME, section=TEXT, url=TEXT,
    story_url=TEXT, source=TEXT, published=TIME, words=COUNT, minutes=COUNT, also=LINKS, also_more=COUNT, related=LINKS,
    reason=TEXT, summary_language=NAME, written_by=NAME, categories=TEXTS, rank=COUNT, tellers=TEXTS,
)  # fmt: skip
PARTS = st.lists(
    st.builds(EditionSection, slug=TEXT, title=TEXT, items=st.lists(ITEMS, max_size=2).map(tuple)), max_size=2
).map(tuple)
EDITIONS = st.builds(
    Edition,
    newsletter=TEXT, number=COUNT, title=TEXT, slot=TIME, composed=TIME, timezone=TEXT, language=TEXT, subject=TEXT,
    preheader=TEXT, opening=TEXT, lead=st.none() | ITEMS, sections=PARTS, quick=LINKS, more=COUNT, url=TEXT, minutes=COUNT,
    more_about=st.lists(st.tuples(TEXTS, COUNT), max_size=2).map(tuple),
)  # fmt: skip


def composed(*stories: Story, where: Config | None = None) -> Edition:
    return editions.edition(stories, where or editions.config())


def told(title: str, summary: str = "", url: str | None = "https://hket.example.com/1") -> Story:
    return replace(editions.story("s", None, "briefings", summary, editions.report("hket", title)), url=url)


@given(EDITIONS)
def test_what_is_written_reads_back(edition: Edition) -> None:
    assert from_json(to_json(edition)) == edition
    assert to_json(from_json(to_json(edition))) == to_json(edition)


def test_json_is_for_people_too() -> None:
    text = to_json(editions.chinese())
    assert '  "slot": "2020-05-18T05:00:00Z",\n' in text
    assert "官方承认" in text
    assert json.loads(text)["lead"]["source"] == "财讯网"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"number": "many"}', to_json(editions.single())[:-40]])
def test_what_is_no_edition_is_a_clear_error(text: str) -> None:
    with pytest.raises(StoreError, match="no edition that we can read"):
        from_json(text)


def test_the_same_stories_make_the_same_edition() -> None:
    assert to_json(editions.english()) == to_json(editions.english())


def test_an_edition_of_a_morning() -> None:
    made = editions.english()
    assert made.lead is not None
    assert (made.lead.story, made.lead.kicker, made.lead.source) == ("tsmc", "Technology", "HKET")
    assert (made.lead.words, made.lead.minutes) == (640, 3)
    assert made.lead.url == "https://hket.example.com/2020/05/1b16.html"
    assert made.lead.story_url == "https://briefing.example.org/stories/tsmc.html"
    assert [section.slug for section in made.sections] == ["briefings", "hot-topics", "analyses", "perspectives"]
    assert [item.story for item in made.sections[0].items] == ["canada", "labs", "nasdaq"]
    assert made.url == "https://briefing.example.org/editions/daily/42/"
    assert (made.timezone, made.language, made.more, len(made.quick)) == ("Europe/Berlin", "en", 2, 8)
    assert all(item.reason for item in made.items)


def test_times_are_kept_in_utc() -> None:
    there = timezone(timedelta(hours=8))
    story = told("Title")
    moved = replace(story, reports=(replace(story.lead, published=datetime(2020, 5, 18, 8, tzinfo=there)),))
    made = composed(moved)
    assert made.lead is not None
    assert made.lead.published.tzinfo is UTC


def test_subject_and_preheader_are_a_pair() -> None:
    made = editions.english()
    assert made.subject == "TSMC takes a $700 million emergency order from Huawei…"
    assert width(made.subject) <= SUBJECT_COLUMNS
    assert made.preheader.startswith("Poll: Canadians' view of Beijing falls to a new low · 官方承认")
    assert width(made.preheader) >= 100


def test_with_one_story_the_preheader_is_its_summary() -> None:
    made = editions.single()
    assert made.preheader.startswith("The world's largest contract chip maker says")


def test_a_short_preheader_sets_the_leads_summary_off() -> None:
    made = composed(told("Lead", "It took a night."), replace(told("Other"), id="other"))
    assert made.preheader == "Other · It took a night."


@given(st.text(min_size=1))
def test_no_title_breaks_the_subject(title: str) -> None:
    made = composed(told(title))
    assert not {character for character in made.subject if ord(character) < 32 or 0x7F <= ord(character) < 0xA0}
    assert made.subject
    assert width(made.subject) <= SUBJECT_COLUMNS


def test_controls_and_turned_text_are_taken_out() -> None:
    assert one_line("Sale\r\nBcc: all@example.org\x00\u202egpj.exe\u2066 \ud800") == "Sale Bcc: all@example.orggpj.exe"


@pytest.mark.parametrize(
    "url", [None, "javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "https://x.example/ a\nb", "//x"]
)
def test_what_is_no_web_address_leads_to_the_storys_page(url: str | None) -> None:
    made = composed(told("Title", url=url))
    assert made.lead is not None
    assert made.lead.url == "https://briefing.example.org/stories/s.html"


def test_other_sources_count_once_and_copies_not_at_all() -> None:
    lead = editions.report("hket", "Lead")
    others = [
        editions.report(source, f"Other of {source}")
        for source in ("lake", "lake", "pacific", "harbour", "northern", "hket")
    ]
    copy = replace(editions.report("taipei", "A copy"), duplicate_of=lead.entry)
    made = composed(editions.story("s", None, "briefings", "", lead, *others, copy))
    assert made.lead is not None
    assert [link.source for link in made.lead.also] == ["Lake Review", "Pacific Wire", "Harbour Daily"]
    assert made.lead.also_more == 1


def test_two_feeds_of_one_outlet_are_one_source() -> None:
    lead = editions.report("hket", "Lead")
    sister = replace(editions.report("hket-china", "Of the same house"), source_title=lead.source_title)
    twice = (replace(editions.report(f"lake{at}", f"Told {at}"), source_title="Lake Review") for at in range(2))
    alone = composed(editions.story("s", None, "briefings", "", lead, sister))
    shared = composed(editions.story("s", None, "briefings", "", lead, sister, *twice))
    assert alone.opening == "This edition brings 1 story from 1 source."
    assert shared.opening == "This edition brings 1 story from 2 sources, reported by more than one."
    assert alone.lead is not None
    assert shared.lead is not None
    assert (alone.lead.also, alone.lead.also_more) == ((), 0)
    assert [link.source for link in shared.lead.also] == ["Lake Review"]


def test_related_stories_that_are_known_are_linked() -> None:
    made = editions.english()
    assert made.lead is not None
    assert [link.url for link in made.lead.related] == [
        "https://briefing.example.org/stories/older-chips.html",
        "https://briefing.example.org/stories/older-labs.html",
    ]


def test_what_the_edition_tells_anyway_is_not_named_as_related() -> None:
    here, there = told("Here"), replace(told("There"), id="there")
    stories = (replace(here, related=("there", "older", "gone")), there)
    known = {"there": there, "older": replace(told("Older"), id="older")}
    made = editions.edition(stories, editions.config(), known)
    assert made.lead is not None
    (link,) = made.lead.related
    older = known["older"].lead
    assert (link.title, link.source, link.published) == ("Older", older.source_title, older.published)


@pytest.mark.parametrize(
    ("headline", "text", "shown"),
    [
        pytest.param("A bill passed", "A bill passed. It took a night.", "It took a night.", id="a sentence"),
        pytest.param("Who pays?", "Who pays? The growers do.", "The growers do.", id="a question"),
        pytest.param("样本已销毁", "样本已销毁。官方承认。", "官方承认。", id="a Chinese sentence"),
        pytest.param("A bill passed", "A bill passed", "", id="nothing else"),
        pytest.param("One. Two", "One. Two. Three came.", "Three came.", id="two sentences"),
    ],
)
def test_a_summary_does_not_say_the_headline_again(headline: str, text: str, shown: str) -> None:
    made = composed(told(headline, text))
    assert made.lead is not None
    assert made.lead.summary == shown


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Beijing limits entry", "Beijing limits entry of petitioners before the congress."),
        ("China", "China-made masks are sent back."),
        ("Output grows 2", "Output grows 2.5 percent in May."),
        ("北京限制", "北京限制上访者入京。"),
        ("Washington", "Washington: no talks are planned."),
    ],
)
def test_a_sentence_that_begins_as_the_headline_does_stays_whole(headline: str, text: str) -> None:
    made = composed(told(headline, text))
    assert made.lead is not None
    assert made.lead.summary == text


def test_a_section_that_is_configured_no_more_stands_in_the_first() -> None:
    stories = tuple(
        editions.story(f"s{at}", None, "gone", "", editions.report("hket", f"Title {at}")) for at in range(2)
    )
    made = composed(*stories)
    assert [(section.slug, len(section.items)) for section in made.sections] == [("briefings", 1)]


def test_a_category_that_is_configured_no_more_gives_way_to_the_next() -> None:
    stories = [replace(told(f"Title {at}"), id=f"s{at}", categories=("gone", "economy")) for at in range(2)]
    made = composed(*stories, replace(told("Last"), categories=("gone",)))
    assert [(item.kicker, item.kicker_slug) for item in made.items] == [("Economy", "economy")] * 2 + [(None, None)]
    assert made.opening.endswith(" Most often they are about Economy.")


def test_nothing_chosen_is_still_an_edition() -> None:
    made = composed()
    assert (made.lead, made.items, made.subject) == (None, (), "China Briefing")


OPENINGS = {
    "en": "This edition brings 8 stories from 7 sources, 4 of them reported by more than one. "
    "Most often they are about Technology, Public opinion and Economy.",
    "zh-Hans": "本期共8则报道，来自7个来源，其中4则有不止一家报道。谈得最多的是科技、舆论、经济。",
    "zh-TW": "本期共8則報導，來自7個來源，其中4則有不止一家報導。談得最多的是科技、舆论、经济。",
}


@pytest.mark.parametrize("language", OPENINGS)
def test_the_opening_says_what_is_in_it(language: str) -> None:
    assert editions.edition(editions.news(), editions.config(language)).opening == OPENINGS[language]


def test_the_opening_of_one_story() -> None:
    assert composed(told("Title")).opening == "This edition brings 1 story from 1 source."
