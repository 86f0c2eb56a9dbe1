"""claim -> splice -> hand over -> mark. Many at once; the ledger decides.

A letter's row is marked `dotted` in the commit before its final dot, together with `accepted` for the letter before
it on the same connection. A crash before that commit leaves a letter that was certainly not accepted; a crash after it
leaves the one letter in doubt that the newsletter's policy speaks of.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

from sqlalchemy import Engine

from aggregator.config import Config, Newsletter
from aggregator.edit.compose import from_json
from aggregator.errors import AggregatorError, Deferred, InDoubt, Refused, RenderError, StoreError
from aggregator.model import Delivery, Edition, Incident
from aggregator.pipeline import alerts
from aggregator.pipeline.gate import Passed, changes, gate, remember
from aggregator.protocols import Mailer, Session
from aggregator.send import plan, tokens
from aggregator.send.message import Prepared, prepare
from aggregator.send.smtp import Rate
from aggregator.store import deliveries, editions, health, journal, secrets
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive

_BATCH = 20
_PERSISTENCE = 60
_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many letters went which way. `away` says why the mail server could not be reached, when it could not;
    `failed`, why editions could not be made into mail: their letters wait.
    """

    accepted: int = 0
    deferred: int = 0
    refused: int = 0
    in_doubt: int = 0
    away: str | None = None
    failed: tuple[AggregatorError, ...] = ()
    alerts: tuple[Incident, ...] = ()
    """Incidents that began with an edition that did not pass, or were over with one that did."""

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(
            self.accepted + other.accepted,
            self.deferred + other.deferred,
            self.refused + other.refused,
            self.in_doubt + other.in_doubt,
            self.away or other.away,
            self.failed + other.failed,
            self.alerts + other.alerts,
        )


@dataclass(frozen=True, slots=True)
class _Desk:
    """One edition on its way out: what its connections share."""

    engine: Engine
    config: Config
    newsletter: Newsletter | None
    edition: tuple[str, int]
    mailer: Mailer
    rate: Rate
    clock: Callable[[], datetime]
    stop: Event
    secret: bytes
    prepared: Prepared
    on_letter: Callable[[Delivery, str], None]


def deliver(
    engine: Engine,
    config: Config,
    *,
    mailer: Mailer,
    rate: Rate,
    folders: tuple[Path, ...],
    clock: Callable[[], datetime],
    stop: Event | None = None,
    wait: float = 0,
    on_letter: Callable[[Delivery, str], None] = lambda _letter, _state: None,
) -> Delivered:
    """Hand over what is due, until nothing is left, the server is away, or `stop` is set.

    Raises BusyError when another process delivers: the lock is what proves that rows left in the middle are orphans.
    """
    stop = stop or Event()
    with exclusive(engine, "deliver", wait=wait):
        done = Delivered(in_doubt=_settle_orphans(engine, config, clock()))
        with writing(engine) as conn:
            secret = secrets.key(conn, "tokens")
            deliveries.cancel_left(conn, clock())
            due = deliveries.due_editions(conn, clock())
        for edition in due:
            if done.away or stop.is_set():
                break
            prepared, tried = _prepare(engine, config, edition, folders, clock())
            done += tried
            if prepared is None:
                continue
            newsletter = config.newsletter(edition[0])
            desk = _Desk(
                engine, config, newsletter, edition, mailer, rate, clock, stop, secret, prepared, on_letter
            )  # fmt: skip
            done += _edition(desk)
    if done.alerts:
        alerts.write_feed(engine, config)
    return done


def _settle_orphans(engine: Engine, config: Config, now: datetime) -> int:
    """What a killed process left in the middle. Before the dot: as if never claimed. After it: the policy's."""
    with writing(engine) as conn:
        left = deliveries.orphans(conn)
        deliveries.release(conn, [letter for letter in left if letter.state == "claimed"], now)
        doubtful = [letter for letter in left if letter.state == "dotted"]
        for letter in doubtful:
            reason = "the program ended between the final dot and the server's answer"
            if _resends(config.newsletter(letter.newsletter)):
                deliveries.defer(conn, letter, now, f"{reason}; sent again with the same Message-ID", now)
            else:
                deliveries.doubt(conn, letter, reason, now)
            journal.write(conn, now, letter.edition, f"letter d{letter.id} in doubt: {reason}")
    return len(doubtful)


