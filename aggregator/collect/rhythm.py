"""A source's own rhythm: how often it brings something, and at which hours. Pure.

Its last entries' times are all that is kept. What it brings in an hour of the day is estimated from them, half from all
hours alike and half from the hours in which its entries came, and it is polled when a quarter of an entry is to be
expected: four times for each entry, more often by day than by night where it sleeps, and ever more seldom while it is silent.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import neg

MOST = 64
"""Times that are kept."""
_EXPECTED = 0.25
_RECENT = 28 * 24 * 60
_MEANT_BY_HOURS = 16
"""So many times at least before the hours of a day are told apart."""
_HOURS = 24
_HOUR = timedelta(hours=1)
_FEWEST = 2
_MOST_IN_AN_HOUR = 0.5 / _HOURS + 0.5
_WEEK = 7 * 24 * 60


def minutes(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def with_times(known: tuple[int, ...], found: Iterable[datetime], now: datetime) -> tuple[int, ...]:
    """The newest of both, without what lies in the future."""
    latest = minutes(now)
    times = {*known, *(minute for moment in found if (minute := minutes(moment)) <= latest)}
    return tuple(sorted(times, reverse=True)[:MOST])


def per_week(times: tuple[int, ...], now: datetime) -> float | None:
    """Entries a week of late; None where too little is known to say. A long silence counts."""
    if len(times) < _FEWEST:
        return None
    present = minutes(now)
    recent = bisect_right(times, _RECENT - present, key=neg)
    span = _RECENT if recent < len(times) else max(1, present - times[-1])
    return recent / span * _WEEK


def gap(times: tuple[int, ...]) -> timedelta | None:
    """The mean time between two of its entries; None where too little is known."""
    if len(times) < _FEWEST:
        return None
    return timedelta(minutes=(times[0] - times[-1]) / (len(times) - 1))


def interval(weekly: float, times: tuple[int, ...], now: datetime, longest: timedelta) -> timedelta:
    """How long to wait from `now` on, where so many entries come a week; at most `longest`."""
    daily, most = weekly / 7, longest / _HOUR
    if daily * (most / _HOURS + 1) * _HOURS * _MOST_IN_AN_HOUR < _EXPECTED:
        return longest  # not even if all came at once; saves the walk for the many that are silent
    shares = _shares(times)
    hour, left = now.hour, 1 - (now.minute * 60 + now.second) / 3600
    waited = expected = 0.0
    while waited < most:
        hourly = daily * shares[hour]
        if expected + hourly * left >= _EXPECTED:
            return min(longest, _HOUR * (waited + (_EXPECTED - expected) / hourly))
        expected += hourly * left
        waited += left
        hour, left = (hour + 1) % _HOURS, 1.0
    return longest


def _shares(times: tuple[int, ...]) -> list[float]:
    """Of a day's entries, what comes in each hour (UTC)."""
    if len(times) < _MEANT_BY_HOURS:
        return [1 / _HOURS] * _HOURS
    counted = Counter(time // 60 % _HOURS for time in times)
    return [0.5 / _HOURS + 0.5 * counted[hour] / len(times) for hour in range(_HOURS)]
