"""A story as it stands: its lead, its words, its section, and when readers see something else."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import DEFAULT_SECTIONS
from aggregator.curate.assemble import assemble
from aggregator.curate.rank import rank
from aggregator.model import Report, Story
from tests.support.entries import NOW, report

DAY = timedelta(days=1)


def story(*reports: Report, before: Story | None = None) -> Story:
    return assemble(
        "s1",
        reports,
        sections=DEFAULT_SECTIONS,
        news="briefings",
        before=before,
        now=NOW + (DAY if before else 0 * DAY),
    )


def test_the_lead_is_an_original_and_the_first_that_came() -> None:
    copy = report("copy", weight=5, duplicate_of="e1")
    late = report("late", published=NOW - DAY, seen=NOW + DAY)
    early = report("early")
    assert story(copy, late, early).lead == early
    earlier = report("earlier", published=NOW - DAY)
    assert story(early, earlier).lead == earlier, "of those that came together"


def test_the_lead_stays_unless_somebody_weighs_much_more() -> None:
    first = report("first")
    second, third = report("second", weight=1.2, seen=NOW + DAY), report("third", weight=1.5, seen=NOW + DAY)
    assert story(first, second).lead == first
    assert story(first, second, third).lead == third


def test_a_lead_that_turns_out_to_be_a_copy_steps_down() -> None:
    first, second = report("first"), report("second")
    before = story(first, second)
    copy = replace(before.lead, duplicate_of=second.entry)
    assert story(copy, second, before=before).lead == second


def test_where_votes_are_equal_the_lead_decides() -> None:
    found = story(report("a", categories=("trade",), weight=2), report("b", categories=("health",)))
    assert found.categories == ("trade", "health")


@given(st.permutations([report(name, published=NOW + hour * timedelta(hours=1)) for hour, name in enumerate("abcd")]))
def test_a_story_is_the_same_in_whatever_order_its_reports_come(reports: list[Report]) -> None:
    assert story(*reports) == story(*sorted(reports, key=lambda one: one.entry))


def test_updated_moves_only_when_readers_see_something_else() -> None:
    first = report("first", categories=("technology",))
    before = story(first)
    assert story(first, before=before) == before
    more = story(first, report("second"), before=before)
    assert more.updated == NOW + DAY


def test_updated_moves_with_a_date_and_never_backwards() -> None:
    first = report("first")
    before = replace(story(first), updated=NOW + 9 * DAY)
    corrected = story(replace(first, published=NOW - DAY), before=before)
    assert corrected.shown != before.shown
    assert corrected.updated == before.updated
    assert story(replace(first, published=NOW - DAY), before=story(first)).updated == NOW + DAY


def test_several_feeds_of_one_outlet_do_not_make_a_topic_hot() -> None:
    feeds = [report(f"feed{number}", source_title="One Paper") for number in range(4)]
    assert story(*feeds).section == "briefings"
    assert story(*feeds, report("two"), report("three")).section == "hot-topics"
    copies = [report(f"copy{number}", duplicate_of=feeds[0].entry) for number in range(3)]
    assert story(*feeds, *copies).section == "briefings", "copies of one text are one voice"


def test_a_topic_is_hot_wherever_its_section_stands() -> None:
    hot_first = (DEFAULT_SECTIONS[1], DEFAULT_SECTIONS[0], *DEFAULT_SECTIONS[2:])
    told_by = [report(name) for name in "abc"]
    found = assemble("s1", told_by, sections=hot_first, news="briefings", before=None, now=NOW)
    assert found.section == "hot-topics"


def test_an_opinion_is_never_hot() -> None:
    voices = [report(name, section="perspectives") for name in ("a", "b", "c", "d")]
    assert story(*voices).section == "perspectives"


def test_all_entries_vote_on_the_category() -> None:
    found = story(
        report("a", categories=("trade", "technology")),
        report("b", categories=("technology",)),
        report("c", categories=("technology", "trade")),
    )
    assert found.categories == ("technology", "trade")


def test_a_short_summary_is_lent_by_a_report_in_the_same_language() -> None:
    found = story(report("a", summary="", weight=2), report("b"), report("c", summary="很长" * 90, language="zh"))
    assert found.summary == "What happened is told here at some length, with names."


def test_rank_prefers_what_others_tell_what_is_fresh_and_what_weighs() -> None:
    plain_ = assemble("s1", [report("a")], sections=DEFAULT_SECTIONS, news="briefings", before=None, now=NOW)
    told = assemble("s2", [report("a"), report("b")], sections=DEFAULT_SECTIONS, news="briefings", before=None, now=NOW)
    old = assemble(
        "s3", [report("a", published=NOW - 2 * DAY)], sections=DEFAULT_SECTIONS, news="briefings", before=None, now=NOW
    )
    weighty = assemble(
        "s4", [report("a", weight=1.5)], sections=DEFAULT_SECTIONS, news="briefings", before=None, now=NOW
    )
    ranked = rank([plain_, told, old, weighty], NOW)
    assert [one.story.id for one in ranked] == ["s2", "s4", "s1", "s3"]
    assert set(ranked[0].parts) == {"corroboration", "source", "freshness", "category"}
