"""What files teach and editors correct is learned, in time, once, and kept in files of which the newest that can be read
is in use.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from aggregator.cli import run
from aggregator.curate.features import READ
from aggregator.daemon import _Daemon
from aggregator.errors import BusyError, LearningError
from aggregator.model import Entry, Example
from aggregator.pipeline import learning, models, training
from aggregator.pipeline.learning import NO_EXTRA, Learnt
from aggregator.pipeline.training import in_a_child
from aggregator.store import examples, journal
from aggregator.store.engine import reading, writing
from aggregator.store.examples import Kind, Taught
from aggregator.store.locks import exclusive
from tests.support.curating import Curating
from tests.support.entries import NOW, entry

MINUTE = timedelta(minutes=1)
CATEGORIES = [{"slug": slug, "name": slug.title()} for slug in ("technology", "economy", "society")]
WORDS = {
    "technology": ["chip", "wafer", "laser", "rocket", "sensor", "battery", "robot", "network", "software", "antenna"],
    "economy": ["tariff", "export", "inflation", "bond", "bank", "wage", "market", "loan", "factory", "price"],
}


def lines(each: int = 60) -> list[dict[str, str]]:
    """Headlines of our own making, as a file has them."""
    chance = random.Random(5)
    return [
        {"title": " ".join(chance.sample(words, 4)), "summary": " ".join(chance.sample(words, 6)), "label": label}
        for label, words in WORDS.items()
        for _ in range(each)
    ]


@pytest.fixture(scope="module")
def model() -> bytes:
    from aggregator.curate.learn import train

    return train([Example(one["title"], one["summary"], one["label"]) for one in lines()])


@dataclass
class School:
    """A trainer that notes what it was given, and always learns the same, or nothing."""

    model: bytes
    fails: str = ""
    given: list[Sequence[Example]] = field(default_factory=list)

    def __call__(self, given: Sequence[Example], sees: str, /) -> bytes:
        assert sees in READ
        self.given.append(given)
        if self.fails:
            raise LearningError(self.fails)
        return self.model


@dataclass
class Room:
    desk: Curating
    school: School

    @property
    def folder(self) -> Path:
        folder = self.desk.app.config.models_folder
        assert folder is not None
        return folder

    @property
    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir()) if self.folder.exists() else []

    def learns(self, quiet: timedelta = learning.QUIET) -> tuple[Learnt, ...]:
        app = self.desk.app
        return learning.learn(app.engine, app.config, train=self.school, clock=lambda: self.desk.now, quiet=quiet)

    def teaches(self, *taught: Taught, forget: bool = False) -> tuple[Learnt, ...]:
        app = self.desk.app
        said = None if forget or not taught else taught
        return learning.teach(
            app.engine, app.config, said, forget=forget, train=self.school, clock=lambda: self.desk.now
        )  # fmt: skip

    def corrects(self, title: str, *categories: str, section: str | None = None) -> Entry:
        one = entry(title, seen=self.desk.now, published=self.desk.now)
        self.desk.curates(one)
        self.desk.app.desk.move(one.id, categories or None, section)
        return one

    def known(self, kind: Kind = "categories") -> dict[str, str]:
        with reading(self.desk.app.engine) as conn:
            return {one.title: one.label for one in examples.load(conn, kind)}

    def status(self, kind: Kind = "categories") -> str:
        with reading(self.desk.app.engine) as conn:
            return learning.learned_words(conn, self.desk.app.config, kind)


@pytest.fixture
def room(tmp_path: Path, model: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """Where a single correction is enough."""
    monkeypatch.setattr(learning, "LEAST_UNASKED", 1)
    desk = Curating(f"sqlite:///{tmp_path}/state/desk.db", more={"categories": CATEGORIES})
    yield Room(desk, School(model))
    desk.app.close()


def taught(title: str, label: str, kind: Kind = "categories") -> Taught:
    return Taught(
        kind=kind,
        digest=learning.digest(title, ""),
        title=title,
        summary="",
        label=label,
        origin="labelled.jsonl",
        at=NOW,
    )


# --- when --------------------------------------------------------------------------------------------------


def test_a_series_of_corrections_is_learned_once_when_it_is_over(room: Room) -> None:
    for number in range(5):
        room.corrects(f"Wafers of the {WORDS['technology'][number]} kind", "technology", section="analyses")
        assert room.learns() == ()
        room.desk.now += MINUTE / 2
    room.desk.now += MINUTE
    assert [(one.kind, one.model.name if one.model else "") for one in room.learns()] == [
        ("categories", "categories-1.model"),
        ("sections", "sections-1.model"),
    ]
    assert [len(given) for given in room.school.given] == [5, 5]
    assert room.learns() == ()
    assert room.folder == Path(str(room.desk.app.config.database_file)).parent / "models"


def test_a_few_corrections_are_not_learned_unless_somebody_asks(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "LEAST_UNASKED", 3)
    for title in ("Wafers", "Lasers"):
        room.corrects(title, "technology")
    assert room.learns(quiet=timedelta(0)) == ()
    assert room.status() == "nothing; 2 of 3 corrections that it takes"
    assert len(room.teaches()) == 1
    room.corrects("Rockets", "technology")
    assert len(room.learns(quiet=timedelta(0))) == 1


def test_who_runs_once_does_not_wait(room: Room) -> None:
    room.corrects("Wafers", "technology")
    assert len(room.learns(quiet=timedelta(0))) == 1
    assert room.learns(quiet=timedelta(0)) == ()


def test_what_is_taken_back_is_learned_as_well(room: Room) -> None:
    kept, taken = room.corrects("Wafers", "technology"), room.corrects("Bonds", "economy")
    room.learns(quiet=timedelta(0))
    room.desk.now += MINUTE
    room.desk.app.desk.free(taken.id)
    assert len(room.learns(quiet=timedelta(0))) == 1
    assert [one.title for one in room.school.given[-1]] == [kept.title]


def test_what_failed_is_not_tried_again_before_there_is_another_example(room: Room) -> None:
    room.school.fails = "two categories are needed"
    room.corrects("Wafers", "technology")
    (failed,) = room.learns(quiet=timedelta(0))
    assert failed.failed is not None
    assert room.learns(quiet=timedelta(0)) == ()
    assert room.status() == "nothing; not learned at 2020-05-14T12:00:00Z: two categories are needed"
    room.corrects("Bonds", "economy")
    assert len(room.learns(quiet=timedelta(0))) == 1


def test_without_the_extra_it_is_told_once_and_done_when_it_is_there(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "available", lambda: False)
    room.corrects("Wafers", "technology")
    (failed,) = room.learns(quiet=timedelta(0))
    assert failed.failed is not None
    assert (failed.failed.message, failed.failed.hint) == (NO_EXTRA, "pip install 'aggregator[learn]'")
    assert NO_EXTRA in room.status()
    assert room.learns(quiet=timedelta(0)) == ()
    assert room.school.given == []
    monkeypatch.setattr(learning, "available", lambda: True)
    assert [one.model is not None for one in room.learns(quiet=timedelta(0))] == [True]


def test_one_at_a_time(room: Room) -> None:
    room.corrects("Wafers", "technology")
    with exclusive(room.desk.app.engine, "learn"), pytest.raises(BusyError, match="examples are being learned"):
        room.learns(quiet=timedelta(0))


def test_who_is_ended_in_the_middle_tries_again(room: Room, model: bytes) -> None:
    def ended(given: Sequence[Example], _: str, /) -> bytes:
        raise BusyError(f"ended with {len(given)}")

    room.corrects("Wafers", "technology")
    app = room.desk.app
    with pytest.raises(BusyError):
        learning.learn(app.engine, app.config, train=ended, clock=lambda: NOW, quiet=timedelta(0))
    assert len(room.learns(quiet=timedelta(0))) == 1


# --- of what -----------------------------------------------------------------------------------------------


def test_files_replace_files_and_corrections_stay(room: Room) -> None:
    room.corrects("Wafers", "technology")
    room.teaches(taught("Bonds", "economy"), taught("ＷＡＦＥＲＳ", "society"), taught("Bonds ", "society"))
    assert room.known() == {"Wafers": "technology", "Bonds ": "society"}, (
        "an editor before a file, a line before another"
    )
    room.teaches(taught("Wages", "economy"))
    assert room.known() == {"Wafers": "technology", "Wages": "economy"}
    room.teaches()
    assert len(room.school.given) == 3
    room.teaches(forget=True)
    assert room.known() == {"Wafers": "technology"}


def test_what_a_file_says_holds_again_when_a_correction_is_taken_back(room: Room) -> None:
    one = room.corrects("Wafers", "technology")
    room.teaches(taught("Wafers", "society"))
    room.desk.app.desk.free(one.id)
    assert room.known() == {"Wafers": "society"}


def test_with_nothing_taught_nothing_is_learned(room: Room) -> None:
    assert room.teaches() == room.learns() == room.teaches(forget=True) == ()
    assert room.status() == "nothing"


# --- models ------------------------------------------------------------------------------------------------


def test_numbers_only_grow_and_the_newest_five_stay(room: Room) -> None:
    for number in range(1, 8):
        room.teaches(taught(f"Bonds {number}", "economy"))
    assert room.files == [f"categories-{number}.model" for number in range(3, 8)]
    room.corrects("Wafers", "technology")
    room.teaches(forget=True)
    assert room.files == ["categories-8.model"], "what was learned of forgotten files is gone too"
    with reading(room.desk.app.engine) as conn:
        assert journal.read(conn, "learning")[-1][1].startswith("categories-8.model was learned of ")


@pytest.mark.parametrize("data", [b"", b"\x80\x04}.", b"model" * 999], ids=["empty", "a pickle", "nonsense"])
def test_what_cannot_be_read_is_passed_over_and_told(room: Room, data: bytes) -> None:
    room.teaches(taught("Bonds", "economy"))
    (room.folder / "categories-9.model").write_bytes(data)
    (room.folder / "categories-10.model.part").write_bytes(data)
    found = models.in_use(room.folder, "categories")
    assert found.model is not None
    assert (found.model.number, [name for name, _ in found.broken]) == (1, ["categories-9.model"])
    assert room.status().startswith(
        f"categories-1.model of {found.model.learned.n} texts; categories-9.model is passed over"
    )
    assert models.in_use(room.folder, "sections").model is None
    room.teaches()
    assert "categories-10.model" in room.files


def test_models_that_are_gone_are_learned_again(room: Room) -> None:
    room.teaches(taught("Bonds", "economy"))
    (room.folder / "categories-1.model").unlink()
    assert [one.model.number for one in room.learns() if one.model] == [1], "the same once more"
    assert room.learns() == ()


def test_a_correction_that_was_not_written_down_yet_when_learning_began_is_learned_next(room: Room) -> None:
    """Its time is before that of the lesson, which read what there was without it."""
    room.corrects("Wafers", "technology")
    room.desk.now += MINUTE
    room.learns()
    room.desk.now -= MINUTE
    room.corrects("Bonds", "economy")
    room.desk.now += 2 * MINUTE
    assert len(room.learns()) == 1


def test_a_model_that_is_replaced_is_read_again(room: Room) -> None:
    room.teaches(taught("Bonds", "economy"))
    before = models.in_use(room.folder, "categories").model
    assert before is not None
    again = models.in_use(room.folder, "categories").model
    assert again is not None
    assert again.learned is before.learned
    (room.folder / "categories-1.model").write_bytes(b"")
    assert models.in_use(room.folder, "categories").model is None


# --- for real ----------------------------------------------------------------------------------------------


def test_the_daemon_learns_corrections_by_itself_and_says_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own, as it is; but beside other tests, whoever lets all go first waits for minutes."""
    monkeypatch.setattr(training, "NICE", 0)
    with writing(room.desk.app.engine) as conn:
        for number, text in enumerate(lines()):
            said = replace(taught(text["title"], text["label"]), origin=f"e{number}", editor=True)
            examples.correct(conn, said)
    room.corrects("A laser for wafers", "technology")
    room.desk.now += MINUTE
    daemon = _Daemon(room.desk.app, lambda: room.desk.app)
    with capture_logs() as logs:
        daemon._learn(room.desk.app)
        daemon._learn(room.desk.app)
    (told,) = logs
    assert (told["event"], told["model"], told["log_level"]) == ("learned", "categories-1.model", "info")
    assert told["accuracy"] > 0.9
    found = models.in_use(room.folder, "categories").model
    assert found is not None
    assert found.learned.guess("A new wafer for the laser sensor", "")[0].label == "technology"


