"""The choice of an edition's stories, and its reasons."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Newsletter, Section
from aggregator.edit.select import select
from aggregator.model import Pin, Ranked, Story
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


def newsletter(
    *, max_items: int = 4, categories: tuple[str, ...] = (), sections: tuple[str, ...] = (), **more: int
) -> Newsletter:
    return Newsletter(
        name="daily",
        title="Daily",
        schedule=parse_schedule("07:00"),
        max_items=max_items,
        categories=categories,
        sections=sections,
        **more,
    )


def pinned(*stories: str, lead: str = "") -> dict[str, Pin]:
    """The later ones were pinned later."""
    at = editions.SLOT - timedelta(hours=2)
    return {
        story: Pin(story=story, newsletter="daily", lead=story == lead, at=at + timedelta(minutes=minute))
        for minute, story in enumerate(stories)
    }


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


def test_the_shares_and_the_links_may_be_configured() -> None:
    flood = tuple(story(f"flood{at}", category="technology") for at in range(3))
    others = tuple(story(f"other{at}", ("lake", "pacific", "harbour")[at], "technology") for at in range(3))
    ranked = editions.ranked((*flood, *others, story("far", "taipei", "economy")))
    made = select(ranked, newsletter(max_per_source=1, max_links=1), SECTIONS)
    assert names(made.chosen) == ["flood0", "flood1", "other0", "far"]
    assert str(made.reasons["flood2"]).startswith("HKET has 1 place already; ")
    made = select(ranked, newsletter(max_per_source=4, max_per_category=3, max_links=0), SECTIONS)
    assert names(made.chosen) == ["flood0", "flood1", "flood2", "far"]
    assert str(made.reasons["other0"]).startswith("the category technology has 3 places already; ")
    assert (made.quick, names(made.rest)) == ((), ["other0", "other1", "other2"])


def test_what_is_pinned_is_in_whatever_else_there_is() -> None:
    ranked = (*many(20), *editions.ranked((story("last", news=False), story("far", "lake", section="perspectives"))))
    daily = newsletter(max_items=5, sections=("briefings",), max_per_source=1)
    made = select(ranked, daily, SECTIONS, pinned("last", "far", "s19"))
    assert names(made.chosen) == ["s0", "s2", "s19", "last", "far"]
    assert made.reasons["far"].said == "an editor pinned it"
    assert set(made.reasons) == {each.story.id for each in ranked}


def test_what_is_pinned_to_lead_leads_also_an_opinion() -> None:
    ranked = editions.ranked((story("fact"), story("view", "lake", section="perspectives"), story("more", "pacific")))
    made = select(ranked, newsletter(), SECTIONS, pinned("view", lead="view"))
    assert names(made.chosen) == ["view", "fact", "more"]
    assert made.reasons["view"].said == "an editor pinned it there"
    assert made.reasons["more"].said == "by rank"
    assert made.turns == {"view": 1, "fact": 2, "more": 3}


def test_of_two_that_shall_lead_the_later_wish_holds() -> None:
    wanted = {**pinned("s4", "s3", lead="s3"), **pinned("s2", lead="s2")}
    assert names(select(many(9), newsletter(), SECTIONS, wanted).chosen) == ["s3", "s0", "s2", "s4"]


def test_more_pins_than_places_wait_for_the_next_edition_and_are_no_links() -> None:
    made = select(many(9), newsletter(max_items=2), SECTIONS, pinned("s5", "s6", "s7"))
    assert names(made.chosen) == ["s5", "s6"]
    assert names(made.out) == ["s7"]
    assert made.reasons["s7"].said == "pinned, but other pins took all 2 places; it waits for the next edition"
    assert "s7" not in set(names(made.quick) + names(made.rest))


def test_the_turns_to_lead_are_those_of_the_genres() -> None:
    ranked = editions.ranked(
        (story("view", section="perspectives"), story("one", "lake"), story("deep", "pacific", section="analyses"), story("two", "taipei"))
    )  # fmt: skip
    assert select(ranked, newsletter(), SECTIONS).turns == {"one": 1, "two": 2, "deep": 3, "view": 4}


def test_nothing_gives_nothing() -> None:
    made = select((), newsletter(), SECTIONS)
    assert (made.chosen, made.quick, made.more, made.reasons) == ((), (), 0, {})


@given(
    st.lists(KINDS, max_size=40), st.integers(min_value=1, max_value=12), st.sets(st.integers(0, 39), max_size=15),
    st.integers(min_value=0, max_value=9),
)  # fmt: skip
def test_laws_of_selection(
    kinds: list[tuple[str, str | None, str, bool]], max_items: int, wanted: set[int], max_links: int
) -> None:
    stories = [
        story(f"s{at}", source, category, section, news=news)
        for at, (source, category, section, news) in enumerate(kinds)
    ]
    ranked = editions.ranked(tuple(stories))
    pins = pinned(*(f"s{at}" for at in sorted(wanted) if at < len(kinds)))
    made = select(ranked, newsletter(max_items=max_items, max_links=max_links), SECTIONS, pins)
    fits = [each for each in ranked if each.story.news or each.story.id in pins]
    waiting = pins.keys() - set(names(made.chosen))
    told = names(made.chosen) + names(made.quick)
    assert len(made.chosen) == min(max_items, len(fits))
    assert max(Counter(told).values(), default=1) == 1
    assert len(made.quick) <= max_links
    assert len(told) + made.more + len(waiting) == len(fits)
    assert sorted(told + names(made.rest) + names(made.out)) == sorted(each.story.id for each in ranked)
    assert not waiting or pins.keys() >= set(names(made.chosen))
    assert sorted(made.turns.values()) == list(range(1, len(made.chosen) + 1))
    assert not made.chosen or made.turns[names(made.chosen)[0]] == 1
    assert set(made.reasons) == {each.story.id for each in ranked}
    assert names(made.chosen[1:]) == sorted(names(made.chosen[1:]), key=lambda name: int(name[1:]))
