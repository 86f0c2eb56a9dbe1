"""What is the same article again, and what only looks like it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.dedup import choose, compare, keys, reissue
from aggregator.curate.shingles import sketch, text_of
from aggregator.model import Entry
from tests.support.entries import NOW, entry

TEXT = (
    "The ministry said on Thursday that the plant would be built within three years, that it would make the smallest "
    "chips there are, and that the province would pay a third of the cost from its own funds."
)
ZH = "该部周四表示，工厂将在三年内建成，生产目前最小的芯片，省里将用自有资金支付三分之一的费用，其余部分由企业自己承担，银行也会给予贷款支持。"
LONG = f"{TEXT} Work is to begin in the autumn, when the river is low. {TEXT.upper()} Nobody lives there but farmers. {TEXT} {TEXT}"


def same(one: Entry, other: Entry) -> bool:
    """Whether the one is found again from the other, as the store finds it, and is the same."""
    shared = set(keys(one)) & set(keys(other)) or set(sketch(text_of(one))) & set(sketch(text_of(other)))
    return bool(shared) and choose(other, [one]) is not None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(
            {"canonical_url": "https://x.example/a"}, {"canonical_url": "https://x.example/a"}, True, id="address"
        ),
        pytest.param(
            {"canonical_url": "https://x.example/a"}, {"canonical_url": "https://x.example/b"}, False, id="another"
        ),
        pytest.param(
            {"canonical_url": "https://x.example/"}, {"canonical_url": "https://x.example/"}, False, id="a front page"
        ),
        pytest.param(
            {"canonical_url": "https://x.example/zh/"}, {"canonical_url": "https://x.example/zh/"}, False, id="a home"
        ),
        pytest.param({"guid": "tag:x.example,2020:1"}, {"guid": "tag:x.example,2020:1"}, True, id="a global guid"),
        pytest.param({"guid": "17"}, {"guid": "17"}, False, id="a guid that is only a number"),
        pytest.param({"summary": TEXT}, {"summary": f"  {TEXT.upper()}"}, True, id="the same text, typeset otherwise"),
        pytest.param({"summary": TEXT}, {"content": f"<p>{TEXT}</p>"}, True, id="the same text as HTML"),
        pytest.param({"summary": ZH}, {"summary": ZH.replace("表示", "表示 ")}, True, id="the same Chinese text"),
        pytest.param({"summary": "Short."}, {"summary": "Short."}, False, id="too short to be an article's own"),
        pytest.param(
            {"title": "Cases: 12", "summary": TEXT}, {"title": "Cases: 17", "summary": TEXT}, False, id="a series"
        ),
        pytest.param(
            {"title": "Live: flood in the south", "canonical_url": "https://x.example/live", "summary": TEXT},
            {
                "title": "Vote counted in the north",
                "canonical_url": "https://x.example/live",
                "published": NOW + timedelta(days=3),
                "seen": NOW + timedelta(days=3),
            },
            False,
            id="a live page, days later",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/now"},
            {
                "title": "Vote counted in the north",
                "canonical_url": "https://x.example/now",
                "published": NOW + timedelta(days=3),
                "seen": NOW + timedelta(days=3),
            },
            False,
            id="a page of the moment, without texts",
        ),
        pytest.param(
            {"title": "Rivers of the north", "summary": TEXT},
            {"title": "Old bridges", "summary": TEXT},
            False,
            id="what a show says of itself",
        ),
        pytest.param(
            {"title": "Province to pay for plant", "summary": LONG, "source": "one"},
            {"title": "Smallest chips there are", "summary": LONG, "source": "two"},
            True,
            id="an agency's article under another headline",
        ),
        pytest.param(
            {"title": "12 countries told", "summary": LONG, "source": "one"},
            {"title": "Ministry tells 9 countries", "summary": LONG, "source": "two"},
            True,
            id="an agency's article under a headline with other figures",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/live"},
            {"title": "Vote counted in the north", "canonical_url": "https://x.example/live"},
            False,
            id="items of one feed that all have one link",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/live", "summary": TEXT},
            {
                "title": "Vote counted in the north",
                "canonical_url": "https://x.example/live",
                "summary": "No result yet.",
            },
            False,
            id="items of one feed that all have one link, with texts",
        ),
        pytest.param(
            {"title": "Flood in the south", "canonical_url": "https://x.example/a"},
            {"title": "Thousands leave homes", "canonical_url": "https://x.example/a", "source": "other"},
            True,
            id="one link in two feeds under different headlines",
        ),
        pytest.param(
            {"title": "Province to pay", "canonical_url": "https://x.example/a", "summary": TEXT},
            {"title": "Smallest chips", "canonical_url": "https://x.example/a", "summary": f"{TEXT} Banks will lend."},
            True,
            id="a text that grew under a new headline",
        ),
        pytest.param(
            {"title": "Plant to be built", "canonical_url": "https://x.example/a"},
            {
                "title": "Plant to be built, ministry says",
                "canonical_url": "https://x.example/a",
                "published": NOW + timedelta(days=3),
                "seen": NOW + timedelta(days=3),
            },
            True,
            id="a headline that grew",
        ),
    ],
)
def test_duplicates(one: dict[str, Any], other: dict[str, Any], expected: bool) -> None:  # noqa: FBT001  a table of cases
    first, second = entry(**{"title": "T", **one}), entry(**{"title": "T", **other})
    assert same(first, second) is expected
    assert same(second, first) is expected


def test_the_reason_names_what_is_shared() -> None:
    first = entry(canonical_url="https://x.example/a", source="origin")
    choice = choose(entry(canonical_url="https://x.example/a"), [first])
    assert choice is not None
    assert choice.value == first.id
    assert choice.reason == f"same address as {first.id} of origin: https://x.example/a"


@given(st.permutations(range(4)))
def test_the_first_that_was_seen_is_repeated_in_whatever_order_they_are_offered(order: list[int]) -> None:
    copies = [
        entry("T", id=f"e{number}", canonical_url="https://x.example/a", seen=NOW + timedelta(hours=number))
        for number in range(4)
    ]
    choice = choose(entry("T", canonical_url="https://x.example/a"), [copies[place] for place in order])
    assert choice is not None
    assert choice.value == "e0"


PLANT = "Ministry to build chip plant in the north"
PLANT_ZH = "部里将在北方兴建芯片工厂"
STORY = (
    "The ministry will build a plant for the smallest chips there are, its speaker said on Thursday, and the province is "
    "to pay a third of what it costs. Work begins in the autumn, when the river is low. Farmers who must leave get new "
    "land on the other bank, with a road and a school. Critics say that nobody has asked them, and that the water will "
    "not be enough for both."
)
STORY_ZH = (
    "该部发言人周四表示，将兴建一座生产最小芯片的工厂，费用的三分之一由省里承担。工程将在秋天河水低的时候动工。必须搬迁的农民将在对岸得到新的土地，"
    "那里会修路建校。批评者说没有人问过他们的意见，而且河水也不够两边使用。"
)
TRADITIONAL = (
    "該部發言人周四表示，將興建一座生產最小芯片的工廠，費用的三分之一由省裡承擔。工程將在秋天河水低的時候動工。必須搬遷的農民將在對岸得到新的土地，"
    "那裡會修路建校。批評者說沒有人問過他們的意見，而且河水也不夠兩邊使用。"
)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param(f"{PLANT} - Northern Post", STORY, id="an outlet's name after the headline"),
        pytest.param(f"Video | {PLANT}", STORY, id="a rubric before the headline"),
        pytest.param(f"[Video] {PLANT} :: Northern Post", STORY, id="both"),
        pytest.param(PLANT.upper(), STORY, id="a headline in capitals"),
        pytest.param(PLANT.replace("plant", "plnat"), STORY, id="a headline misspelt"),
        pytest.param(f"{PLANT[:30]}…", STORY, id="a headline cut off"),
        pytest.param(PLANT, f"NORTHTOWN (AP) — {STORY}", id="a dateline"),
        pytest.param(PLANT, f"{STORY} © Northern Post. Read more…", id="what follows every article"),
        pytest.param(PLANT, f"By Jane Miller. {STORY} Source: Northern Post", id="before and after"),
        pytest.param(PLANT, STORY.replace("speaker", "spokesman").replace("enough", "sufficient"), id="corrections"),
        pytest.param(PLANT, f"{STORY[:150]}…", id="a teaser"),
        pytest.param(PLANT, f"NORTHTOWN (AP) — {STORY[:150]} … Continue reading", id="a teaser between other words"),
        pytest.param(PLANT, STORY.replace("chips", "“chips”").replace(", ", " – "), id="other marks"),
        pytest.param("Farmers must leave for chips", f"{STORY} {LONG}", id="an agency's text under another headline"),
    ],
)
def test_an_english_article_is_known_again(title: str, text: str) -> None:
    whole = f"{STORY} {LONG}" if LONG in text else STORY
    first = entry(PLANT, whole, source="origin", canonical_url="https://origin.example/1")
    again = entry(title, text, source="copy", canonical_url="https://copy.example/1")
    assert same(first, again)
    assert same(again, first)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("部裡將在北方興建芯片工廠", TRADITIONAL, id="traditional characters"),
        pytest.param(f"{PLANT_ZH} | 北方日报", STORY_ZH, id="an outlet's name after the headline"),
        pytest.param(f"{PLANT_ZH}_北方日报", f"（记者 王小明）{STORY_ZH}（完）", id="a reporter's name"),
        pytest.param(f"【转载】{PLANT_ZH}", f"本文来自北方日报。{STORY_ZH}", id="where it comes from"),
        pytest.param(PLANT_ZH, f"新华社北京5月14日电　{STORY_ZH[:60]}……", id="a dateline and a teaser"),
        pytest.param(PLANT_ZH, STORY_ZH.replace("，", ", ").replace("。", ". "), id="half-width marks"),
        pytest.param(PLANT_ZH, STORY_ZH.replace("兴建", "建设").replace("批评者", "批评人士"), id="corrections"),
        pytest.param(f"快讯：{PLANT_ZH}", TRADITIONAL[:70], id="traditional, and cut"),
    ],
)
def test_a_chinese_article_is_known_again(title: str, text: str) -> None:
    first = entry(PLANT_ZH, STORY_ZH, source="origin", canonical_url="https://origin.example/1")
    again = entry(title, text, source="copy", canonical_url="https://copy.example/1")
    assert same(first, again)
    assert same(again, first)


BACKGROUND = (
    "The two provinces have been at odds over the river for ten years. Talks broke down in the spring, when neither side "
    "would say how much water it takes, and the court has not yet set a day for the hearing."
)
SHOW = (
    "Two friends talk about what moves them. You find us wherever there are podcasts; leave us five stars, and tell your "
    "neighbours. Members get every episode a day early and without advertisements. Write to us with your questions."
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("Daily briefing for 3 May", STORY), ("Daily briefing for 4 May", STORY), id="the next day's"),
        pytest.param(
            ("Quake of magnitude 5.1 in the bay", STORY), ("Quake of magnitude 6.2 in the bay", STORY), id="5.1, 6.2"
        ),
        pytest.param(("Two friends talk, episode 12", SHOW), ("Two friends talk, episode 13", SHOW), id="episodes"),
        pytest.param(
            ("两个朋友的谈话 第十二期", STORY_ZH), ("两个朋友的谈话 第十三期", STORY_ZH), id="Chinese numbers"
        ),
        pytest.param(("两个朋友的谈话（上）", STORY_ZH), ("两个朋友的谈话（下）", STORY_ZH), id="first and last part"),
        pytest.param(
            (
                "Case numbers",
                "On 3 May the office counted 412 cases, 31 more than on the day before; 17 people have died.",
            ),
            (
                "Case numbers",
                "On 4 May the office counted 440 cases, 28 more than on the day before; 19 people have died.",
            ),
            id="a table with other figures",
        ),
        pytest.param(
            ("疫情通报", "截至5月3日，全省累计报告确诊病例412例，较前一日增加31例，累计死亡17例，在院治疗205例。"),
            ("疫情通报", "截至5月4日，全省累计报告确诊病例440例，较前一日增加28例，累计死亡19例，在院治疗198例。"),
            id="a Chinese table with other figures",
        ),
        pytest.param(
            ("Weather for Northtown", STORY.replace("ministry", "wind over Northtown")),
            ("Weather for Southtown", STORY.replace("ministry", "wind over Southtown")),
            id="a template with another name",
        ),
        pytest.param((PLANT, STORY), ("Weavers on strike for a third week", BACKGROUND + TEXT), id="other articles"),
        pytest.param(
            ("Farmers fear for their water", f"{STORY[:170]} {BACKGROUND}"),
            ("Court to hear of the river", f"Judges want to see the river for themselves, they said. {BACKGROUND}"),
            id="an agency's background",
        ),
        pytest.param(
            ("Of bread and bakers", f"{SHOW} Today: bread."),
            ("Of tea and time", f"{SHOW} Today: tea."),
            id="a show's own words",
        ),
        pytest.param(("Correction", STORY), ("Correction", BACKGROUND), id="a rubric"),
        pytest.param(
            ("早报", STORY_ZH),
            ("早报", "河边的茶馆今年秋天重新开张，老人们又可以坐在窗前下棋，喝一壶热茶，看船来船往。"),
            id="早报",
        ),
        pytest.param((PLANT, STORY), (PLANT, BACKGROUND), id="one headline over two texts"),
    ],
)
@pytest.mark.parametrize("sources", [("wire", "wire"), ("one", "two")], ids=["in one source", "in two"])
def test_what_only_looks_alike_is_another_article(
    one: tuple[str, str], other: tuple[str, str], sources: tuple[str, str]
) -> None:
    first, second = (entry(*said, source=source) for said, source in zip((one, other), sources, strict=True))
    assert choose(second, [first]) is None
    assert choose(first, [second]) is None


@pytest.mark.parametrize(
    ("title", "hours", "source", "expected"),
    [
        pytest.param("Ministry to build chip plant in the north", 20, "other", True, id="in another source"),
        pytest.param("Ministry to build chip plant in the north", 2, "wire", True, id="soon, in the same"),
        pytest.param(
            "Ministry to build chip plant in the north",
            24,
            "wire",
            False,
            id="a day later in the same: the next number",
        ),
        pytest.param("Photos of the day", 2, "other", False, id="a rubric"),
    ],
)
def test_a_headline_without_a_text(title: str, hours: int, source: str, expected: bool) -> None:  # noqa: FBT001  a table of cases
    later = NOW + timedelta(hours=hours)
    again = entry(title, "Read more", source=source, published=later, seen=later)
    assert (choose(again, [entry(title)]) is not None) is expected


def test_the_reason_says_how_much_is_shared_and_what_is_missing() -> None:
    first = entry(PLANT, STORY, source="origin")
    choice = choose(entry(PLANT, f"{STORY} Bankers are pleased.", source="copy"), [first])
    assert choice is not None
    assert choice.reason.startswith(f"same headline and text as {first.id} of origin: 9")
    assert choice.reason.endswith("% of its words are there; missing: bankers are pleased")


def test_an_entry_is_issued_again_only_by_its_own_source() -> None:
    old = entry(PLANT, STORY, guid="17", canonical_url="https://wire.example/old/17", seen=NOW - timedelta(days=90))
    new = entry(PLANT, STORY, guid="https://wire.example/new/17", canonical_url="https://wire.example/new/17")
    again = reissue(new, [old])
    assert again is not None
    assert again.value == old.id
    assert reissue(new, [replace(old, source="elsewhere")]) is None
    assert reissue(entry("Case numbers for 4 May", STORY), [entry("Case numbers for 3 May", STORY)]) is None


words = st.lists(
    st.sampled_from(
        ["river", "plant", "farmer", "12", "27", "may", "chips", "北", "江", "工", "厂", "建設", "台", "said", "the"]
    ),
    max_size=40,
).map(" ".join)
texts = st.builds(entry, title=words, summary=words, source=st.sampled_from(["one", "two"]))


@given(texts, texts)
def test_two_texts_are_as_alike_as_the_other_two_ways_round(one: Entry, other: Entry) -> None:
    assert compare(text_of(one), text_of(other)) == compare(text_of(other), text_of(one))
    assert (choose(one, [other]) is None) is (choose(other, [one]) is None)


@given(texts)
def test_a_long_text_is_its_own_copy(one: Entry) -> None:
    like = compare(text_of(one), text_of(one))
    assert like.titles == "same"
    assert not like.replaced
    if text_of(one).width >= 40:
        assert choose(replace(one, id="again"), [one]) is not None


@given(st.permutations(range(4)), st.lists(texts, min_size=4, max_size=4), texts)
def test_candidates_in_any_order_give_one_answer(order: list[int], candidates: list[Entry], one: Entry) -> None:
    assert choose(one, candidates) == choose(one, [candidates[place] for place in order])
