"""When a source is polled next, and why. Pure: old state and what happened in, new state out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from http import HTTPStatus

from aggregator.config import PollSettings, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Page, PollState, Reading, Request

POLLS_TO_MOVE = 3
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_THROTTLED = {HTTPStatus.TOO_MANY_REQUESTS: _HOUR, HTTPStatus.FORBIDDEN: 3 * _HOUR}
_NEVER = timedelta(days=36_500)
_SOONEST = timedelta(seconds=1)
_JITTER = 0.1
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,12}")
"""What follows (a fraction, more digits than any number of seconds has) changes nothing."""
_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class _Wait:
    time: timedelta
    reason: str


def first_state(source: Source, now: datetime) -> PollState:
    return PollState(source=source.name, url=source.url, due=now)


def request_for(source: Source, state: PollState) -> Request:
    """Validators go along with the address that gave them, for a redirect may lead there; no other gets them."""
    url = _asked(source, state)
    return Request(
        source=source.name,
        url=url,
        etag=state.etag,
        last_modified=state.last_modified,
        validators_url=state.validators_url,
        headers=source.headers if _place(url) == _place(source.url) else {},
    )


def is_due(state: PollState, now: datetime, *, force: bool = False) -> bool:
    """`force` ignores our own schedule, never what the server asked for."""
    if state.state == "gone":
        return False
    if state.last_polled is not None and state.last_polled - now > _DAY:
        return True  # written down under a clock that was wrong: so are the times until which it waits
    if state.retry_after is not None and state.retry_after > now:
        return False
    return force or state.due <= now


def body_hash(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def after_page(  # noqa: PLR0917  what happened is made of just these
    source: Source, state: PollState, page: Page, reading: Reading | None, settings: PollSettings, now: datetime
) -> PollState:
    """`reading` is None where nothing changed: a 304, or the same bytes again."""
    asked_to_wait = _retry_after(page.headers, settings, now)
    wait = _regular(source, page, reading, settings)
    if asked_to_wait is not None and asked_to_wait.time > wait.time:
        wait = asked_to_wait
    kept = _with_validators(_with_move(source, state, page), page)
    return replace(
        kept,
        url=source.url,
        due=_due(source, wait, now),
        reason=wait.reason,
        state="ok",
        body_hash=body_hash(page.body) if page.status != HTTPStatus.NOT_MODIFIED else state.body_hash,
        retry_after=now + asked_to_wait.time if asked_to_wait is not None else None,
        failures=0,
        error=None,
        last_polled=now,
        last_changed=now if reading is not None else state.last_changed,
        title=(reading.title if reading is not None else None) or state.title,
        home=(reading.home if reading is not None else None) or state.home,
    )


def after_failure(
    source: Source, state: PollState, error: FetchError | ParseError, settings: PollSettings, now: datetime
) -> PollState:
    """Validators, hash and what was learnt of the feed stay: a failure says nothing about them."""
    failed = replace(
        state,
        url=source.url,
        failures=state.failures + 1,
        error=error.message,
        last_polled=now,
        retry_after=None,
        moved_to=None,
        moved_count=0,
    )
    status = error.status if isinstance(error, FetchError) else None
    if _adopted(source, state) and (status in {HTTPStatus.GONE, HTTPStatus.NOT_FOUND} or isinstance(error, ParseError)):
        wait = _Wait(_bounded(settings.min, settings), f"{error.message}; back to the address in feeds.yaml")
        return replace(failed, adopted_url=None, state="failing", due=_due(source, wait, now), reason=wait.reason)
    if status == HTTPStatus.GONE:
        reason = "410 Gone: not asked again until it is revived"
        return replace(failed, state="gone", due=now + _NEVER, reason=reason)
    asked_to_wait = _retry_after(error.headers, settings, now) if isinstance(error, FetchError) else None
    wait = asked_to_wait or _backoff(source, failed, status, settings)
    return replace(
        failed,
        state="throttled" if asked_to_wait or status == HTTPStatus.TOO_MANY_REQUESTS else "failing",
        due=_due(source, wait, now),
        reason=f"{error.message}; {wait.reason}",
        retry_after=now + asked_to_wait.time if asked_to_wait is not None else None,
    )


# --- waiting ---------------------------------------------------------------------------------------------


def _regular(source: Source, page: Page, reading: Reading | None, settings: PollSettings) -> _Wait:
    """The longest of our own interval and of what server and feed ask for, between `min` and `max`."""
    own = _every(source, settings)
    waits = [_Wait(own, f"every {_span(own)}")]
    max_age = _max_age(page)
    if max_age is not None:
        waits.append(_Wait(max_age, f"the server says max-age {_span(max_age)}"))
    if reading is not None and reading.hints.ttl:
        ttl = min(timedelta(minutes=reading.hints.ttl), _WEEK)
        waits.append(_Wait(ttl, f"the feed says ttl {_span(ttl)}"))
    return _held(max(waits, key=lambda wait: wait.time), settings)


def _held(wait: _Wait, settings: PollSettings) -> _Wait:
    time = _bounded(wait.time, settings)
    if time == wait.time:
        return wait
    bound = "poll.max" if time < wait.time else "poll.min"
    return _Wait(time, f"{wait.reason}, held to {bound} {_span(time)}")


def _bounded(time: timedelta, settings: PollSettings) -> timedelta:
    return max(_SOONEST, min(max(time, settings.min), max(settings.max, settings.min)))


def _every(source: Source, settings: PollSettings) -> timedelta:
    return source.every if source.every is not None else settings.every


def _max_age(page: Page) -> timedelta | None:
    """What is left of it: an answer from a cache on the way has an age already."""
    found = _MAX_AGE.search(page.headers.get("cache-control", ""))
    if found is None:
        return None
    age = page.headers.get("age", "").strip()
    left = int(found[1]) - (int(age) if re.fullmatch(r"[0-9]{1,9}", age) else 0)
    return timedelta(seconds=left) if left > 0 else None


def _retry_after(headers: Mapping[str, str], settings: PollSettings, now: datetime) -> _Wait | None:
    """Seconds or a date; never beyond `max`, or one slip of a server would silence a source for years."""
    text = headers.get("retry-after", "").strip()
    seconds = _SECONDS.match(text)
    if seconds is not None:
        time = timedelta(seconds=min(int(seconds[0]), _NEVER.total_seconds()))
    else:
        moment = _http_date(text)
        if moment is None:
            return None
        time = moment - now
    if time <= timedelta(0):
        return None
    return _held(_Wait(time, f"the server says Retry-After {_span(time)}"), settings)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _backoff(source: Source, failed: PollState, status: int | None, settings: PollSettings) -> _Wait:
    """Twice as long after each failure, up to a week; refusals are given time to pass. It never ends by itself."""
    base = _bounded(_every(source, settings), settings)
    longest = max(_WEEK, base)
    time = min(longest, base * 2 ** min(failed.failures - 1, _DOUBLINGS))
    time = max(time, _THROTTLED.get(HTTPStatus(status), _SOONEST)) if status in _THROTTLED else time
    count = "first failure" if failed.failures == 1 else f"{failed.failures} failures in a row"
    return _Wait(time, f"{count}, next try in {_span(time)}")


def _due(source: Source, wait: _Wait, now: datetime) -> datetime:
    """With a share of the wait added that is the source's own, so that a thousand do not fire together."""
    share = int.from_bytes(blake2b(source.name.encode(), digest_size=2).digest(), "big") / 0x10000
    return now + wait.time * (1 + _JITTER * share)


