"""Evidence against chance: what joins, what does not, and why."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.fingerprint import fingerprint, stem
from aggregator.curate.likeness import Profile, alike, judge, rarity, reason
from aggregator.model import Entry
from tests.support.entries import NOW, entry

DAY = timedelta(days=1)
STORIES = Path(__file__).parent.parent / "data" / "zh_stories.jsonl"
DAM = entry(
    "Dam at Orlov bursts after week of rain", "Thousands left the valley of Orlov when the dam gave way at night."
)
DAM_TOO = entry("Thousands flee as Orlov dam gives way", "Water from the burst dam reached the valley before dawn.")
ZH_DAM = entry("奥洛夫水坝溃决 数千人撤离", "连日大雨后，奥洛夫水坝周二夜间溃决，下游数千居民撤离。")
ZH_DAM_TOO = entry("奧洛夫水壩潰決 下游居民撤離", "奧洛夫水壩因大雨潰決，數千居民連夜撤離。")
FAIR = entry("Book fair opens in Lisbon", "Six hundred publishers show their books until Sunday.")


def fresh(feature: str) -> float:
    """As in an archive that has no stories yet."""
    return rarity(feature, 0, 0)


def told(*entries: Entry) -> Profile:
    return Profile.of((fingerprint(one), one.source, one.when) for one in entries)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        pytest.param(DAM, DAM_TOO, "", id="the same event in other words"),
        pytest.param(ZH_DAM, ZH_DAM_TOO, "", id="simplified and traditional"),
        pytest.param(DAM, FAIR, "little", id="another event"),
        pytest.param(DAM, ZH_DAM, "script", id="languages are not joined by force"),
        pytest.param(entry("Figures for 3 May"), entry("Figures for 4 May"), "series", id="the next day's figures"),
        pytest.param(
            entry("Nearby quake of magnitude 5.1"), entry("Nearby quake of magnitude 6.2"), "series", id="magnitudes"
        ),
        pytest.param(
            entry("5月3日疫情通报：新增确诊35例", "本土病例12例。"),
            entry("5月4日疫情通報：新增確診41例", "本土病例15例。"),
            "series",
            id="yesterday's and today's cases, in both scripts",
        ),
        pytest.param(entry("Petr Sokol in Vienna"), entry("Petr Sokol sells house"), "name", id="a name is no event"),
        pytest.param(
            DAM,
            entry(DAM_TOO.title, DAM_TOO.summary, seen=NOW + 9 * DAY, published=NOW + 9 * DAY),
            "closed",
            id="too late",
        ),
        pytest.param(
            entry("Storm closes the port of Varna", "Ships wait off the coast of Varna."),
            entry("Storm closes the port of Izmir", "Ferries stay in the harbour of Izmir."),
            "name",
            id="two events of one kind",
        ),
    ],
)
def test_why_an_entry_joins_a_story_or_does_not(one: Entry, other: Entry, why: str) -> None:
    verdict = judge(fingerprint(other), other.source, other.when, told(one), fresh, 3 * DAY)
    assert (verdict.why, verdict.joins) == (why, not why)


def test_a_headline_that_comes_word_for_word_joins_however_common_its_words_are() -> None:
    title = "Police arrest two after house fire"
    verdict = judge(fingerprint(entry(title)), "another", NOW, told(entry(title)), fresh)
    assert verdict.joins


def test_what_the_archive_knows_well_is_no_evidence() -> None:
    """The same two reports join in an archive that never heard of the dam, and do not where every second story has it."""
    known = lambda feature: rarity(feature, 5000 * bool(feature), 10_000)  # noqa: E731  one line says it
    ours = fingerprint(DAM_TOO)
    assert judge(ours, "wire", NOW, told(DAM), fresh).joins
    assert not judge(ours, "wire", NOW, told(DAM), known).joins


def test_rarity_falls_with_every_story_that_has_a_feature() -> None:
    assert rarity("orlov", 0, 10) > rarity("orlov", 1, 10) > rarity("orlov", 9, 10) > 0
    assert rarity(stem("police"), 0, 10) < rarity("orlov", 9, 10)
    assert rarity(stem("police"), 10**6, 10) == 0


def test_the_reason_names_what_is_shared_and_what_is_missing() -> None:
    def said(ours: Entry, theirs: Entry) -> str:
        profile, print_ = told(theirs), fingerprint(ours)
        return reason(print_, profile, fresh, judge(print_, ours.source, ours.when, profile, fresh), "s1")

    assert "story s1" in said(DAM_TOO, DAM)
    assert "orlov" in said(DAM_TOO, DAM)
    assert "奥洛夫水坝" in said(ZH_DAM_TOO, ZH_DAM)
    assert "; not: fair, lisbon" in said(FAIR, DAM)
    assert said(DAM, DAM) == "the headline of story s1 word for word"


NEWS = [
    DAM,
    DAM_TOO,
    ZH_DAM,
    ZH_DAM_TOO,
    FAIR,
    *(entry(f"Numbers of day {day}", seen=NOW + day * DAY) for day in range(70)),
]


@given(st.permutations(NEWS))
def test_a_profile_does_not_depend_on_the_order_in_which_its_members_came(order: list[Entry]) -> None:
    assert told(*order) == told(*NEWS)


def test_a_profile_survives_being_stored() -> None:
    profile = told(*NEWS)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(profile), type=Profile) == profile


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("The dam burst on Monday night.", "On Monday night, the dam burst.", True, id="another order"),
        pytest.param("The dam burst on Monday.", "The fair opens in Lisbon.", False, id="another thing"),
        pytest.param("水坝周一溃决", "水壩週一潰決", True, id="simplified and traditional"),
        pytest.param("", "", False, id="nothing"),
    ],
)
def test_two_sentences_say_the_same(one: str, other: str, same: bool) -> None:  # noqa: FBT001  a table of cases
    assert alike(one, other)[1] is same


def test_figures_that_differ_make_two_sentences_less_alike() -> None:
    same, other = (
        alike("Shares fell 3 percent.", "Shares fell 3 percent."),
        alike("Shares fell 3 percent.", "Shares fell 4 percent."),
    )
    assert same[0] > other[0] + 0.2
