"""One at a time, across processes: a lock that its holder's death releases at once.

On SQLite a file beside the database (flock); on PostgreSQL a session's advisory lock.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Engine, text

from aggregator.errors import BusyError, StoreError

_PAUSE = 0.05
_in_memory: dict[tuple[int, str], threading.Lock] = {}


@contextmanager
def exclusive(engine: Engine, name: str, *, wait: float = 0) -> Iterator[None]:
    """Hold the lock `name` of this database. Raises BusyError when another still holds it after `wait` seconds."""
    if engine.dialect.name == "postgresql":
        held = _advisory(engine, name, wait)
    elif engine.url.database and engine.url.database != ":memory:":
        held = _file(Path(f"{engine.url.database}.{name}.lock"), name, wait)
    else:
        held = _thread(_in_memory.setdefault((id(engine), name), threading.Lock()), name, wait)
    with held:
        yield


@contextmanager
def _file(path: Path, name: str, wait: float) -> Iterator[None]:
    try:
        handle = path.open("a+", encoding="ascii")
    except OSError as error:
        raise StoreError(f"cannot write the lock file {path}: {error.strerror}") from error
    with handle:
        for _ in _until(wait):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                continue
        else:
            raise _busy(name, f"process {path.read_text(encoding='ascii').strip() or '?'}")
        with suppress(OSError):  # a full disk: the lock is what counts, the number is a courtesy
            os.ftruncate(handle.fileno(), 0)
            os.write(handle.fileno(), f"{os.getpid()}\n".encode())
        yield


@contextmanager
def _advisory(engine: Engine, name: str, wait: float) -> Iterator[None]:
    key = int.from_bytes(blake2b(f"aggregator {name}".encode(), digest_size=8).digest(), signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for _ in _until(wait):
            if conn.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
                break
        else:
            raise _busy(name, "another process")
        try:
            yield
        finally:
            if not conn.invalidated:
                conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


@contextmanager
def _thread(lock: threading.Lock, name: str, wait: float) -> Iterator[None]:
    acquired = lock.acquire(timeout=wait) if wait > 0 else lock.acquire(blocking=False)
    if not acquired:
        raise _busy(name, "another thread")
    try:
        yield
    finally:
        lock.release()


def _until(wait: float) -> Iterator[None]:
    """One try at once, and then more until `wait` seconds have gone by."""
    end = time.monotonic() + wait
    yield
    while time.monotonic() < end:
        time.sleep(_PAUSE)
        yield


_DOING = {
    "daemon": "the daemon runs",
    "poll": "sources are being polled",
    "curate": "entries are being curated",
    "learn": "examples are being learned",
    "write": "briefings are being written",
    "compose": "editions are being composed",
    "publish": "pages are being published",
    "deliver": "mail is being delivered",
    "migrate": "the database is being upgraded",
}


def _busy(name: str, holder: str) -> BusyError:
    return BusyError(
        f"{_DOING.get(name, name)} already on this database, by {holder}", hint="wait until it has ended, or end it"
    )


def is_held(engine: Engine, name: str) -> bool:
    """Whether somebody holds the lock at this moment."""
    try:
        with exclusive(engine, name):
            return False
    except BusyError:
        return True