def test_the_daemon_says_once_what_it_could_not_learn_or_read(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "in_a_child", lambda given, sees, stop: School(b"", "too few")(given, sees))
    room.corrects("Wafers", "technology")
    room.desk.now += MINUTE
    room.folder.mkdir(parents=True)
    (room.folder / "categories-1.model").write_bytes(b"nonsense")
    daemon = _Daemon(room.desk.app, lambda: room.desk.app)
    with capture_logs() as logs:
        daemon._learn(room.desk.app)
        daemon._learn(room.desk.app)
    assert [said["event"] for said in logs] == ["not learned", "model passed over"]
    assert logs[0]["reason"] == "too few"
    assert logs[1]["model"] == "categories-1.model"


def test_training_ends_when_it_is_to_end() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(BusyError, match="was ended"):
        in_a_child([Example("Wafers", "", "technology")] * 1000, "subject", stop=stop)


def test_a_child_that_dies_has_learned_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(LearningError, match="ended by itself, with code 1"):
        in_a_child([Example("Wafers", "", "technology")] * 9999, "subject")


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(tmp_path)
    said = {
        "publication": {"title": "Test", "link": "https://desk.example"},
        "sources": [{"name": "wire", "url": "https://wire.example/feed"}],
        "categories": CATEGORIES,
    }
    (tmp_path / "feeds.yaml").write_text(json.dumps(said))

    def made(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(list(args))
        return (code, *capsys.readouterr())

    return made


def write(file: Path, *rows: object) -> None:
    file.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))


