"""Pages become files: each is made where it is due, and what came of it is kept together."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from sqlalchemy import Engine

from aggregator.errors import AggregatorError, RenderError, StoreError
from aggregator.pipeline.publishing.press import Press
from aggregator.publish.files import Folder
from aggregator.store.published import Printed

_ENOUGH = 50
"""Where so many pages of a kind fail in a row, the others are left for the next time."""

_Step = Literal["made", "written"]
_TOGETHER = 100
"""Files that are written at once."""


@dataclass(frozen=True, slots=True)
class ToPrint:
    path: str
    make: Callable[[], bytes]
    made_from: str = ""
    """Digest of all that decides what it says; empty: it is made each time, and compared with what is there."""
    yields: bool = False
    """To what somebody else put in its place."""


@dataclass(slots=True)
class Printer:
    """What there was before, and what came of it."""

    folder: Folder
    recorded: dict[str, int]
    """The size of each file that we wrote, by path."""
    there: Mapping[str, int]
    """The size of each file that there is."""
    rebuild: bool
    pages: set[str] = field(default_factory=set)
    """Paths of all that belongs to the publication, as far as it was looked at."""
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    """Paths of what belongs here no longer, and is not there any more."""
    failed: dict[str, AggregatorError] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    """Paths of what failed, or was not tried any more."""
    _in_a_row: Counter[tuple[_Step, str]] = field(default_factory=Counter)

    def print(self, pages: Iterable[ToPrint], known: Mapping[str, Printed]) -> dict[str, Printed]:
        """What is to be recorded: what is there now and is not `known` so."""
        fresh: dict[str, Printed] = {}
        left = iter(pages)
        while some := list(islice(left, _TOGETHER)):
            made = {page.path: data for page in some if (data := self._made(page, known.get(page.path))) is not None}
            sources = {page.path: page.made_from for page in some}
            for path, outcome in self.folder.write_all(made).items():
                if isinstance(outcome, StoreError):
                    self._fails(path, outcome, "written")
                    continue
                self._in_a_row["written", _kind(path)] = 0
                self.written += [path] if outcome else []
                fresh[path] = Printed(sources[path], len(made[path]))
        return {path: printed for path, printed in fresh.items() if printed != known.get(path)}

    @property
    def damaged(self) -> list[str]:
        """Paths of all files that are not as we left them."""
        there = self.there.get
        return [path for path, size in self.recorded.items() if there(path) != size]

    def is_damaged(self, path: str) -> bool:
        """It is not as we left it, or was never made."""
        return path not in self.recorded or self.there.get(path) != self.recorded[path]

    def gives_up(self, kind: str) -> bool:
        """So many pages of this folder failed that no more are tried."""
        return max(self._in_a_row["made", kind], self._in_a_row["written", kind]) >= _ENOUGH

    def remove(self, paths: Iterable[str]) -> list[str]:
        """Take away what we wrote once; those of which the record may go."""
        gone = [path for path in paths if self._is_removed(path)]
        self.forgotten.update(gone)
        return gone

    @property
    def count(self) -> int:
        """Of all pages that the publication has now."""
        return len((self.recorded.keys() | self.pages) - self.forgotten)

    def _made(self, page: ToPrint, before: Printed | None) -> bytes | None:
        """What is to be there; None where nothing is to be done."""
        self.pages.add(page.path)
        if not self._is_due(page, before) or (page.yields and self._is_anothers(page.path)):
            return None
        if self.gives_up(_kind(page.path)):
            self.undone.add(page.path)
            return None
        try:
            data = page.make()
        except (RenderError, StoreError) as error:
            self._fails(page.path, error, "made")
            return None
        self._in_a_row["made", _kind(page.path)] = 0
        return data

    def _fails(self, path: str, error: AggregatorError, step: _Step) -> None:
        self.failed.setdefault(error.message, error)
        self.undone.add(path)
        self._in_a_row[step, _kind(path)] += 1

    def _is_due(self, page: ToPrint, before: Printed | None) -> bool:
        if self.rebuild or before is None or not page.made_from or page.made_from != before.made_from:
            return True
        return self.there.get(page.path) != before.size

    def _is_anothers(self, path: str) -> bool:
        size = self.there.get(path)
        return bool(size) and size != self.recorded.get(path)

    def _is_removed(self, path: str) -> bool:
        try:
            if self.folder.remove(path, self.recorded[path]):
                self.removed.append(path)
        except StoreError as error:
            self.failed.setdefault(error.message, error)
            self.undone.add(path)
            return False
        return True


def _kind(path: str) -> str:
    return path.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Run:
    """One bringing up to date of the output folder; `whole`: everything is looked through."""

    engine: Engine
    press: Press
    printer: Printer
    whole: bool


def feed(path: str, make: Callable[[], bytes]) -> bytes:
    """The libraries refuse what they cannot write by a ValueError: it is of one feed."""
    try:
        return make()
    except ValueError as error:
        raise RenderError(f"{path} could not be made: {error}", hint="the other feeds are as they should be") from error
