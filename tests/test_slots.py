"""When a newsletter is due, in every zone and over clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.slots import Schedule, next_slot, parse_schedule, slots_between

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
schedules = st.builds(
    Schedule,
    st.times(min_value=time(0), max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
) | st.builds(Schedule, st.just(time(8)), st.just(frozenset(range(7))), st.integers(1, 31))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001  hypothesis wants naive bounds


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("07:00", "07:00"),
        ("7:05", "07:05"),
        ("07:00 daily", "07:00"),
        ("07:00 mon-fri", "07:00 mon,tue,wed,thu,fri"),
        ("18:30 SUN", "18:30 sun"),
        ("18:30 fri-mon", "18:30 mon,fri,sat,sun"),
        ("08:00 tue, thu", "08:00 tue,thu"),
        ("08:00 1st", "08:00 1st"),
        ("08:00 31st", "08:00 31st"),
    ],
)
def test_schedules_are_read(text: str, shown: str) -> None:
    assert str(parse_schedule(text)) == shown


@pytest.mark.parametrize(
    "text", ["", "7", "25:00", "07:60", "07:00 someday", "07:00 0th", "07:00 32nd", "mon 07:00", None, 7]
)
def test_what_is_no_schedule_is_told_how_to_write_one(text: object) -> None:
    with pytest.raises(ValueError, match="07:00 mon-fri"):
        parse_schedule(text)


@given(schedules)
def test_a_schedule_reads_back(schedule: Schedule) -> None:
    assert parse_schedule(str(schedule)) == schedule


def test_a_slot_that_the_clock_jumps_over_falls_on_the_jump() -> None:
    found = slots_between(parse_schedule("02:30"), BERLIN, utc("2026-03-27T12:00"), utc("2026-03-31T12:00"))
    assert found == [utc("2026-03-28T01:30"), utc("2026-03-29T01:00"), utc("2026-03-30T00:30"), utc("2026-03-31T00:30")]


def test_a_slot_that_comes_twice_is_taken_once() -> None:
    found = slots_between(parse_schedule("02:30"), BERLIN, utc("2026-10-23T12:00"), utc("2026-10-26T12:00"))
    assert found == [utc("2026-10-24T00:30"), utc("2026-10-25T00:30"), utc("2026-10-26T01:30")]


def test_a_midnight_that_does_not_exist_skips_no_day() -> None:
    found = slots_between(
        parse_schedule("00:15"), ZoneInfo("America/Santiago"), utc("2026-09-04T12:00"), utc("2026-09-08T12:00")
    )
    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "07:00", ["2011-12-29T17:00", "2011-12-30T17:00", "2011-12-31T17:00"], id="daily: none of its own"
        ),
        pytest.param("07:00 fri", ["2011-12-30T10:00"], id="a weekday: at the jump"),
        pytest.param("07:00 30th", ["2011-12-30T10:00"], id="a day of the month: at the jump"),
        pytest.param("07:00 fri,sun", ["2011-12-30T10:00", "2011-12-31T17:00"], id="the day after has none"),
    ],
)
def test_a_day_that_a_zone_left_out_is_told_once(text: str, expected: list[str]) -> None:
    """Samoa went from Thursday, the 29th, to Saturday, the 31st, at 10:00 UTC."""
    found = slots_between(
        parse_schedule(text), ZoneInfo("Pacific/Apia"), utc("2011-12-28T18:00"), utc("2012-01-01T12:00")
    )
    assert found == [utc(slot) for slot in expected]


@pytest.mark.parametrize(
    ("month", "day"), [(1, 31), (2, 28), (4, 30), (12, 31)], ids=["January", "February", "April", "December"]
)
def test_the_31st_of_a_short_month_is_its_last_day(month: int, day: int) -> None:
    slot = next_slot(parse_schedule("08:00 31st"), BERLIN, datetime(2026, month, 1, tzinfo=UTC))
    assert slot.astimezone(BERLIN).date() == date(2026, month, day)


@given(schedules, st.sampled_from(ZONES), moments)
def test_the_next_slot_lies_ahead_and_none_between(schedule: Schedule, zone: str, now: datetime) -> None:
    slot = next_slot(schedule, ZoneInfo(zone), now)
    assert slot > now
    assert slots_between(schedule, ZoneInfo(zone), now, slot) == [slot]
    assert slots_between(schedule, ZoneInfo(zone), now, slot - timedelta(seconds=1)) == []


@pytest.mark.parametrize("at", ["00:00", "00:30", "02:30", "23:45"])
@given(zone=st.sampled_from(ZONES), start=moments)
def test_every_local_day_has_one_slot_at_its_hour_or_at_the_jump(at: str, zone: str, start: datetime) -> None:
    there, schedule = ZoneInfo(zone), parse_schedule(at)
    found = slots_between(schedule, there, start, start + timedelta(days=40))
    assert 39 <= len(found) <= 41
    for one, other in pairwise(found):
        assert timedelta(hours=20) <= other - one <= timedelta(hours=28)
    for slot in found:
        local = slot.astimezone(there)
        if local.time() != schedule.at:
            before = (slot - timedelta(seconds=1)).astimezone(there)
            assert before.utcoffset() != local.utcoffset(), "only a jump of the clock moves a slot"


@given(schedules, st.sampled_from(ZONES), moments, st.integers(0, 30), st.integers(0, 30))
def test_a_span_is_the_sum_of_its_parts(schedule: Schedule, zone: str, start: datetime, one: int, other: int) -> None:
    there, middle = ZoneInfo(zone), start + timedelta(days=one)
    end = middle + timedelta(days=other)
    parts = slots_between(schedule, there, start, middle) + slots_between(schedule, there, middle, end)
    assert slots_between(schedule, there, start, end) == parts


@pytest.mark.parametrize(("text", "days"), [("07:00", 1), ("07:00 mon-fri", 3), ("07:00 sun", 7), ("07:00 1st", 31)])
def test_the_longest_gap(text: str, days: int) -> None:
    assert parse_schedule(text).longest_gap == timedelta(days=days)