def test_a_file_is_learned_and_what_came_of_it_is_said(
    call: Call, tmp_path: Path, model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(given: Sequence[Example], sees: str) -> bytes:
        return School(model, "" if len(given) > 9 else "too few")(given, sees)

    monkeypatch.setattr("aggregator.curate.learn.train", train)
    said = [*lines(), {"title": "A school", "label": "Society"}, {"title": "A view", "section": "perspectives"}]
    said.append({"title": "Half a \ud83d", "label": "technology"})
    write(tmp_path / "labelled.jsonl", *said)
    code, out, err = call("train", "labelled.jsonl")
    assert code == 0
    assert "categories-1.model was learned of " in out
    assert "too few texts of: society 1" in out
    assert err == "sections: nothing new was learned: too few\n"
    assert "categories-1.model of " in call("status")[1]
    (tmp_path / "state" / "models" / "categories-1.model").unlink()
    assert call("train", "--forget")[:2] == (0, "all is forgotten: the rules sort alone\n")
    assert call("train")[0] == 2


def test_without_the_extra_nothing_is_learned_but_files_are_forgotten(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.delitem(sys.modules, "aggregator.curate.learn", raising=False)
    write(tmp_path / "labelled.jsonl", *lines(2))
    error = "error: learning needs scikit-learn, which is not installed\nhint: pip install 'aggregator[learn]'\n"
    assert call("train", "labelled.jsonl") == (2, "", error)
    assert call("train", "--forget") == (0, "all is forgotten: the rules sort alone\n", "")


def test_every_wrong_line_of_every_file_is_told(call: Call, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"title": "x", "label": "tecnology"}, {"title": "x", "label": "Technology"}, "nonsense")
    write(tmp_path / "b.jsonl", {"title": "x", "section": "opinions"}, {"title": "x"}, {"label": "economy"})
    code, out, err = call("train", "a.jsonl", "b.jsonl")
    assert (code, out) == (2, "")
    assert [line.split(" (")[0] for line in err.splitlines()] == [
        "error: a.jsonl:1: names no category: 'tecnology'; did you mean technology?",
        "error: a.jsonl:3: is no JSON: Expecting value at column 1",
        "error: b.jsonl:1: names no section: 'opinions'",
        "error: b.jsonl:2: has no label or section",
        "error: b.jsonl:3: has no title",
    ]
    assert not (tmp_path / "state" / "models").exists()


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["train"], "there are no examples to learn from"),
        (["train", "--forget", "feeds.yaml"], "--forget takes no files"),
        (["train", "nowhere.jsonl"], "'nowhere.jsonl' does not exist"),
        (["entries", "move", "e1"], "say where it belongs, or --undo"),
        (["entries", "move", "e1", "economy", "--undo"], "say where it belongs, or --undo"),
        (["entries", "move", "e1", "tecnology"], "there is no category 'tecnology'"),
        (["entries", "move", "e1", "other", "economy"], "other stands alone"),
        (["entries", "move", "e1", "--section", "opinion"], "there is no section 'opinion'"),
        (["entries", "move", "e1", "--section", "hot-topics"], "there is no section 'hot-topics'"),
        (["entries", "move", "e1", "economy"], "there is no entry 'e1'"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_taught_is_told_in_a_line_and_a_hint(call: Call, args: list[str], error: str) -> None:
    code, out, err = call(*args)
    first, second = err.splitlines()
    assert (code, out) == (2, "")
    assert error in first
    assert second.startswith("hint: ")
