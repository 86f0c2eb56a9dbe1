"""After every change, publishing what changed gives what a rebuild gives; whatever ends it, on both databases."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select

from aggregator.model import Entry
from aggregator.pipeline import Published, publish
from aggregator.publish import archive
from aggregator.publish.files import Folder
from aggregator.store import sources, tables
from aggregator.store.engine import reading, writing
from tests.support.curating import Curating
from tests.support.entries import NOW, entry

DAY = timedelta(days=1)
EVENTS = (
    "Beijing weighs duties on Australian barley after a long quarrel over trade",
    "Long March rocket stage falls into the Atlantic off the coast of Africa",
    "Four cities try out a digital currency for the allowances of civil servants",
    "Canola exporters look for other harbours as shipments from Vancouver fall",
    "Laboratories were told to destroy virus samples in the first days of January",
    "Shanghai opens its museum of astronomy, the largest one in the whole world",
)
FEW = 2
"""Stories in a drawer of the archive, here."""


@dataclass
class Desk:
    """What happens to a publication, and its folder as it should be after it."""

    curating: Curating
    told: list[Entry] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def out(self) -> Path:
        assert self.curating.output is not None
        return self.curating.output

    @property
    def engine(self) -> Engine:
        return self.curating.app.engine

    def publish(self, **more: Any) -> Published:
        app = self.curating.app
        done = publish(app.engine, app.config, folders=app.folders, **more)
        assert done.failed == ()
        return done

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes() for path in self.out.rglob("*") if path.is_file()
        }

    # --- what happens ---

    def comes(self, at: int) -> None:
        number, event_ = next(self.numbers), EVENTS[at % len(EVENTS)]
        source = ("wire", "gazette", "courier")[number % 3]
        when = NOW - (at % 4) * DAY
        url = f"https://{source}.example/{number}"
        one = entry(
            f"{event_}, report {at % 5}",
            f"{event_}. It was told in part {number} of a report.",
            source=source,
            url=url,
            canonical_url=url.removeprefix("https://"),
            published=when,
            seen=NOW + timedelta(minutes=number),
        )
        self.told.append(one)
        self.curating.curates(one)

    def is_rewritten(self, at: int) -> None:
        if standing := self._standing():
            at %= len(standing)
            number = next(self.numbers)
            one = standing[at]
            self.told[self.told.index(one)] = self.curating.rewrites(one, title=f"{one.title}, and more {number}")

    def is_retracted(self, at: int) -> None:
        if standing := self._standing():
            self.curating.app.retract([standing[at % len(standing)].id], reason="it was wrong")

    def is_restored(self, at: int) -> None:
        standing = self._standing()
        if gone := [one for one in self.told if one not in standing]:
            self.curating.app.restore([gone[at % len(gone)].id])

    def are_merged(self, at: int) -> None:
        if len(known := sorted(self.curating.stories())) > 1:
            self.curating.app.desk.merge(known[at % len(known)], known[(at + 1) % len(known)])

    def is_split(self, at: int) -> None:
        if large := [story for story in self.curating.stories().values() if len(story.originals) > 1]:
            story = large[at % len(large)]
            self.curating.app.desk.split(story.id, [story.originals[-1].entry])

    def is_moved(self, at: int) -> None:
        if standing := self._standing():
            self.curating.app.desk.move(standing[at % len(standing)].id, ["trade"] if at % 2 else [], "analyses")

    def calls_itself(self, at: int) -> None:
        """A source is known by another title."""
        with writing(self.engine) as conn:
            (known,) = sources.load(conn, ["wire"]).values()
            sources.save(conn, replace(known, title=f"The Wire of {at}"))

    def cools(self, at: int) -> None:
        self.curating.now = NOW + at * timedelta(hours=5)
        self.curating.app.curate()

    def _standing(self) -> list[Entry]:
        stored = {one.id: self.curating.stored(one) for one in self.told}
        return [one for one in self.told if stored[one.id].retracted is None]


HAPPENINGS: tuple[Callable[[Desk, int], None], ...] = (
    *(Desk.comes, Desk.comes, Desk.comes, Desk.is_rewritten, Desk.is_retracted, Desk.is_restored),
    *(Desk.are_merged, Desk.is_split, Desk.is_moved, Desk.calls_itself, Desk.cools),
)


@contextmanager
def opened(database: str, folder: Path) -> Iterator[Desk]:
    more = {"categories": [{"slug": "trade", "name": "Trade", "any": ["barley", "canola", "duties"]}]}
    curating = Curating(database, output=folder / "out", more=more)
    try:
        with writing(curating.app.engine) as conn:
            from aggregator.collect.schedule import first_state

            sources.remember(conn, [first_state(source, NOW) for source in curating.app.config.sources])
        yield Desk(curating)
    finally:
        curating.app.close()


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    with opened(database, tmp_path) as made:
        yield made


def rest(desk: Desk) -> int:
    """How much is named as stale still."""
    with reading(desk.engine) as conn:
        return conn.execute(select(func.count()).select_from(tables.stale)).scalar_one()


def as_a_rebuild(desk: Desk) -> None:
    """Nothing is left to do, and a rebuild finds every byte as it is."""
    assert rest(desk) == 0
    assert desk.publish().written == ()
    before = desk.files()
    rebuilt = desk.publish(rebuild=True)
    assert (rebuilt.written, rebuilt.removed) == ((), ())
    assert desk.files() == before


# --- the law ---------------------------------------------------------------------------------------------


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(happenings=st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 20)), min_size=3, max_size=6))
def test_what_changed_is_published_as_a_rebuild_would(
    tmp_path_factory: pytest.TempPathFactory,
    happenings: list[tuple[Callable[[Desk, int], None], int]],
) -> None:
    with pytest.MonkeyPatch.context() as patch, opened("sqlite:///:memory:", tmp_path_factory.mktemp("desk")) as desk:
        patch.setattr(archive, "FULL", FEW)
        for happens, at in happenings:
            happens(desk, at)
            desk.publish()
            as_a_rebuild(desk)


def all_happen(desk: Desk) -> Iterator[None]:
    """Each thing at least once."""
    for at in range(9):
        desk.comes(at)
        yield
    for happens in dict.fromkeys(HAPPENINGS):
        for at in (1, 2):
            happens(desk, at)
            yield


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_is_the_same_at_once_and_one_by_one(database: str, tmp_path: Path) -> None:
    with opened(database, tmp_path / "first") as desk:
        for _ in all_happen(desk):
            desk.publish()
        as_a_rebuild(desk)
        one_by_one = desk.files()
        forget(desk)
        shutil.rmtree(desk.out)
        desk.publish()
        assert desk.files() == one_by_one
        as_a_rebuild(desk)


def forget(desk: Desk) -> None:
    """As if nothing had ever been published."""
    with writing(desk.engine) as conn:
        for table in ("published", "stale", "listings", "shelved", "named", "drawers", "press"):
            conn.execute(tables.metadata.tables[table].delete())


def test_every_change_is_published_on_either_database(desk: Desk) -> None:
    for at in range(4):
        desk.comes(at)
    desk.publish()
    for happens in dict.fromkeys(HAPPENINGS):
        happens(desk, 1)
    assert desk.publish().written
    as_a_rebuild(desk)


# --- what ends it ----------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


@contextmanager
def killed_at(engine: Engine, point: int, patch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """At that statement, commit or write; how many went by."""
    passed = [0]

    def pass_by(*_: Any) -> None:
        passed[0] += 1
        if passed[0] == point:
            raise Killed

    write_all = Folder.write_all

    def writes(folder: Folder, files: dict[str, bytes]) -> Any:
        pass_by()
        half = dict(list(files.items())[: len(files) // 2])
        done = write_all(folder, half)
        pass_by()
        return done | write_all(folder, files)

    patch.setattr(Folder, "write_all", writes)
    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, pass_by)
    try:
        yield passed
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(engine, name, pass_by)
        patch.undo()


def happens_before_a_kill(desk: Desk) -> None:
    desk.comes(1)
    desk.comes(2)
    desk.is_rewritten(0)
    desk.is_retracted(3)
    desk.are_merged(0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("share", [(at + 0.5) / 4 for at in range(4)])
def test_ended_anywhere_it_comes_to_the_same_end(desk: Desk, share: float) -> None:
    """The first publishing, and one of what changed; each is ended twice, at some statement, commit or write."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "FULL", FEW)
        for at in range(6):
            desk.comes(at)
        ends(desk, share, around=150)
        happens_before_a_kill(desk)
        ends(desk, share, around=90)
        as_a_rebuild(desk)


def ends(desk: Desk, share: float, around: int) -> None:
    kills = 0
    for point in (round(share * around), round(share * around / 2) + 3):
        with pytest.MonkeyPatch.context() as patch, killed_at(desk.engine, point, patch):
            try:
                desk.publish()
            except Killed:
                kills += 1
    assert kills, "it was never ended"
    desk.publish()
