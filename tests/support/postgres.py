"""A PostgreSQL of the tests' own: a fresh cluster on a Unix socket, ended by who started it."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def binaries() -> Path | None:
    """The folder of initdb and postgres, from Debian's place or from the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    return next(
        (place for place in [*places, *([Path(found).parent] if found else [])] if (place / "initdb").exists()), None
    )


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """The socket folder of a running server: trust authentication, user postgres, no TCP."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    place = binaries()
    assert place is not None, "ask binaries() first"
    user = _server_user()
    if user:
        shutil.chown(folder, user)
    _run(user, place / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=40"
    _run(user, place / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield str(folder)
    finally:
        _run(user, place / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the user that its package made, or as nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(user: str | None, *command: object) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
