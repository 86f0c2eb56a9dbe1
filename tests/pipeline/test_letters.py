"""What becomes of letters between composing and the mail server's answer, on both databases."""

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from aggregator.app import App
from aggregator.errors import StoreError
from aggregator.store import deliveries, subscribers
from aggregator.store.engine import open_engine, writing
from aggregator.store.tables import editions
from tests.support.newsroom import BARLEY, DAY, HOUR, SLOT, Newsroom
from tests.support.smtp import Stage


def test_who_left_after_composing_gets_no_letter(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    with writing(room.engine) as conn:
        subscription = next(letter.subscription for letter in room.letters() if letter.email == "b@example.org")
        assert subscribers.end(conn, subscription, room.now)
    app.deliver()
    assert sorted(accepted.recipient for accepted in room.sink.accepted) == ["a@example.org", "c@example.org"]
    assert {letter.email: letter.state for letter in room.letters()}["b@example.org"] == "cancelled"


def test_who_leaves_while_the_letter_is_on_its_way_gets_none(app: App, room: Newsroom) -> None:
    """The last look is taken in the commit before the final dot."""
    room.now = SLOT
    app.compose()
    with writing(room.engine) as conn:
        (letter,) = deliveries.claim(conn, room.now, limit=1)
        subscribers.end(conn, letter.subscription, room.now)
        assert not deliveries.dot(conn, letter, room.now)
        deliveries.release(conn, [letter], room.now)
    app.deliver()
    assert letter.email not in {accepted.recipient for accepted in room.sink.accepted}


def test_an_erased_reader_gets_no_letter(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    with writing(room.engine) as conn:
        assert subscribers.remove(conn, "b@example.org")
    app.deliver()
    assert sorted(accepted.recipient for accepted in room.sink.accepted) == ["a@example.org", "c@example.org"]
    assert len(room.letters()) == 2


def test_deferred_letters_wait_longer_each_time_and_are_accepted_at_last(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    for _ in range(3):
        room.sink.fail("RCPT", "451 4.3.0 greylisted")
    assert app.deliver().deferred == 3
    first = room.letters()
    assert {letter.state for letter in first} == {"deferred"}
    assert all("451 4.3.0 greylisted" in str(letter.reason) for letter in first)
    assert all(timedelta(minutes=1) <= letter.due - room.now <= timedelta(minutes=2) for letter in first)
    assert app.deliver() == replace(app.deliver(), deferred=0), "not before it is due"
    room.now += timedelta(minutes=2)
    for _ in range(3):
        room.sink.fail("DATA", "452 4.3.1 full")
    app.deliver()
    second = room.letters()
    assert all(timedelta(minutes=2) <= letter.due - room.now <= timedelta(minutes=4) for letter in second)
    room.now += timedelta(minutes=4)
    assert app.deliver().accepted == 3
    assert {(letter.state, letter.attempts) for letter in room.letters()} == {("accepted", 3)}
    assert set(room.mailed().values()) == {1}


def test_a_refused_letter_keeps_its_reason_and_is_not_tried_again(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    room.sink.fail("RCPT", "550 5.1.1 nobody of that name")
    done = app.deliver()
    assert (done.accepted, done.refused) == (2, 1)
    (refused,) = (letter for letter in room.letters() if letter.state == "refused")
    assert "550 5.1.1 nobody of that name" in str(refused.reason)
    room.now += DAY
    app.deliver()
    assert len(room.sink.accepted) == 2
    assert refused.email not in {accepted.recipient for accepted in room.sink.accepted}


def test_a_deferred_letter_is_given_up_in_the_end(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    room.now += timedelta(days=3)
    for _ in range(3):
        room.sink.fail("RCPT", "451 4.3.0 later")
    assert app.deliver().refused == 3
    assert all("given up after 1 attempts" in str(letter.reason) for letter in room.letters())


def test_a_server_that_is_away_leaves_all_planned(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    planned = room.letters()
    for _ in range(2):  # one a connection
        room.sink.fail("connect", "421 4.3.2 closed for tonight", drop=True)
    done = app.deliver()
    room.sink.mend()
    assert "closed for tonight" in str(done.away)
    assert [replace(letter, token=0) for letter in room.letters()] == planned
    assert app.deliver().accepted == 3
    assert set(room.mailed().values()) == {1}


@pytest.mark.parametrize(
    ("stage", "say", "state"),
    [
        ("MAIL", "421 4.7.0 too many connections", "deferred"),
        ("MAIL", "553 5.7.1 not your address", "deferred"),
        ("DATA", "", "deferred"),
        ("dot", "", "in_doubt"),
    ],
)
def test_a_server_that_takes_nothing_is_left_in_peace(
    app: App, room: Newsroom, stage: Stage, say: str, state: str
) -> None:
    """One letter a connection learns of it; the others wait as they were, and go out once."""
    room.newsletters[0]["in_doubt"] = "hold"
    app = room.app()
    room.subscribe(*(f"reader{number}@example.org" for number in range(30)))
    room.now = SLOT
    app.compose()
    for _ in range(33):
        room.sink.fail(stage, say, drop=True)
    done = app.deliver()
    assert done.away
    assert room.sink.connections <= 2, "one a lane"
    states: Counter[tuple[str, int]] = Counter((letter.state, letter.attempts) for letter in room.letters())
    assert states == {(state, 1): room.sink.connections, ("planned", 0): 33 - room.sink.connections}
    room.sink.mend()
    room.now += HOUR
    assert app.deliver().away is None
    assert sum(room.mailed().values()) == len(room.mailed()) == 33 - (0 if state == "deferred" else states[state, 1])


def test_a_server_that_serves_a_while_on_each_connection_gets_all(app: App, room: Newsroom) -> None:
    room.subscribe(*(f"reader{number}@example.org" for number in range(30)))
    room.now = SLOT
    app.compose()
    taken = 0

    def close_after_three(stage: Stage) -> None:
        nonlocal taken
        taken += stage == "dot"
        if stage == "dot" and taken % 3 == 0:
            room.sink.fail("MAIL", "421 4.7.0 three letters a connection", drop=True)

    room.sink.watch = close_after_three
    done = app.deliver()
    room.sink.watch = lambda _stage: None
    assert done.accepted > 10
    room.now += HOUR
    app.deliver()
    assert len(room.mailed()) == 33
    assert set(room.mailed().values()) == {1}


def test_a_reader_who_leaves_in_the_last_moment_does_not_stop_the_others(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()

    def leave(stage: Stage) -> None:
        if stage == "body" and len(room.sink.accepted) == 0:
            with writing(room.engine) as conn:
                for letter in room.letters():
                    if letter.state == "claimed":
                        subscribers.end(conn, letter.subscription, room.now)
            room.sink.watch = lambda _stage: None

    room.subscribe(*(f"reader{number}@example.org" for number in range(30)))
    room.sink.watch = leave
    assert app.deliver().away is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_letter_that_was_taken_is_in_no_doubt_though_the_database_is_locked(app: App, room: Newsroom) -> None:
    """The server takes the first letter, and for longer than a statement waits nobody can write that down."""
    room.now = SLOT
    app.compose()
    impatient = App(app.config, clock=app.clock)
    impatient.__dict__["engine"] = open_engine(room.database, busy_seconds=0.05)
    file = room.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        release = threading.Timer(0.5, other.execute, ["ROLLBACK"])

        def lock_at_the_first_dot(stage: Stage) -> None:
            if stage == "dot" and not room.sink.accepted:
                other.execute("BEGIN IMMEDIATE")
                release.start()

        room.sink.watch = lock_at_the_first_dot
        with pytest.raises(StoreError, match="database is locked"):
            impatient.deliver()
        release.join()
    impatient.close()
    app.deliver()
    assert {letter.state for letter in room.letters()} == {"accepted"}
    assert set(room.mailed().values()) == {1}


@pytest.mark.parametrize(("policy", "state", "copies"), [("hold", "in_doubt", 1), ("resend", "accepted", 2)])
def test_a_letter_in_doubt_follows_the_policy(room: Newsroom, policy: str, state: str, copies: int) -> None:
    """The server takes the letter and the line breaks before it says so."""
    room.newsletters[0]["in_doubt"] = policy
    room.has_source("gazette", BARLEY)
    app = room.app()
    room.subscribe("a@example.org")
    app.poll()
    app.curate()
    app.compose(at_once=True)
    room.sink.fail("dot", drop=True, accept=True)
    app.deliver()
    room.now += HOUR
    app.deliver()
    (letter,) = room.letters()
    assert letter.state == state
    assert room.mailed() == {letter.message_id: copies}


def test_an_edition_that_cannot_be_read_holds_up_no_other(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    with writing(room.engine) as conn:
        conn.execute(update(editions).values(data="{}"))
    room.tells("gazette", replace(BARLEY, guid="new", title="Four harbours are built", summary="They are deep."))
    room.now += DAY
    app.poll(force=True)
    app.curate()
    app.compose()
    done = app.deliver()
    assert done.accepted == 3
    (error,) = done.failed
    assert error.message.startswith("daily/1 cannot be mailed: this is no edition that we can read")
    assert {(letter.number, letter.state) for letter in room.letters()} == {(1, "planned"), (2, "accepted")}
