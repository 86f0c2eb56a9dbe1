"""How long to wait, and every rule that had a say: the server's, the feed's, the source's rhythm, our bounds. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from aggregator.collect import rhythm
from aggregator.config import PollSettings, Source
from aggregator.model import Hints, PollState

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
SOONEST = timedelta(seconds=1)
NEVER = timedelta(days=36_500)
_JITTER = 0.1
_DOUBLINGS = 16
_PUSHED = 12
"""So much longer a source waits that tells us by itself; as much as one large reader was seen to give."""
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|[,\s])(?:no-cache|no-store)(?:$|[,\s=])", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,12}")
"""What follows (a fraction, more digits than any number of seconds has) changes nothing."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Wait:
    time: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Due:
    """When next, the rule that decided, and all that had a say."""

    at: datetime
    reason: str
    rules: tuple[str, ...]


def due_after_page(
    source: Source, state: PollState, settings: PollSettings, now: datetime, *, retry: Wait | None, pushed: str = ""
) -> Due:
    """The longest of our own interval and of what server and feed ask for, between `min` and `max`. `state` knows the
    newest hints and times already; `retry` is a Retry-After that came along.
    """
    asked = _asked(source, state, settings, now, pushed)
    wait = held(max(asked, key=lambda each: each.time), settings)
    rules = [each.reason for each in asked]
    if retry is not None:
        rules.append(retry.reason)
        wait = max(wait, retry, key=lambda each: each.time)
    if wait.reason not in rules:
        rules.append(wait.reason)
    at, moved = allowed(due(source, wait, now), state.hints, now + max(settings.max, settings.min))
    return Due(at, moved or wait.reason, (*rules, moved) if moved else tuple(rules))


def _asked(source: Source, state: PollState, settings: PollSettings, now: datetime, pushed: str) -> list[Wait]:
    waits = [own(source, state, settings, now)]
    if pushed:
        waits.append(Wait(waits[0].time * _PUSHED, pushed))
    if state.fresh:
        fresh = timedelta(seconds=state.fresh)
        waits.append(Wait(fresh, f"the server says max-age {span(fresh)}"))
    if state.hints.ttl:
        ttl = min(timedelta(minutes=state.hints.ttl), WEEK)
        waits.append(Wait(ttl, f"the feed says ttl {span(ttl)}"))
    if state.hints.period:
        period = min(timedelta(minutes=state.hints.period), WEEK)
        waits.append(Wait(period, f"the feed says sy:updatePeriod {span(period)}"))
    return waits


def own(source: Source, state: PollState, settings: PollSettings, now: datetime) -> Wait:
    """What the operator said of this source; else its rhythm; else what the operator said of all."""
    if source.every is not None:
        wait = Wait(source.every, f"every {span(source.every)}")
    else:
        wait = _by_rhythm(state, settings, now) or Wait(settings.every, f"every {span(settings.every)}")
    if state.pace >= 1:
        return wait
    return Wait(wait.time * state.pace, f"{wait.reason}, times {state.pace:g} since entries were missed")


def _by_rhythm(state: PollState, settings: PollSettings, now: datetime) -> Wait | None:
    weekly = rhythm.per_week(state.times, now)
    if weekly is None:
        return None
    time = rhythm.interval(weekly, state.times, now, max(settings.max, settings.min))
    return Wait(time, f"its own rhythm: {_count(weekly)} entries a week, so every {span(time)} at this hour")


