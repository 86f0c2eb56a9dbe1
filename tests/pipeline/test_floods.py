"""Old posts under new names add nothing, and what comes as a flood waits for an operator."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from aggregator.pipeline import review
from aggregator.store import again, entries, health
from aggregator.store import held as held_entries
from aggregator.store.engine import reading
from tests.support.newsroom import MORNING, SLOT, Article, Newsroom
from tests.support.poller import START, Poller, polling
from tests.support.site import Site

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Post:
    guid: str
    title: str
    link: str
    text: str = ""
    at: datetime | None = None


def feed(*posts: Post, title: str = "The Delta Gazette") -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(post.guid)}</guid><title>{escape(post.title)}</title>"
        f"<link>{escape(post.link)}</link><description>{escape(post.text)}</description>"
        + (f"<pubDate>{format_datetime(post.at)}</pubDate>" if post.at else "")
        + "</item>"
        for post in posts
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode()


PLACES = [
    "Hangzhou",
    "Ningbo",
    "Chengdu",
    "Harbin",
    "Xiamen",
    "Lanzhou",
    "Dalian",
    "Kunming",
    "Hefei",
    "Urumqi",
    "Nanning",
    "Guiyang",
]
THINGS = [
    (
        "opens a ferry line across the estuary",
        "The first boat left the new pier at dawn with some forty passengers on it",
    ),
    (
        "bans lorries from its old centre",
        "Shopkeepers fear for their deliveries while residents welcome quieter nights",
    ),
    (
        "counts fewer swans on its lakes",
        "Volunteers walked the shores for three weekends and blamed the warm winter for it",
    ),
    ("sells its municipal brewery", "Two bidders from the coast remained in the last round which nobody had expected"),
    (
        "restores a theatre of the twenties",
        "Carpenters found painted ceilings behind plaster boards that hid them for decades",
    ),
    ("moves its vegetable market", "Traders got eight weeks to take their stalls to the hall beyond the ring road"),
    ("lends bicycles to nurses", "Hospitals keep them in locked sheds from which each shift takes its own"),
    ("finds a well under its library", "Builders struck masonry while they dug the foundations of the reading room"),
]


def post(number: int, **values: Any) -> Post:
    place, (what, told) = PLACES[number % len(PLACES)], THINGS[number // len(PLACES) % len(THINGS)]
    said: dict[str, Any] = {
        "guid": f"tag:old-{number}",
        "title": f"{place} {what}",
        "link": f"https://gazette.example/2020/{number:04}/{place.lower()}-{what.replace(' ', '-')}",
        "text": f"{told}. So said the office of {place}, which gave no date for the next step. Its mayor called it modest.",
        "at": START - 2 * HOUR - number * DAY / 2,
    }
    return Post(**said | values)


OLD = [post(number) for number in range(20)]


@pytest.fixture
def poller(tmp_path: Path) -> Iterator[Poller]:
    with polling(tmp_path) as found:
        yield found


def read(poller: Poller, site: Site, *posts: Post, after: timedelta = HOUR, title: str = "The Delta Gazette") -> Any:
    """What comes of the next poll, where the feed holds these."""
    site.gives("/feed", feed(*posts, title=title))
    poller.source(site.url("/feed"))
    poller.now += after
    (result,) = poller.poll("sample").results
    return result


def held(poller: Poller) -> list[str]:
    with reading(poller.engine) as conn:
        return held_entries.of_source(conn, "sample")


def ids(poller: Poller) -> dict[str, str]:
    """Of all that is kept and not held: id -> title."""
    return {stored.entry.id: stored.entry.title for stored in poller.entries().values()}


# --- old posts under new names ---------------------------------------------------------------------------


def moved(found: Post) -> Post:
    return replace(found, link=found.link.replace("gazette.example/2020", "delta.example/news"))


def typo_corrected(found: Post) -> Post:
    return replace(found, title=found.title.replace("n", "nn", 1).replace("its", "the"))


def with_a_footer(found: Post) -> Post:
    return replace(found, text=f"{found.text} Read on at the Delta, our new home: letters@delta.example")


CHANGES = {
    "new guids": lambda one, number: replace(one, guid=f"urn:uuid:{number}"),
    "new addresses": lambda one, _: moved(one),
    "new guids and addresses": lambda one, number: moved(replace(one, guid=f"?p={number}")),
    "guids that are the new addresses": lambda one, _: replace(moved(one), guid=moved(one).link),
    "https": lambda one, number: replace(one, guid=f"x{number}", link=one.link.replace("https", "http")),
    "new parameters": lambda one, number: replace(one, guid=f"x{number}", link=f"{one.link}?session={number}"),
    "numbers for addresses": lambda one, number: replace(
        one, guid=f"x{number}", link=f"https://gazette.example/?p={900 + number}"
    ),
    "dates set to now": lambda one, number: moved(replace(one, guid=f"x{number}", at=START + HOUR / 2)),
    "no dates any more": lambda one, number: moved(replace(one, guid=f"x{number}", at=None)),
    "another boilerplate": lambda one, number: with_a_footer(moved(replace(one, guid=f"x{number}"))),
    "typos corrected": lambda one, number: typo_corrected(moved(replace(one, guid=f"x{number}"))),
    "typos corrected, dates set to now": lambda one, number: typo_corrected(
        moved(replace(one, guid=f"x{number}", at=START + HOUR / 2))
    ),
    "cut texts": lambda one, number: moved(replace(one, guid=f"x{number}", text=one.text[:70] + "…")),
    "no texts, dates set to now": lambda one, number: moved(
        replace(one, guid=f"x{number}", text="", at=START + HOUR / 2)
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_old_posts_under_new_names_add_nothing(poller: Poller, site: Site, change: Any) -> None:
    read(poller, site, *OLD)
    before = ids(poller)
    result = read(poller, site, *(change(one, number) for number, one in enumerate(OLD)))
    assert (result.new, result.for_review, result.gap) == (0, 0, False)
    assert ids(poller).keys() == before.keys()
    again_ = read(
        poller, site, *(change(one, number) for number, one in enumerate(OLD)), Post("b", "Late", "", "", None)
    )
    assert (again_.new, again_.changed) == (1, 0), "and what is new among them is new"


CHINESE = [
    Post(
        f"old-{number}",
        f"{place}{what}",
        f"https://gazette.example/2020/{number}.html",
        f"{told}。{place}市政府当天回应说，有关安排将在听取各方意见之后公布，具体时间尚未确定。",
        START - 2 * HOUR - number * DAY / 2,
    )
    for number, (place, (what, told)) in enumerate(
        (place, thing)
        for thing in [
            ("开通首条跨江轮渡航线", "清晨第一班船载着四十余名乘客离开新码头"),
            ("老城区禁止货车通行", "店主担心送货不便，居民则盼望夜里安静一些"),
        ]
        for place in ("杭州", "宁波", "成都", "哈尔滨", "厦门", "兰州")
    )
]


@pytest.mark.parametrize("dated", [True, False], ids=["with their dates", "with other dates"])
def test_chinese_posts_come_back_in_other_signs_and_add_nothing(poller: Poller, site: Site, *, dated: bool) -> None:
    read(poller, site, *CHINESE)
    changed = [
        replace(
            moved(one),
            guid=f"x{number}",
            link=f"https://delta.example/p/{number}",
            title=one.title.replace("开", "開").replace("线", "線").replace("区", "區"),
            text=one.text.replace("，", ","),
            at=one.at if dated else START + HOUR / 2,
        )
        for number, one in enumerate(CHINESE)
    ]
    result = read(poller, site, *changed)
    assert (result.new, result.for_review) == (0, 0)


def test_a_feed_that_makes_up_its_guids_at_each_poll_brings_nothing_twice(poller: Poller, site: Site) -> None:
    dice = random.Random(8)
    posts = list(OLD)
    read(poller, site, *posts)
    for round_ in range(12):
        if round_ == 6:
            posts = [post(50, at=poller.now), *posts[:-1]]
        result = read(poller, site, *(replace(one, guid=str(dice.random())) for one in posts))
        assert (result.new, result.changed, result.for_review, result.gap) == (round_ == 6, 0, 0, False)
    with reading(poller.engine) as conn:
        assert len(again.of_entry(conn, poller.entries()["tag:old-1"].entry.id)) == again.MOST_ALIASES


def test_a_feed_of_headlines_alone_that_makes_up_all_but_them_brings_nothing_twice(poller: Poller, site: Site) -> None:
    def anew(number: int) -> list[Post]:
        return [Post(f"{number}-{one.guid}", one.title, f"https://g.example/?{number}={one.guid}") for one in OLD]

    read(poller, site, *anew(0))
    for number in range(1, 4):
        result = read(poller, site, *anew(number))
        assert (result.new, result.for_review) == (0, 0)


def test_a_new_name_outlives_a_restart(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    changed = [moved(replace(one, guid=f"x{number}")) for number, one in enumerate(OLD)]
    read(poller, site, *changed)
    poller.restart()
    (first, *rest) = changed
    # By nothing but the name it could be known now.
    strange = replace(first, title="Quite another headline", link="https://other.example/a", text="", at=poller.now)
    result = read(poller, site, strange, *rest)
    assert (result.new, result.changed) == (0, 1)


def test_an_update_under_the_new_name_updates_the_old_entry(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    entry = poller.entries()["tag:old-0"].entry
    changed = [moved(replace(one, guid=f"x{number}", at=START + HOUR / 2)) for number, one in enumerate(OLD)]
    read(poller, site, *changed)
    corrected = replace(changed[0], title="Hangzhou opens two ferry lines")
    assert read(poller, site, corrected, *changed[1:]).changed == 1
    now = poller.entries()["tag:old-0"].entry
    assert (now.id, now.title, now.url) == (entry.id, "Hangzhou opens two ferry lines", changed[0].link)
    assert (now.published, now.seen) == (entry.published, entry.seen), "it is as old as it was"


def test_what_came_under_one_new_name_comes_under_a_third_and_back_under_the_first(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    for change in (lambda one: moved(replace(one, guid=one.guid + "?")), lambda one: replace(one, guid="z" + one.guid)):
        result = read(poller, site, *map(change, OLD))
        assert (result.new, result.for_review) == (0, 0)
    result = read(poller, site, *OLD)
    assert (result.new, result.for_review) == (0, 0)
    assert {stored.entry.url for stored in poller.entries().values()} == {one.link for one in OLD}


def test_an_entry_says_by_which_other_names_it_came(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    read(poller, site, *(moved(replace(one, guid=f"x{number}")) for number, one in enumerate(OLD)))
    said = poller.explained(poller.entries()["tag:old-0"].entry.id)
    assert "also known as: guid x0, since 2020-05-14T14:00:00Z: it has the same headline and date" in said
    assert "address before: https://gazette.example/2020/0000/hangzhou" in said
    assert "20 old ones under other names" in poller.explained()


# --- what is no old post ---------------------------------------------------------------------------------

WEATHER = (
    "Clear skies are expected over the delta, with light winds from the east and {} degrees at noon. Nights stay mild."
)
SERIES = {
    "the next number": (
        Post("a", "Delta briefing, number 12", "https://g.example/12", "What the delta reads this week, gathered for you.", START - 7 * DAY),
        Post("b", "Delta briefing, number 13", "https://g.example/13", "What the delta reads this week, gathered for you.", START),
    ),
    "the next day": (
        Post("a", "Briefing for Monday", "https://g.example/mon", "", START - 3 * DAY),
        Post("b", "Briefing for Thursday", "https://g.example/thu", "", START),
    ),
    "the same headline over other news": (
        Post("a", "The morning in the delta", "https://g.example/a", OLD[3].text, START - DAY),
        Post("b", "The morning in the delta", "https://g.example/b", OLD[17].text, START),
    ),
    "a template with other figures": (
        Post("a", "The weather in the delta", "https://g.example/a", WEATHER.format(24), START - DAY),
        Post("b", "The weather in the delta", "https://g.example/b", WEATHER.format(31), START),
    ),
    "the same headline alone": (
        Post("a", "Photographs of the day in the delta", "https://g.example/a", "", START - DAY),
        Post("b", "Photographs of the day in the delta", "https://g.example/b", "", START),
    ),
    "a page that stays while its story changes": (
        Post("a", "Rain floods two villages", "https://g.example/live", OLD[3].text, START - 2 * HOUR),
        Post("b", "Talks on the bridge toll fail", "https://g.example/live", OLD[17].text, START),
    ),
    "期号": (
        Post("a", "三角洲周报第十二期", "https://g.example/12", "", START - 7 * DAY),
        Post("b", "三角洲周报第十三期", "https://g.example/13", "", START),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SERIES.values(), ids=SERIES.keys())
def test_the_next_of_a_series_is_new(poller: Poller, site: Site, old: Post, new: Post) -> None:
    read(poller, site, old, *OLD[1:3])
    assert read(poller, site, new, *OLD[1:3]).new == 1


def test_a_column_of_one_headline_and_one_blurb_is_new_each_week(poller: Poller, site: Site) -> None:
    def column(week: int) -> Post:
        blurb = "Talk about whatever you like, as long as it stays friendly. Our rules of the house apply as they always do."
        at = START - 70 * DAY + week * 7 * DAY
        return Post(f"w{week}", "Open letters from the delta", f"https://g.example/{week}/letters-open", blurb, at)

    poller.now = START - 70 * DAY
    read(poller, site, column(1), column(0))
    for week in range(2, 9):
        poller.now = START - 70 * DAY + week * 7 * DAY
        assert read(poller, site, column(week), column(week - 1)).new == 1


def test_two_items_side_by_side_are_two(poller: Poller, site: Site) -> None:
    twins = [replace(OLD[0], guid="one"), replace(OLD[0], guid="two")]
    assert read(poller, site, *twins, OLD[1]).new == 3
    assert read(poller, site, *twins, replace(OLD[0], guid="three"), OLD[1]).new == 1
    result = read(poller, site, *(replace(one, guid=one.guid + "!") for one in twins), OLD[1])
    assert result.new == 0, "and two they stay under other names"


def test_what_another_source_told_is_new_here(poller: Poller, site: Site) -> None:
    poller.source(site.gives("/other", feed(*OLD)), name="other")
    poller.poll("other")
    poller.sources = []
    read(poller, site, *(post(number) for number in range(40, 45)))
    result = read(poller, site, replace(OLD[0], at=START + HOUR), *(post(number) for number in range(40, 44)))
    assert result.new == 1


# --- floods ----------------------------------------------------------------------------------------------


def strange(number: int, **values: Any) -> Post:
    """A post that has nothing of any other."""
    dice = random.Random(number)
    words = ["".join(dice.choices("bcdfghklmnprst" + "aeiou" * 3, k=dice.randint(4, 9))) for _ in range(40)]
    said: dict[str, Any] = {"at": START - number * HOUR, "text": " ".join(words[6:])}
    return Post(f"s{number}", " ".join(words[:6]), f"https://cms.example/{words[0]}{number}", **said | values)


def test_old_posts_that_nobody_knows_are_held_together(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    flood = [strange(number, at=START - (20 + number) * DAY) for number in range(230)]
    result = read(poller, site, *OLD[:5], *flood)
    assert (result.new, result.for_review) == (0, 230)
    assert len(held(poller)) == 230
    assert set(ids(poller).values()) == {one.title for one in OLD}
    why = "230 entries at once, more than 7 days older than the newest before (2020-05-14)"
    assert f"held: since 2020-05-14T14:00:00Z: {why}" in poller.explained(held(poller)[0])
    said = poller.explained()
    assert "0 new, 0 changed, 230 held for review" in said
    assert "held: 230 entries for review: `entries --held --source sample` lists them" in said
    assert f"incident: flood since 2020-05-14T14:00:00Z, not over: {why}" in said


def test_far_more_than_a_source_ever_brought_is_held_and_what_follows_is_not(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    flood = [strange(number, at=START + HOUR) for number in range(300)]
    result = read(poller, site, *flood, *OLD)
    assert (result.new, result.for_review) == (0, 300)
    (reason,) = {stored.held for stored in _held_ones(poller)}
    assert reason == "300 entries at once; this source brings 2 a day"
    result = read(poller, site, strange(400, at=poller.now), *flood, *OLD)
    assert (result.new, result.for_review) == (1, 0)
    more = [strange(number, at=poller.now) for number in range(500, 520)]
    result = read(poller, site, *more, *flood, *OLD)
    assert (result.new, result.for_review) == (0, 20), "while it is open, less is too much"
    with reading(poller.engine) as conn:
        assert len(health.of_subject(conn, "sample")) == 1, "one incident, however much adds to it"


def _held_ones(poller: Poller) -> list[entries.Stored]:
    with reading(poller.engine) as conn:
        return entries.listed(conn, held=True)


def test_the_reason_has_the_figures_of_the_source(poller: Poller, site: Site) -> None:
    read(poller, site, *(strange(number) for number in range(30, 10, -1)))
    for hour in range(9, -1, -3):
        read(poller, site, *(strange(number, at=START - hour * HOUR) for number in range(hour, hour + 12)))
    read(poller, site, *(strange(number, at=START + 5 * HOUR) for number in range(1000, 1230)))
    (reason,) = {stored.held for stored in _held_ones(poller)}
    assert re.fullmatch(
        r"230 entries at once; this source brings \d+ a day, and never more than 3 in one poll", str(reason)
    )


def test_a_feed_of_which_nothing_is_known_within_the_hour_is_held(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    result = read(poller, site, *(strange(number, at=START + HOUR) for number in range(20)))
    assert (result.new, result.for_review, result.gap) == (0, 20, False)


@pytest.mark.parametrize(
    ("posts", "after"),
    [
        pytest.param([strange(number, at=START + HOUR) for number in range(30)], HOUR, id="a busy hour"),
        pytest.param(
            [strange(number, at=START + 7 * DAY - number * HOUR * 4) for number in range(42)], 7 * DAY, id="an outage of a week"
        ),
        pytest.param(
            [strange(number, at=START + 30 * DAY - number * 12 * HOUR) for number in range(60)], 30 * DAY, id="a month"
        ),
    ],
)  # fmt: skip
def test_what_a_source_may_well_bring_is_not_held(
    poller: Poller, site: Site, posts: list[Post], after: timedelta
) -> None:
    read(poller, site, *OLD)
    result = read(poller, site, *posts, *OLD[:3], after=after)
    assert (result.new, result.for_review) == (len(posts), 0)
    assert all(poller.entries()[one.guid].news for one in posts)


def test_an_outage_of_a_week_that_leaves_nothing_known_is_not_held(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    site.gives("/feed", status=503)
    for _ in range(5):
        poller.after(DAY)
        poller.poll("sample")
    posts = [strange(number, at=START + 7 * DAY - number * HOUR * 7) for number in range(20)]
    result = read(poller, site, *posts, after=2 * DAY)
    assert (result.new, result.for_review, result.gap) == (20, 0, True)


@pytest.mark.parametrize("empty_before", [False, True], ids=["new", "empty until then"])
def test_a_first_poll_is_never_held_and_only_what_is_recent_is_news(
    poller: Poller, site: Site, *, empty_before: bool
) -> None:
    if empty_before:
        read(poller, site)
        read(poller, site)
    posts = [strange(number) for number in range(300)]
    result = read(poller, site, *posts)
    assert (result.new, result.for_review) == (300, 0)
    news = {guid for guid, stored in poller.entries().items() if stored.news}
    backfill = poller.config.poll.backfill
    assert news == {one.guid for one in posts if one.at is not None and one.at >= poller.now - backfill}


def test_a_single_late_post_fills_the_archive(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    late = strange(1, at=START - 30 * DAY)
    result = read(poller, site, *OLD, late)
    assert (result.new, result.for_review) == (1, 0)
    assert not poller.entries()["s1"].news
    assert "news: no: it came late" in poller.explained(poller.entries()["s1"].entry.id)


def test_a_source_that_always_dates_back_is_not_late(poller: Poller, site: Site) -> None:
    posts = [strange(number, at=START - 40 * DAY - number * DAY) for number in range(5)]
    read(poller, site, *posts)
    for round_ in range(30):
        back = START + round_ * DAY - (20 if round_ % 2 else 1) * DAY
        posts = [strange(100 + round_, at=back), *posts]
        read(poller, site, *posts, after=DAY)
    assert poller.entries()["s129"].news, "it came three weeks after its date, as half of them do"


def test_an_address_that_is_edited_begins_no_second_time(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    site.gives("/moved", feed(post(60, at=START), *(moved(replace(one, guid=f"x{one.guid}")) for one in OLD)))
    poller.source(site.url("/moved"))
    (result,) = poller.poll("sample").results
    assert (result.new, result.for_review) == (1, 0)
    assert poller.entries()["tag:old-60"].news
    site.gives("/moved", feed(strange(3, at=None), *(moved(replace(one, guid=f"x{one.guid}")) for one in OLD)))
    poller.after(HOUR)
    poller.poll("sample")
    assert poller.entries()["s3"].news, "an undated one is news where the source was read before"


def test_an_adopted_address_under_another_title_and_other_guids_is_still_that_feed(poller: Poller, site: Site) -> None:
    site.gives("/new", feed(*OLD))
    poller.source(site.redirects("/feed", 301, site.url("/new")))
    for _ in range(3):
        poller.poll("sample")
        poller.now += HOUR
    assert poller.state().adopted_url == site.url("/new")
    site.gives("/new", feed(*(moved(replace(one, guid=f"x{one.guid}")) for one in OLD), title="The Delta"))
    (result,) = poller.poll("sample").results
    assert (result.outcome, result.new, result.for_review) == ("read", 0, 0)


def test_pages_of_older_entries_fill_the_archive_and_only_what_was_missed_is_news(poller: Poller, site: Site) -> None:
    read(poller, site, *OLD)
    missed = [strange(number, at=START + 6 * HOUR - number * HOUR / 4) for number in range(6)]
    page = feed(*missed[3:], *(strange(number, at=START - 90 * DAY) for number in range(100, 110)))
    site.gives("/older", page)
    link = (
        f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='prev-archive' href='{site.url('/older')}'/>".encode()
    )
    poller.now += 6 * HOUR
    site.gives("/feed", feed(*missed[:3]).replace(b"<item>", link + b"<item>", 1))
    results = poller.poll("sample").results
    assert [(result.new, result.for_review) for result in results] == [(3, 0), (13, 0)]
    stored = poller.entries()
    assert {guid for guid in stored if guid.startswith("s") and stored[guid].news} == {one.guid for one in missed}


# --- what operators decide -------------------------------------------------------------------------------


def flooded(poller: Poller, site: Site) -> list[Post]:
    read(poller, site, *OLD)
    flood = [strange(number, at=START - (20 + number) * DAY) for number in range(12)]
    assert read(poller, site, *OLD, *flood).for_review == 12
    return flood


def test_what_is_dropped_stays_away_whatever_its_names(poller: Poller, site: Site) -> None:
    flood = flooded(poller, site)
    done = review.drop(poller.engine, poller.config, [], source="sample", now=poller.now)
    assert (len(done.ids), done.over) == (12, ("sample",))
    result = read(poller, site, *OLD, *flood)
    assert (result.new, result.for_review) == (0, 0)
    result = read(poller, site, *OLD, *(replace(one, guid=f"y{one.guid}", at=poller.now) for one in flood))
    assert (result.new, result.for_review) == (0, 0)
    assert held(poller) == []
    assert len(ids(poller)) == len(OLD)
    said = poller.explained(done.ids[0])
    assert "dropped: 2020-05-14T14:00:00Z: it stays known, and nobody sees it" in said
    assert "over 2020-05-14T14:00:00Z" in poller.explained()


@pytest.mark.parametrize("as_news", [False, True], ids=["archive", "news"])
def test_what_is_released_is_let_in(poller: Poller, site: Site, *, as_news: bool) -> None:
    flooded(poller, site)
    (first, *rest) = held(poller)
    done = review.release(poller.engine, poller.config, [first], source=None, as_news=as_news, now=poller.now)
    assert (done.ids, done.over) == ((first,), ()), "the others are held still"
    done = review.release(poller.engine, poller.config, rest, source=None, as_news=as_news, now=poller.now)
    assert done.over == ("sample",)
    stored = {one.entry.id: one for one in poller.entries().values()}
    assert [stored[id_].news for id_ in (first, *rest)] == [as_news] * 12
    with reading(poller.engine) as conn:
        assert {one.entry.id for one in entries.waiting(conn, limit=100)} >= {first, *rest}


def test_what_was_dropped_can_be_released(poller: Poller, site: Site) -> None:
    flooded(poller, site)
    (first, *_) = held(poller)
    review.drop(poller.engine, poller.config, [first], source=None, now=poller.now)
    review.release(poller.engine, poller.config, [first], source=None, as_news=False, now=poller.now)
    assert first in ids(poller)


# --- the whole way ---------------------------------------------------------------------------------------


def article(number: int, **values: Any) -> Article:
    one = strange(number)
    return Article(
        **{"guid": one.guid, "title": one.title.capitalize(), "summary": one.text, "link": one.link} | values
    )


def test_a_moved_site_mails_nothing_and_updates_nothing(room: Newsroom) -> None:
    posts = [article(number, published=MORNING - number * HOUR) for number in range(1, 9)]
    room.has_source("gazette", *posts)
    room.write()
    room.subscribe("a@example.org")
    room.met_newsletters(MORNING - DAY)
    app = room.app()
    run(room, app, SLOT)
    assert sum(room.mailed().values()) == 1
    before = (room.out / "atom.xml").read_bytes()
    stories = {story.id: story.updated for story in room.stories().values()}
    anew = [
        replace(one, guid=f"wp-{one.guid}", link=(one.link or "").replace("cms.example", "new.example"), published=SLOT)
        for one in posts
    ]
    room.tells("gazette", *anew)
    run(room, app, SLOT + DAY)
    assert sum(room.mailed().values()) == 1, "nothing is new: no letter"
    assert {story.id: story.updated for story in room.stories().values()} == stories
    assert {story.url for story in room.stories().values()} == {one.link for one in anew}, "links lead where posts are"
    told = (room.out / "atom.xml").read_bytes()
    assert told.replace(b"new.example", b"cms.example") == before
    files = room.files()
    run(room, app, SLOT + 2 * DAY)
    assert room.files() == files


def test_old_posts_of_another_system_are_mailed_to_nobody_until_an_operator_wants_it(room: Newsroom) -> None:
    posts = [article(number, published=MORNING - number * HOUR) for number in range(1, 9)]
    room.has_source("gazette", *posts)
    room.write()
    room.subscribe("a@example.org")
    room.met_newsletters(MORNING - DAY)
    app = room.app()
    run(room, app, SLOT)
    stories = room.stories().keys()
    room.tells("gazette", *(article(number, published=MORNING - number * DAY) for number in range(100, 330)))
    run(room, app, SLOT + DAY)
    assert sum(room.mailed().values()) == 1
    assert room.stories().keys() == stories
    assert "gazette has entries that are held for review" in app.config.alerts_file.read_text()
    done = review.release(app.engine, app.config, [], source="gazette", as_news=False, now=room.now)
    assert len(done.ids) == 230
    run(room, app, SLOT + 2 * DAY)
    assert sum(room.mailed().values()) == 1, "they fill the archive"
    assert len(room.stories()) == len(stories) + 230
    assert "it is over" in app.config.alerts_file.read_text()


def run(room: Newsroom, app: Any, now: datetime) -> None:
    room.now = now
    app.poll(force=True)
    app.curate()
    app.compose()
    app.publish()
    app.deliver()


def test_a_source_under_another_name_mails_nothing_again(room: Newsroom) -> None:
    posts = [article(number, published=MORNING - number * HOUR) for number in range(1, 9)]
    room.has_source("gazette", *posts)
    room.write()
    room.subscribe("a@example.org")
    room.met_newsletters(MORNING - DAY)
    run(room, room.app(), SLOT)
    renamed = {**room.sources.pop(), "name": "herald"}
    room.sources.append(renamed)
    run(room, room.app(), SLOT + DAY)
    assert sum(room.mailed().values()) == 1
    assert len(room.stories()) == len(posts)
