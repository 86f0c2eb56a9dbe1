"""One event, one story."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.stories import StoryIndex
from aggregator.model import Entry
from tests.support.entries import NOW, entry

DAY = timedelta(days=1)
PLANT = entry(
    "TSMC plans a chip plant in Arizona", "The Taiwanese company wants to spend 12 billion dollars on a plant."
)
PLANT_TOO = entry("TSMC to spend 12 billion dollars on Arizona plant", "The chip maker announced the plant on Friday.")
ZH_PLANT = entry("台积电将在亚利桑那州建厂", "台积电宣布计划投资120亿美元在亚利桑那州建设芯片工厂。")
ZH_PLANT_TOO = entry("台積電宣布赴亞利桑那州設廠", "台積電計劃投資120億美元，在亞利桑那州建晶片工廠。")
OTHER = entry(
    "Poll finds Canadians wary of Beijing", "Four in five who were asked said that they had an unfavourable view."
)


def placed(*entries: Entry) -> list[str]:
    index = StoryIndex(3 * DAY)
    found = []
    for one in entries:
        choice = index.place(one)
        found.append(choice.value if choice else f"s{one.id}")
        index.add(found[-1], one)
    return found


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        pytest.param(PLANT, PLANT_TOO, True, id="the same event in other words"),
        pytest.param(ZH_PLANT, ZH_PLANT_TOO, True, id="simplified and traditional"),
        pytest.param(PLANT, OTHER, False, id="another event"),
        pytest.param(PLANT, ZH_PLANT, False, id="languages are not joined by force"),
        pytest.param(entry("Episode 12: Rivers"), entry("Episode 13: Rivers"), False, id="a series"),
        pytest.param(entry("第十二期河流观察"), entry("第十三期河流观察"), False, id="a series in Chinese figures"),
        pytest.param(
            entry("Monday briefing: rivers"), entry("Tuesday briefing: rivers"), False, id="a weekday's series"
        ),
        pytest.param(
            entry("Rivers this morning", "Water is high."),
            entry("Rivers this morning", "Water is low.", published=NOW + DAY, seen=NOW + DAY),
            False,
            id="the next day's number",
        ),
        pytest.param(entry("Arizona"), entry("Arizona senator resigns over loan"), False, id="one word is no event"),
        pytest.param(entry("Arizona"), entry("Arizona"), False, id="one word is no event, said twice"),
        pytest.param(
            entry("Lai Ching-te visits Palau"), entry("Lai Ching-te sworn in"), False, id="a name is no event"
        ),
        pytest.param(entry("世界卫生组织换帅"), entry("世界卫生组织缺钱"), False, id="a name in Chinese is no event"),
        pytest.param(
            entry("Lai Ching-te visits Palau"), entry("Palau receives Lai Ching-te"), True, id="a name and a place"
        ),
        pytest.param(
            entry("Rocket stage falls into ocean"), entry("Rocket stage falls into ocean"), True, id="the same headline"
        ),
        pytest.param(entry("Quake of magnitude 5.1 hits"), entry("Quake of magnitude 6.2 hits"), False, id="an update"),
    ],
)
def test_entries_that_belong_together(one: Entry, other: Entry, together: bool) -> None:  # noqa: FBT001  a table of cases
    first, second = placed(one, other)
    assert (first == second) is together


def test_a_closed_story_takes_nobody_in() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", PLANT)
    later = entry(PLANT.title, PLANT.summary, published=NOW + 4 * DAY, seen=NOW + 4 * DAY)
    assert index.place(later) is None


def test_the_reason_says_what_is_shared() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", PLANT)
    choice = index.place(PLANT_TOO)
    assert choice is not None
    assert "arizona" in choice.reason


def test_a_reason_in_chinese_reads_as_chinese() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", ZH_PLANT)
    choice = index.place(ZH_PLANT_TOO)
    assert choice is not None
    assert "台积电" in choice.reason


def test_one_report_on_the_edge_of_a_story_pulls_nobody_in() -> None:
    index = StoryIndex(3 * DAY)
    for place in range(6):
        index.add(
            "s1", entry("TSMC plans a chip plant in Arizona", f"It wants to spend 12 billion, says voice {place}.")
        )
    index.add("s1", entry("Senator praises Arizona plant and asks for water for farmers of the desert"))
    assert index.place(entry("Farmers of the desert ask for water as wells run dry")) is None


def test_of_a_story_that_several_have_told_the_name_is_enough() -> None:
    index = StoryIndex(3 * DAY)
    late = entry("Sven Jolle honoured")
    for place, verb in enumerate(("elected", "wins", "celebrates", "thanks")):
        assert index.place(late) is None, f"{place} have told it"
        index.add("s1", entry(f"Sven Jolle {verb}"))
    assert index.place(late) is not None


def test_what_is_forgotten_or_replaced_leaves_no_trace() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", PLANT)
    index.add("s1", PLANT)
    index.keep(index.days(NOW + 9 * DAY))
    assert (len(index), "s1" in index) == (0, False)
    assert index.place(PLANT_TOO) is None
    assert index.related("s1", NOW) == ()


def test_related_stories_share_something_yet_are_others() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", PLANT)
    index.add("s2", entry("Suppliers of TSMC look at land in Arizona", "Makers of gases and wafers want to be near."))
    index.add("s3", OTHER)
    assert [id_ for id_, _ in index.related("s1", NOW)] == ["s2"]


@given(st.lists(st.sampled_from([PLANT, PLANT_TOO, ZH_PLANT, ZH_PLANT_TOO, OTHER]), unique=True))
def test_everybody_is_in_exactly_one_story(entries: list[Entry]) -> None:
    assert len(placed(*entries)) == len(entries)