def _count(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")  # noqa: PLR2004  two digits are enough


def held(wait: Wait, settings: PollSettings) -> Wait:
    time = bounded(wait.time, settings)
    if time == wait.time:
        return wait
    bound = "poll.max" if time < wait.time else "poll.min"
    return Wait(time, f"{wait.reason}, held to {bound} {span(time)}")


def bounded(time: timedelta, settings: PollSettings) -> timedelta:
    return max(SOONEST, min(max(time, settings.min), max(settings.max, settings.min)))


def every(source: Source, settings: PollSettings) -> timedelta:
    return source.every if source.every is not None else settings.every


# --- what the server says --------------------------------------------------------------------------------


def freshness(headers: Mapping[str, str], now: datetime) -> int | None:
    """Seconds for which an answer stays fresh (RFC 9111): max-age, else Expires, less the age that it has already."""
    control = headers.get("cache-control", "")
    found = _MAX_AGE.search(control)
    if found is not None:
        age = headers.get("age", "").strip()
        return max(0, int(found[1]) - (int(age) if re.fullmatch(r"[0-9]{1,9}", age) else 0))
    if "expires" not in headers:
        return 0 if control else None
    expires = http_date(headers["expires"])
    if expires is None or _UNCACHED.search(control):
        return 0
    sent = http_date(headers.get("date", "")) or now
    return max(0, int(min(expires - sent, WEEK).total_seconds()))


def retry_after(headers: Mapping[str, str], settings: PollSettings, now: datetime) -> Wait | None:
    """Never beyond `max`, or one slip of a server would silence a source for years."""
    time = pause(headers, now)
    return None if time is None else held(Wait(time, f"the server says Retry-After {span(time)}"), settings)


def pause(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What Retry-After says, in seconds or as a date; None where it says nothing, or that the time is over."""
    text = headers.get("retry-after", "").strip()
    seconds = _SECONDS.match(text)
    if seconds is not None:
        time = timedelta(seconds=min(int(seconds[0]), NEVER.total_seconds()))
    else:
        time = (http_date(text) or now) - now
    return time if time > timedelta(0) else None


def http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- after failures --------------------------------------------------------------------------------------


def backoff(source: Source, failures: int, least: timedelta, settings: PollSettings) -> Wait:
    """Twice as long after each failure, up to a week; refusals are given time to pass. It never ends by itself."""
    base = bounded(every(source, settings), settings)
    longest = max(WEEK, base)
    time = max(least, min(longest, base * 2 ** min(failures - 1, _DOUBLINGS)))
    count = "first failure" if failures == 1 else f"{failures} failures in a row"
    return Wait(time, f"{count}, next try in {span(time)}")


# --- the moment ------------------------------------------------------------------------------------------


def due(source: Source, wait: Wait, now: datetime) -> datetime:
    """With up to a tenth of the wait added, another share each time: a thousand sources that came due together, by a
    restart or an outage, drift apart.
    """
    seed = f"{source.name}\0{now.timestamp():.0f}".encode()
    share = int.from_bytes(blake2b(seed, digest_size=2).digest(), "big") / 0x10000
    return now + wait.time * (1 + _JITTER * share)


def allowed(at: datetime, hints: Hints, latest: datetime) -> tuple[datetime, str]:
    """Out of the hours and days in which the feed asks not to be asked, though not beyond `latest`; and why, if moved."""
    later = _after_skips(at, hints)
    if later == at:
        return at, ""
    latest = max(at, latest)
    words = f"the feed skips {_skipped(at, hints)}: moved from {_clock(at)} to {_clock(min(later, latest))}"
    return min(later, latest), words + (", held to poll.max" if later > latest else "")


def _after_skips(at: datetime, hints: Hints) -> datetime:
    """The same minute of the first hour that is not skipped (in UTC); unmoved where every hour is."""
    if not hints.skip_hours and not hints.skip_days:
        return at
    for hours in range(7 * 24):
        later = at + HOUR * hours
        if later.hour not in hints.skip_hours and later.weekday() not in hints.skip_days:
            return later
    return at


def _skipped(at: datetime, hints: Hints) -> str:
    return f"{at.hour} h UTC" if at.hour in hints.skip_hours else f"{_DAYS[at.weekday()]}s"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def span(time: timedelta) -> str:
    seconds = time.total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{round(seconds / length, 1):g} {unit}"
    return f"{seconds:g} s"
