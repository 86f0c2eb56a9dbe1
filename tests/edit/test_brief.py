"""What a place tells of a story: whole sentences of its reports, most of what they share, nothing twice."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.edit.passages import terms
from aggregator.edit.summarise import brief, picked
from aggregator.model import Brief, Report, Story, Written
from aggregator.typeset import sentences, width
from tests.support.entries import NOW, report

LENGTHS = st.integers(min_value=20, max_value=700)
NOUNS = [
    "harbour",
    "quake",
    "ferry",
    "minister",
    "growers",
    "barley",
    "tariff",
    "reactor",
    "bridge",
    "viaduct",
    "orchard",
    "senate",
    "glacier",
    "festival",
]
HAN = [
    "港口",
    "地震",
    "渡轮",
    "部长",
    "农户",
    "大麦",
    "关税",
    "反应堆",
    "桥梁",
    "高架",
    "果园",
    "参议院",
    "冰川",
    "庆典",
]


def told(*texts: str, title: str = "A day at the coast", language: str = "en", titles: Sequence[str] = ()) -> Story:
    """One report of each text, the lead's first."""
    reports = tuple(
        report(f"source{at}", title=titles[at] if titles else title, summary=text, language=language)
        for at, text in enumerate(texts)
    )
    return of(*reports)


def of(*reports: Report) -> Story:
    lead = reports[0]
    return Story(
        id="s",
        title=lead.title,
        summary=lead.summary,
        language=lead.language,
        url=None,
        section="briefings",
        categories=(),
        reports=reports,
        first_published=NOW,
        last_published=NOW,
        updated=NOW,
    )


def english(numbers: Sequence[int]) -> str:
    words = [NOUNS[number % len(NOUNS)] + ("s" if number > 40 else "") for number in numbers]
    return f"The {' '.join(words)} came first."


def chinese(numbers: Sequence[int]) -> str:
    return f"{'和'.join(HAN[number % len(HAN)] for number in numbers)}先到。"


NUMBERS = st.lists(st.integers(0, 60), min_size=1, max_size=7)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    language, make, joint = draw(st.sampled_from([("en", english, " "), ("zh-Hans", chinese, "")]))
    texts = draw(st.lists(st.lists(NUMBERS, max_size=6), min_size=1, max_size=6))
    made = [joint.join(map(make, sentences_)) for sentences_ in texts]
    return told(*made, title=make(draw(NUMBERS))[:-1], language=language)


@given(stories(), LENGTHS)
def test_every_sentence_stands_in_one_of_the_texts_and_is_whole(story: Story, columns: int) -> None:
    text = brief(story, columns).text
    if text.endswith("…"):
        assert any(text[:-1] in one.summary for one in story.reports)
        return
    texts = [[piece.strip() for piece in sentences(one.summary, story.language)] for one in story.reports]
    assert all(any(piece.strip() in some for some in texts) for piece in sentences(text, story.language))


@given(stories(), LENGTHS)
def test_a_place_is_not_overfilled_but_by_one_sentence(story: Story, columns: int) -> None:
    text = brief(story, columns).text
    assert width(text) <= columns or (width(text) <= 1.25 * columns and len(list(sentences(text, story.language))) == 1)


@given(stories(), LENGTHS)
def test_a_brief_of_a_brief_is_that_brief(story: Story, columns: int) -> None:
    text = brief(story, columns).text
    again = told(text, title=story.title, language=story.language or "en")
    assert brief(again, columns).text == text


@given(stories(), LENGTHS)
def test_no_two_sentences_say_the_same_nor_what_the_headline_says(story: Story, columns: int) -> None:
    said = [terms(one.text) for one in picked(story, columns)]
    for at, one in enumerate(said):
        assert len(one) < 3 or len(one & terms(story.title)) < 0.9 * len(one)
        assert all(
            len(one & other) < max(1, min(len(one), len(other)) / 2) or min(len(one), len(other)) < 2
            for other in said[:at]
        )


@given(stories(), LENGTHS)
def test_the_lead_stands_first_and_each_text_in_its_order(story: Story, columns: int) -> None:
    order = [(story.reports.index(one.report), one.place) for one in picked(story, columns)]
    assert order == sorted(order)


@given(stories(), LENGTHS)
def test_copies_and_other_tongues_change_nothing(story: Story, columns: int) -> None:
    copy = replace(story.lead, entry="copy", duplicate_of=story.lead.entry)
    foreign = replace(story.lead, entry="foreign", language="de", summary="Ein anderer Text. Er ist lang.")
    assert brief(replace(story, reports=(*story.reports, copy, foreign)), columns) == brief(story, columns)


@given(st.lists(st.text(max_size=300), min_size=1, max_size=4), st.text(max_size=40), LENGTHS)
def test_no_text_makes_it_say_what_no_text_has(texts: list[str], title: str, columns: int) -> None:
    story = told(*texts, title=title)
    shown = brief(story, columns).text
    assert width(shown) <= 1.25 * columns
    assert set(shown) - set("".join(texts)) <= {"…", " "}
    assert brief(story, columns).text == shown


def test_what_several_tell_is_told_before_what_one_does() -> None:
    story = told(
        "A ferry sank off the island on Friday. The captain likes to paint. His boat was blue.",
        "Forty passengers were rescued by fishermen. The weather was fair.",
        "Fishermen rescued forty passengers, the coast guard says.",
    )
    assert brief(story, 180).text == (
        "A ferry sank off the island on Friday. Fishermen rescued forty passengers, the coast guard says."
    )
    assert [(one.report.source, one.place) for one in picked(story, 180)] == [("source0", 1), ("source2", 1)]


