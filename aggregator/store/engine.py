"""Opening the database, and the only two ways to use it: `reading` and `writing`.

Every write transaction on SQLite starts with BEGIN IMMEDIATE: one that starts as a reader and writes later fails at
once with "database is locked", whatever the timeout. synchronous=FULL, since the ledger of deliveries must survive a
power cut as well as a kill.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import StaticPool

from aggregator.errors import StoreError

_BUSY_SECONDS = 10


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _json, "json_deserializer": msgspec.json.decode}
"""Columns of JSON are read for each source at each poll: the standard library takes several times as long."""


def open_engine(url: str, *, busy_seconds: float = _BUSY_SECONDS) -> Engine:
    """An engine on SQLite (the file's folder is made) or PostgreSQL. Connects to nothing yet."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url, parsed.database, busy_seconds)
        return create_engine(parsed, pool_pre_ping=True, **_JSON)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"{url!r} is no database address", hint="write sqlite:///FILE or postgresql://…") from error
    except ModuleNotFoundError as error:
        raise StoreError("the PostgreSQL driver is not installed", hint="pip install 'aggregator[scale]'") from error


def open_to_read(url: str) -> Engine:
    """An engine through which nothing can be written, whatever is tried. Makes no file: what is not there is a StoreError."""
    file = make_url(url).database
    if url.startswith("sqlite") and not (file and Path(file).is_file()):
        raise StoreError(f"there is no database {file} yet", hint="`aggregator run --once` makes it")
    engine = open_engine(url)

    @event.listens_for(engine, "connect")
    def _only_read(raw: Any, _record: Any) -> None:
        if engine.dialect.name == "sqlite":
            raw.execute("PRAGMA query_only=ON")
        else:
            raw.read_only = True

    return engine


def _open_sqlite(url: str, file: str | None, busy_seconds: float) -> Engine:
    if file and file != ":memory:":
        _make_folder(Path(file).parent)
        engine = create_engine(url, connect_args={"timeout": busy_seconds, "check_same_thread": False}, **_JSON)
    else:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}, **_JSON)

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("writes") else "BEGIN")

    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {folder}: {error.strerror}") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view; nothing is written."""
    with _translated(), engine.connect() as conn, conn.begin() as transaction:
        yield conn
        transaction.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """All or nothing. Raises StoreError where the database is locked, full or gone; nothing is written then."""
    with _translated(), engine.connect().execution_options(writes=True) as conn, conn.begin():
        yield conn


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _store_error(error) from error


_HINTS = (
    ("database is locked", "another process is writing: try again, or see which one holds the file"),
    ("disk is full", "free some space: nothing was written, and the work goes on where it stopped"),
    ("disk i/o error", "see whether the disk has space left and is sound: nothing was written, and the work goes on"),
    ("readonly database", "the file or its folder may not be written by this user"),
    ("unable to open database", "see that the folder exists and may be written"),
    ("not a database", "the file is no SQLite database: name another one under `database`"),
    ("connection refused", "see that PostgreSQL runs and that `database` names its host and port"),
)


def _store_error(error: DBAPIError) -> StoreError:
    text = str(error.orig).strip()
    hint = next((hint for sign, hint in _HINTS if sign in text.lower()), None)
    if not isinstance(error, OperationalError) and hint is None and not error.connection_invalidated:
        raise error  # a bug of ours (a wrong statement, a broken constraint), not the world's
    return StoreError(
        f"the database does not answer as it should: {text.splitlines()[0] if text else error}", hint=hint
    )
