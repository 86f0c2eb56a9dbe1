import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.send import plan

NOW = datetime(2020, 5, 14, 7, tzinfo=UTC)
ATTEMPTS = st.integers(1, 10_000)
NAMES = st.from_regex(r"<[0-9a-f]{32}@example\.org>", fullmatch=True)


def test_a_message_id_is_the_same_at_every_attempt_and_different_for_all_else() -> None:
    first = plan.message_id(b"secret", "daily", 1, 2, "example.org")
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", first)
    assert first == plan.message_id(b"secret", "daily", 1, 2, "example.org")
    others = {
        plan.message_id(b"other", "daily", 1, 2, "example.org"),
        plan.message_id(b"secret", "weekly", 1, 2, "example.org"),
        plan.message_id(b"secret", "daily", 2, 2, "example.org"),
        plan.message_id(b"secret", "daily", 1, 3, "example.org"),
        plan.message_id(b"secret", "daily", 12, 2, "example.org"),
        plan.message_id(b"secret", "daily", 1, 22, "example.org"),
    }
    assert len(others | {first}) == 7


@given(ATTEMPTS, NAMES)
def test_the_pause_before_a_retry_lies_between_a_minute_and_four_hours(attempts: int, name: str) -> None:
    pause = plan.retry_at(attempts, NOW, name) - NOW
    assert timedelta(minutes=1) <= pause <= timedelta(hours=4)
    assert plan.retry_at(attempts, NOW, name) - NOW == pause


@given(ATTEMPTS, NAMES)
def test_pauses_do_not_get_shorter_until_they_are_the_longest(attempts: int, name: str) -> None:
    pause, following = (plan.retry_at(number, NOW, name) - NOW for number in (attempts, attempts + 1))
    assert following >= min(pause, plan.LONGEST_RETRY / 2)


def test_letters_deferred_together_come_back_spread() -> None:
    times = [plan.retry_at(1, NOW, f"<{number}@example.org>") - NOW for number in range(600)]
    minute = [sum(second <= time.total_seconds() - 60 < second + 10 for time in times) for second in range(0, 60, 10)]
    assert sum(minute) == 600
    assert min(minute) > 60


def test_retries_of_two_days_end() -> None:
    now, attempts = NOW, 0
    while not plan.give_up(NOW, now, timedelta(days=2)):
        attempts += 1
        now = plan.retry_at(attempts, now, "<a@example.org>")
    assert 15 <= attempts <= 35


def test_giving_up_is_for_what_was_tried_long_enough() -> None:
    assert not plan.give_up(NOW, NOW + timedelta(hours=47, minutes=59), timedelta(days=2))
    assert plan.give_up(NOW, NOW + timedelta(days=2), timedelta(days=2))


def test_doubt_is_held_or_settled_by_sending_again() -> None:
    assert plan.in_doubt("hold") == "in_doubt"
    assert plan.in_doubt("resend") == "deferred"
