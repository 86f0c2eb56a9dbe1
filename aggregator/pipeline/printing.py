"""Pages become files: each is made where it is due, and what came of it is kept together."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine

from aggregator.errors import AggregatorError, FullError, RenderError, StoreError
from aggregator.pipeline.press import Press
from aggregator.publish.files import Folder
from aggregator.store.published import Printed

_ENOUGH = 50
"""Where so many pages of a kind fail in a row, the others are left for the next time."""


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
    _in_a_row: Counter[str] = field(default_factory=Counter)

    def print(self, pages: Iterable[ToPrint], known: Mapping[str, Printed]) -> dict[str, Printed]:
        """What is to be recorded: what is there now and is not `known` so."""
        found = ((page.path, self._printed(page, known.get(page.path))) for page in pages)
        return {path: printed for path, printed in found if printed is not None and printed != known.get(path)}

    def is_damaged(self, path: str) -> bool:
        """It is not as we left it, or was never made."""
        return path not in self.recorded or self.there.get(path) != self.recorded[path]

    def gives_up(self, kind: str) -> bool:
        """So many pages of this folder failed that no more are tried."""
        return self._in_a_row[kind] >= _ENOUGH

    def remove(self, paths: Iterable[str]) -> list[str]:
        """Take away what we wrote once; those of which the record may go."""
        gone = [path for path in paths if self._is_removed(path)]
        self.forgotten.update(gone)
        return gone

    @property
    def count(self) -> int:
        """Of all pages that the publication has now."""
        return len((self.recorded.keys() | self.pages) - self.forgotten)

    def _printed(self, page: ToPrint, before: Printed | None) -> Printed | None:
        """What is there now; None where nothing was done."""
        self.pages.add(page.path)
        kind = page.path.partition("/")[0]
        if not self._is_due(page, before) or (page.yields and self._is_anothers(page.path)):
            return None
        if self.gives_up(kind):
            self.undone.add(page.path)
            return None
        try:
            data = page.make()
            if self.folder.write(page.path, data):
                self.written.append(page.path)
        except FullError:
            raise
        except (RenderError, StoreError) as error:
            self.failed.setdefault(error.message, error)
            self.undone.add(page.path)
            self._in_a_row[kind] += 1
            return None
        self._in_a_row[kind] = 0
        return Printed(page.made_from, len(data))

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


@dataclass(frozen=True, slots=True)
class Run:
    """One bringing up to date of the output folder; `whole`: everything is looked through."""

    engine: Engine
    press: Press
    printer: Printer
    whole: bool
