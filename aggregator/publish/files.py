"""A folder that others read. A file in it is whole or is not there, whenever the power fails."""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from aggregator.errors import FullError, StoreError

_PREFIX, _SUFFIX = ".aggregator-", ".part"
_SYNCS = 16
"""Files whose bytes are waited for side by side."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True)
class Folder:
    root: Path
    called: str = "the output folder"
    """In what is told of mistakes."""

    def write(self, path: str, data: bytes) -> bool:
        """Put `data` at `path`, a relative address with slashes. True if the bytes there changed.

        Unchanged bytes are not written again, so the file keeps its time and web servers keep answering 304.
        Raises StoreError; the old file is then as it was.
        """
        found = self.write_all({path: data})[path]
        if isinstance(found, StoreError):
            raise found
        return found

    def write_all(self, files: Mapping[str, bytes]) -> dict[str, bool | StoreError]:
        """The same for many at once, by path: the disk is waited for once, and one that fails costs no other.

        Raises FullError, and none of them is then written that was not.
        """
        done: dict[str, bool | StoreError] = {}
        with ExitStack() as left:
            parts: dict[str, _Part] = {}
            for path, data in files.items():
                done[path] = self._tried(path, partial(self._begin, path, data, parts, left))
            synced = _synced(parts)
            for path, part in parts.items():
                done[path] = self._tried(path, partial(_end, part, synced[path]))
            for folder in dict.fromkeys(part.target.parent for path, part in parts.items() if done[path] is True):
                _sync_folder(folder)
        return done

    def _tried(self, path: str, step: Callable[[], bool]) -> bool | StoreError:
        try:
            with self._explained(path):
                return step()
        except FullError:
            raise
        except StoreError as error:
            return error

    def _begin(self, path: str, data: bytes, parts: "dict[str, _Part]", left: ExitStack) -> bool:
        """Where the bytes differ, they stand in a file beside the target then."""
        target = self._inside(path)
        if _read(target) == data:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        parts[path] = part = left.enter_context(_open_part(target))
        part.file.write(data)
        part.file.flush()
        return True

    def remove(self, path: str, size: int) -> bool:
        """Take away the file of this size, and the folders that are empty then; whether it was there.

        What is of another size, or no file, somebody else put in its place: it stays.
        """
        target = self._inside(path)
        with self._explained(path):
            if _size(target) != size:
                return False
            target.unlink()
            _sync_folder(target.parent)
        self._remove_empty(target.parent)
        return True

    def _remove_empty(self, folder: Path) -> None:
        root = self.root.resolve()
        with suppress(OSError):  # something is in it
            while folder != root:
                folder.rmdir()
                folder = folder.parent

    def size(self, path: str) -> int | None:
        """Of the file at `path`; None where none is, and for a link."""
        target = self._inside(path)
        with self._explained(path):
            return _size(target)

    def sweep(self) -> int:
        """Make the folder where there is none, and remove the half-written files of runs that were killed; how many.

        A run that is alive holds a lock on its own, so its files stay.
        """
        return self._walked()[1]

    def survey(self) -> dict[str, int]:
        """Sweep, and tell what is there: the size of each file by its path. Links are not followed, and are no files."""
        return self._walked()[0]

    def _walked(self) -> tuple[dict[str, int], int]:
        """The files and their sizes, and how many were abandoned and are gone."""
        with self._explained("anything"):
            self.root.mkdir(parents=True, exist_ok=True)
            sizes: dict[str, int] = {}
            abandoned, folders = 0, [""]
            while folders:
                abandoned += _look(self.root, folders.pop(), sizes, folders)
            return sizes, abandoned

    def _inside(self, path: str) -> Path:
        """The file behind `path`, by no way outside the root. The root itself may be a link."""
        pure = PurePosixPath(path)
        if not pure.parts or pure.is_absolute() or ".." in pure.parts or {"\0", "\\"} & set(path):
            raise StoreError(f"{path!r} is no path inside {self.called}")
        with self._explained(path):
            root = self.root.resolve()
            target = _resolved(root / pure)
        if not target.is_relative_to(root) or target == root:
            raise StoreError(
                f"{self.root / path} leads out of {self.called}", hint="remove the symbolic link on the way to it"
            )
        return root / pure

    @contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            kind = FullError if error.errno in _FULL else StoreError
            said = f"cannot write {path} in {self.called}: {error.strerror or error}"
            raise kind(said, hint=_hint(error, self.called)) from error


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError as error:  # what Python 3.11 says of links that lead in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error


def _size(target: Path) -> int | None:
    try:
        found = target.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _read(target: Path) -> bytes | None:
    """None where nothing is, and for a link: the file takes its place."""
    try:
        return None if target.is_symlink() else target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


@dataclass(frozen=True)
class _Part:
    """A new, locked file that is to take the place of the target."""

    target: Path
    path: Path
    file: BinaryIO


@contextmanager
def _open_part(target: Path) -> Iterator[_Part]:
    """It is gone at the end, unless it has taken its place. (tempfile makes files that no web server may read.)"""
    while True:
        path = target.parent / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            break
        os.close(descriptor)  # swept away between the two calls
    with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor, not a path
        try:
            yield _Part(target, path, file)
        finally:
            path.unlink(missing_ok=True)


def _synced(parts: Mapping[str, _Part]) -> dict[str, OSError | None]:
    """What came of it, by path. Side by side: the disk's journal is written for all that wait at one time."""
    with ThreadPoolExecutor(min(_SYNCS, max(1, len(parts)))) as pool:
        return dict(zip(parts, pool.map(_sync, parts.values()), strict=True))


def _sync(part: _Part) -> OSError | None:
    try:
        os.fsync(part.file.fileno())
    except OSError as error:
        return error
    return None


def _end(part: _Part, failed: OSError | None) -> bool:
    """It takes its place before its lock is let go, so that nobody sweeps it away."""
    if failed is not None:
        raise failed
    part.path.replace(part.target)
    return True


def _sync_folder(folder: Path) -> None:
    """Makes the rename itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _look(root: Path, folder: str, sizes: dict[str, int], folders: list[str]) -> int:
    """Add the files of one folder, and the folders in it; how many abandoned ones are gone. To ask for each of a hundred
    thousand files by its path takes several times as long, and a generator a good part of the rest.
    """
    abandoned = 0
    with os.scandir(root / folder) as found:
        for entry in found:
            name = entry.name
            if entry.is_file(follow_symlinks=False):
                if name.startswith(_PREFIX) and name.endswith(_SUFFIX):
                    abandoned += _remove_abandoned(Path(entry.path))
                    continue
                try:
                    sizes[folder + name] = entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:  # taken away meanwhile
                    continue
            elif entry.is_dir(follow_symlinks=False):
                folders.append(f"{folder}{name}/")
    return abandoned


def _remove_abandoned(part: Path) -> bool:
    try:
        descriptor = os.open(part, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _hint(error: OSError, folder: str) -> str:
    if error.errno in _FULL:
        return "make room on the disk; what was there is untouched, and the next run writes what is missing"
    if error.errno in _FORBIDDEN:
        return f"let the user who runs this write to {error.filename or folder}"
    return f"look at {error.filename or folder}; what was there is untouched"
