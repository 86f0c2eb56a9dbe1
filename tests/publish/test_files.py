import hashlib
import multiprocessing
import os
import random
import resource
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import StoreError
from aggregator.publish.files import Folder

# A forked child starts in a millisecond, so it can be killed at many moments within its first few writes.
FORK = multiprocessing.get_context("fork")
NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "out")


def parts(folder: Folder) -> list[Path]:
    return sorted(folder.root.rglob(".aggregator-*"))


def in_child(work: Callable[[], None]) -> int | None:
    child = FORK.Process(target=work)
    child.start()
    child.join(20)
    return child.exitcode


# --- what it does ----------------------------------------------------------------------------------------


def test_writes_and_tells_what_changed(folder: Folder) -> None:
    assert folder.write("stories/a.html", b"one") is True
    assert (folder.root / "stories" / "a.html").read_bytes() == b"one"
    assert folder.write("stories/a.html", b"one") is False
    assert folder.write("stories/a.html", b"two") is True
    assert (folder.root / "stories" / "a.html").read_bytes() == b"two"
    assert parts(folder) == []


def test_unchanged_bytes_leave_the_file_alone(folder: Folder) -> None:
    folder.write("a", b"same")
    os.utime(folder.root / "a", (1, 1))
    before = (folder.root / "a").stat()
    folder.write("a", b"same")
    after = (folder.root / "a").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_size_of_what_is_there(folder: Folder) -> None:
    assert folder.size("a/b.html") is None
    folder.write("a/b.html", b"")
    assert folder.size("a/b.html") == 0
    folder.write("a/b.html", b"four")
    assert folder.size("a/b.html") == 4
    (folder.root / "link").symlink_to("a/b.html")
    assert [folder.size(path) for path in ("a", "a/b.html/c", "link")] == [None] * 3


def test_taking_away_leaves_no_empty_folder_and_nothing_of_others(folder: Folder) -> None:
    for path in ("a/b/c.html", "a/d.html"):
        folder.write(path, b"ours")
    assert folder.remove("a/b/c.html", 4)
    assert [path.name for path in (folder.root / "a").iterdir()] == ["d.html"]
    assert not folder.remove("a/b/c.html", 4), "it is gone"
    (folder.root / "a" / "notes").write_text("theirs")
    assert folder.remove("a/d.html", 4)
    assert [path.name for path in (folder.root / "a").iterdir()] == ["notes"]
    (folder.root / "a" / "notes").unlink()
    folder.write("a/d.html", b"ours")
    assert folder.remove("a/d.html", 4)
    assert folder.root.is_dir()
    assert list(folder.root.iterdir()) == []


def test_what_another_put_in_the_place_of_a_file_stays(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"four")
    folder.write("kept", b"four")
    (folder.root / "edited.html").write_bytes(b"theirs")
    (folder.root / "link.html").symlink_to("kept")
    (folder.root / "folder.html").mkdir()
    before = sorted(folder.root.rglob("*"))
    assert not any(folder.remove(path, 4) for path in ("edited.html", "link.html", "folder.html", "nothing/there.html"))
    (folder.root / "out.html").symlink_to(tmp_path / "page")
    with pytest.raises(StoreError, match="leads out"):
        folder.remove("out.html", 4)
    (folder.root / "out.html").unlink()
    assert sorted(folder.root.rglob("*")) == before
    assert (tmp_path / "page").exists()


def test_a_web_server_may_read_what_is_written(folder: Folder) -> None:
    before = os.umask(0o022)
    try:
        folder.write("a.html", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder.root / "a.html").stat().st_mode) == 0o644


@given(st.lists(st.tuples(st.sampled_from(["a", "b/c", "b/d/e"]), st.binary(max_size=30)), max_size=12))
def test_the_folder_holds_the_last_of_each(writes: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place))
        held: dict[str, bytes] = {}
        for path, data in writes:
            assert folder.write(path, data) is (held.get(path) != data)
            held[path] = data
        found = {str(file.relative_to(place)): file.read_bytes() for file in Path(place).rglob("*") if file.is_file()}
        assert found == held


# --- where it does not go --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", ".", "/etc/x", "../x", "a/../../x", "a/..", "a\0b", "..\\x"])
def test_paths_that_lead_out_are_refused(folder: Folder, path: str) -> None:
    folder.root.mkdir()
    with pytest.raises(StoreError, match="no path inside"):
        folder.write(path, b"x")
    assert list(folder.root.parent.rglob("*")) == [folder.root]


def test_links_that_lead_out_are_refused(folder: Folder, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"theirs")
    folder.root.mkdir()
    (folder.root / "way").symlink_to(outside)
    (folder.root / "file").symlink_to(outside / "file")
    (folder.root / "circle").symlink_to(folder.root / "circle")
    for path in ("way/new.html", "way/deep/new.html", "file"):
        with pytest.raises(StoreError, match="leads out"):
            folder.write(path, b"x")
    with pytest.raises(StoreError):
        folder.write("circle/x", b"x")
    assert [file.name for file in outside.iterdir()] == ["file"]
    assert (outside / "file").read_bytes() == b"theirs"


