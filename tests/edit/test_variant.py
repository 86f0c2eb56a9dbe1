"""The edition of a reader who wants some categories only."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.edit.compose import from_json, to_json
from aggregator.edit.variant import variant
from aggregator.model import Edition, EditionItem
from tests.support import editions

SLUGS = tuple(editions.NAMES)
CONFIG = editions.config(max_items=8)
WISHES = st.frozensets(st.sampled_from(SLUGS))
STORIES = st.lists(
    st.tuples(
        st.lists(st.sampled_from([*SLUGS, "gone"]), max_size=3, unique=True).map(tuple),
        st.sampled_from(tuple(editions.SECTIONS)),
        st.sampled_from(tuple(editions.SOURCES)),
    ),
    max_size=24,
)


@st.composite
def composed(draw: st.DrawFn) -> Edition:
    told = []
    for at, (categories, section, source) in enumerate(draw(STORIES)):
        report = editions.report(source, f"Headline {at}")
        told.append(replace(editions.story(f"s{at}", None, section, "It took a night.", report), categories=categories))
    return editions.edition(tuple(told), CONFIG)


def wants(edition: Edition, *categories: str, config: Config = CONFIG) -> Edition:
    made = variant(edition, config, frozenset(categories))
    assert made is not None
    return made


def names(edition: Edition) -> list[str]:
    return [item.story for item in edition.items]


def test_who_wants_no_category_in_particular_gets_the_edition_itself() -> None:
    edition = editions.english()
    assert variant(edition, CONFIG, frozenset()) is edition


def test_what_is_left_has_a_frame_of_its_own() -> None:
    edition = editions.english()
    made = wants(edition, "economy", "stability-control")
    assert [section.slug for section in made.sections] == ["hot-topics", "analyses"]
    assert made.lead is not None
    assert (made.lead.story, made.subject) == ("nasdaq", "Technology firms weigh leaving the Nasdaq")
    assert made.preheader.startswith("Beijing limits who may enter before the congress meets · 從港口數據看復工")
    assert made.opening == (
        "This edition brings 3 stories from 4 sources, one of them reported by more than one. "
        "Most often they are about Economy."
    )
    assert made.minutes < edition.minutes
    assert (made.number, made.url, made.title) == (edition.number, edition.url, edition.title)


def test_the_lead_stays_at_the_head_of_whoever_wants_it() -> None:
    edition = editions.english()
    assert wants(edition, "technology", "economy").lead == edition.lead


def test_news_leads_before_an_analysis_that_stands_higher() -> None:
    stories = (
        editions.story("view", "economy", "analyses", "", editions.report("lake", "What it means")),
        editions.story("top", "technology", "briefings", "", editions.report("hket", "A new plant")),
        editions.story("fact", "economy", "briefings", "", editions.report("taipei", "Prices fall")),
    )
    assert names(wants(editions.edition(stories, CONFIG), "economy")) == ["fact", "view"]


def test_nobody_gets_a_letter_with_nothing_in_it() -> None:
    assert variant(editions.single(), CONFIG, frozenset({"economy"})) is None
    assert variant(editions.edition((), CONFIG), CONFIG, frozenset({"economy"})) is None


def test_a_wish_for_what_is_configured_no_more_is_none() -> None:
    edition = editions.english()
    assert variant(edition, CONFIG, frozenset({"gone"})) is edition
    assert wants(edition, "gone", "economy") == wants(edition, "economy")


def test_who_wants_one_thing_is_not_told_that_it_is_about_that() -> None:
    assert wants(editions.english(), "technology").opening == (
        "This edition brings 2 stories from 6 sources, one of them reported by more than one."
    )


def test_quick_links_and_the_rest_are_of_the_same_categories() -> None:
    report = editions.report("hket", "Title")
    stories = tuple(
        replace(editions.story(f"s{at}", ("economy", "health")[at % 2], "briefings", "", report), title=f"Title {at}")
        for at in range(24)
    )
    edition = editions.edition(stories, CONFIG)
    made = wants(edition, "health")
    assert len(edition.items) + len(edition.quick) + edition.more == 24
    assert len(made.items) + len(made.quick) + made.more == 12
    assert {link.categories for link in made.quick} == {("health",)}


@given(composed(), WISHES)
def test_nothing_foreign_nothing_lost_and_the_order_kept(edition: Edition, wanted: frozenset[str]) -> None:
    def fits(item: EditionItem) -> bool:
        return not wanted or not wanted.isdisjoint(item.categories)

    made = variant(edition, CONFIG, wanted)
    expected = [item.story for item in edition.items if fits(item)]
    if made is None:
        assert wanted
        assert not expected
        return
    assert sorted(names(made)) == sorted(expected)
    behind = names(made)[1:]
    assert behind == [story for story in names(edition) if story in behind]
    assert all(section.items for section in made.sections) or made is edition
    assert made.items == tuple(next(one for one in edition.items if one.story == story) for story in names(made))
    assert {link for link in edition.quick if not wanted or wanted & set(link.categories)} == set(made.quick)
    assert made.more <= edition.more
    assert from_json(to_json(made)) == made


@given(composed())
def test_all_single_variants_together_are_what_has_a_category(edition: Edition) -> None:
    made = [variant(edition, CONFIG, frozenset({slug})) for slug in SLUGS]
    told = {story for each in made if each is not None for story in names(each)}
    assert told == {item.story for item in edition.items if set(item.categories) & set(SLUGS)}


@given(composed(), WISHES, WISHES)
def test_a_variant_of_a_variant_is_what_both_want(edition: Edition, one: frozenset[str], other: frozenset[str]) -> None:
    wider = variant(edition, CONFIG, one | other) if one else edition
    if wider is None:
        assert variant(edition, CONFIG, one) is None
    else:
        assert variant(wider, CONFIG, one) == (variant(edition, CONFIG, one) if one else wider)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_variant_of_everything_is_the_edition(language: str) -> None:
    config = editions.config(language)
    edition = editions.edition(editions.news(), config)
    assert variant(edition, config, frozenset(SLUGS)) == edition