def _resends(newsletter: Newsletter | None) -> bool:
    """Whether a letter in doubt goes out again; one of a newsletter that is no longer configured does not."""
    return newsletter is not None and plan.in_doubt(newsletter.in_doubt) == "deferred"


def _prepare(
    engine: Engine, config: Config, edition: tuple[str, int], folders: tuple[Path, ...], now: datetime
) -> tuple[Prepared | None, Delivered]:
    """The letter that every reader of this edition gets, serialised once, and what is to be told of it; None where
    mailing is switched off, or nothing passes the gate: then its letters wait.
    """
    newsletter = config.newsletter(edition[0])
    with reading(engine) as conn:
        kept = editions.get(conn, *edition)
    if newsletter is None or kept is None:
        return None, Delivered()
    name = f"{newsletter.name}/{kept.number}"
    try:
        number = from_json(kept.data)
        passed = gate(number, config, folders)
        mail = passed.mail
        prepared = prepare(config, newsletter, number, mail.html, mail.text) if mail is not None else None
    except (RenderError, StoreError) as error:
        return None, Delivered(failed=(_unmailable(name, error.message, error.hint),))
    failed = (_unmailable(name, passed.reason, passed.hint),) if prepared is None else ()
    return prepared, Delivered(failed=failed, alerts=_remembered(engine, number, passed, now))


def _unmailable(name: str, reason: str, hint: str | None) -> RenderError:
    return RenderError(f"{name} cannot be mailed: {reason}", hint=hint)


def _remembered(engine: Engine, edition: Edition, passed: Passed, now: datetime) -> tuple[Incident, ...]:
    """What begins or is over with this edition; mostly nothing, and then nothing is written."""
    with reading(engine) as conn:
        open_ = health.open_of_newsletter(conn, edition.newsletter)
    if not changes(open_, edition, passed, now):
        return ()
    with writing(engine) as conn:
        return remember(conn, edition, passed, now)


def _edition(desk: _Desk) -> Delivered:
    assert desk.config.delivery is not None, "the composition root asks before it makes a mailer"
    lanes = desk.config.delivery.connections
    with ThreadPoolExecutor(lanes, thread_name_prefix="deliver") as pool:
        counts = [lane.result() for lane in [pool.submit(_lane, desk) for _ in range(lanes)]]
    return sum(counts, Delivered())


def _lane(desk: _Desk) -> Delivered:
    """One connection at a time: claim a batch, send it, until nothing is left."""
    done = Delivered()
    while not desk.stop.is_set() and done.away is None and (batch := _claim(desk)):
        done += _batch(desk, batch)
    return done


def _claim(desk: _Desk) -> list[Delivery]:
    with writing(desk.engine) as conn:
        return deliveries.claim(conn, desk.clock(), limit=_BATCH, edition=desk.edition)


def _batch(desk: _Desk, batch: Sequence[Delivery]) -> Delivered:
    done, rest = Delivered(), list(batch)
    try:
        while rest and done.away is None and not desk.stop.is_set():
            before = len(rest)
            with desk.mailer.session() as session:
                done += _on_connection(desk, session, rest)
            assert len(rest) < before or desk.stop.is_set(), "a connection that is had moves at least one letter"
    except Deferred as error:
        done += Delivered(away=error.message)
    finally:
        with writing(desk.engine) as conn:
            deliveries.release(conn, rest, desk.clock())
    return done


def _on_connection(desk: _Desk, session: Session, rest: list[Delivery]) -> Delivered:
    """Send from the front of `rest` until it is empty, the connection is gone, or we are to stop."""
    lane = _Lane(desk)
    try:
        while rest and not desk.stop.is_set():
            desk.rate.take()
            if not lane.send(session, rest.pop(0)):
                break
    finally:
        lane.finish()
    return lane.done


