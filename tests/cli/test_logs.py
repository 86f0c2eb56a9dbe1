"""What is logged: one line an event, whoever speaks, and nothing in it that only the program should know."""

import json
import logging
from collections.abc import Callable

import pytest
import structlog

from aggregator.cli import logs

Lines = Callable[[], list[str]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    def read() -> list[str]:
        return capsys.readouterr().err.splitlines()

    return read


def fail(password: str) -> float:
    return len(password) / 0


def speak() -> None:
    """We, a library, and both of a failure."""
    log = structlog.get_logger()
    log.info("polled", source="two\nlines")
    logging.getLogger("some.library").warning("odd %s", "answer\nfrom afar")
    logging.getLogger("some.library").info("its inner life")
    logging.getLogger("waitress.queue").warning("Task queue depth is 1")
    try:
        fail("s3cret" * 2)
    except ZeroDivisionError:
        log.exception("bug")
        logging.getLogger("some.library").exception("a bug of theirs")


def test_json_is_one_object_a_line_of_libraries_as_well(lines: Lines) -> None:
    logs.configure(as_json=True)
    speak()
    said = [json.loads(line) for line in lines()]
    assert [(line["level"], line["event"]) for line in said] == [
        ("info", "polled"),
        ("warning", "odd answer\nfrom afar"),
        ("error", "bug"),
        ("error", "a bug of theirs"),
    ]
    assert all("timestamp" in line for line in said)
    assert [frame["name"] for frame in said[2]["exception"][0]["frames"]] == ["speak", "fail"]


def test_text_is_one_line_an_event(lines: Lines) -> None:
    logs.configure()
    speak()
    said = lines()
    assert len(said) == 4
    assert [line.split()[1] for line in said] == ["level='info'", "level='warning'", "level='error'", "level='error'"]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_tells_no_value(lines: Lines, as_json: bool) -> None:  # noqa: FBT001  a parameter of the test
    logs.configure(as_json=as_json)
    speak()
    assert "s3cret" * 2 not in "\n".join(lines())


def test_configuring_again_says_nothing_twice(lines: Lines) -> None:
    logs.configure()
    logs.configure(quiet=True)
    speak()
    assert len(lines()) == 3
