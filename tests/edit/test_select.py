"""The choice of an edition's stories, and its reasons."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Newsletter, Section
from aggregator.edit.select import select
from aggregator.model import Ranked, Story
from aggregator.slots import parse_schedule
from tests.support import editions

SECTIONS = (
    Section(slug="briefings", title="Briefings"),
    Section(slug="analyses", title="Analyses", titles=("analysis |",)),
    Section(slug="perspectives", title="Perspectives", titles=("opinion |",)),
)
KINDS = st.tuples(
    st.sampled_from(["hket", "lake", "pacific"]),
    st.sampled_from([None, "technology", "economy"]),
    st.sampled_from(["briefings", "analyses", "perspectives", "gone"]),
    st.booleans(),
)


def newsletter(*, max_items: int = 4, categories: tuple[str, ...] = (), sections: tuple[str, ...] = ()) -> Newsletter:
    return Newsletter(
        name="daily",
        title="Daily",
        schedule=parse_schedule("07:00"),
        max_items=max_items,
        categories=categories,
        sections=sections,
    )


def story(
    name: str, source: str = "hket", category: str | None = None, section: str = "briefings", *, news: bool = True
) -> Story:
    report = replace(editions.report(source, name), news=news)
    return editions.story(name, category, section, "", report)


def names(chosen: tuple[Ranked, ...]) -> list[str]:
    return [each.story.id for each in chosen]


def many(count: int) -> tuple[Ranked, ...]:
    sources = ("hket", "lake", "pacific", "harbour", "northern", "taipei", "caixun")
    return editions.ranked(tuple(story(f"s{at}", sources[at % 7]) for at in range(count)))


def test_the_best_come_first_then_quick_links_then_the_web() -> None:
    made = select(many(20), newsletter(max_items=5), SECTIONS)
    assert names(made.chosen) == ["s0", "s1", "s2", "s3", "s4"]
    assert names(made.quick) == [f"s{at}" for at in range(5, 13)]
    assert made.more == 7


def test_every_story_has_its_reason() -> None:
    ranked = (*many(20), *editions.ranked((story("old", news=False), story("far", section="perspectives"))))
    made = select(ranked, newsletter(max_items=5, sections=("briefings",)), SECTIONS)
    assert set(made.reasons) == {each.story.id for each in ranked}
    assert str(made.reasons["s0"]) == "the best-ranked news story; rank 1 of 20, score 10.00 (freshness 1.00)"
    assert str(made.reasons["s7"]).startswith("no place of 5 was left; rank 8 of 20")
    assert str(made.reasons["s19"]).startswith("no place of 5 was left; rank 20 of 20")
    assert str(made.reasons["old"]) == "no news: it was there when its source was polled first"
    assert str(made.reasons["far"]) == "the newsletter takes other sections than perspectives"


def test_the_newsletters_categories_and_sections_decide() -> None:
    ranked = editions.ranked(
        (story("a", category="technology"), story("b", category="economy"), story("c"), story("d", section="analyses"))
    )
    assert names(select(ranked, newsletter(categories=("economy",)), SECTIONS).chosen) == ["b"]
    assert names(select(ranked, newsletter(sections=("analyses",)), SECTIONS).chosen) == ["d"]
    assert "has no category" in select(ranked, newsletter(categories=("economy",)), SECTIONS).reasons["c"].said


def test_opinion_does_not_lead() -> None:
    ranked = editions.ranked((story("view", section="perspectives"), story("fact", "lake"), story("more", "lake")))
    assert names(select(ranked, newsletter(), SECTIONS).chosen) == ["fact", "view", "more"]


NEWS, ANALYSIS, OPINION = (
    "the best-ranked news story;",
    "the best-ranked analysis,",
    "the best-ranked opinion,",
)
OWN = (
    Section(slug="meinung", title="Columns", tags=("Editorial",)),
    Section(slug="sport", title="Sport", tags=("football",), addresses=("/sport/",)),
    Section(slug="background", title="Background", addresses=("/in-depth/",)),
    Section(slug="letters-and-more", title="观点"),
    Section(slug="analyses", title="What it means"),
)


@pytest.mark.parametrize(
    ("sections", "ranked", "lead", "why"),
    [
        pytest.param(SECTIONS, "perspectives analyses briefings", "briefings", NEWS, id="news before all"),
        pytest.param(SECTIONS, "perspectives analyses", "analyses", ANALYSIS, id="an analysis before an opinion"),
        pytest.param(
            SECTIONS[::-1], "perspectives analyses", "analyses", ANALYSIS, id="wherever they stand in the list"
        ),
        pytest.param(SECTIONS, "perspectives", "perspectives", OPINION, id="an opinion where there is nothing else"),
        pytest.param(SECTIONS[:1], "perspectives briefings", "briefings", NEWS, id="a section of ours that is gone"),
        pytest.param(SECTIONS[:1], "perspectives gone", "gone", NEWS, id="another that is gone"),
        pytest.param(OWN, "meinung background sport", "sport", NEWS, id="marks of another kind are news"),
        pytest.param(OWN, "meinung background", "background", ANALYSIS, id="told by the addresses"),
        pytest.param(OWN, "letters-and-more analyses", "analyses", ANALYSIS, id="told by title and slug"),
        pytest.param(OWN, "meinung", "meinung", OPINION, id="told by the feeds' categories"),
    ],
)
def test_news_leads_then_an_analysis_then_an_opinion(
    sections: tuple[Section, ...], ranked: str, lead: str, why: str
) -> None:
    stories = tuple(story(slug, section=slug) for slug in ranked.split())
    made = select(editions.ranked(stories), newsletter(), sections)
    assert names(made.chosen)[0] == lead
    assert str(made.reasons[lead]).startswith(why)


def test_one_source_does_not_fill_the_edition() -> None:
    flood = [story(f"flood{at}", "hket") for at in range(6)]
    others = [story(f"other{at}", ("lake", "pacific", "harbour")[at]) for at in range(3)]
    made = select(editions.ranked((*flood, *others)), newsletter(max_items=5), SECTIONS)
    assert names(made.chosen) == ["flood0", "flood1", "other0", "other1", "other2"]
    assert str(made.reasons["flood2"]).startswith("HKET has 2 places already; ")


def test_one_category_does_not_fill_the_edition() -> None:
    sources = ("hket", "lake", "pacific", "harbour", "northern", "taipei")
    stories = [story(f"t{at}", source, "technology") for at, source in enumerate(sources)]
    stories += [story("e", "caixun", "economy"), story("f", "caixun", "economy")]
    made = select(editions.ranked(tuple(stories)), newsletter(max_items=4), SECTIONS)
    assert names(made.chosen) == ["t0", "t1", "e", "f"]


def test_two_feeds_of_one_outlet_share_its_places() -> None:
    def one_of_two_feeds(at: int) -> Story:
        made = story(f"wire{at}", f"feed{at % 2}")
        return replace(made, reports=(replace(made.lead, source_title="The Wire"),))

    stories = (*(one_of_two_feeds(at) for at in range(4)), story("x", "lake"), story("y", "pacific"))
    made = select(editions.ranked(stories), newsletter(max_items=4), SECTIONS)
    assert names(made.chosen) == ["wire0", "wire1", "x", "y"]
    assert str(made.reasons["wire2"]).startswith("The Wire has 2 places already; ")


def test_the_shares_are_lifted_rather_than_leaving_places_empty() -> None:
    made = select(editions.ranked(tuple(story(f"s{at}") for at in range(9))), newsletter(max_items=5), SECTIONS)
    assert names(made.chosen) == ["s0", "s1", "s2", "s3", "s4"]
    assert str(made.reasons["s4"]).startswith("nothing else was left, though HKET has 2 places already; ")


def test_each_section_gets_a_place_where_there_is_room() -> None:
    ranked = (
        *many(20),
        *editions.ranked((story("late", "lake", section="analyses"), story("view", "pacific", section="perspectives"))),
    )
    made = select(ranked, newsletter(max_items=6), SECTIONS)
    assert names(made.chosen) == ["s0", "s1", "s2", "s3", "late", "view"]
    assert str(made.reasons["view"]).startswith("its section, perspectives, has a place of its own; ")
    assert str(made.reasons["s1"]).startswith("by rank; "), "the lead has the place of the first section"
    assert "late" not in names(select(ranked, newsletter(max_items=5), SECTIONS).chosen)


def test_nothing_gives_nothing() -> None:
    made = select((), newsletter(), SECTIONS)
    assert (made.chosen, made.quick, made.more, made.reasons) == ((), (), 0, {})


@given(st.lists(KINDS, max_size=40), st.integers(min_value=1, max_value=12))
def test_laws_of_selection(kinds: list[tuple[str, str | None, str, bool]], max_items: int) -> None:
    stories = [
        story(f"s{at}", source, category, section, news=news)
        for at, (source, category, section, news) in enumerate(kinds)
    ]
    ranked = editions.ranked(tuple(stories))
    made = select(ranked, newsletter(max_items=max_items), SECTIONS)
    fits = [each for each in ranked if each.story.news]
    told = names(made.chosen) + names(made.quick)
    assert len(made.chosen) == min(max_items, len(fits))
    assert max(Counter(told).values(), default=1) == 1
    assert len(made.quick) <= 8
    assert len(told) + made.more == len(fits)
    assert set(made.reasons) == {each.story.id for each in ranked}
    assert names(made.chosen[1:]) == sorted(names(made.chosen[1:]), key=lambda name: int(name[1:]))