def test_a_view_is_no_part_of_a_report() -> None:
    story = told(
        "A ferry sank off the island on Friday. The captain likes to paint. His boat was blue.",
        "Forty passengers were rescued by fishermen. The weather was fair.",
        "Fishermen rescued forty passengers, the coast guard says.",
    )
    assert "source2" in {one.report.source for one in picked(story, 180)}
    *others, last = story.reports
    apart = of(*others, replace(last, section="perspectives"))
    assert "source2" not in {one.report.source for one in picked(apart, 180)}


def test_one_text_alone_is_told_from_its_beginning() -> None:
    text = "A ferry sank off the island. Forty passengers were rescued. Fishermen saw it first. The weather was fair."
    assert (
        brief(told(text), 280).text
        == "A ferry sank off the island. Forty passengers were rescued. Fishermen saw it first."
    )


def test_what_points_back_comes_only_after_what_it_points_to() -> None:
    story = told(
        f"The minister opened the bridge on Friday, {'and spoke of steel and stone and of the men who built it, ' * 6}in the rain. "
        "He left early. The ferries stop in May.",
    )
    assert brief(story, 200).text == "The ferries stop in May."
    assert brief(told("The minister spoke. He left early."), 200).text == "The minister spoke. He left early."
    assert (
        brief(told("部长发言。他随后离开了会场。渡轮五月停航。", language="zh"), 200).text
        == "部长发言。他随后离开了会场。"
    )


def test_a_whole_sentence_of_another_report_is_better_than_half_of_the_leads() -> None:
    story = told(
        f"The bridge, {'which is long and old and grey and much loved, ' * 8}was closed on Friday.",
        "The bridge was closed on Friday. Nobody knows for how long.",
    )
    assert brief(story, 100).text == "The bridge was closed on Friday."


def test_a_sentence_a_little_longer_than_its_place_is_not_cut() -> None:
    text = "The bridge was closed on Friday as its cables had been found to be rusty."
    assert brief(told(text), 60).text == text
    assert brief(told(text), 50).text == "The bridge was closed on Friday as its cables had…"


def test_a_quotation_is_not_torn() -> None:
    story = told("“We waited. Nobody came,” the captain said. The ferry had forty passengers.")
    assert brief(story, 90).text == "“We waited. Nobody came,” the captain said."


RUNNING_IN = {
    "with a capital": ("Ferry sinks off the island", "Ferry sinks off the island Forty people were rescued.", "Forty people were rescued."),
    "in capitals": ("Ferry Sinks Off Island", "Ferry Sinks Off Island Forty people were rescued.", "Forty people were rescued."),
    "a name goes on": (
        "Man found in Banks",
        "Man found in Banks Harbour is a teacher of Greek.",
        "Man found in Banks Harbour is a teacher of Greek.",
    ),
    "Chinese": ("渡轮沉没", "渡轮沉没 渔民救起四十名乘客。", "渔民救起四十名乘客。"),
    "Chinese before a quotation": ("渡轮沉没「无人」", "渡轮沉没「无人」 「渔民」救起四十名乘客。", "「渔民」救起四十名乘客。"),
    "with the site's name": ("Ferry sinks off the island - Lake Review", "Ferry sinks off the island Forty people were rescued.", "Forty people were rescued."),
    "Chinese before a name": ("渡轮沉没", "渡轮沉没 Roe 先生获救并接受了采访。", "渡轮沉没 Roe 先生获救并接受了采访。"),
    "Chinese that goes on": ("渡轮沉没", "渡轮沉没后，渔民救起四十名乘客。", "渡轮沉没后，渔民救起四十名乘客。"),
    "twice": ("Ferry sinks off the island", "Ferry sinks off the island Ferry sinks off the island Forty people were rescued.", "Forty people were rescued."),
    "as a sentence, said otherwise": ("Ferry sinks off the island", "Off the island, ferry sinks. Forty people were rescued.", "Forty people were rescued."),
}  # fmt: skip


@pytest.mark.parametrize(("title", "text", "shown"), RUNNING_IN.values(), ids=RUNNING_IN)
def test_the_headline_is_not_told_again(title: str, text: str, shown: str) -> None:
    assert brief(told(text, title=title, language="zh" if "渡" in title else "en"), 280).text == shown


def test_what_was_written_stands_for_it_and_says_by_whom() -> None:
    text = "A ferry sank. Forty people were rescued by fishermen. Nobody was hurt."
    story = replace(told("Another text."), written=Written(text, "de", "a-model"))
    assert brief(story, 60) == Brief(text, "de", "a-model")
    assert brief(story, 40).text == "A ferry sank."
    assert brief(story, 5).text == "A ferry sank."
    assert picked(story, 60) == []


def test_without_a_text_there_is_no_brief() -> None:
    assert brief(told("", "", title="Title"), 280) == Brief("", "en")


def test_the_leads_fuller_summary_may_be_lent() -> None:
    lead, other = (
        report("wire", summary="Short."),
        report("gazette", summary="The whole tale is told here. It is long."),
    )
    story = replace(of(lead, other), summary=other.summary)
    assert brief(story, 200).text == other.summary
