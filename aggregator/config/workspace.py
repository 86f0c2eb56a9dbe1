"""What a workspace begins with, and where the program keeps it: in a wheel inside the package, in a checkout beside it."""

import os
from pathlib import Path

from aggregator.config.reference import schema_text
from aggregator.config.schema import FILE as SCHEMA
from aggregator.config.schema import FIRST_LINE
from aggregator.errors import UsageError

_PACKAGE = Path(__file__).parents[1]
ALWAYS_OURS = frozenset({"mail/plain.html"})
"""Templates that stand behind an operator's own: a copy of them in a workspace would do nothing."""


def packaged(name: str) -> Path:
    """`templates` or `feeds.yaml`, as shipped with the program."""
    for root in (_PACKAGE / "data", _PACKAGE.parent):
        if (root / name).exists():
            return root / name
    raise UsageError(f"the program came without its {name}", hint="install it again")


def template_folders(base: Path) -> tuple[Path, ...]:
    """Where templates are looked for: the workspace's own come first."""
    own = base / "templates"
    shipped = packaged("templates")
    return (own, shipped) if own.is_dir() and own.resolve() != shipped.resolve() else (shipped,)


def starter() -> dict[str, bytes]:
    """The files of a new workspace, each with its path inside it."""
    templates = packaged("templates")
    names = {file.relative_to(templates).as_posix(): file for file in sorted(templates.rglob("*"))}
    files = {f"templates/{name}": file for name, file in names.items() if name not in ALWAYS_OURS}
    return {
        "feeds.yaml": _default_feeds(),
        SCHEMA: schema_text().encode(),
        **{name: file.read_bytes() for name, file in files.items() if file.is_file() and "__pycache__" not in name},
    }


def write_starter(folder: Path, *, overwrite: bool = False) -> tuple[list[Path], list[Path]]:
    """Begin a workspace; give what was written, and what was there already and left alone.

    Raises UsageError where the folder cannot be written to.
    """
    written: list[Path] = []
    kept: list[Path] = []
    for name, data in starter().items():
        path = folder / name
        if path.exists() and not overwrite:
            kept.append(path)
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data, overwrite=overwrite)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}", hint="name another folder") from error
        written.append(path)
    return written, kept


def _default_feeds() -> bytes:
    """In a workspace the schema lies beside the file."""
    first, newline, rest = packaged("feeds.yaml").read_bytes().partition(b"\n")
    if not first.startswith(b"# yaml-language-server:"):
        return FIRST_LINE.encode() + b"\n" + first + newline + rest
    return FIRST_LINE.encode() + newline + rest


def _write(path: Path, data: bytes, *, overwrite: bool) -> None:
    """Exclusive unless told otherwise: whoever writes the same file at the same moment keeps theirs."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if overwrite else os.O_EXCL)
    with os.fdopen(os.open(path, flags, 0o644), "wb") as file:
        file.write(data)
