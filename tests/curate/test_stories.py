"""One event, one story."""

from collections.abc import Collection
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.stories import Changes, Known, Placed, StoryIndex, Term
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
        spot = index.place(one)
        found.append(spot.story.value if spot.story else f"s{one.id}")
        index.add(found[-1], one, near=spot.near)
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
    assert index.place(later).story is None


def test_the_reason_says_what_is_shared() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", PLANT)
    choice = index.place(PLANT_TOO).story
    assert choice is not None
    assert "arizona" in choice.reason


def test_a_reason_in_chinese_reads_as_chinese() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", ZH_PLANT)
    choice = index.place(ZH_PLANT_TOO).story
    assert choice is not None
    assert "台积电" in choice.reason


def test_one_report_on_the_edge_of_a_story_pulls_nobody_in() -> None:
    index = StoryIndex(3 * DAY)
    for place in range(6):
        index.add(
            "s1", entry("TSMC plans a chip plant in Arizona", f"It wants to spend 12 billion, says voice {place}.")
        )
    index.add("s1", entry("Senator praises Arizona plant and asks for water for farmers of the desert"))
    assert index.place(entry("Farmers of the desert ask for water as wells run dry")).story is None


def test_of_a_story_that_several_have_told_the_name_is_enough() -> None:
    index = StoryIndex(3 * DAY)
    late = entry("Sven Jolle honoured")
    for place, verb in enumerate(("elected", "wins", "celebrates", "thanks")):
        assert index.place(late).story is None, f"{place} have told it"
        index.add("s1", entry(f"Sven Jolle {verb}"))
    assert index.place(late).story is not None


SUPPLIERS = entry("Suppliers of TSMC look at land in Arizona", "Makers of gases and wafers want to be near.")
ZH_5G = entry("德国港口向华为采购5G设备", "汉堡港与Huawei签订合同，采购200套5G基站。")
REPORT = '<p>See <a class="x" href="https://archive.example/reports/2020-07.pdf?from=rss">it</a>.</p>'
PAPERS = '<p><a href="https://www.archive.example/reports/2020-07.pdf">文件</a> <a href="http://tables.example/t/12">表</a></p>'
TABLES = '<a href="https://tables.example/t/12/">The tables</a>'
EN_REPORT = entry("Hospitals ran short of beds, an inquiry finds", "Its report was published.", content=REPORT + TABLES)
ZH_REPORT = entry("调查称医院床位不足", "报告已经公布。", content=PAPERS)
EN_5G = entry("Hamburg port buys 5G stations of Huawei", "The port signed for 200 stations of Huawei.")


@pytest.mark.parametrize(
    ("before", "later", "related"),
    [
        pytest.param(PLANT, SUPPLIERS, True, id="the same things, another event"),
        pytest.param(PLANT, OTHER, False, id="nothing in common"),
        pytest.param(EN_5G, ZH_5G, True, id="names and figures agree across languages"),
        pytest.param(EN_REPORT, ZH_REPORT, True, id="both lead to the same documents"),
        pytest.param(PLANT, ZH_5G, False, id="another language, nothing in common"),
    ],
)
@pytest.mark.parametrize("days", [0, 400], ids=["open", "long closed"])
def test_related_stories_share_something_yet_are_others(
    before: Entry,
    later: Entry,
    related: bool,  # noqa: FBT001  a table of cases
    days: int,
) -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", before)
    after = replace(later, published=NOW + days * DAY, seen=NOW + days * DAY)
    spot = index.place(after)
    assert spot.story is None
    index.add("s2", after, near=spot.near)
    assert index.related("s2") == (("s1",) if related else ())
    assert index.related("s1") == (), "what came later is not looked for"


def test_an_entry_is_never_put_where_it_must_stand_apart() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", PLANT)
    assert index.place(PLANT_TOO, apart={"s1"}).story is None


def test_a_story_that_lost_its_members_leaves_no_trace() -> None:
    index = StoryIndex(3 * DAY)
    index.add("s1", PLANT)
    index.add("s2", OTHER)
    index.rebuild("s1", ())
    assert index.place(PLANT_TOO) == Placed(None, {})
    assert [known.story for known in index.changes().stories] == ["s2"]


@given(st.lists(st.sampled_from(range(4)), min_size=1), st.sampled_from([PLANT_TOO, SUPPLIERS, ZH_PLANT_TOO]))
def test_a_story_that_is_rebuilt_is_as_if_it_had_grown_so(members: list[int], newcomer: Entry) -> None:
    told = [PLANT, OTHER, ZH_PLANT, entry("Arizona governor thanks TSMC", "The plant comes with 1600 jobs.")]
    grown, rebuilt = StoryIndex(3 * DAY), StoryIndex(3 * DAY)
    for place in dict.fromkeys(members):
        grown.add("s1", told[place])
    for one in told:
        rebuilt.add("s1", one)
    rebuilt.rebuild("s1", [told[place] for place in dict.fromkeys(members)])
    assert rebuilt.place(newcomer) == grown.place(newcomer)


def test_what_was_kept_and_what_is_held_answer_alike() -> None:
    """With a shelf, and forgetting all after each entry."""
    shelf = Kept()
    held, forgetful = StoryIndex(3 * DAY), StoryIndex(3 * DAY)
    for one in (PLANT, OTHER, SUPPLIERS, ZH_PLANT, PLANT_TOO, ZH_PLANT_TOO, EN_5G, ZH_5G):
        forgetful.open(shelf, [one])
        spots = held.place(one), forgetful.place(one)
        assert spots[0] == spots[1]
        story = spots[0].story.value if spots[0].story else f"s{one.id}"
        for index in (held, forgetful):
            index.add(story, one, near=spots[0].near)
        shelf.take(forgetful.changes())
        forgetful = StoryIndex(3 * DAY, count=len(shelf.kept), last=max(shelf.kept))


@dataclass
class Kept:
    """A shelf in memory, which gives copies of what it has."""

    named_terms: dict[str, Term] = field(default_factory=dict)
    kept: dict[int, Known] = field(default_factory=dict)

    def take(self, changes: Changes) -> None:
        self.named_terms |= deepcopy(dict(changes.terms))
        self.kept |= {known.number: deepcopy(known) for known in changes.stories}

    def terms(self, names: Collection[str]) -> dict[str, Term]:
        return {name: deepcopy(self.named_terms[name]) for name in names if name in self.named_terms}

    def stories(self, numbers: Collection[int]) -> list[Known]:
        return [deepcopy(self.kept[number]) for number in numbers if number in self.kept]

    def named(self, ids: Collection[str]) -> list[Known]:
        return [deepcopy(known) for known in self.kept.values() if known.story in ids]


@given(st.lists(st.sampled_from([PLANT, PLANT_TOO, ZH_PLANT, ZH_PLANT_TOO, OTHER]), unique=True))
def test_everybody_is_in_exactly_one_story(entries: list[Entry]) -> None:
    assert len(placed(*entries)) == len(entries)
