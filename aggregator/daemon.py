"""The daemon: APScheduler only ticks; what is due stands in the database.

Six ticks that never wait for each other: polling, then curating to publishing, telling hubs, delivering, learning, and
writing. A step that fails for a reason of the world (database locked, disk full, mail server away) is logged and
tried again at the next tick; so is one that fails by a bug, with its traceback: the other steps go on. Polling alone
is tried again after `poll.min`: sites have been asked, and are not to be asked at every tick because their answers
cannot be kept.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from math import ceil
from typing import Any

import structlog

from aggregator.app import App
from aggregator.errors import AggregatorError, BusyError, ConfigError
from aggregator.model import Incident
from aggregator.pipeline import Curated, PollResult
from aggregator.store.locks import exclusive

_PATIENCE = 8.0
"""Seconds that a step in the middle has to come to a safe end after SIGTERM; killing one later loses nothing."""

_TOLD = 10
"""Of pages that could not be made: the log is not to be filled at every tick."""

log = structlog.get_logger()


def run(app: App, *, reload: Callable[[], App], tick: float) -> int:
    """Work until SIGTERM or SIGINT; the exit code. `reload` reads the configuration again (SIGHUP).

    Raises BusyError when another daemon works on this database, StoreError when there is no database to be had.
    """
    with exclusive(app.engine, "daemon"), _signals() as signals:
        return _Daemon(app, reload).work(tick, signals)


class _Daemon:
    def __init__(self, app: App, reload: Callable[[], App]) -> None:
        self.app = app
        self._reload = reload
        self._tick = 1.0
        self._polls_again = 0.0
        """On the monotonic clock."""
        self._stale = threading.Event()
        self._stale.set()
        """Publish at the first tick, after a reload, and until it went well: the files may be of another time."""
        self._changed: tuple[datetime | None, datetime | None] = (None, None)
        """Editors decide in other processes: what they change is published as well."""
        self._unwritten: str | None = None
        """Why writing ended early: told once."""
        self._read: tuple[App, tuple[datetime | None, datetime | None]] | None = None
        """By whom and when all was found to be written."""
        self._broken: set[tuple[str, str]] = set()
        """Models that cannot be read: told once each."""

    def work(self, tick: float, signals: Iterator[int]) -> int:
        self._tick = tick
        scheduler = self._scheduler(tick)
        scheduler.start()
        log.info("started", pid=os.getpid(), sources=len(self.app.config.sources), tick=tick)
        while next(signals) == signal.SIGHUP:
            self._renew()
        self.app.stop.set()
        return self._leave(scheduler)

    def _scheduler(self, tick: float) -> Any:
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = BackgroundScheduler(
            job_defaults=defaults, timezone="UTC", daemon=True, executors={"default": ThreadPoolExecutor(6)}
        )
        steps = (
            ("poll", self._poll),
            ("edit", self._edit),
            ("ping", self._ping),
            ("deliver", self._deliver),
            ("learn", self._learn),
            ("write", self._write),
        )
        for name, step in steps:
            trigger = {"trigger": "interval", "seconds": tick, "next_run_time": self.app.clock()}
            scheduler.add_job(self._guarded, args=(name, step), id=name, **trigger)
        return scheduler

    def _guarded(self, name: str, step: Callable[[App], None]) -> None:
        """The one place where a step's failure is caught."""
        if self.app.stop.is_set():
            return
        try:
            step(self.app)
        except BusyError as error:
            log.info("busy", step=name, reason=error.message)
        except AggregatorError as error:
            log.error("failed", step=name, reason=error.message, hint=error.hint)  # noqa: TRY400  no bug: no traceback
        except Exception:
            log.exception("bug", step=name)

    def _poll(self, app: App) -> None:
        if time.monotonic() < self._polls_again:
            return
        try:
            polled = app.poll(most=self._most(app))
        except BusyError:
            raise
        except Exception:
            self._polls_again = time.monotonic() + app.config.poll.min.total_seconds()
            raise
        for result in polled.results:
            _tell(result)
        if polled.results:
            log.info("polled", sources=len(polled.results), new=polled.new, failed=len(polled.failed))

    def _most(self, app: App) -> int:
        """Of a thousand sources that are overdue together, after an outage, so many at each tick that all had their turn
        within `poll.min`.
        """
        spread = app.config.poll.min.total_seconds() / self._tick
        return max(app.config.poll.concurrency, ceil(len(app.config.sources) / max(1.0, spread)))

    def _edit(self, app: App) -> None:
        curated = app.curate()
        composed = app.compose()
        for each in composed:
            log.info("composed", newsletter=each.newsletter, number=each.number, outcome=each.outcome)
            _tell_alerts(each.alerts)
        changed = app.last_change()
        if curated.entries or curated.stories or composed or changed != self._changed:
            self._stale.set()
        self._changed = changed
        if self._stale.is_set():
            self._publish(app, curated)

    def _publish(self, app: App, curated: Curated) -> None:
        """Cleared before and set again by a failure, so that a reload in between is not lost."""
        self._stale.clear()
        try:
            published = app.publish()
        except BaseException:
            self._stale.set()
            raise
        if published.failed:
            self._stale.set()
        for error in published.failed[:_TOLD]:
            log.error("failed", step="edit", reason=error.message, hint=error.hint)
        files = {"files": len(published.written), "removed": len(published.removed)}
        log.info("published", entries=curated.entries, stories=curated.stories, **files)

    def _ping(self, app: App) -> None:
        done = app.ping()
        for reason in done.failed:
            log.warning("hub not told", reason=reason)
        if done.told:
            log.info("hubs told", feeds=done.told)

    def _deliver(self, app: App) -> None:
        done = app.deliver()
        _tell_alerts(done.alerts)
        for error in done.failed[:_TOLD]:
            log.error("failed", step="deliver", reason=error.message, hint=error.hint)
        if done.away:
            log.warning("mail server away", reason=done.away)
        if done.accepted or done.deferred or done.refused or done.in_doubt:
            counts = {name: getattr(done, name) for name in ("accepted", "deferred", "refused", "in_doubt")}
            log.info("delivered", **counts)
        if told := app.mail_alerts():
            log.info("alerts mailed", incidents=told)

    def _learn(self, app: App) -> None:
        for learnt in app.learn():
            if learnt.model is not None:
                about = learnt.model.learned
                log.info("learned", model=learnt.model.name, texts=about.n, accuracy=round(about.accuracy, 3))
            elif learnt.failed is not None:
                log.warning("not learned", kind=learnt.kind, reason=learnt.failed.message, hint=learnt.failed.hint)
        for name, reason in app.broken_models():
            if (name, reason) not in self._broken:
                self._broken.add((name, reason))
                log.warning("model passed over", model=name, reason=reason)

    def _write(self, app: App) -> None:
        """On its own beat: a model takes its time, and nobody waits for it. What it wrote is published as any change is."""
        changed = app.last_change()
        if self._rested(app, changed):
            return
        wrote = app.write()
        if wrote.tried or wrote.changed:
            counts = {name: wrote.count(name) for name in ("written", "refused", "failed")}
            log.info("wrote", **counts, shown=wrote.changed)
        if wrote.stopped is not None and wrote.stopped != self._unwritten:
            log.warning("not written", reason=wrote.stopped, hint=wrote.hint)
        self._unwritten = wrote.stopped
        self._read = (app, changed) if not wrote.tried and wrote.stopped is None else None

    def _rested(self, app: App, changed: tuple[datetime | None, datetime | None]) -> bool:
        """Whether all was written the last time, and nothing has changed since."""
        return self._read is not None and self._read[0] is app and self._read[1] == changed

    def _renew(self) -> None:
        """SIGHUP: take the changed configuration, or refuse it and go on with the old."""
        try:
            fresh = self._reload()
            if fresh.config.database_url != self.app.config.database_url:
                log.error("configuration refused", reason="`database` changed: that takes a restart")
                return
        except ConfigError as error:
            for mistake in error.mistakes:
                log.error("configuration refused", reason=str(mistake))  # noqa: TRY400  no bug: no traceback
            return
        except AggregatorError as error:
            log.error("configuration refused", reason=error.message)  # noqa: TRY400  no bug: no traceback
            return
        self.app = fresh.in_place_of(self.app)
        self._stale.set()
        log.info("configuration taken", sources=len(fresh.config.sources))

    def _leave(self, scheduler: Any) -> int:
        """Let the steps at hand come to a safe end; after that, ending in the middle loses nothing either."""
        log.info("ending")
        waiting = threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}, daemon=True)
        waiting.start()
        waiting.join(_PATIENCE)
        if waiting.is_alive():
            log.warning("a step was still at work: ended in the middle, it is taken up at the next start")
            os._exit(0)
        self.app.close()
        log.info("ended")
        return 0


