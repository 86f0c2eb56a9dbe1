"""Leaving and coming back, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from aggregator.pipeline.subscriptions import Subscription, look, resume, unsubscribe
from aggregator.send import tokens
from aggregator.store import deliveries, journal, secrets, subscribers
from aggregator.store.engine import reading, writing

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def _token(engine: Engine, newsletters: tuple[str, ...] = ("daily", "weekly")) -> str:
    with writing(engine) as conn:
        subscribers.add(conn, email="a@x.example", key="a@x.example", name=None, newsletters=newsletters, now=NOW)
        ((_, wish),) = subscribers.readers(conn, newsletters[0])
        return tokens.make(secrets.key(conn, "tokens"), "reader", wish)


def test_there_and_back(engine: Engine) -> None:
    token = _token(engine)
    there, gone = (
        Subscription("daily", ended=False, others=("weekly",)),
        Subscription("daily", ended=True, others=("weekly",)),
    )
    assert look(engine, token) == there
    assert unsubscribe(engine, token, LATER) == gone
    assert unsubscribe(engine, token, LATER + timedelta(days=1)) == gone
    with reading(engine) as conn:
        found = subscribers.subscription(conn, 1)
    assert found is not None
    assert found[2] == LATER, "the first time counts"
    assert resume(engine, token, LATER) == there
    assert resume(engine, token, LATER) == there
    with reading(engine) as conn:
        assert [event.split(";")[0] for _, event in journal.read(conn, "daily")] == [
            "subscription 1 ended by its reader", "subscription 1 resumed by its reader",
        ]  # fmt: skip


def test_a_claimed_letter_gets_no_dot_and_a_dotted_one_is_left_to_the_ledger(engine: Engine) -> None:
    token = _token(engine, ("daily",))
    with writing(engine) as conn:
        for number in (1, 2):
            to = subscribers.readers(conn, "daily")
            deliveries.plan(conn, "daily", number, to, message_id=lambda one: f"<{one}@x>", now=NOW)
        first, second = deliveries.claim(conn, NOW, limit=2)
        assert deliveries.dot(conn, first, NOW)
    unsubscribe(engine, token, LATER)
    with writing(engine) as conn:
        assert not deliveries.dot(conn, second, LATER)
        assert deliveries.accept(conn, first, LATER)
        cancelled = deliveries.get(conn, second.id)
    assert cancelled is not None
    assert (cancelled.state, cancelled.reason) == ("cancelled", "the reader unsubscribed")


def test_without_a_secret_there_are_no_tokens_and_none_is_made(engine: Engine) -> None:
    for answer in (look(engine, "A" * 28), unsubscribe(engine, "A" * 28, NOW), resume(engine, "A" * 28, NOW)):
        assert answer is None
    with reading(engine) as conn:
        assert secrets.find(conn, "tokens") is None


def test_a_token_for_another_purpose_opens_nothing(engine: Engine) -> None:
    _token(engine)
    with writing(engine) as conn:
        other = tokens.make(secrets.key(conn, "tokens"), "confirm", 1)
    assert look(engine, other) is None
    assert unsubscribe(engine, other, NOW) is None
