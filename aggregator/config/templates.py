"""A workspace's own templates beside ours: which are changed, and which were copied from an older version of ours.

What was copied is remembered with the digest of what it was then. So a copy that nobody changed can be brought up to
date, and of one that was changed it is known that ours went on without it.
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from aggregator.config.workspace import ALWAYS_OURS, packaged
from aggregator.errors import UsageError

RECORD = ".made-from.json"
"""In the workspace's templates: name -> digest of ours when it was copied."""
_DIGEST = re.compile(r"[0-9a-f]{64}")

State = Literal["ours", "copied", "older", "changed", "behind", "own"]
"""ours: none in the workspace. copied: the same as ours. older: an unchanged copy of an older version. changed: from this
version, or nobody knows which. behind: changed, and made from an older version. own: not among ours.
"""


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    state: State


def listed(base: Path) -> list[Template]:
    """Ours and the workspace's, by name."""
    ours, own, made_from = _files(packaged("templates")), _files(base / "templates"), _record(base)
    if (base / "templates").resolve() == packaged("templates").resolve():
        own = {}
    return [
        Template(name, _state(ours.get(name), own.get(name), made_from.get(name))) for name in sorted({*ours, *own})
    ]


def _state(ours: Path | None, own: Path | None, made_from: str | None) -> State:
    if own is None:
        return "ours"
    if ours is None:
        return "own"
    now, there = _digest(ours), _digest(own)
    if there == now:
        return "copied"
    if there == made_from:
        return "older"
    return "behind" if made_from not in {None, now} else "changed"


def copy(base: Path, names: Sequence[str], *, overwrite: bool = False) -> list[Path]:
    """Write ours into the workspace, to be edited.

    Raises UsageError, before anything is written, for a name that is not ours and for a file that is there already.
    """
    ours, folder = _files(packaged("templates")), base / "templates"
    for name in names:
        if name not in ours:
            close = difflib.get_close_matches(name, list(ours), n=1)
            hint = f"did you mean {close[0]}?" if close else "`aggregator templates` lists them"
            raise UsageError(f"there is no template {name!r}", hint=hint)
        if (folder / name).exists() and not overwrite:
            raise UsageError(
                f"{folder / name} is there already", hint="--overwrite replaces it; `templates diff` compares"
            )
    for name in names:
        _write(folder / name, ours[name].read_bytes())
    remember(base, names)
    return [folder / name for name in names]


def update(base: Path) -> list[Path]:
    """Bring copies that nobody changed up to date."""
    return copy(base, [one.name for one in listed(base) if one.state == "older"], overwrite=True)


def difference(base: Path, name: str) -> str:
    """From ours to the workspace's, as a unified diff; empty where they are the same."""
    ours, own = _files(packaged("templates")).get(name), base / "templates" / name
    if ours is None or not own.is_file():
        raise UsageError(f"there are no two templates {name!r} to compare", hint="`aggregator templates` lists them")
    before, after = (
        path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True) for path in (ours, own)
    )
    return "".join(difflib.unified_diff(before, after, f"ours/{name}", str(own)))


def remember(base: Path, names: Iterable[str]) -> None:
    """That these are copies of ours as they are now."""
    ours = packaged("templates")
    made = {name: _digest(ours / name) for name in names}
    if made:
        said = json.dumps(dict(sorted({**_record(base), **made}.items())), indent=1)
        _write(base / "templates" / RECORD, f"{said}\n".encode())


def _record(base: Path) -> Mapping[str, str]:
    """Empty where it is not there, or not as we wrote it: it only tells more than the files themselves."""
    try:
        found = json.loads((base / "templates" / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: digest for name, digest in pairs if isinstance(digest, str) and _DIGEST.fullmatch(digest)}


def _files(folder: Path) -> dict[str, Path]:
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path for name, path in found.items() if name not in ALWAYS_OURS and not _is_hidden(name)}


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in name.split("/"))


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="see that you may write there") from error
