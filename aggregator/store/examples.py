"""What categories and sections are learned from: labelled texts that files gave, and what editors corrected."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, func, select

from aggregator.store.dialects import slices, upsert
from aggregator.store.tables import examples, lessons

Kind = Literal["categories", "sections"]
KINDS: tuple[Kind, ...] = ("categories", "sections")
_KEY = ("kind", "digest", "editor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """`digest`: of the words, however they are typeset. `origin`: the file's name, or the entry that an editor corrected."""

    kind: Kind
    digest: str
    title: str
    summary: str
    label: str
    origin: str
    at: datetime
    language: str | None = None
    editor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The last try to learn. `examples`: the digest of those that there were; `correction`: the number of the last of an
    editor's words then; `number`: of the newest model that there ever was.
    """

    kind: Kind
    at: datetime
    examples: str
    correction: int
    number: int
    learned: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Told:
    """How many texts teach something: of files, and of editors."""

    files: int = 0
    editors: int = 0

    @property
    def all(self) -> int:
        return self.files + self.editors


def replace_files(conn: Connection, taught: Iterable[Taught]) -> None:
    """What files taught until now is forgotten. Of two lines with the same words, the later one holds."""
    forget_files(conn)
    for some in slices(taught):
        newest = {(one.kind, one.digest): one for one in some}
        upsert(conn, examples, [asdict(one) for one in newest.values()], key=_KEY)


def forget_files(conn: Connection) -> int:
    return conn.execute(delete(examples).where(examples.c.editor.is_(False))).rowcount


def correct(conn: Connection, taught: Taught) -> None:
    """An editor's word: it takes the place of what was said of this entry before."""
    take_back(conn, taught.origin, [taught.kind])
    upsert(conn, examples, [asdict(taught)], key=_KEY)


def take_back(conn: Connection, entry: str, kinds: Sequence[Kind] = KINDS) -> None:
    of_entry = (examples.c.origin == entry, examples.c.kind.in_(kinds), examples.c.editor.is_(True))
    conn.execute(delete(examples).where(*of_entry))


def load(conn: Connection, kind: Kind) -> Iterator[Taught]:
    """What holds, always in the same order: an editor's word before a file's."""
    of_editors = {row.digest for row in conn.execute(select(examples.c.digest).where(*_of(kind, editor=True)))}
    query = select(examples).where(examples.c.kind == kind).order_by(examples.c.digest, examples.c.editor)
    for row in conn.execute(query):
        if row.editor or row.digest not in of_editors:
            yield Taught(**row._mapping)  # noqa: SLF001  the documented way


def digest(conn: Connection, kind: Kind) -> str | None:
    """Of all that is taught: another one says that there is something to be learned. None: there is nothing."""
    query = select(examples.c.digest, examples.c.label).where(examples.c.kind == kind)
    made, some = blake2b(digest_size=16), False
    for row in conn.execute(query.order_by(examples.c.digest, examples.c.editor)):
        made.update(f"{row.digest} {row.label}\n".encode())
        some = True
    return made.hexdigest() if some else None


def count(conn: Connection) -> dict[Kind, Told]:
    query = select(examples.c.kind, examples.c.editor, func.count()).group_by(examples.c.kind, examples.c.editor)
    found = {(kind, editor): number for kind, editor, number in conn.execute(query)}
    return {kind: Told(found.get((kind, False), 0), found.get((kind, True), 0)) for kind in KINDS}


def _of(kind: Kind, *, editor: bool) -> tuple[ColumnElement[bool], ...]:
    return examples.c.kind == kind, examples.c.editor.is_(editor)


# --- lessons ---------------------------------------------------------------------------------------------


def note(conn: Connection, lesson: Lesson) -> None:
    upsert(conn, lessons, [asdict(lesson)], key=["kind"])


def last(conn: Connection, kind: Kind) -> Lesson | None:
    row = conn.execute(select(lessons).where(lessons.c.kind == kind)).one_or_none()
    return None if row is None else Lesson(**row._mapping)  # noqa: SLF001  the documented way