def test_the_root_may_be_a_link_and_links_within_are_fine(tmp_path: Path) -> None:
    (tmp_path / "real" / "b").mkdir(parents=True)
    (tmp_path / "out").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "a").symlink_to("b")
    assert Folder(tmp_path / "out").write("a/x.html", b"x")
    assert (tmp_path / "real" / "b" / "x.html").read_bytes() == b"x"


# --- what goes wrong -------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_file(folder: Folder) -> None:
    folder.write("index.html", b"old")

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        with pytest.raises(StoreError, match=r"cannot write index\.html") as caught:
            folder.write("index.html", b"n" * 1_000_000)
        assert caught.value.hint is not None
        assert "make room" in caught.value.hint

    assert in_child(fill) == 0
    assert (folder.root / "index.html").read_bytes() == b"old"
    assert parts(folder) == []


def test_a_folder_that_cannot_be_written_leaves_the_old_file() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place))
        folder.write("index.html", b"old")
        Path(place).chmod(0o555)

        def refused() -> None:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            with pytest.raises(StoreError, match=r"cannot write index\.html") as caught:
                folder.write("index.html", b"new")
            assert caught.value.hint is not None
            assert caught.value.hint.startswith("let the user who runs this write to ")

        code = in_child(refused)
        Path(place).chmod(0o755)
        assert code == 0
        assert (Path(place) / "index.html").read_bytes() == b"old"
        assert parts(folder) == []


def test_a_folder_in_the_place_of_a_file_is_told(folder: Folder) -> None:
    folder.write("a/b", b"x")
    with pytest.raises(StoreError, match="cannot write a "):
        folder.write("a", b"x")
    with pytest.raises(StoreError, match="cannot write"):
        folder.write("a/b/c", b"x")
    with pytest.raises(StoreError, match="too long"):
        folder.write("n" * 300, b"x")


# --- killed at any moment --------------------------------------------------------------------------------


def sealed(number: int, size: int) -> bytes:
    body = random.Random(number).randbytes(size)
    return hashlib.sha256(body).digest() + body


def is_whole(data: bytes) -> bool:
    return hashlib.sha256(data[32:]).digest() == data[:32]


def write_on_and_on(folder: Folder, contents: list[bytes]) -> None:
    for number in range(10_000):
        folder.write(f"editions/{number % 2}.html", contents[number // 2 % len(contents)])


def killed_runs(folder: Folder, chance: random.Random) -> Iterator[None]:
    contents = [sealed(number, 300_000 + 50_000 * number) for number in range(3)]
    while True:
        child = FORK.Process(target=write_on_and_on, args=(folder, contents))
        child.start()
        time.sleep(chance.uniform(0.002, 0.02))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        yield


def test_whoever_reads_sees_whole_files_however_often_the_writer_is_killed(folder: Folder) -> None:
    left = 0
    for kills, _ in enumerate(killed_runs(folder, random.Random(20)), 1):
        for file in folder.root.rglob("*.html"):
            assert is_whole(file.read_bytes())
        found = len(parts(folder))
        assert found <= 1
        assert folder.sweep() == found
        assert parts(folder) == []
        left += found
        # At least five of the kills came in the middle of a write, or the test would show nothing.
        if kills >= 40 and left >= 5:
            break
        assert kills < 400
    assert all(folder.size(f"editions/{number}.html") for number in (0, 1))


def test_a_reader_beside_a_writer_sees_whole_files(folder: Folder) -> None:
    contents = [sealed(number, 200_000) for number in range(2)]
    folder.write("editions/0.html", contents[0])
    child = FORK.Process(target=write_on_and_on, args=(folder, contents))
    child.start()
    try:
        seen: set[bytes] = set()
        deadline = time.monotonic() + 10
        while len(seen) < 2 and time.monotonic() < deadline:
            for _ in range(100):
                data = (folder.root / "editions/0.html").read_bytes()
                assert is_whole(data)
                seen.add(data)
        assert seen == set(contents)
    finally:
        child.kill()
        child.join()


def test_sweeping_takes_only_what_is_ours_and_abandoned(folder: Folder) -> None:
    folder.write("a/page.html", b"x")
    ours = folder.root / "a" / ".aggregator-0123456789abcdef.part"
    ours.write_bytes(b"half")
    theirs = [folder.root / name for name in (".hidden.part", "a/.aggregator-notes", ".htaccess")]
    for file in theirs:
        file.write_bytes(b"theirs")
    assert folder.sweep() == 1
    assert not ours.exists()
    assert all(file.exists() for file in [*theirs, folder.root / "a/page.html"])


def test_sweeping_spares_the_file_that_a_living_run_is_writing(folder: Folder) -> None:
    contents = [sealed(number, 300_000) for number in range(3)]
    child = FORK.Process(target=write_on_and_on, args=(folder, contents))
    child.start()
    try:
        deadline = time.monotonic() + 10
        seen = 0
        while seen < 20 and time.monotonic() < deadline:
            seen += len(parts(folder))
            folder.sweep()
            assert child.exitcode is None  # a writer whose file is taken away would fail
        assert seen >= 20
    finally:
        child.kill()
        child.join()


def test_sweeping_nothing(folder: Folder) -> None:
    assert folder.sweep() == 0
