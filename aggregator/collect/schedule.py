"""What becomes of a source's state by an answer: when it is polled next, where, with which validators. Pure: old state
and what happened in, new state out. How long to wait is told by `waiting`, how the source is by `health`.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus

from aggregator.collect import health, rhythm, waiting
from aggregator.collect.waiting import HOUR, NEVER, SOONEST, Wait
from aggregator.config import PollSettings, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Entry, Page, PollState, Reading, Request

POLLS_TO_MOVE = 3
_DAY = timedelta(days=1)
_LEAST = {HTTPStatus.TOO_MANY_REQUESTS: HOUR} | dict.fromkeys(health.BLOCKED, 3 * HOUR)
_SLOWEST_PACE = 1 / 8
_MOST_ADDRESSES = 3
_RECOVERY = 1.25


def first_state(source: Source, now: datetime) -> PollState:
    return PollState(source=source.name, url=source.url, due=now, since=now)


def readdressed(source: Source, state: PollState, now: datetime) -> PollState:
    """The state of a source whose address in feeds.yaml was changed. Where it is one that we asked already (adopted, or
    led to by redirects), all that is known stays; else it starts anew.
    """
    if source.url in {state.adopted_url, state.validators_url}:
        known = replace(state, url=source.url, adopted_url=None, moved_to=None, moved_count=0, proposed_url=None)
        return health.in_state(state, known, health.Health("ok", "feeds.yaml has its new address"), now)
    return first_state(source, now)


def request_for(source: Source, state: PollState) -> Request:
    """Validators go along with the address that gave them, for a redirect may lead there; no other gets them."""
    url = _asked(source, state)
    return Request(
        source=source.name,
        url=url,
        etag=state.etag,
        last_modified=state.last_modified,
        validators_url=state.validators_url,
        others={final: (etag, modified) for final, etag, modified in state.other_validators},
        headers=source.sent_headers if _place(url) == _place(source.url) else {},
        proxy=source.proxy_url,
    )


def request_to(source: Source, url: str) -> Request:
    """Another page of a source: asked as it is, the operator's headers only where they belong."""
    headers = source.sent_headers if _place(url) == _place(source.url) else {}
    return Request(source=source.name, url=url, headers=headers, proxy=source.proxy_url)


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
    source: Source,
    state: PollState,
    page: Page,
    reading: Reading | None,
    settings: PollSettings,
    now: datetime,
    *,
    new: int | None = None,
    gap: bool = False,
    pushed: str = "",
    digest: str | None = None,
) -> PollState:
    """`reading` is None where nothing changed: a 304, or the same bytes again. `new`: how many entries were not known;
    None: all of them. `gap`: none of them was, though it had been read before. `pushed`: by whom we are told, if so.
    `digest`: the body's hash, where it is known already.
    """
    kept = _with_freshness(_with_validators(_with_move(source, state, page), page), page, now)
    if reading is not None:
        kept = _with_reading(kept, reading, now, len(reading.entries) if new is None else new, gap=gap)
    retry = waiting.retry_after(page.headers, settings, now) if "retry-after" in page.headers else None
    due = waiting.due_after_page(source, kept, settings, now, retry=retry, pushed=pushed)
    well = health.of_page(kept, now, empty=None if reading is None else not reading.entries)
    return replace(
        kept,
        url=source.url,
        due=due.at,
        reason=due.reason,
        rules=due.rules,
        state=well.state,
        health=well.reason,
        since=health.since(state, well, now),
        body_hash=state.body_hash if reading is None else digest or body_hash(page.body),
        retry_after=now + retry.time if retry is not None else None,
        failures=0,
        error=None,
        proposed_url=None,
        last_polled=now,
        polls=state.polls + 1,
    )


def _with_reading(state: PollState, reading: Reading, now: datetime, new: int, *, gap: bool) -> PollState:
    return replace(
        state,
        last_changed=now,
        last_new=now if new else state.last_new,
        title=reading.title or state.title,
        home=reading.home or state.home,
        hints=reading.hints,
        times=rhythm.with_times(state.times, _times(reading.entries, now, new), now),
        pace=_pace(state, gap=gap),
    )


def _times(entries: Iterable[Entry], now: datetime, new: int) -> list[datetime]:
    """When its entries were published; where none says so, when we found something new."""
    dated = [entry.published for entry in entries if entry.published is not None]
    return dated or ([now] if new else [])


def _pace(state: PollState, *, gap: bool) -> float:
    """Twice as fast after each gap, up to eight times; back to its rhythm as readings follow each other without one."""
    return max(_SLOWEST_PACE, state.pace / 2) if gap else min(1.0, state.pace * _RECOVERY)


