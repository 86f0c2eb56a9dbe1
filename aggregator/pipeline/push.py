"""WebSub, our side of it: the hub and topic that a feed names are remembered (`met`), and hubs that are due are asked
to push, to go on, or to end it (`subscribe`).

The hub's side, its calls to us, is in `callback`; what it sent is read in `pushed`. Nothing here ever replaces polling:
it makes it rarer.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from itertools import chain

from sqlalchemy import Connection, Engine

from aggregator.collect import websub
from aggregator.collect.urls import absolute, host
from aggregator.config import Config, Source
from aggregator.errors import FetchError
from aggregator.model import Page, Push, Reading, Request
from aggregator.protocols import Fetcher
from aggregator.store import journal, pushes
from aggregator.store.engine import reading, writing

PATH = "/websub/"
"""Where hubs call us, below `web.public_url`."""
_RANDOM_BYTES = 32
_MOVED = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
_MOST_MOVES = 3


# --- what feeds offer ------------------------------------------------------------------------------------


def met(conn: Connection, config: Config, source: Source, read: Reading, page: Page, *, new: int, now: datetime) -> str:
    """Note after a poll which hub the feed names, and whether it found `new` entries that the hub should have pushed.

    The rule by which the source may wait longer for its next poll; "" where it may not.
    """
    known = pushes.of(conn, source.name)
    offer = websub.offer(read.hints, page) if _refusal(config, source) is None else None
    if known is not None and (offer is None or offer != websub.Offer(known.hub, known.topic)):
        why = "the feed names another hub or topic" if offer else "the feed names no hub any more"
        _end(conn, known, _refusal(config, source) or why, now)
        known = None
    if known is not None:
        return websub.why(_compared(conn, known, new, now), now)
    if offer is not None:
        pushes.save(conn, _first(config, source, offer, now))
        journal.write(conn, now, source.name, f"the feed names the hub {_name(offer.hub)}: it is asked to push")
    return ""


def _first(config: Config, source: Source, offer: websub.Offer, now: datetime) -> Push:
    """What is in the callback and what the hub signs with are secrets of this one subscription."""
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    return Push(
        token=token,
        source=source.name,
        hub=offer.hub,
        topic=offer.topic,
        callback=_callback(config, token),
        secret=secrets.token_urlsafe(_RANDOM_BYTES),
        since=now,
        due=now,
    )


def _compared(conn: Connection, known: Push, new: int, now: datetime) -> Push:
    after = websub.polled(known, new, now)
    if after != known:
        pushes.change(conn, known, after)
    if after.state != known.state:
        journal.write(
            conn, now, known.source, f"the hub {_name(known.hub)} is silent: {after.reason}; polled as before"
        )
    return after


def _refusal(config: Config, source: Source | None) -> str | None:
    """Why a source is not to be pushed; None where it may be. A hub is a third party: no address with a key in it, and
    none that takes a header of the operator's, is told to one.
    """
    if source is None:
        return "the source is no longer in feeds.yaml"
    if source.paused:
        return "the source is paused"
    if not source.websub:
        return "`websub` is false"
    if config.web.public_url is None:
        return "there is no `web.public_url` that a hub could call"
    if config.public_url_of(source) is None or source.sent_headers:
        return "its address is not for strangers"
    return None


def _callback(config: Config, token: str) -> str:
    return f"{config.public_url}{PATH}{token}"


def _end(conn: Connection, push: Push, reason: str, now: datetime) -> None:
    pushes.save(conn, websub.ended(push, reason, now))
    journal.write(conn, now, push.source, f"no longer pushed by the hub {_name(push.hub)}: {reason}")


# --- asking hubs -----------------------------------------------------------------------------------------


def subscribe(engine: Engine, config: Config, *, fetcher: Fetcher, clock: Callable[[], datetime]) -> int:
    """Ask every hub that is due; how many that were. A hub that fails is noted, never an exception."""
    now = clock()
    configured = {source.name: source for source in config.sources}
    with reading(engine) as conn:
        known = pushes.load(conn)
    unwanted = {push.token: _unwanted(config, configured.get(push.source), push) for push in known}
    work = [push.token for push in known if push.due <= now or unwanted[push.token] is not None]
    if not work:
        return 0
    with writing(engine) as conn:
        claimed = [push for token in work for push in _claimed(conn, config, token, unwanted[token], now)]
    for push, answer in _answers(fetcher, claimed):
        with writing(engine) as conn:
            _answered(conn, config, push, answer, clock())
    return len(claimed)


def _unwanted(config: Config, source: Source | None, push: Push) -> str | None:
    if push.state == "ending":
        return None
    moved = "`web.public_url` changed" if push.callback != _callback(config, push.token) else None
    return _refusal(config, source) or moved


def _claimed(conn: Connection, config: Config, token: str, unwanted: str | None, now: datetime) -> Iterator[Push]:
    """The subscription as it is when its hub is asked; nothing where there is nothing to ask, or another was faster.

    It is written down before the hub is asked, for a hub may verify before it answers.
    """
    push = pushes.held(conn, token)
    if push is None:
        return
    if unwanted is not None and push.state != "ending":
        _end(conn, push, unwanted, now)
        push = websub.ended(push, unwanted, now)
    if push.due > now:
        return
    if websub.is_over(push, now) or (push.state == "ending" and config.web.public_url is None):
        pushes.remove(conn, push.token)
        return
    after = websub.asked(push, now)
    pushes.save(conn, after)
    yield after


def _answers(fetcher: Fetcher, asked: Iterable[Push]) -> Iterator[tuple[Push, Page | FetchError]]:
    """A hub that sends us elsewhere is followed (307 and 308 keep the form), a few times."""
    by_callback = {push.callback: push for push in asked}
    requests = [Request(source=push.source, url=push.hub, form=websub.form(push)) for push in by_callback.values()]
    for moves in range(_MOST_MOVES + 1):
        elsewhere: list[Request] = []
        for request, answer in chain.from_iterable(fetcher.batches(requests)):
            target = _target(answer) if moves < _MOST_MOVES else None
            if target is not None:
                elsewhere.append(replace(request, url=target))
                continue
            assert request.form is not None, "a hub is asked by a form"
            yield by_callback[request.form["hub.callback"]], answer
        requests = elsewhere


def _target(answer: Page | FetchError) -> str | None:
    if not isinstance(answer, FetchError) or answer.status not in _MOVED:
        return None
    return absolute(answer.headers.get("location"), answer.url)


def _answered(conn: Connection, config: Config, push: Push, answer: Page | FetchError, now: datetime) -> None:
    """A hub that takes the question says nothing yet: it verifies. One that does not is asked again, ever later."""
    what = "unsubscribe" if push.state == "ending" else "subscribe" if push.lease_until is None else "renew"
    if isinstance(answer, FetchError):
        reason = config.masked(
            f"the hub {_name(push.hub)} was asked in vain to {what}: {websub.one_line(answer.message)}"
        )
        pushes.change(conn, push, replace(push, reason=reason))
        if reason != push.reason:
            journal.write(conn, now, push.source, reason)
    elif push.failures == 1:
        journal.write(conn, now, push.source, f"the hub {_name(push.hub)} was asked to {what}")


def _name(hub: str) -> str:
    return host(hub) or "without a name"
