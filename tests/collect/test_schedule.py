"""When a source is polled next, and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.collect.schedule import (
    after_failure,
    after_page,
    body_hash,
    first_state,
    is_due,
    request_for,
)
from aggregator.config import PollSettings, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Hints, Page, PollState, Reading

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
SETTINGS = PollSettings(every=HALF_HOUR, min=timedelta(minutes=15), max=DAY)
SOURCE = Source(name="sample", url="https://news.example/feed", headers={"X-Key": "secret"})
NEW = "https://new.example/feed"
READING = Reading(format="rss20", title="News", home="https://news.example/")
JITTER = 1.1


def page(status: int = 200, body: bytes = b"feed", **fields: str | None) -> Page:
    headers = {
        name.replace("_", "-"): value for name, value in fields.items() if value and name not in {"final", "moved"}
    }
    final = fields.get("final") or fields.get("moved") or SOURCE.url
    return Page(
        url=SOURCE.url, final_url=final, status=status, headers=headers, body=body, permanent_url=fields.get("moved")
    )


def failure(status: int | None = None, **headers: str) -> FetchError:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return FetchError("status" if status else "timeout", f"it answered {status}", SOURCE.url, status, names)


def polled(state: PollState | None = None, found: Page | None = None, reading: Reading | None = READING) -> PollState:
    return after_page(SOURCE, state or first_state(SOURCE, NOW), found or page(), reading, SETTINGS, NOW)


def failed(state: PollState, error: FetchError | ParseError, now: datetime = NOW) -> PollState:
    return after_failure(SOURCE, state, error, SETTINGS, now)


def wait(state: PollState) -> timedelta:
    return state.due - NOW


def about(state: PollState, time: timedelta) -> bool:
    """So long, and at most a tenth longer: every source has its own small delay."""
    return time <= wait(state) <= time * JITTER


FRESH = first_state(SOURCE, NOW)
KNOWN = polled(found=page(etag='"1"', last_modified="Thu, 14 May 2020 10:00:00 GMT"))


def test_a_new_source_is_due_at_once() -> None:
    assert is_due(FRESH, NOW)
    assert (FRESH.state, FRESH.reason) == ("new", "never polled")
    assert request_for(SOURCE, FRESH).etag is None


def test_a_page_settles_everything() -> None:
    state = polled(replace(FRESH, failures=3, error="down", retry_after=NOW))
    assert (state.failures, state.error, state.retry_after) == (0, None, None)
    assert (state.state, state.health, state.since) == ("quiet", "the feed has no entries", NOW)
    assert (state.title, state.home) == ("News", "https://news.example/")
    assert state.last_polled == state.last_changed == NOW
    assert state.body_hash == body_hash(b"feed") != body_hash(b"other")
    assert about(state, HALF_HOUR)
    assert state.reason == "every 30 min"


def test_an_unchanged_page_keeps_what_is_known() -> None:
    earlier = replace(KNOWN, last_changed=NOW - DAY)
    state = polled(earlier, page(304), None)
    assert (state.last_changed, state.last_polled) == (NOW - DAY, NOW)
    assert (state.etag, state.body_hash, state.title) == ('"1"', KNOWN.body_hash, "News")


# --- validators ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "reading", "expected"),
    [
        pytest.param(page(etag='"2"'), READING, ('"2"', None), id="a 200 brings new ones"),
        pytest.param(page(etag='"2"'), None, ('"2"', None), id="also where the bytes are the same"),
        pytest.param(page(), READING, (None, None), id="a 200 without drops them"),
        pytest.param(page(304), None, ('"1"', "Thu, 14 May 2020 10:00:00 GMT"), id="a 304 keeps them"),
        pytest.param(page(304, etag='"3"'), None, ('"3"', "Thu, 14 May 2020 10:00:00 GMT"), id="a 304 may bring newer"),
    ],
)
def test_validators_are_the_newest(
    found: Page, reading: Reading | None, expected: tuple[str | None, str | None]
) -> None:
    state = polled(KNOWN, found, reading)
    assert (state.etag, state.last_modified) == expected


@pytest.mark.parametrize("error", [failure(500, etag='"bad"'), failure(), ParseError("no feed")])
def test_validators_are_kept_through_failures_and_never_taken_from_them(error: FetchError | ParseError) -> None:
    state = failed(KNOWN, error)
    assert (state.etag, state.validators_url, state.body_hash) == ('"1"', SOURCE.url, KNOWN.body_hash)


def test_validators_go_back_with_the_address_that_gave_them() -> None:
    state = polled(found=page(etag="W/odd", final="https://cdn.example/feed"))
    request = request_for(SOURCE, state)
    assert (request.url, request.etag, request.validators_url) == (SOURCE.url, "W/odd", "https://cdn.example/feed")


# --- moving ----------------------------------------------------------------------------------------------


def test_a_permanent_move_is_adopted_at_the_third_poll_in_a_row() -> None:
    states = [KNOWN]
    for _ in range(3):
        states.append(polled(states[-1], page(moved=NEW)))
    assert [state.adopted_url for state in states] == [None, None, None, NEW]
    assert [request_for(SOURCE, state).url for state in states] == [SOURCE.url] * 3 + [NEW]
    assert request_for(SOURCE, states[-1]).headers == {}
    assert request_for(SOURCE, states[0]).headers == {"X-Key": "secret"}


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(lambda state: polled(state, page()), id="no redirect"),
        pytest.param(lambda state: polled(state, page(moved="https://third.example/")), id="elsewhere"),
        pytest.param(lambda state: failed(state, failure(500)), id="a failure"),
        pytest.param(lambda state: polled(state, page(final=NEW)), id="a temporary redirect"),
    ],
)
def test_a_row_that_is_broken_starts_again(between: Callable[[PollState], PollState]) -> None:
    state = between(polled(polled(KNOWN, page(moved=NEW)), page(moved=NEW)))
    state = polled(polled(state, page(moved=NEW)), page(moved=NEW))
    assert (state.adopted_url, state.moved_count) == (None, 2)
    assert polled(state, page(moved=NEW)).adopted_url == NEW


@pytest.mark.parametrize("error", [failure(404), failure(410), ParseError("the page is HTML, no feed")])
def test_an_adopted_address_that_fails_us_is_given_back(error: FetchError | ParseError) -> None:
    state = failed(replace(KNOWN, adopted_url=NEW), error)
    assert request_for(SOURCE, state).url == SOURCE.url
    assert state.state == "failing"
    assert about(state, SETTINGS.min)
    assert failed(state, failure(410)).state == "gone"


def test_an_adopted_address_that_is_merely_down_is_kept() -> None:
    assert failed(replace(KNOWN, adopted_url=NEW), failure(503)).adopted_url == NEW


def test_a_configured_address_that_changes_forgets_the_adopted_one() -> None:
    changed = SOURCE.model_copy(update={"url": "https://fresh.example/feed"})
    state = replace(KNOWN, adopted_url=NEW)
    assert request_for(changed, state).url == "https://fresh.example/feed"
    assert after_page(changed, state, page(), READING, SETTINGS, NOW).adopted_url is None


# --- waiting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "reading", "time", "reason"),
    [
        pytest.param(page(cache_control="public, max-age=7200"), READING, 2 * HOUR, "max-age 2 h", id="max-age"),
        pytest.param(page(cache_control="max-age=7200", age="3600"), READING, HOUR, "max-age 1 h", id="age counts"),
        pytest.param(page(304, cache_control="max-age=7200"), None, 2 * HOUR, "max-age 2 h", id="on a 304 too"),
        pytest.param(page(cache_control="max-age=60"), READING, HALF_HOUR, "every 30 min", id="never sooner than ours"),
        pytest.param(page(cache_control="max-age=0, no-cache"), READING, HALF_HOUR, "every 30 min", id="nought"),
        pytest.param(page(cache_control="s-maxage=7200"), READING, HALF_HOUR, "every 30 min", id="not ours"),
        pytest.param(page(cache_control="max-age=999999999"), READING, DAY, "held to poll.max 1 d", id="at most max"),
        pytest.param(page(), replace(READING, hints=Hints(ttl=180)), 3 * HOUR, "ttl 3 h", id="ttl"),
        pytest.param(
            page(), replace(READING, hints=Hints(ttl=10**6)), DAY, "held to poll.max 1 d", id="ttl at most max"
        ),
        pytest.param(page(retry_after="3600"), READING, HOUR, "Retry-After 1 h", id="Retry-After on a page"),
    ],
)
def test_what_server_and_feed_ask_for(found: Page, reading: Reading | None, time: timedelta, reason: str) -> None:
    state = polled(KNOWN, found, reading)
    assert about(state, time)
    assert reason in state.reason


def test_the_sources_own_interval_counts_and_poll_min_holds() -> None:
    slow = SOURCE.model_copy(update={"every": 3 * HOUR})
    hasty = SOURCE.model_copy(update={"every": timedelta(seconds=5)})
    assert about(after_page(slow, KNOWN, page(), READING, SETTINGS, NOW), 3 * HOUR)
    state = after_page(hasty, KNOWN, page(), READING, SETTINGS, NOW)
    assert about(state, SETTINGS.min)
    assert state.reason == "every 5 s, held to poll.min 15 min"


def test_failures_are_tried_again_ever_later_up_to_a_week() -> None:
    state, waits = KNOWN, []
    for _ in range(14):
        state = failed(state, failure(500))
        waits.append(wait(state))
    assert about(replace(state, due=NOW + waits[0]), HALF_HOUR)
    assert waits == sorted(waits)
    assert 2 / JITTER < waits[1] / waits[0] < 2 * JITTER
    assert timedelta(days=7) <= waits[-1] <= timedelta(days=7) * JITTER
    assert (state.state, state.failures) == ("failing", 14)
    assert "14 failures in a row" in state.reason


@pytest.mark.parametrize(
    ("error", "time", "state_name"),
    [
        pytest.param(failure(429), HOUR, "throttled", id="429"),
        pytest.param(failure(429, retry_after="7200"), 2 * HOUR, "throttled", id="429 with Retry-After"),
        pytest.param(failure(503, retry_after="7200"), 2 * HOUR, "throttled", id="503 with Retry-After"),
        pytest.param(failure(404, retry_after="7200"), 2 * HOUR, "throttled", id="anything with Retry-After"),
        pytest.param(failure(429, retry_after="9" * 5000), DAY, "throttled", id="a Retry-After beyond all measure"),
        pytest.param(failure(429, retry_after="7199.5"), 2 * HOUR - SECOND, "throttled", id="a Retry-After in parts"),
        pytest.param(failure(503, retry_after="-50"), HALF_HOUR, "failing", id="a Retry-After of the past"),
        pytest.param(failure(503, retry_after="1"), SETTINGS.min, "throttled", id="never sooner than min"),
        pytest.param(failure(503, retry_after="9" * 12), DAY, "throttled", id="never later than max"),
        pytest.param(failure(503, retry_after=format_datetime(NOW + 5 * HOUR, usegmt=True)), 5 * HOUR, "throttled", id="a date"),
        pytest.param(failure(503, retry_after="soon"), HALF_HOUR, "failing", id="nonsense"),
        pytest.param(failure(503, retry_after="Mon, 01 Jan 2001 00:00:00 GMT"), HALF_HOUR, "failing", id="long ago"),
        pytest.param(failure(403), 3 * HOUR, "blocked", id="403"),
        pytest.param(failure(404), HALF_HOUR, "failing", id="404"),
        pytest.param(failure(), HALF_HOUR, "failing", id="no answer"),
        pytest.param(ParseError("no feed"), HALF_HOUR, "failing", id="no feed"),
    ],
)  # fmt: skip
def test_first_failures(error: FetchError | ParseError, time: timedelta, state_name: str) -> None:
    state = failed(KNOWN, error)
    assert about(state, time)
    assert (state.state, state.error) == (state_name, error.message)
    assert error.message in state.reason


def test_retry_after_holds_even_when_forced() -> None:
    state = failed(KNOWN, failure(429, retry_after="7200"))
    assert not is_due(state, NOW + HOUR, force=True)
    assert is_due(state, NOW + 2 * HOUR, force=True)
    assert is_due(KNOWN, NOW, force=True)
    assert not is_due(KNOWN, NOW)


def test_a_clock_that_was_years_ahead_silences_nobody() -> None:
    """Polled once under a wrong clock, a source would not be due before that time comes."""
    ahead = NOW + 3650 * DAY
    state = after_failure(SOURCE, KNOWN, failure(429, retry_after="7200"), SETTINGS, ahead)
    assert is_due(state, NOW)
    assert not is_due(state, ahead - HOUR), "a clock that is put back a little is no reason to ask again"
    assert not is_due(after_failure(SOURCE, KNOWN, failure(410), SETTINGS, ahead), NOW)


def test_gone_is_gone() -> None:
    state = failed(KNOWN, failure(410))
    assert state.state == "gone"
    assert not is_due(state, state.due + DAY)
    assert not is_due(state, NOW + DAY, force=True)


def test_a_thousand_sources_do_not_fire_together() -> None:
    sources = [Source(name=f"s{number}", url=SOURCE.url) for number in range(1000)]
    dues = {after_page(source, first_state(source, NOW), page(), READING, SETTINGS, NOW).due for source in sources}
    assert len(dues) > 900
    assert polled() == polled()


spans = st.timedeltas(timedelta(0), timedelta(days=400))
headers = st.dictionaries(
    st.sampled_from(["retry-after", "cache-control", "age", "etag"]),
    st.text(max_size=20) | st.integers(-5, 10**15).map(str) | st.integers(0, 10**15).map("max-age={}".format),
    max_size=3,
)


@given(
    every=spans,
    least=spans,
    most=spans,
    told=headers,
    status=st.sampled_from([200, 304, 403, 410, 429, 503, None]),
    ttl=st.integers(0, 10**6),
    failures=st.integers(0, 10**9),
)
def test_the_next_poll_lies_ahead(
    *,
    every: timedelta,
    least: timedelta,
    most: timedelta,
    told: dict[str, str],
    status: int | None,
    ttl: int,
    failures: int,
) -> None:
    settings = PollSettings(every=every, min=least, max=most)
    known = replace(KNOWN, failures=failures)
    if status in {200, 304}:
        found = replace(page(status or 200), headers=told)
        state = after_page(SOURCE, known, found, replace(READING, hints=Hints(ttl=ttl)), settings, NOW)
    else:
        error = FetchError("status", "it failed", SOURCE.url, status, told)
        state = after_failure(SOURCE, known, error, settings, NOW)
    assert state.due > NOW
    assert "\n" not in state.reason
    assert state.reason
    assert not is_due(state, NOW)
