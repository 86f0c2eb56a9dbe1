"""What may still be spent, and when nothing is asked for a while."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Writer
from aggregator.errors import WriterError
from aggregator.model import Prompt, Reply
from aggregator.write import limits
from aggregator.write.limits import Call, Spent

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PROMPT = Prompt(task="x" * 300, data="国" * 100, most_tokens=200)


def writer(**values: object) -> Writer:
    return Writer.model_validate({"url": "http://127.0.0.1:1/v1", "model": "m", **values})


def call(outcome: str, ago: timedelta = timedelta(0), until: datetime | None = None) -> Call:
    return Call(at=NOW - ago, outcome=outcome, input=0, output=0, cost=0, until=until, reason=f"because of {outcome}")


def test_what_a_question_may_cost_at_most() -> None:
    assert limits.asked(PROMPT) == (100 + 150 + 16, 200)
    assert limits.cost(writer(price={"input": 1.0, "output": 10.0}), 266, 200) == pytest.approx(0.002266)


@given(st.text())
def test_an_estimate_is_never_nothing_of_something(text: str) -> None:
    assert (limits.estimated(text) > 0) == bool(text)
    assert limits.estimated(text + "国") > limits.estimated(text)


def test_the_day_ends_before_the_question_that_might_go_beyond_it() -> None:
    assert limits.exhausted(writer(daily_tokens=1000), Spent(3, 534), PROMPT) is None
    why = limits.exhausted(writer(daily_tokens=1000), Spent(3, 535), PROMPT)
    assert why == "535 of 1,000 tokens are spent today, and the next may take 466"
    dear = writer(daily_cost=0.01, price={"input": 1.0, "output": 10.0})
    assert limits.exhausted(dear, Spent(3, 0, 0.0077), PROMPT) is None
    why = limits.exhausted(dear, Spent(3, 0, 0.0078), PROMPT)
    assert why == "0.0078 of 0.01 are spent today, and the next may cost 0.0023"


def test_what_the_server_did_not_count_is_estimated() -> None:
    assert limits.counted(PROMPT, Reply(text="told", input=5, output=7)) == (5, 7)
    assert limits.counted(PROMPT, Reply(text="toldtold")) == (266, 3)


@pytest.mark.parametrize(
    ("calls", "until"),
    [
        ([], None),
        ([call("answered")], None),
        ([call("server"), call("timeout")], None),
        ([call("server"), call("timeout"), call("connection")], NOW + MINUTE),
        ([call("server")] * 4, NOW + 2 * MINUTE),
        ([call("server")] * 40, NOW + HOUR),
        ([call("answered"), *[call("server")] * 9], None),
        ([call("asked"), *[call("server")] * 3], NOW + MINUTE),
        ([call("server"), call("asked"), call("server"), call("asked"), call("server")], NOW + MINUTE),
        ([call("key")], NOW + HOUR),
        ([call("model", 10 * MINUTE)], NOW + 50 * MINUTE),
        ([call("busy", until=NOW + 5 * MINUTE)], NOW + 5 * MINUTE),
        ([call("server"), call("busy", until=NOW + 5 * MINUTE)], NOW + 5 * MINUTE),
        ([call("answered"), call("busy", until=NOW + 5 * MINUTE)], None),
    ],
)
def test_when_it_pauses(calls: list[Call], until: datetime | None) -> None:
    found = limits.pause(calls)
    assert (found[0] if found else None) == until
    if found is not None:
        assert found[1].startswith("because of ")


@pytest.mark.parametrize(
    ("problem", "wait", "tries", "again"),
    [
        ("server", None, 1, 1.0),
        ("server", None, 2, 2.0),
        ("server", None, 3, None),
        ("busy", 7.0, 1, 7.0),
        ("busy", 31.0, 1, None),
        ("timeout", None, 1, 1.0),
        ("key", None, 1, None),
        ("answer", None, 1, None),
        ("busy", limits.NEVER, 1, None),
    ],
)
def test_what_is_asked_again(problem: str, wait: float | None, tries: int, again: float | None) -> None:
    assert limits.again(WriterError(problem, "x", wait=wait), tries, 2) == again  # type: ignore[arg-type]  # a case's name


def test_no_server_silences_it_for_a_year() -> None:
    assert limits.until(WriterError("busy", "x", wait=1e9), NOW) == NOW + timedelta(days=1)
    assert limits.until(WriterError("busy", "x"), NOW) is None
