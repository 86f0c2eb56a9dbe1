"""The published folder, served as it lies there: whole files, their kinds told from their names, nothing beside them."""

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

# A table of our own: what a machine believes of file names differs from one to the next.
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".opml": "text/x-opml; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_NAMED_KINDS = {
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
    "rss.xml": "application/rss+xml",
}


@dataclass(frozen=True, slots=True)
class Served:
    body: bytes
    kind: str
    etag: str
    modified: datetime


def find(root: Path, path: str) -> Served | None:
    """The file at `path`, an address without its first slash; a folder's `index.html` for what ends in a slash."""
    inside = _inside(root, f"{path}index.html" if path.endswith("/") or not path else path)
    return None if inside is None else _read(inside)


def is_folder(root: Path, path: str) -> bool:
    """Whether a slash at the end would lead to a page."""
    return find(root, f"{path}/") is not None


def kind_of(path: str) -> str:
    """The media type, with its charset, of what stands under this name."""
    name = PurePosixPath(path)
    return _NAMED_KINDS.get(name.name) or _KINDS.get(name.suffix, "application/octet-stream")


def _inside(root: Path, path: str) -> Path | None:
    """Where `path` leads, by names and by links, unless it is hidden or outside of the root."""
    if not _plain(path):
        return None
    try:
        root = root.resolve()
        target = (root / path).resolve()
    except (OSError, RuntimeError):  # too long a name; links that lead in a circle
        return None
    if not target.is_relative_to(root) or not _plain(target.relative_to(root).as_posix()):
        return None
    return target


def _plain(path: str) -> bool:
    """No hidden name (and so no `..`), no empty one, no sign that some system takes for a separator or an end."""
    return bool(path) and all(
        part and not part.startswith(".") and not {"\\", "\0"} & set(part) for part in path.split("/")
    )


def _read(target: Path) -> Served | None:
    try:
        # A link that was put here since we looked is not followed; a pipe does not make us wait.
        descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        body = file.read()
    # Of the bytes, not of the file's time: the same page on two machines has the same tag.
    modified = datetime.fromtimestamp(int(found.st_mtime), UTC)
    return Served(body, kind_of(target.name), sha256(body).hexdigest()[:32], modified)