def _tell(result: PollResult) -> None:
    """A failure is a line; what an operator has to know is a warning, once when it begins and once when it is over."""
    if result.outcome == "failed":
        log.info("source failed", source=result.source, reason=result.reason)
    if result.gap:
        log.warning("gap", source=result.source, reason="no entry in common with the last poll")
    _tell_alerts(result.alerts)


def _tell_alerts(alerts: Iterable[Incident]) -> None:
    for incident in alerts:
        about = {"edition" if "/" in incident.subject else "source": incident.subject}
        if incident.closed is None:
            log.warning("alert", **about, kind=incident.kind, reason=incident.reason)
        else:
            log.warning("over", **about, kind=incident.kind, since=incident.opened.isoformat())


@contextmanager
def _signals() -> Iterator[Iterator[int]]:
    """SIGTERM, SIGINT and SIGHUP as they come, those of the past included; the iterator waits for the next one.

    Not by a queue or an Event that a handler fills: Python calls handlers between two steps of the main thread, and a
    signal that comes while that thread is about to sleep would wake nobody. The descriptor is written to at once.
    """
    ours = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.settimeout(0)
        wakeup = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        before = {number: signal.signal(number, lambda *_: None) for number in ours}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ours)
        try:
            yield _bytes(reader)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wakeup)


def _bytes(reader: socket.socket) -> Iterator[int]:
    while True:
        yield from reader.recv(1)