def _with_freshness(state: PollState, page: Page, now: datetime) -> PollState:
    """A 304 that says nothing leaves in force what the answer before it said (RFC 9111, 4.3.4)."""
    said = waiting.freshness(page.headers, now)
    kept = said == state.fresh or (said is None and page.status == HTTPStatus.NOT_MODIFIED)
    return state if kept else replace(state, fresh=said)


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
        polls=state.polls + 1,
    )
    status = error.status if isinstance(error, FetchError) else None
    if _adopted(source, state) and (status in {HTTPStatus.GONE, HTTPStatus.NOT_FOUND} or isinstance(error, ParseError)):
        return _given_back(source, failed, error, settings, now)
    retry = waiting.retry_after(error.headers, settings, now) if isinstance(error, FetchError) else None
    verdict = health.of_failure(error, asked_to_wait=retry is not None)
    failed = health.in_state(state, failed, verdict, now)
    if verdict.state == "gone":
        return replace(failed, due=now + NEVER, reason=verdict.reason, rules=(verdict.reason,))
    wait = retry or _backoff(source, failed, status, settings)
    return replace(
        failed,
        due=waiting.due(source, wait, now),
        reason=f"{error.message}; {wait.reason}",
        rules=(f"{error.message}; {wait.reason}",),
        retry_after=now + retry.time if retry is not None else None,
    )


def _given_back(
    source: Source, failed: PollState, error: FetchError | ParseError, settings: PollSettings, now: datetime
) -> PollState:
    """The adopted address is the feed's no more: the configured one is asked again."""
    wait = Wait(waiting.bounded(settings.min, settings), f"{error.message}; back to the address in feeds.yaml")
    back = replace(
        failed, adopted_url=None, due=waiting.due(source, wait, now), reason=wait.reason, rules=(wait.reason,)
    )
    return health.in_state(failed, back, health.Health("failing", wait.reason), now)


def _backoff(source: Source, failed: PollState, status: int | None, settings: PollSettings) -> Wait:
    least = _LEAST.get(HTTPStatus(status), SOONEST) if status in _LEAST else SOONEST
    return waiting.backoff(source, failed.failures, least, settings)


def after_hold(source: Source, state: PollState, reason: str, until: datetime | None, now: datetime) -> PollState:
    """Not asked, as its domain asked for a pause when another of its feeds was. That is no failure of this one."""
    wait = Wait(max(SOONEST, (until or now) - now), reason)
    return replace(state, due=waiting.due(source, wait, now), reason=reason, rules=(reason,))


# --- addresses -------------------------------------------------------------------------------------------


def _adopted(source: Source, state: PollState) -> str | None:
    """An adopted address belongs to the configured one: when that changes, it is forgotten."""
    return state.adopted_url if state.url == source.url else None


def _asked(source: Source, state: PollState) -> str:
    return _adopted(source, state) or source.url


def is_another_feed(state: PollState, reading: Reading, *, overlap: bool) -> bool:
    """Whether an adopted address gives something else than the feed that was there: no entry in common, another name."""
    if state.adopted_url is None or overlap or not state.title or not state.last_new:
        return False
    return reading.title != state.title


def _with_move(source: Source, state: PollState, page: Page) -> PollState:
    """Adopt where permanent redirects led three polls in a row; one slip of a server moves nothing."""
    adopted = _adopted(source, state)
    if page.permanent_url is None:
        still = adopted == state.adopted_url and state.moved_to is None
        return state if still else replace(state, adopted_url=adopted, moved_to=None, moved_count=0)
    count = state.moved_count + 1 if page.permanent_url == state.moved_to else 1
    if count < POLLS_TO_MOVE:
        return replace(state, adopted_url=adopted, moved_to=page.permanent_url, moved_count=count)
    new = page.permanent_url if page.permanent_url != source.url else None
    return replace(state, adopted_url=new, moved_to=None, moved_count=0)


def _with_validators(state: PollState, page: Page) -> PollState:
    """Always the newest of each final address: of a 200 what it has, none if it has none; of a 304 what it brings anew."""
    etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
    state = _at_address(state, page.final_url)
    if page.status == HTTPStatus.NOT_MODIFIED:
        etag, modified = etag or state.etag, modified or state.last_modified
    none = etag is None and modified is None
    if (etag, modified) == (state.etag, state.last_modified) and (none or state.validators_url == page.final_url):
        return state
    return replace(state, etag=etag, last_modified=modified, validators_url=None if none else page.final_url)


def _at_address(state: PollState, final: str) -> PollState:
    """With the validators of this final address in front, and those of others kept."""
    if state.validators_url in {None, final}:
        return state
    here = next((known for known in state.other_validators if known[0] == final), (final, None, None))
    before = (str(state.validators_url), state.etag, state.last_modified)
    others = (before, *(known for known in state.other_validators if known[0] != final))[:_MOST_ADDRESSES]
    return replace(state, validators_url=final, etag=here[1], last_modified=here[2], other_validators=others)


def _place(url: str) -> str:
    """Scheme, host and port: where the operator's own headers may go."""
    return "/".join(url.split("/", 3)[:3]).lower()