class _Lane:
    """The letters of one connection: `last` is accepted by the server and waits for the commit that says so."""

    def __init__(self, desk: _Desk) -> None:
        self.desk = desk
        self.last: Delivery | None = None
        self.done = Delivered()
        self.served = self.broken_off = False
        assert desk.config.delivery is not None, "the composition root asks before it makes a mailer"
        self.retry_for = desk.config.delivery.retry_for

    def send(self, session: Session, letter: Delivery) -> bool:
        """Hand one letter over and settle it; whether the connection can take another."""
        lost = self._hand_over(session, letter)
        self.served = self.served or session.alive
        if lost is not None and not (self.served or self.broken_off):
            # It broke at its first letter. On a new one the next letter would fare alike, and so on to the last.
            self.done += Delivered(away=lost)
        return session.alive

    def _hand_over(self, session: Session, letter: Delivery) -> str | None:
        """What went wrong, where that may be the server's or the connection's fault."""
        prepared = self.desk.prepared
        try:
            data = prepared.letter(letter, tokens.make(self.desk.secret, "reader", letter.subscription))
            session.send(prepared.envelope_from, letter.email, data, lambda: self._dot(letter))
        except Refused as error:
            self._settle(letter, refused=error.message)
        except InDoubt as error:
            self._in_doubt(letter, error.message)
            return error.message
        except Deferred as error:
            self._deferred(letter, error)
            return error.message
        else:
            self.last = letter
            self.desk.on_letter(letter, "accepted")
            self.done += Delivered(accepted=1)
        return None

    def finish(self) -> None:
        """Write down what the server took. A database that is locked or full is asked again for a while: it would leave
        a letter in doubt that is in none.
        """
        for left in range(_PERSISTENCE, -1, -1):
            try:
                self._accept_last()
            except StoreError:
                if not left or self.desk.stop.wait(_PAUSE):
                    raise
            else:
                return

    def _accept_last(self) -> None:
        if self.last is not None:
            with writing(self.desk.engine) as conn:
                deliveries.accept(conn, self.last, self.desk.clock())
            self.last = None

    def _dot(self, letter: Delivery) -> bool:
        now = self.desk.clock()
        with writing(self.desk.engine) as conn:
            if self.last is not None:
                deliveries.accept(conn, self.last, now)
            dotted = deliveries.dot(conn, letter, now)
        self.last = None
        self.broken_off = not dotted
        return dotted

    def _deferred(self, letter: Delivery, error: Deferred) -> None:
        now = self.desk.clock()
        if plan.give_up(letter.created, now, self.retry_for):
            self._settle(letter, refused=f"given up after {letter.attempts} attempts: {error.message}")
            return
        with writing(self.desk.engine) as conn:
            due = plan.retry_at(letter.attempts, now, letter.message_id)
            if deliveries.defer(conn, letter, due, error.message, now):
                self.done += Delivered(deferred=1)
                self.desk.on_letter(letter, "deferred")

    def _in_doubt(self, letter: Delivery, reason: str) -> None:
        now = self.desk.clock()
        resend = _resends(self.desk.newsletter)
        with writing(self.desk.engine) as conn:
            if resend:
                deliveries.defer(conn, letter, plan.retry_at(letter.attempts, now, letter.message_id), reason, now)
            else:
                deliveries.doubt(conn, letter, reason, now)
        self.done += Delivered(deferred=1) if resend else Delivered(in_doubt=1)
        self.desk.on_letter(letter, "deferred" if resend else "in_doubt")

    def _settle(self, letter: Delivery, *, refused: str) -> None:
        with writing(self.desk.engine) as conn:
            if deliveries.refuse(conn, letter, refused, self.desk.clock()):
                self.done += Delivered(refused=1)
        self.desk.on_letter(letter, "refused")
