"""The order of worth."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.rank import rank, voices
from aggregator.model import Report, Story
from tests.support.entries import NOW, report

TEXT = "The mill is to open in March."


def story(*reports: Report, name: str = "s", categories: tuple[str, ...] = ("economy",)) -> Story:
    lead = reports[0]
    return Story(
        id=name,
        title=lead.title,
        summary=lead.summary,
        language=lead.language,
        url=lead.url,
        section="briefings",
        categories=categories,
        reports=reports,
        first_published=min(one.published for one in reports),
        last_published=max(one.published for one in reports),
        updated=NOW,
    )


def parts(made: Story, **weights: float) -> dict[str, float]:
    (ranked,) = rank([made], NOW, category_weights=weights)
    return dict(ranked.parts)


def test_each_further_outlet_counts_less_than_the_one_before() -> None:
    outlets = ("wire", "gazette", "courier", "herald")
    found = [parts(story(*map(report, outlets[:count])))["corroboration"] for count in (1, 2, 3, 4)]
    assert found == pytest.approx([1, 2, 2.585, 3], abs=0.001)


CREDITED = {
    "two that tell what one agency reported": (
        [("gazette", f"LYDD, May 14 (Reuters) - {TEXT}"), ("courier", f"(Reuters) - Said on Thursday. {TEXT}")],
        1,
    ),
    "and that agency": ([("Reuters", TEXT), ("gazette", f"LYDD (Reuters) - {TEXT}")], 1),
    "by its Chinese name": ([("新华网", "磨坊三月开业。"), ("caixun", "（新华社北京5月14日电）磨坊三月开业。")], 1),
    "two agencies": ([("gazette", f"LYDD (Reuters) - {TEXT}"), ("courier", f"LYDD (AFP) - {TEXT}")], 2),
    "an agency and one of its own": ([("gazette", f"LYDD (Reuters) - {TEXT}"), ("courier", TEXT)], 2),
    "who names several has asked around": (
        [("gazette", f"(Reuters) - {TEXT} (AFP) - More."), ("courier", f"(Reuters) - {TEXT}")],
        2,
    ),
    "an outlet that is named is no agency": ([("gazette", f"(Lake Review) - {TEXT}"), ("courier", TEXT)], 2),
}


@pytest.mark.parametrize(("told", "count"), CREDITED.values(), ids=CREDITED)
def test_one_agencys_report_is_one_voice(told: list[tuple[str, str]], count: int) -> None:
    assert voices(story(*(report(source, source_title=source, summary=text) for source, text in told))) == count


def test_copies_and_feeds_of_one_outlet_are_no_voices_of_their_own() -> None:
    lead = report("wire")
    copy = report("gazette", duplicate_of=lead.entry)
    sister = report("wire-china", source_title=lead.source_title)
    assert voices(story(lead, copy, sister)) == 1


def test_the_other_parts() -> None:
    yesterday = report("wire", published=NOW - timedelta(days=1), weight=1.5)
    assert parts(story(yesterday)) == {"corroboration": 1, "source": 1.5, "freshness": 0.5, "category": 1}
    assert parts(story(yesterday), economy=2.0)["category"] == 2
    assert parts(story(yesterday, categories=()))["category"] == 0.8
    assert parts(story(report(published=NOW + timedelta(days=1))))["freshness"] == 1


@given(st.lists(st.tuples(st.integers(0, 80), st.floats(0.1, 5), st.sampled_from(["economy", "health"])), max_size=12))
def test_the_order_is_that_of_the_scores_whoever_comes_first(told: list[tuple[int, float, str]]) -> None:
    made = [
        story(
            report("wire", published=NOW - timedelta(hours=hours), weight=weight), name=f"s{at}", categories=(category,)
        )
        for at, (hours, weight, category) in enumerate(told)
    ]
    ranked = rank(made, NOW, category_weights={"health": 1.2})
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    assert rank(made[::-1], NOW, category_weights={"health": 1.2}) == ranked
    assert {one.story.id for one in ranked} == {one.id for one in made}
