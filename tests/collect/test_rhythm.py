"""A source's own rhythm, and what each domain bears."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.collect import budget, rhythm
from aggregator.model import Budget

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def times(*hours: float) -> tuple[int, ...]:
    return rhythm.with_times((), [NOW - HOUR * hour for hour in hours], NOW)


@pytest.mark.parametrize(
    ("known", "weekly"),
    [
        pytest.param((), None, id="nothing"),
        pytest.param((3,), None, id="one"),
        pytest.param(tuple(range(1, 65)), 168.0, id="hourly"),
        pytest.param((24, 48, 72), 7.0, id="daily"),
        pytest.param((24 * 100, 24 * 101), 0.0, id="silent for months"),
    ],
)
def test_entries_a_week(known: tuple[float, ...], weekly: float | None) -> None:
    found = rhythm.per_week(times(*known), NOW)
    assert found == (weekly if weekly is None else pytest.approx(weekly, rel=0.05))


def test_a_source_that_falls_silent_is_asked_ever_more_seldom() -> None:
    known = times(*range(1, 30))
    waits = []
    for days in (0, 1, 3, 7, 20, 40):
        now = NOW + DAY * days
        weekly = rhythm.per_week(known, now)
        assert weekly is not None
        waits.append(rhythm.interval(weekly, known, now, DAY))
    assert waits == sorted(waits)
    assert waits[0] < HOUR
    assert waits[-1] == DAY


def test_what_lies_in_the_future_says_nothing() -> None:
    assert rhythm.with_times((), [NOW + HOUR, NOW - HOUR], NOW) == (rhythm.minutes(NOW - HOUR),)


@given(
    st.lists(st.floats(0, 5000), max_size=80),
    st.lists(st.floats(0, 5000), max_size=80),
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
)
def test_the_interval_is_never_beyond_the_longest_and_never_nought(
    known: list[float], more: list[float], longest: timedelta
) -> None:
    found = rhythm.with_times(times(*known), [NOW - HOUR * hour for hour in more], NOW)
    assert len(found) <= rhythm.MOST
    assert list(found) == sorted(set(found), reverse=True)
    weekly = rhythm.per_week(found, NOW)
    if weekly is not None:
        assert timedelta(0) < rhythm.interval(weekly, found, NOW, longest) <= longest


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("feeds.bbci.co.uk", "bbci.co.uk"),
        ("BBCI.co.uk.", "bbci.co.uk"),
        ("a.b.example.com", "example.com"),
        ("one.github.io", "one.github.io"),
        ("two.github.io", "two.github.io"),
        ("新闻.example.cn", "example.cn"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("localhost", "localhost"),
        ("printer.lan", "printer.lan"),
        ("co.uk", "co.uk"),
    ],
)
def test_the_registrable_domain(host: str, domain: str) -> None:
    assert budget.domain_of(host) == domain


def test_each_complaint_doubles_the_delay_up_to_a_minute() -> None:
    found, delays = Budget(domain="example.com"), []
    for _ in range(9):
        found = budget.after_answer(found, 429, {}, NOW)
        delays.append(found.delay)
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert budget.after_answer(found, 200, {}, NOW + 6 * DAY).delay == 60
    assert budget.after_answer(found, 200, {}, NOW + 8 * DAY).delay == 0


@pytest.mark.parametrize(
    ("domain", "status", "headers", "pause"),
    [
        pytest.param("example.com", 429, {"retry-after": "600"}, timedelta(minutes=10), id="seconds"),
        pytest.param("example.com", 503, {"retry-after": "600"}, timedelta(minutes=10), id="503"),
        pytest.param("example.com", 503, {}, None, id="503 that says nothing"),
        pytest.param("example.com", 429, {"retry-after": "9" * 9}, DAY, id="a day at most"),
        pytest.param("example.com", 429, {"retry-after": "soon"}, None, id="nonsense"),
        pytest.param("10.0.0.1", 429, {"retry-after": "600"}, None, id="a bare address is no site"),
        pytest.param("example.com", 404, {"retry-after": "600"}, None, id="not about the site"),
    ],
)
def test_a_pause_for_all_feeds_of_a_domain(
    domain: str, status: int, headers: dict[str, str], pause: timedelta | None
) -> None:
    found = budget.after_answer(Budget(domain=domain), status, headers, NOW)
    assert found.until == (None if pause is None else NOW + pause)
