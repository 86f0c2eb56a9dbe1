"""A source's own rhythm: how often it brings something, and at which hours. Pure.

Its last entries' times are all that is kept. What it brings in an hour of the day is estimated from them, half from all
hours alike and half from the hours in which its entries came, and it is polled when a quarter of an entry is to be
expected: four times for each entry, more often by day than by night where it sleeps, and ever more seldom while it is silent.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

MOST = 64
"""Times that are kept."""
_EXPECTED = 0.25
_RECENT = 28 * 24 * 60
_MEANT_BY_HOURS = 16
"""So many times at least before the hours of a day are told apart."""
_HOURS = 24
_HOUR = timedelta(hours=1)
_FEWEST = 2
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
    recent = [time for time in times if present - time <= _RECENT]
    span = _RECENT if len(recent) < len(times) else max(1, present - times[-1])
    return len(recent) / span * _WEEK


def gap(times: tuple[int, ...]) -> timedelta | None:
    """The mean time between two of its entries; None where too little is known."""
    if len(times) < _FEWEST:
        return None
    return timedelta(minutes=(times[0] - times[-1]) / (len(times) - 1))


def interval(times: tuple[int, ...], now: datetime, longest: timedelta) -> timedelta | None:
    """How long to wait from `now` on; at most `longest`. None where too little is known to say."""
    weekly = per_week(times, now)
    if weekly is None:
        return None
    daily, shares = weekly / 7, _shares(times)
    expected, at = 0.0, now
    while at - now < longest:
        rest = (at + _HOUR).replace(minute=0, second=0, microsecond=0) - at
        hourly = daily * shares[at.hour]
        coming = hourly * (rest / _HOUR)
        if expected + coming >= _EXPECTED:
            return min(longest, at - now + _HOUR * ((_EXPECTED - expected) / hourly))
        expected, at = expected + coming, at + rest
    return longest


def _shares(times: tuple[int, ...]) -> list[float]:
    """Of a day's entries, what comes in each hour (UTC)."""
    if len(times) < _MEANT_BY_HOURS:
        return [1 / _HOURS] * _HOURS
    counted = Counter(time // 60 % _HOURS for time in times)
    return [0.5 / _HOURS + 0.5 * counted[hour] / len(times) for hour in range(_HOURS)]
