"""Hubs (WebSub) are told which of our feeds changed, after publishing and apart from it.

What changed is found by looking at the files, not by who wrote them: so whatever published them, and wherever it died,
every hub hears of every change once. A hub that does not answer is told again, ever later, and given up at last until
the feed changes again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine

from aggregator.collect.urls import host
from aggregator.collect.websub import one_line
from aggregator.config import Config
from aggregator.errors import FetchError
from aggregator.model import Page, Request
from aggregator.protocols import Fetcher
from aggregator.publish import syndicate
from aggregator.publish.feeds.ids import place
from aggregator.store import journal, pings
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive
from aggregator.store.pings import Ping

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""After each failure in a row; after the last one, the hub is given up until the feed changes again."""


@dataclass(frozen=True, slots=True)
class Pinged:
    told: int = 0
    """How many times a hub took the news of a feed."""
    failed: tuple[str, ...] = ()
    """Why one did not, each reason once."""


def ping(
    engine: Engine,
    config: Config,
    *,
    fetcher: Callable[[], Fetcher],
    clock: Callable[[], datetime],
    wait: float = 0,
) -> Pinged:
    """Tell every hub what it has to hear. A hub that fails is noted, never an exception. `fetcher` is made where there is
    something to tell.

    Raises BusyError when another process is at it.
    """
    with reading(engine) as conn:
        known = _by_key(pings.load(conn))
    now = clock()
    if not any(_is_due(one, now) for one in known.values()) and _by_key(_looked_at(config, known, now)) == known:
        return Pinged()
    with exclusive(engine, "ping", wait=wait):
        owed = _claimed(engine, config, clock())
        answers = ((one, answer) for one, answer in _answers(fetcher, config, owed))
        reasons = [_noted(engine, config, one, answer, clock()) for one, answer in answers]
    failed = dict.fromkeys(reason for reason in reasons if reason)
    return Pinged(sum(not reason for reason in reasons), tuple(failed))


def _claimed(engine: Engine, config: Config, now: datetime) -> list[Ping]:
    """Those that are due, written down as if they had failed: a crash between here and the answer tells again, later."""
    with writing(engine) as conn:
        known = _by_key(pings.load(conn))
        wanted = _by_key(_looked_at(config, known, now))
        claimed = {key: _asked(one, now) for key, one in wanted.items() if _is_due(one, now)}
        pings.save(conn, [one for key, one in (wanted | claimed).items() if one != known.get(key)])
        pings.remove(conn, [one for key, one in known.items() if key not in wanted])
    return list(claimed.values())


def _by_key(found: Iterable[Ping]) -> dict[tuple[str, str], Ping]:
    return {(one.hub, one.path): one for one in found}


def _is_due(one: Ping, now: datetime) -> bool:
    return one.due is not None and one.due <= now


def _looked_at(config: Config, known: dict[tuple[str, str], Ping], now: datetime) -> Iterator[Ping]:
    """Every feed that is there, at every hub; due at once where its bytes are others than they were."""
    for path in syndicate.paths(config):
        file = config.output_folder / path
        stamp = _stamp(file)
        if stamp is None:
            continue
        before = [known.get((hub, path)) for hub in config.publication.hubs]
        same = all(one is not None and one.stamp == stamp for one in before)
        digest = "" if same else _digest(file)
        for hub, one in zip(config.publication.hubs, before, strict=True):
            if one is None:
                yield Ping(hub=hub, path=path, stamp=stamp, digest=digest, due=now)
            elif one.stamp == stamp:
                yield one
            elif one.digest == digest:
                yield replace(one, stamp=stamp)
            else:
                yield replace(one, stamp=stamp, digest=digest, due=now, failures=0)


def _stamp(file: Path) -> str | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return f"{found.st_mtime_ns}:{found.st_size}"


def _digest(file: Path) -> str:
    """Empty where it vanished meanwhile: the next look tells."""
    try:
        return blake2b(file.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


def _asked(one: Ping, now: datetime) -> Ping:
    due = now + WAITS[one.failures] if one.failures < len(WAITS) else None
    return replace(one, failures=one.failures + 1, due=due)


def _answers(
    fetcher: Callable[[], Fetcher], config: Config, owed: Iterable[Ping]
) -> Iterator[tuple[Ping, Page | FetchError]]:
    """`hub.url` is what hubs have asked for since PubSubHubbub; `hub.topic` is WebSub's word for it."""
    asked: dict[tuple[str, str], Ping] = {}
    requests = []
    for one in owed:
        topic = place(config, one.path)
        asked[one.hub, topic] = one
        form = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
        requests.append(Request(source=one.path, url=one.hub, form=form))
    for request, answer in chain.from_iterable(fetcher().batches(requests) if requests else ()):
        assert request.form is not None, "a hub is told by a form"
        yield asked[request.url, request.form["hub.url"]], answer


def _noted(engine: Engine, config: Config, one: Ping, answer: Page | FetchError, now: datetime) -> str:
    """Write down what came of it; why it failed, or nothing. Only what is out of the ordinary goes into the journal: a
    feed may change every minute.
    """
    name = host(one.hub) or "without a name"
    if isinstance(answer, FetchError):
        reason = config.masked(f"the hub {name} was not told: {one_line(answer.message)}")
        after = replace(one, reason=reason)
        event = reason if reason != one.reason else ""
        if one.due is None:
            event = f"{reason}; given up after {one.failures} tries, until the feed changes"
    else:
        reason = ""
        after = replace(one, due=None, failures=0, told=now, reason="")
        event = f"the hub {name} was told at last" if one.reason else ""
    with writing(engine) as conn:
        pings.save(conn, [after])
        if event:
            journal.write(conn, now, one.path, event)
    return reason
