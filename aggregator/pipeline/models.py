"""Where what was learned is kept: numbered files beside the database, of which the newest that can be read is in use."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aggregator.curate.learned import Learned
from aggregator.errors import AggregatorError
from aggregator.publish.files import Folder
from aggregator.store.examples import Kind

KEPT = 5
_NAME = re.compile(r"(categories|sections)-([1-9][0-9]{0,8})\.model", re.ASCII)


@dataclass(frozen=True, slots=True)
class Model:
    kind: Kind
    number: int
    learned: Learned

    @property
    def name(self) -> str:
        return name(self.kind, self.number)


@dataclass(frozen=True, slots=True)
class InUse:
    """`broken`: newer ones that cannot be read, each with the reason."""

    model: Model | None = None
    broken: tuple[tuple[str, str], ...] = ()


def name(kind: Kind, number: int) -> str:
    return f"{kind}-{number}.model"


def in_use(folder: Path | None, kind: Kind) -> InUse:
    if folder is None:
        return InUse()
    broken: list[tuple[str, str]] = []
    for number in numbers(folder, kind):
        file = folder / name(kind, number)
        try:
            about = file.stat()
            return InUse(Model(kind, number, _read(file, about.st_mtime_ns, about.st_size)), tuple(broken))
        except AggregatorError as error:
            broken.append((file.name, error.message))
        except OSError as error:
            broken.append((file.name, f"it cannot be read: {error.strerror}"))
    return InUse(None, tuple(broken))


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int, _size: int) -> Learned:
    """Whoever works for long asks at every step: read once, and again when the file is another."""
    return Learned.from_bytes(file.read_bytes())


def numbers(folder: Path, kind: Kind) -> list[int]:
    """Of the models that are there, the newest first."""
    try:
        found = [_NAME.fullmatch(file.name) for file in folder.iterdir()]
    except OSError:  # mostly: nothing was learned yet, and there is no such folder
        return []
    return sorted((int(match[2]) for match in found if match is not None and match[1] == kind), reverse=True)


def keep(folder: Path, kind: Kind, number: int, data: bytes) -> None:
    """Whole or not at all; the newest `KEPT` stay. Raises StoreError."""
    ours = _folder(folder)
    ours.sweep()
    ours.write(name(kind, number), data)
    _remove(ours, kind, numbers(folder, kind)[KEPT:])


def forget(folder: Path, kind: Kind) -> None:
    """None of these is used again. Raises StoreError."""
    _remove(_folder(folder), kind, numbers(folder, kind))


def _remove(folder: Folder, kind: Kind, some: list[int]) -> None:
    for number in some:
        if (size := folder.size(old := name(kind, number))) is not None:
            folder.remove(old, size)


def _folder(folder: Path) -> Folder:
    return Folder(folder, called="the folder of models")
