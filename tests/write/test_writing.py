"""From stories to briefings and to what readers see: asked of a real server, verified, kept, shown, taken back."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.daemon import _Daemon
from aggregator.errors import BusyError, UsageError
from aggregator.model import Written
from aggregator.pipeline.writer_sample import sample
from aggregator.pipeline.writing import NO_EXTRA, Wrote
from aggregator.store import briefings
from aggregator.store.engine import reading
from aggregator.store.locks import exclusive
from tests.support.curating import Curating
from tests.support.databases import database, postgres_folder
from tests.support.entries import NOW, report
from tests.support.writer_server import Says, WriterServer, completion, sentences, writer_server
from tests.support.writing import Room

__all__ = ["database", "postgres_folder"]

MINUTE = timedelta(minutes=1)
BRIDGE = (
    "Xiamen opens a bridge across its harbour",
    "The bridge is 6.2 kilometres long and cost 3.1 billion yuan, the city of Xiamen said. It carries six lanes of traffic.",
)
ZH = (
    "厦门跨海大桥通车",
    "厦门新建的跨海大桥正式通车，全长6.2公里，总投资31亿元。交通局局长陈志明表示，过海时间由50分钟缩短至10分钟。大桥有六条车道，将于周四向所有车辆开放。",
)
HARVEST = (
    "Barley growers count the frost's damage",
    "Growers said that frost had taken 40 percent of the barley, the worst harvest in twelve years, and asked for credit until summer.",
)
TOLD = (
    "A bridge of 6.2 kilometres across the harbour of Xiamen has opened.",
    "It cost 3.1 billion yuan and carries six lanes of traffic.",
)
FROST = (
    "Frost has taken 40 percent of the barley of the growers.",
    "It is the worst harvest in twelve years, growers said.",
)


def honest(asked: dict[str, Any]) -> str:
    """A model that does as it should."""
    said = str(asked)
    return sentences(*(FROST if "frost" in said else TOLD))


@pytest.fixture
def server() -> Iterator[WriterServer]:
    with writer_server(model=honest) as running:
        yield running


@pytest.fixture
def room(tmp_path: Path, server: WriterServer) -> Iterator[Room]:
    made = Room(Curating(f"sqlite:///{tmp_path / 'desk.db'}", output=tmp_path / "out"), server)
    made.configure()
    yield made
    made.desk.app.close()


# --- what is written ---------------------------------------------------------------------------------------


def test_a_story_is_written_kept_and_shown(room: Room) -> None:
    one = room.meets(BRIDGE)
    before = room.story(one)
    room.desk.now += MINUTE
    wrote = room.writes()
    assert [(tried.outcome, tried.text) for tried in wrote.tried] == [("written", " ".join(TOLD))]
    assert (wrote.changed, wrote.stopped) == (1, None)
    after = room.story(one)
    assert after.written == Written(" ".join(TOLD), "en", "test-model")
    assert after.summary == before.summary, "the words of the sources stay"
    assert (before.updated, after.updated) == (NOW, NOW + MINUTE), "readers see something else"
    assert room.calls() == [("answered", 100, 50)]
    (asked,) = room.server.asked
    assert [source["title"] for source in asked.data["sources"]] == [BRIDGE[0]]
    assert BRIDGE[0] not in asked.task, "what sources say stands in the data alone"
    assert "in English" in asked.task


def test_what_is_written_is_not_written_again(room: Room) -> None:
    one = room.meets(BRIDGE)
    room.writes()
    stood = room.story(one)
    room.desk.now += MINUTE
    assert room.writes() == Wrote()
    room.desk.app.curate()
    assert room.story(one) == stood
    assert len(room.server.asked) == 1


def test_a_story_in_two_languages(room: Room) -> None:
    told = (
        "A bridge of 6.2 kilometres across the harbour of Xiamen opened on Thursday.",
        "Chen Zhiming, the director of the transport bureau, said that the way takes 10 minutes instead of 50.",
    )
    room.server.model = lambda _: sentences(*told)
    one = room.meets(ZH, language="zh-Hans", published=NOW)
    room.writes()
    assert room.written(one) == " ".join(told)
    told_by = room.server.asked[0].data["sources"][0]
    assert told_by | {"text": ""} == {
        "n": 1,
        "outlet": "wire",
        "published": "2020-05-14",
        "language": "zh-Hans",
        "title": ZH[0],
        "text": "",
    }


def test_an_entry_that_changes_takes_its_briefing_back_until_it_is_written_anew(room: Room) -> None:
    one = room.meets(BRIDGE)
    room.writes()
    room.desk.now += MINUTE
    room.desk.rewrites(one, summary=BRIDGE[1].replace("six lanes", "eight lanes"))
    assert room.written(one) is None
    assert room.story(one).updated == NOW + MINUTE
    assert room.why(one) == "chosen from its sources: it waits for its turn, the best first"
    room.desk.now += MINUTE
    assert [tried.outcome for tried in room.writes().tried] == ["refused"], "six lanes are none of its words any more"
    assert "the figure “six”" in room.why(one)
    room.desk.rewrites(replace(one, seen=one.seen + timedelta(days=1)), summary=BRIDGE[1])
    room.desk.now += MINUTE
    assert room.writes().changed == 1, "what was answered to these words is known"
    assert room.written(one) == " ".join(TOLD)
    assert len(room.server.asked) == 2


def test_an_entry_that_is_taken_back_takes_the_briefing_with_it_at_once(room: Room) -> None:
    one = room.meets(BRIDGE)
    other = room.meets((BRIDGE[0], BRIDGE[1] + " Buses cross it too."), source="gazette")
    assert room.desk.story(one) == room.desk.story(other)
    room.writes()
    assert room.written(one)
    room.desk.app.retract([one.id], reason="wrong")
    assert room.written(other) is None


def test_what_does_not_hold_is_kept_explained_and_not_asked_again(room: Room) -> None:
    room.server.model = lambda _: sentences(TOLD[0], "It cost 9.9 billion yuan and carries six lanes of traffic.")
    one = room.meets(BRIDGE)
    assert [(tried.outcome, tried.text) for tried in room.writes().tried] == [("refused", None)]
    assert room.written(one) is None
    assert room.story(one).updated == NOW
    assert room.why(one) == (
        "chosen from its sources: what test-model wrote 2020-05-14T12:00:00Z does not hold: "
        "the sources do not have the figure “9.9 billion”"
    )
    assert room.writes().tried == ()
    assert len(room.server.asked) == 1
    room.server.model = honest
    assert room.writes(room.desk.story(one)).changed == 1, "who names it has it tried again"


def test_who_wrote_from_what_and_what_was_verified_is_explained(room: Room) -> None:
    one = room.meets(BRIDGE)
    assert room.why(one) == "chosen from its sources: it waits for its turn, the best first"
    room.writes()
    lines = room.desk.explained(room.desk.story(one))
    assert lines["briefing"] == "written by test-model, in en"
    assert lines["written"] == f"2020-05-14T12:00:00Z, from {one.id}"
    assert lines["verified"] == "4 figures, 1 word of names, 0 quotations found in 1 source"
    room.desk.now += timedelta(days=4)
    late = room.meets(HARVEST, published=NOW, seen=NOW)
    assert room.why(late) == "chosen from its sources: it had no news for 2d (writer.max_age)"


def test_answers_of_no_use_are_asked_for_twice_and_then_given_up(room: Room) -> None:
    room.configure(retries=1)
    room.server.says(Says(body=completion("Here you are!")), Says(body=completion("", finish="length")))
    one = room.meets(BRIDGE)
    assert [tried.outcome for tried in room.writes().tried] == ["failed"]
    assert "is of no use: the answer is cut short" in room.why(one)
    assert room.writes().tried == ()
    assert len(room.server.asked) == 2


def test_the_best_stories_first_and_no_more_than_a_run_may(room: Room) -> None:
    room.configure(per_run=1)
    alone = room.meets(HARVEST, published=NOW - timedelta(hours=20))
    first = room.meets(BRIDGE)
    assert len(room.writes().tried) == 1
    assert room.written(first)
    assert room.written(alone) is None
    room.writes(limit=5)
    assert room.written(alone)


def test_a_ninth_voice_does_not_ask_for_another_briefing() -> None:
    told = [report(f"outlet-{number}", seen=NOW + number * MINUTE) for number in range(9)]
    copy = report("copier", seen=NOW, duplicate_of=told[0].entry)
    story = replace(sample(NOW), reports=tuple(told[:8]))
    assert replace(story, reports=tuple(told)).said == story.said
    assert replace(story, reports=(*reversed(told), copy)).said == story.said
    assert replace(story, reports=tuple(told[1:])).said != story.said
    assert replace(story, reports=(replace(told[0], summary="Another."), *told[1:])).said != story.said


def test_what_says_too_little_is_not_written(room: Room) -> None:
    one = room.meets(("A bridge opens", ""))
    assert [tried.outcome for tried in room.writes().tried] == ["refused"]
    assert room.server.asked == []
    assert "not given to a model: its sources say too little" in room.why(one)


def test_old_stories_are_left_as_they_are(room: Room) -> None:
    room.meets(BRIDGE, published=NOW - timedelta(days=3))
    assert room.writes().tried == ()


# --- another model, another language, none at all ----------------------------------------------------------


def test_when_the_writer_goes_so_does_what_it_wrote(room: Room) -> None:
    one = room.meets(BRIDGE)
    room.writes()
    room.desk.says(writer=None)
    room.desk.now += MINUTE
    assert room.writes().changed == 1
    assert room.written(one) is None
    assert room.story(one).updated == NOW + MINUTE
    assert room.writes().changed == 0
    room.configure()
    assert room.writes().changed == 1
    assert len(room.server.asked) == 1, "it is known still"


def test_another_model_writes_anew_and_until_then_the_old_one_stands(room: Room) -> None:
    one = room.meets(BRIDGE)
    room.writes()
    room.configure(model="other-model")
    room.server.says(Says(500))
    assert room.writes().stopped is not None
    assert room.story(one).written == Written(" ".join(TOLD), "en", "test-model")
    room.writes()
    assert room.story(one).written == Written(" ".join(TOLD), "en", "other-model")


def test_in_another_language_nothing_of_the_old_one_stands(room: Room) -> None:
    one = room.meets(BRIDGE)
    room.writes()
    room.configure(language="zh-Hans")
    room.server.says(Says(500))
    room.writes()
    assert room.written(one) is None
    told = ("厦门跨海大桥通车，全长6.2公里。", "大桥投资31亿元，有六条车道，厦门市说。")
    room.server.model = lambda _: sentences(*told)
    room.writes()
    assert room.story(one).written == Written("".join(told), "zh-Hans", "test-model")
    assert "simplified Chinese" in room.server.asked[-1].task


# --- limits ------------------------------------------------------------------------------------------------


def test_a_day_may_cost_so_much_and_restarts_forget_nothing(room: Room) -> None:
    room.meets(BRIDGE)
    room.meets(HARVEST)
    room.configure(daily_tokens=2200)
    room.server.says(Says(body=completion(sentences(*TOLD), usage=(1000, 400))))
    wrote = room.writes()
    assert len(wrote.tried) == 1
    assert wrote.stopped is not None
    assert wrote.stopped.startswith("1,400 of 2,200 tokens are spent today")
    room.desk.app.close()
    room.desk.says()  # as after a restart
    assert room.writes().tried == ()
    room.desk.now += timedelta(hours=11, minutes=59)
    assert room.writes().tried == ()
    room.desk.now += timedelta(minutes=1)
    assert len(room.writes().tried) == 1, "the next day"


def test_money_is_counted_by_its_price(room: Room) -> None:
    room.meets(BRIDGE)
    room.meets(HARVEST)
    room.configure(daily_cost=0.015, price={"input": 2.0, "output": 10.0})
    room.server.says(Says(body=completion(sentences(*TOLD), usage=(3000, 400))))
    assert "0.0100 of 0.015 are spent today" in (room.writes().stopped or "")
    with reading(room.desk.app.engine) as conn:
        assert briefings.last_calls(conn, 1)[0].cost == pytest.approx(0.01)


def test_what_is_not_answered_costs_nothing_and_what_may_have_been_worked_on_does(room: Room) -> None:
    room.configure(timeout="300ms")
    room.meets(BRIDGE)
    room.server.says(Says(503))
    room.writes()
    room.server.says(Says(silent=True))
    room.writes()
    (away, slow) = room.calls()
    assert away == ("server", 0, 0)
    assert slow[0] == "timeout"
    assert slow[1] > 300
    assert slow[2] == 800


# --- failures ----------------------------------------------------------------------------------------------


def test_what_fails_for_a_moment_is_asked_again(room: Room) -> None:
    room.configure(retries=2)
    room.desk.app = room.desk.app.__class__(room.desk.app.config, clock=_ticking(NOW))
    one = room.meets(BRIDGE)
    room.server.says(Says(429, headers={"Retry-After": "0"}))
    began = time.monotonic()
    assert room.writes().count("written") == 1
    assert 0.9 < time.monotonic() - began < 5
    assert room.written(one)
    assert [call[0] for call in room.calls()] == ["busy", "answered"]


def _ticking(start: datetime) -> Callable[[], datetime]:
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def test_a_server_that_asks_for_a_pause_gets_it(room: Room) -> None:
    one = room.meets(BRIDGE)
    room.server.says(Says(429, {"error": {"message": "Slow down"}}, {"Retry-After": "600"}))
    stopped = room.writes().stopped
    assert stopped == f"{room.server.url} asks for a pause (429: Slow down)"
    room.desk.now += 9 * MINUTE
    assert (room.writes().stopped or "").startswith("pauses until 2020-05-14T12:10:00Z: ")
    assert room.why(one).startswith("chosen from its sources: the writer pauses until 2020-05-14T12:10:00Z")
    assert len(room.server.asked) == 1
    room.desk.now += MINUTE
    assert room.writes().count("written") == 1


def test_after_three_failures_in_a_row_it_pauses_and_longer_each_time(room: Room) -> None:
    room.meets(BRIDGE)
    room.server.says(*[Says(500)] * 4)
    for _ in range(3):
        room.writes()
    assert "pauses until 2020-05-14T12:01:00Z" in (room.writes().stopped or "")
    room.desk.now += MINUTE
    room.writes()
    assert "pauses until 2020-05-14T12:03:00Z" in (room.writes().stopped or "")
    assert len(room.server.asked) == 4


def test_a_wrong_key_is_told_and_who_names_a_story_tries_again_at_once(room: Room) -> None:
    room.server.key = "sk-the-right-one"
    room.configure(key="sk-the-wrong-one")
    one = room.meets(BRIDGE)
    wrote = room.writes()
    assert wrote.stopped is not None
    assert "does not take the key (401: Incorrect API key provided: ***.)" in wrote.stopped
    assert wrote.hint == "see writer.key and the variable that it names"
    room.configure(key="sk-the-right-one")
    assert "pauses until" in (room.writes().stopped or "")
    assert room.writes(room.desk.story(one)).count("written") == 1
    said = "".join(str(line) for line in room.desk.lines(room.desk.story(one)))
    assert "sk-the" not in said


def test_what_is_too_large_is_given_up_and_the_others_go_on(room: Room) -> None:
    room.meets(BRIDGE)
    room.meets(HARVEST)
    room.server.says(Says(body=completion("x" * 1_100_000)))
    wrote = room.writes()
    assert sorted(tried.outcome for tried in wrote.tried) == ["failed", "written"]


def test_without_the_extra_nothing_is_written_and_it_is_said(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.pipeline.writing.available", lambda: False)
    room.meets(BRIDGE)
    assert room.writes() == Wrote(stopped=NO_EXTRA, hint="pip install 'aggregator[writer]'")


def test_one_at_a_time_and_names_that_are_there(room: Room) -> None:
    with exclusive(room.desk.app.engine, "write"), pytest.raises(BusyError, match="briefings are being written"):
        room.writes()
    with pytest.raises(UsageError, match="there is no story 'nonsense'"):
        room.writes("nonsense")


def test_what_was_written_while_another_curates_is_shown_the_next_time(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.pipeline.briefed._PATIENCE", 0.0)
    one = room.meets(BRIDGE)
    with exclusive(room.desk.app.engine, "curate"):
        assert room.writes().changed == 0
    assert room.written(one) is None
    assert room.why(one) == "chosen from its sources: what was written is shown with the next run"
    assert room.writes().changed == 1
    assert len(room.server.asked) == 1


def test_what_changes_while_it_is_asked_is_not_shown(room: Room) -> None:
    one = room.meets(BRIDGE)
    room.server.before = lambda: room.desk.rewrites(one, summary=BRIDGE[1].replace("six", "eight"))
    wrote = room.writes()
    assert (wrote.count("written"), wrote.changed) == (1, 0)
    assert room.written(one) is None


# --- the daemon --------------------------------------------------------------------------------------------


def test_the_daemon_writes_by_itself_and_what_it_wrote_is_published(room: Room) -> None:
    one = room.meets(BRIDGE)
    daemon = _Daemon(room.desk.app, lambda: room.desk.app)
    daemon._edit(room.desk.app)
    room.desk.now += MINUTE
    with capture_logs() as logs:
        daemon._write(room.desk.app)
        daemon._write(room.desk.app)
        daemon._edit(room.desk.app)
    events = [line["event"] for line in logs]
    assert events == ["wrote", "published"]
    assert (logs[0]["written"], logs[0]["shown"]) == (1, 1)
    assert logs[1]["files"] > 0
    assert room.written(one)
    out = room.desk.app.config.output_folder
    for page in (out / "stories" / f"{room.desk.story(one)}.html", out / "atom.xml", out / "feed.json"):
        said = page.read_text(encoding="utf-8")
        assert TOLD[0] in said, page
        assert "Written by a model from the sources named" in said, page
    before = len(room.server.asked)
    daemon._write(room.desk.app)
    assert daemon._read is not None, "it rests until something changes"
    assert len(room.server.asked) == before


def test_the_daemon_says_once_why_it_does_not_write(room: Room) -> None:
    room.meets(BRIDGE)
    room.configure(daily_tokens=100)
    daemon = _Daemon(room.desk.app, lambda: room.desk.app)
    with capture_logs() as logs:
        daemon._write(room.desk.app)
        daemon._write(room.desk.app)
    assert [(line["event"], line["log_level"]) for line in logs] == [("not written", "warning")]


# --- both databases ----------------------------------------------------------------------------------------


def test_on_every_database(database: str, server: WriterServer, tmp_path: Path) -> None:
    room = Room(Curating(database, output=tmp_path / "out"), server)
    room.configure(daily_tokens=5000)
    one = room.meets(BRIDGE)
    room.writes()
    assert room.written(one) == " ".join(TOLD)
    room.configure(language="zh-Hans")
    room.server.says(Says(500))
    room.writes()
    assert room.written(one) is None
    room.desk.app.close()
