"""A headline that takes an article back, and one that only speaks of such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.retraction import is_very, mark, takes_back

BEFORE = "Laboratories were told to destroy virus samples"
ZH_BEFORE = "实验室被要求销毁病毒样本"


@pytest.mark.parametrize(
    "title",
    [
        "RETRACTED: {}", "Retracted – {}", "[Removed]", "[Removed] {}", "WITHDRAWN: {}", "(Withdrawn) {}", "**Retracted** {}",
        "Retraction: {}", "This article has been removed", "This story has been withdrawn.", "Article deleted | {}",
        "This post was deleted by its author", "RETRACTED: Laboratories were told to destroy virus …", "DELETED",
    ],
)  # fmt: skip
def test_a_mark_takes_an_article_back(title: str) -> None:
    assert takes_back(title.format(BEFORE), BEFORE)


@pytest.mark.parametrize(
    "title",
    ["撤稿", "撤稿：{}", "已撤回", "【已撤回】{}", "（已撤稿）{}", "此文已删除", "该内容已被发布者删除", "本文已被作者删除",
     "[文章已刪除] {}", "稿件已撤下 | {}", "已下架"],
)  # fmt: skip
def test_a_mark_in_chinese_takes_an_article_back(title: str) -> None:
    assert takes_back(title.format(ZH_BEFORE), ZH_BEFORE)


@pytest.mark.parametrize(
    ("title", "before"),
    [
        pytest.param("Journal retracted a paper on virus samples", "Journal looks into a paper", id="a verb"),
        pytest.param("Retracted: how a paper on masks fell apart", "The paper on masks, explained", id="about one"),
        pytest.param("Removed statues find a new home", "Statues find a new home", id="not set off"),
        pytest.param("Withdrawn troops return", "Troops return", id="an adjective"),
        pytest.param("Retraction of virus paper raises questions", "Virus paper raises questions", id="a noun"),
        pytest.param(
            "Removed: 200 statues from the city's parks", "City parks lose their statues by night", id="a colon"
        ),
        pytest.param("期刊撤稿引发争议", "期刊论文引发争议", id="about one, in Chinese"),
        pytest.param("撤稿事件调查：谁在造假", "论文造假事件", id="a Chinese noun"),
        pytest.param("撤稿：一场关于论文的风波", "学术界的信任问题", id="about one, with a colon"),
        pytest.param("热搜已删除，网友质疑", "热搜引网友质疑", id="a Chinese sentence"),
        pytest.param("RETRACTED: Rain falls", "RETRACTED: Rain fell", id="it bore the mark before"),
        pytest.param("Rain falls", "RETRACTED: Rain falls", id="the mark is gone"),
        pytest.param("", "Rain falls", id="nothing"),
    ],
)
def test_what_only_speaks_of_it_takes_nothing_back(title: str, before: str) -> None:
    assert not takes_back(title, before)


def test_the_mark_is_told_from_what_follows() -> None:
    assert mark("RETRACTED: Rain falls") == ("retracted", "rain falls")
    assert mark("[Removed]") == ("removed", "")
    assert mark("Rain falls") is None


def test_the_very_same_headline() -> None:
    assert is_very("Rain  falls, again", "rain falls again")
    assert not is_very("Rain", "Rain falls")
    assert not is_very("", "")


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_headline_is_too_odd(title: str, before: str) -> None:
    if takes_back(title, before):
        assert mark(title) is not None
        assert mark(before) is None
