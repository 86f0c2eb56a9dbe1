"""What an entry said before its publisher changed it is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from aggregator.model import Entry
from aggregator.store import entries, revisions
from aggregator.store.engine import reading, writing
from aggregator.store.revisions import Revision
from tests.support.entries import entry

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def one(title: str = "Rain falls", **values: Any) -> Entry:
    said = {
        "id": "e1",
        "guid": "g1",
        "url": "https://wire.example/1",
        "content": "<p>Rain fell on Monday.</p>",
        "author": "Ann",
        "words": 4,
        "published": NOW - HOUR,
        "seen": NOW,
    }
    return entry(title, "It rained.", **said | values)


def polled(engine: Engine, *found: Entry) -> None:
    with writing(engine) as conn:
        entries.add(conn, found, news={each.id: True for each in found})


def kept(engine: Engine, id_: str = "e1") -> list[Revision]:
    with reading(engine) as conn:
        return revisions.of(conn, id_)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"title": "Rain falls at last"}, id="headline"),
        pytest.param({"summary": "It rained at last."}, id="summary"),
        pytest.param({"url": "https://wire.example/rain"}, id="address"),
        pytest.param({"author": None}, id="author"),
        pytest.param({"published": NOW - 2 * HOUR}, id="date"),
        pytest.param({"content": "<p>Rain fell on Tuesday.</p>"}, id="a word of the text"),
    ],
)
def test_what_stood_before_a_change_is_kept(engine: Engine, changes: dict[str, Any]) -> None:
    before = one()
    polled(engine, before)
    polled(engine, replace(before, **changes, seen=NOW + HOUR))
    (found,) = kept(engine)
    assert (found.number, found.at) == (1, NOW + HOUR)
    for name in ("title", "summary", "url", "author", "published"):
        assert getattr(found, name) == getattr(before, name)
    assert (found.digest, found.length) == revisions.digest("Rain fell on Monday.")
    with reading(engine) as conn:
        stored = entries.get(conn, "e1")
    assert stored is not None
    assert stored.entry == replace(before, **changes), "and the entry stands in the same place, seen when it was"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"content": "<div>Rain  <b>fell</b>\n on Monday.</div>"}, id="mark-up and white space"),
        pytest.param({"tags": ("weather",)}, id="tags"),
        pytest.param({"published": NOW + 9 * HOUR}, id="a date to come, for the first time"),
    ],
)
def test_what_no_reader_sees_leaves_no_revision(engine: Engine, changes: dict[str, Any]) -> None:
    before = one(published=None)
    polled(engine, before)
    polled(engine, replace(before, **changes, seen=NOW + HOUR))
    assert kept(engine) == []


def test_changes_of_many_entries_are_kept_together(engine: Engine) -> None:
    found = [one(id=f"e{number}", guid=f"g{number}", title=f"Rain {number}") for number in range(1200)]
    polled(engine, *found)
    polled(engine, *(replace(each, title=f"{each.title} again", seen=NOW + HOUR) for each in found))
    assert [kept(engine, f"e{number}")[0].title for number in (0, 600, 1199)] == ["Rain 0", "Rain 600", "Rain 1199"]


def test_of_very_many_changes_the_first_and_the_newest_are_kept(engine: Engine) -> None:
    polled(engine, one(title="Rain 0"))
    last = revisions.MOST + 20
    for number in range(1, last + 1):
        polled(engine, one(title=f"Rain {number}", seen=NOW + number * HOUR))
    found = kept(engine)
    assert len(found) == revisions.MOST
    assert [each.title for each in found[:2]] == ["Rain 0", f"Rain {last - revisions.MOST + 1}"]
    assert found[-1].title == f"Rain {last - 1}"
    assert [each.number for each in found[1:]] == list(range(last - revisions.MOST + 2, last + 1))


def test_a_full_text_is_no_change_and_stays_through_one(engine: Engine) -> None:
    before = one()
    polled(engine, before)
    full = "<p>Rain fell on Monday, as it does here in every year when the wind turns to the south.</p>"
    with writing(engine) as conn:
        assert entries.fill(conn, before, content=full, summary=before.summary, words=18)
    assert kept(engine) == []
    polled(engine, replace(before, title="Rain falls at last", seen=NOW + HOUR))
    (found,) = kept(engine)
    assert found.digest == revisions.digest(full)[0], "the text that readers saw, not the feed's"
    with reading(engine) as conn:
        stored = entries.get(conn, "e1")
    assert stored is not None
    assert (stored.entry.content, stored.entry.title) == (full, "Rain falls at last")
