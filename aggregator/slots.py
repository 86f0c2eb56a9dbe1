"""When a newsletter is due: wall-clock schedules in a zone, right across clock changes.

A slot that a clock change skips (the gap) falls on the first moment after it; one that comes twice (the fold) is
taken once, the first time. Every local day that the schedule names has exactly one slot; a day that a zone left out
whole (it crossed the date line) has one only if the day after has none of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HINT = 'write a time and, if not every day, the days: "07:00", "07:00 mon-fri", "18:30 sun", "08:00 1st"'


@dataclass(frozen=True, slots=True)
class Schedule:
    """`weekdays`: 0 is Monday. `monthday`: that day of each month, or the month's last day where it is shorter."""

    at: time
    weekdays: frozenset[int] = frozenset(range(7))
    monthday: int | None = None

    def __str__(self) -> str:
        clock = self.at.strftime("%H:%M")
        if self.monthday is not None:
            return f"{clock} {_ordinal(self.monthday)}"
        if len(self.weekdays) == len(_DAYS):
            return clock
        return f"{clock} {','.join(_DAYS[day] for day in sorted(self.weekdays))}"

    def falls_on(self, day: date) -> bool:
        if self.monthday is not None:
            return day.day == min(self.monthday, _last_day(day))
        return day.weekday() in self.weekdays

    @property
    def longest_gap(self) -> timedelta:
        """The longest time between two slots, in whole days, clock changes aside."""
        if self.monthday is not None:
            return timedelta(days=31)
        days = sorted(self.weekdays)
        steps = [(later - day) % 7 or 7 for day, later in zip(days, days[1:] + days[:1], strict=True)]
        return timedelta(days=max(steps))


def parse_schedule(text: Any) -> Schedule:
    """Read "HH:MM [days]"; days are mon … sun, ranges and commas, `daily`, or a day of the month (1st, 15th).

    Raises ValueError with a sentence that shows how to write it.
    """
    words = text.lower().split(maxsplit=1) if isinstance(text, str) else []
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", words[0]) if words else None
    if clock is None:
        raise ValueError(f"{text!r} is no schedule: {_HINT}")
    at = time(int(clock[1]), int(clock[2]))
    days = words[1] if len(words) > 1 else "daily"
    if days in {"daily", "every day"}:
        return Schedule(at)
    monthday = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", days)
    if monthday and 1 <= int(monthday[1]) <= 31:  # noqa: PLR2004  the days of a month
        return Schedule(at, monthday=int(monthday[1]))
    try:
        return Schedule(at, frozenset(day for part in re.split(r"[,\s]+", days) for day in _span(part)))
    except ValueError:
        raise ValueError(f"{text!r} is no schedule: {_HINT}") from None


def next_slot(schedule: Schedule, zone: ZoneInfo, after: datetime) -> datetime:
    """The first slot later than `after`, in UTC."""
    return next(slot for slot in _slots_from(schedule, zone, after) if slot > after)


def slots_between(schedule: Schedule, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Every slot with after < slot <= until, in order, in UTC."""
    found: list[datetime] = []
    for slot in _slots_from(schedule, zone, after):
        if slot > until:
            return found
        if slot > after:
            found.append(slot)
    return found


def _slots_from(schedule: Schedule, zone: ZoneInfo, moment: datetime) -> Iterator[datetime]:
    day = moment.astimezone(zone).date() - timedelta(days=1)
    while True:
        if schedule.falls_on(day):
            slot = _moment(datetime.combine(day, schedule.at), zone)
            if not (_left_out(day, slot, zone) and schedule.falls_on(day + timedelta(days=1))):
                yield slot
        day += timedelta(days=1)


def _left_out(day: date, slot: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone's calendar goes from the day before to the day after."""
    before = (slot - timedelta(seconds=1)).astimezone(zone).date()
    return before < day < slot.astimezone(zone).date()


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """A wall-clock time as a moment in UTC. In a gap: the moment at which the clock jumps over it."""
    there = wall.replace(tzinfo=zone, fold=0)
    back = there.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) == wall:
        return there.astimezone(UTC)
    before = there.replace(fold=1).astimezone(UTC)
    after = there.astimezone(UTC)
    low, high = min(before, after), max(before, after)
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
    return high.replace(microsecond=0)


def _span(part: str) -> Iterator[int]:
    first, _, last = part.partition("-")
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    yield from (day % 7 for day in range(start, end + 1 if end >= start else end + 8))


def _last_day(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def _ordinal(number: int) -> str:
    return f"{number}{'th' if 10 <= number % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"  # noqa: PLR2004  English