def _span(time: timedelta) -> str:
    seconds = time.total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{round(seconds / length, 1):g} {unit}"
    return f"{seconds:g} s"


# --- addresses -------------------------------------------------------------------------------------------


def _adopted(source: Source, state: PollState) -> str | None:
    """An adopted address belongs to the configured one: when that changes, it is forgotten."""
    return state.adopted_url if state.url == source.url else None


def _asked(source: Source, state: PollState) -> str:
    return _adopted(source, state) or source.url


def _with_move(source: Source, state: PollState, page: Page) -> PollState:
    """Adopt where permanent redirects led three polls in a row; one slip of a server moves nothing."""
    adopted = _adopted(source, state)
    if page.permanent_url is None:
        return replace(state, adopted_url=adopted, moved_to=None, moved_count=0)
    count = state.moved_count + 1 if page.permanent_url == state.moved_to else 1
    if count < POLLS_TO_MOVE:
        return replace(state, adopted_url=adopted, moved_to=page.permanent_url, moved_count=count)
    new = page.permanent_url if page.permanent_url != source.url else None
    return replace(state, adopted_url=new, moved_to=None, moved_count=0)


def _with_validators(state: PollState, page: Page) -> PollState:
    """Always the newest: of a 200 what it has, none if it has none; of a 304 what it brings anew."""
    etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
    if page.status == HTTPStatus.NOT_MODIFIED:
        return replace(state, etag=etag or state.etag, last_modified=modified or state.last_modified)
    return replace(
        state,
        etag=etag,
        last_modified=modified,
        validators_url=page.final_url if etag is not None or modified is not None else None,
    )


def _place(url: str) -> str:
    """Scheme, host and port: where the operator's own headers may go."""
    return "/".join(url.split("/", 3)[:3]).lower()
