"""Which headlines are one, which are one corrected, and which are numbers of a series."""

import pytest

from aggregator.curate.headlines import headlines, relation
from aggregator.curate.text import fold


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("Ministry to build chip plant", "Ministry to Build Chip Plant!", "same", id="capitals and marks"),
        pytest.param("Ministry to build chip plant", "Ministry to build chip plant | Courier", "same", id="an outlet"),
        pytest.param(
            "Ministry to build chip plant - Post", "Ministry to build chip plant | Courier", "same", id="two outlets"
        ),
        pytest.param("Break-out", "Break-out - The Northern Courier", "same", id="a short one, and an outlet"),
        pytest.param("Letter - Alice Smith", "Letter - Robert Jones", "other", id="a rubric, and what it is about"),
        pytest.param("Ministry to build chip plant", "Ministry to build a chip plant", "near", id="a word put in"),
        pytest.param("Ministry to build chip plant", "Minsitry to build chip plant", "near", id="misspelt"),
        pytest.param(
            "Ministry to build chip plant in the north", "Ministry to build chip plant in th...", "same", id="cut"
        ),
        pytest.param("The weather for Northtown today", "The weather for Southport today", "other", id="another place"),
        pytest.param(
            "Eastham beat Lindfield at home", "Lindfield beat Eastham at home", "varied", id="words exchanged"
        ),
        pytest.param("Daily briefing for 3 May", "Daily briefing for 4 May", "series", id="dates"),
        pytest.param("Daily briefing - 3 May", "Daily briefing - 4 May", "series", id="dates in what might be a label"),
        pytest.param("Questions, part two", "Questions, part three", "series", id="numbers in words"),
        pytest.param("News of Monday", "News of Tuesday", "series", id="weekdays"),
        pytest.param("部里将兴建芯片工厂", "部裡將興建芯片工廠", "same", id="traditional"),
        pytest.param("部里将兴建芯片工厂", "【快讯】部里将兴建芯片工厂_北方日报", "same", id="Chinese labels"),
        pytest.param("部里秋天将在北方兴建芯片工厂", "部里秋天将在北方兴健芯片工厂", "near", id="a wrong character"),
        pytest.param(
            "北方城市今日天气与空气预报", "南方城市今日天气与空气预报", "varied", id="another part of the country"
        ),
        pytest.param("两个朋友的谈话 第十二期", "两个朋友的谈话 第十三期", "series", id="Chinese numbers"),
        pytest.param("两个朋友的谈话（上）", "两个朋友的谈话（下）", "series", id="first and last part"),
        pytest.param("Of bread and bakers", "Of tea and time", "other", id="others"),
        pytest.param("", "Of tea and time", "other", id="none"),
    ],
)
def test_headlines(one: str, other: str, expected: str) -> None:
    ours, theirs = headlines(fold(one)), headlines(fold(other))
    assert relation(ours, theirs) == expected
    assert relation(theirs, ours) == expected
