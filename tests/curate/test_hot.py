"""Which stories are hot topics, how hot, and that they cool down."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import DEFAULT_SECTIONS
from aggregator.curate.assemble import assemble
from aggregator.curate.hot import HOT_FOR, heat, placed
from aggregator.model import Report, Story
from tests.support.entries import NOW, report

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def story(*reports: Report) -> Story:
    return assemble("s1", reports, sections=DEFAULT_SECTIONS, news="briefings", before=None, now=NOW)


def at(told: Story, later: timedelta) -> Story:
    return placed(told, sections=DEFAULT_SECTIONS, news="briefings", now=NOW + later)


@pytest.mark.parametrize(
    ("reports", "sources"),
    [
        pytest.param([report("a"), report("b")], 2, id="two outlets"),
        pytest.param([report("a"), report("a"), report("b")], 2, id="an outlet that tells it twice"),
        pytest.param([report("a"), report("b", source_title="A")], 1, id="two feeds of one outlet"),
        pytest.param([report("a"), report("b", duplicate_of="e1")], 1, id="a copy of an agency's text"),
        pytest.param([report("a"), report("b", section="perspectives", weight=0.1)], 1, id="an opinion on it"),
        pytest.param([report("a"), report("b", published=NOW - HOT_FOR)], 1, id="a report of yesterday"),
        pytest.param([report("a", published=NOW - 2 * HOT_FOR)], 0, id="told long ago"),
    ],
)
def test_who_counts(reports: list[Report], sources: int) -> None:
    assert heat(story(*reports), NOW).sources == sources


def test_heat_by_hand() -> None:
    told = story(report("a", weight=2), report("b", published=NOW - HOUR), report("c", published=NOW - 7 * HOUR))
    felt = heat(told, NOW)
    assert felt.parts == {"sources": 3, "weight": pytest.approx(4 / 3), "speed": pytest.approx(1 + 2 / 6)}
    assert felt.score == pytest.approx(3 * 4 / 3 * 4 / 3, abs=0.001)


@pytest.mark.parametrize(
    ("hotter", "than"),
    [
        pytest.param([report(name) for name in "abcd"], [report(name) for name in "abc"], id="number"),
        pytest.param([report(name, weight=2) for name in "abc"], [report(name) for name in "abc"], id="weight"),
        pytest.param(
            [report(name) for name in "abc"], [report(name, published=NOW - 8 * HOUR) for name in "abc"], id="speed"
        ),
    ],
)
def test_what_makes_a_topic_hotter(hotter: list[Report], than: list[Report]) -> None:
    assert story(*hotter).heat > story(*than).heat > 0


def test_a_hot_topic_cools_down_and_returns_to_its_section() -> None:
    hot = story(*(report(name, published=NOW - timedelta(hours=at)) for at, name in enumerate("abcd")))
    assert hot.section == "hot-topics"
    assert at(hot, 21 * HOUR).section == "hot-topics", "three told it within the day"
    cooled = at(hot, 22 * HOUR)
    assert (cooled.section, cooled.heat) == ("briefings", 0)
    assert replace(cooled, section=hot.section, heat=hot.heat) == hot, "nothing else changed, `updated` least of all"


def test_a_report_makes_it_hot_again() -> None:
    told = [report(name) for name in "ab"]
    late = report("c", published=NOW + 23 * HOUR)
    again = assemble("s1", [*told, late], sections=DEFAULT_SECTIONS, news="briefings", before=None, now=NOW + 23 * HOUR)
    assert again.section == "hot-topics"
    older = replace(late, published=NOW + 25 * HOUR)
    other = assemble(
        "s1", [*told, older], sections=DEFAULT_SECTIONS, news="briefings", before=None, now=NOW + 25 * HOUR
    )
    assert other.section == "briefings", "by then the others told it yesterday"


def test_within_the_hour_nothing_changes() -> None:
    hot = story(*(report(name, published=NOW - 30 * MINUTE) for name in "abc"))
    assert at(hot, 59 * MINUTE) == hot


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 60))
def test_untold_it_only_ever_cools(ages: list[int], later: int) -> None:
    told = story(*(report(f"r{at}", published=NOW - age * HOUR) for at, age in enumerate(ages)))
    before, after = heat(told, NOW), heat(told, NOW + later * HOUR)
    assert (after.sources, after.score) <= (before.sources, before.score)


@given(st.permutations([report(name, weight=weight) for name, weight in zip("abcd", (1, 0.7, 1.3, 0.1), strict=True)]))
def test_order_makes_no_difference(reports: list[Report]) -> None:
    assert heat(story(*reports), NOW) == heat(story(*sorted(reports, key=lambda one: one.entry)), NOW)


def test_what_is_no_news_keeps_its_section() -> None:
    analysis = story(*(report(name, section="analyses") for name in "abc"))
    assert (analysis.section, analysis.heat) == ("analyses", 0)
