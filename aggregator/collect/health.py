"""How a source is, in a word and in words, and what an operator has to hear of it. Pure.

One incident for each trouble: opened once, closed once, however many polls lie between. What passes by itself (no
answer, a server's fault, being asked to wait) opens one when it happens again; what does not, at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal

from aggregator.collect import rhythm
from aggregator.errors import FetchError, ParseError
from aggregator.model import Incident, PollState, SourceState

BLOCKED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})
_QUIET_LEAST = timedelta(days=14)
_QUIET_GAPS = 8
_PASSING = frozenset({"timeout", "connection", "name"})
_NOT_THERE = frozenset({"name", "connection"})
_SERVERS_FAULT = 500
_KINDS: dict[SourceState, Literal["down", "gone", "quiet", "moved"]] = {
    "failing": "down",
    "throttled": "down",
    "blocked": "down",
    "gone": "gone",
    "quiet": "quiet",
    "moved": "moved",
}


@dataclass(frozen=True, slots=True)
class Health:
    state: SourceState
    reason: str


def of_page(state: PollState, now: datetime, *, empty: bool | None) -> Health:
    """After an answer that was well. `empty`: the feed has no entries; None where nothing was read anew."""
    if state.adopted_url is not None:
        return Health("moved", f"permanent redirects led to {state.adopted_url}, which is asked instead")
    if empty or (empty is None and state.state == "quiet" and state.last_new is None):
        return Health("quiet", "the feed has no entries")
    silent = _silence(state, now)
    return Health("quiet", silent) if silent else Health("ok", "it answers")


def _silence(state: PollState, now: datetime) -> str:
    """Nothing new for much longer than between any two of its entries; what we have not watched ourselves counts not."""
    since = state.last_new
    if since is None:
        return ""
    usual = rhythm.gap(state.times)
    if now - since <= max(_QUIET_LEAST, (usual or timedelta(0)) * _QUIET_GAPS):
        return ""
    return f"it answers, but nothing new has come since {since:%Y-%m-%d}"


def of_failure(error: FetchError | ParseError, *, asked_to_wait: bool) -> Health:
    status = error.status if isinstance(error, FetchError) else None
    if status == HTTPStatus.GONE:
        return Health("gone", "410 Gone: not asked again until it is revived")
    if asked_to_wait or status == HTTPStatus.TOO_MANY_REQUESTS:
        return Health("throttled", error.message)
    return Health("blocked" if status in BLOCKED else "failing", error.message)


def is_missed(error: FetchError | ParseError, failures: int) -> bool:
    """Whether to look for the feed elsewhere: not there, no host, or something else in its place; at the second, fourth,
    eighth … failure, so that its site is not searched at each.
    """
    elsewhere = isinstance(error, ParseError) or error.status == HTTPStatus.NOT_FOUND or error.problem in _NOT_THERE
    return elsewhere and failures > 1 and failures & (failures - 1) == 0


def in_state(before: PollState, after: PollState, health: Health, now: datetime) -> PollState:
    """`since` moves with the state, not with its reason."""
    return replace(after, state=health.state, health=health.reason, since=since(before, health, now))


def since(before: PollState, health: Health, now: datetime) -> datetime:
    """When it came into the state in which it is now."""
    return before.since if before.state == health.state and before.since is not None else now


# --- incidents -------------------------------------------------------------------------------------------


def incident(
    open_: Incident | None, state: PollState, now: datetime, error: FetchError | ParseError | None = None
) -> tuple[Incident, ...]:
    """What changes: one that is over, one that begins. `error` is what just went wrong, None where nothing did."""
    kind = _KINDS.get(state.state)
    if open_ is not None and open_.kind == kind:
        return ()
    if kind == "down" and state.failures < 2 and error is not None and _passing(error):  # noqa: PLR2004  once is no incident
        return ()
    over = () if open_ is None else (replace(open_, closed=now),)
    if kind is None:
        return over
    return (*over, Incident(subject=state.source, kind=kind, opened=now, reason=state.health))


def _passing(error: FetchError | ParseError) -> bool:
    if isinstance(error, ParseError):
        return False
    if error.status is not None:
        return error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= _SERVERS_FAULT
    return error.problem in _PASSING
