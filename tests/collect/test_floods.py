"""How much is too much: the figures, and their reasons."""

from datetime import datetime, timedelta

import pytest

from aggregator.collect import flood
from aggregator.collect.flood import BUSY, FEW_LATE, FLOOR, FLOOR_ANEW, LATE, Past
from aggregator.model import Entry
from tests.support.entries import NOW, entry

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def some(count: int, at: datetime | None = NOW) -> list[Entry]:
    return [entry(f"Report {number}", published=at) for number in range(count)]


def daily(count: int, days: int = 30) -> Past:
    """Of a source that brings so many a day, two at once."""
    times = [(NOW - day * DAY, NOW - day * DAY + number // 2 * HOUR) for day in range(days) for number in range(count)]
    return flood.past(times, NOW)


LIMITS = {
    "nothing is known of it": (Past(), HOUR, False, FLOOR),
    "and nothing of its feed": (Past(), HOUR, True, FLOOR_ANEW),
    "few a day": (daily(3), HOUR, False, FLOOR),
    "six a day, none known": (daily(6), HOUR, True, 6 * BUSY),
    "many a day": (daily(50), HOUR, False, 50 * BUSY),
    "many a day, after a week": (daily(50), 7 * DAY, False, 7 * 50 * BUSY),
    "few a day, after a week": (daily(3), 7 * DAY, False, 7 * 3 * BUSY),
    "a clock that was put back": (daily(3), -DAY, False, FLOOR),
}


@pytest.mark.parametrize(("known", "time", "anew", "limit"), LIMITS.values(), ids=LIMITS.keys())
def test_so_many_may_come_and_one_more_is_a_flood(known: Past, time: timedelta, *, anew: bool, limit: int) -> None:
    assert flood.allowed(known, since=NOW - time, now=NOW, anew=anew) == limit
    assert not flood.weigh(some(limit), known, since=NOW - time, now=NOW, anew=anew).held
    too_many = some(limit + 1)
    verdict = flood.weigh(too_many, known, since=NOW - time, now=NOW, anew=anew)
    assert verdict.held.keys() == {one.id for one in too_many}


REASONS = {
    "a day": (daily(12), "400 entries at once; this source brings 12 a day, and never more than 2 in one poll"),
    "a week": (
        flood.past([(NOW - 7 * day * DAY, NOW - 7 * day * DAY) for day in range(8)], NOW),
        "400 entries at once; this source brings 1 a week, and never more than 1 in one poll",
    ),
    "nothing": (Past(), "400 entries at once; this source brought nothing in the 60 days before"),
    "one poll": (flood.past([(NOW - DAY, NOW)] * 5, NOW), "400 entries at once; this source brings 5 a day"),
}


@pytest.mark.parametrize(("known", "reason"), REASONS.values(), ids=REASONS.keys())
def test_the_reason_has_the_figures(known: Past, reason: str) -> None:
    assert set(flood.weigh(some(400), known, since=NOW - HOUR, now=NOW, anew=False).held.values()) == {reason}


def test_few_late_posts_fill_the_archive_and_more_are_held_with_what_came_along() -> None:
    known = Past(NOW - DAY)
    late, along, fresh = some(FEW_LATE, NOW - DAY - LATE - HOUR), some(1, NOW - 2 * DAY), some(2)
    verdict = flood.weigh([*late, *along, *fresh], known, since=NOW - HOUR, now=NOW, anew=False)
    assert not verdict.held
    assert {id_ for id_, news in verdict.news.items() if not news} == {one.id for one in late}
    late += some(1, NOW - 300 * DAY)
    verdict = flood.weigh([*late, *along, *fresh], known, since=NOW - HOUR, now=NOW, anew=False)
    assert verdict.held.keys() == {one.id for one in (*late, *along)}
    reasons = {"4 entries at once, more than 7 days older than the newest before (2020-05-13)"}
    assert set(verdict.held.values()) == reasons


def test_what_has_no_date_or_one_to_come_is_not_late() -> None:
    for at in (None, NOW + 9 * DAY, NOW - LATE):
        (one,) = some(1, at)
        assert flood.weigh([one], Past(NOW), since=NOW - HOUR, now=NOW, anew=False).news == {one.id: True}


def test_a_custom_of_dating_back_is_learned_from_many() -> None:
    back = [(NOW - 21 * DAY + number * HOUR, NOW - number * HOUR) for number in range(12)]
    assert flood.past(back, NOW).delay > 18 * DAY
    assert flood.past(back[:5], NOW).delay == timedelta(0)
    prompt = [(NOW - number * HOUR, NOW - number * HOUR) for number in range(60)]
    assert flood.past([*back, *prompt], NOW).delay == timedelta(0), "a sixth of them is no custom"


def test_of_a_first_poll_only_what_is_dated_and_recent_is_news() -> None:
    ages = {"recent": NOW - HOUR, "old": NOW - 3 * DAY, "to come": NOW + HOUR, "undated": None}
    found = {name: entry(name, published=at) for name, at in ages.items()}
    verdict = flood.of_first_poll(list(found.values()), 2 * DAY, NOW)
    assert [name for name, one in found.items() if verdict.news[one.id]] == ["recent"]
    assert not verdict.held
