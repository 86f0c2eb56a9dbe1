"""Change the sources in feeds.yaml, and the categories that imported ones need, and nothing else in it.

The text itself is cut and joined where the parser says that a node stands, so every other byte stays as its author
wrote it: comments, blank lines, quotes, indentation. (A round trip through the YAML library lays flow mappings out
anew, and loses the comment above a source when the one before it is removed.) What comes out is read again: it must
say exactly what was asked for, and be a valid configuration, or the file stays as it is.
"""

import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aggregator.config import splice
from aggregator.config.checks import did_you_mean
from aggregator.config.document import Mapping as MappingNode
from aggregator.config.document import Node, Scalar, read_nodes, read_text
from aggregator.config.document import Sequence as SequenceNode
from aggregator.config.draft import escape
from aggregator.config.kinds import show_duration
from aggregator.config.load import examine, read_bytes
from aggregator.errors import BusyError, ConfigError, Mistake, UsageError

Setting = str | int | float | bool | timedelta | Sequence[str] | Mapping[str, str] | None
Row = dict[str, Any]
Filed = tuple[str, str | None]
"""The name of a folder, and the slug of its category where the list says one."""

_COMMON_HOSTS = {"www", "feeds", "feed", "rss", "rsshub"}
_SECOND_LEVEL = {"co", "com", "org", "net", "gov", "edu", "ac"}
_LONGEST_NAME = 48


@dataclass(frozen=True, slots=True)
class Imported:
    """The names of the new sources, and the new categories (slug -> name)."""

    sources: tuple[str, ...] = ()
    categories: Mapping[str, str] = field(default_factory=dict)


def add_source(path: Path, *, url: str, name: str | None = None, title: str | None = None, **keys: Setting) -> str:
    """Append one source and give its name, made from title or host where none is given.

    Raises UsageError where the name or the address is there already, ConfigError where the result would be wrong.
    """
    text = _read(path)
    known = next((row for row in _rows(text, path) if row.get("url") == escape(url)), None)
    if known is not None:
        raise UsageError(f"{known.get('name')} has this address already")
    return _append(path, text, [{"name": name, "title": title, "url": url, **keys}])[0]


def add_sources(path: Path, sources: Sequence[Mapping[str, Setting]]) -> list[str]:
    """Append many at once, those whose address is there already left out; give the names of the new."""
    return list(import_sources(path, sources, {}).sources)


def import_sources(
    path: Path, sources: Sequence[Mapping[str, Setting]], filed: Mapping[str, Sequence[Filed]]
) -> Imported:
    """Append many at once, those whose address is there already left out. `filed`: the folders of each address, which
    become its categories: those that are there by slug or name, else new ones without rules.
    """
    text = _read(path)
    known, before = _rows(text, path, "categories"), _rows(text, path)
    fresh = _fresh(before, sources)
    categories = list(known)
    for url, row in fresh.items():
        slugs = [_category(categories, name, slug) for name, slug in filed.get(url, ())]
        row["categories"] = list(dict.fromkeys(slugs)) or None
    if not fresh:
        return Imported()
    added = _named(before, fresh.values())
    new = categories[len(known) :]
    changed = splice.append_rows(text, *_entry(text, path, "sources"), added)
    if new:
        changed = splice.with_list(changed, _root(changed, path), "categories")
        changed = splice.append_rows(changed, *_entry(changed, path, "categories"), new)
    _write(path, text, changed, sources=before + added, **({"categories": categories} if new else {}))
    return Imported(tuple(row["name"] for row in added), {row["slug"]: row["name"] for row in new})


def _fresh(known: list[Row], sources: Sequence[Mapping[str, Setting]]) -> dict[str, Row]:
    """By address, the first of several."""
    there = {row.get("url") for row in known}
    fresh: dict[str, Row] = {}
    for source in sources:
        url = source.get("url")
        if not isinstance(url, str):
            raise UsageError("a source without an address (url) cannot be added")
        if escape(url) not in there:
            fresh.setdefault(url, {"name": None, "title": None, **source})
    return fresh


def _category(categories: list[Row], name: str, slug: str | None) -> str:
    """The slug of the category of this name; a new one is added to the list."""
    wanted = _folded(name)
    for row in categories:
        if row.get("slug") == (slug or wanted) or _folded(str(row.get("name"))) == wanted:
            return str(row.get("slug"))
    taken = {str(row.get("slug")) for row in categories}
    # No half of a Chinese name: its letters would be lost, so it gets a number until its editor names it.
    made = slug if slug and slug not in taken else _free((_slug(name) or "category")[:_LONGEST_NAME].strip("-"), taken)
    categories.append({"slug": made, "name": escape(name)})
    return made


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def remove_source(path: Path, name: str) -> None:
    """Raises UsageError where no source, or only this one, is there."""
    text = _read(path)
    rows = _rows(text, path)
    index = _index(rows, name)
    if len(rows) == 1:
        raise UsageError(f"{name} is the only source", hint="add another one first, or pause it")
    changed = splice.remove_item(text, _sources(text, path), index)
    _write(path, text, changed, sources=[row for row in rows if row is not rows[index]])


def set_source(path: Path, name: str, **keys: Setting) -> None:
    """Change, add or (with None) remove keys of one source."""
    text = changed = _read(path)
    rows = _rows(text, path)
    index = _index(rows, name)
    for key, value in keys.items():
        row = _sources(changed, path).items[index]
        if not isinstance(row, MappingNode):
            raise ConfigError([Mistake(str(path), row.line, f"sources[{index}]", "is no mapping")])
        if value is None:
            changed = splice.remove_key(changed, row, key)
            rows[index].pop(key, None)
        else:
            rows[index][key] = _plain(value)
            changed = splice.set_key(changed, row, key, rows[index][key])
    _write(path, text, changed, sources=rows)


def source_name(url: str, title: str | None, taken: set[str]) -> str:
    """A slug from the title, or from the host where the title has no Latin letters; numbered where it is taken."""
    base = _slug(title or "") or _slug(_host_words(url)) or "source"
    return _free(base[:_LONGEST_NAME].strip("-"), taken)


def _free(base: str, taken: set[str]) -> str:
    number = 2
    name = base
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name


def _slug(text: str) -> str:
    """Empty where letters of another script would be lost: half a name is worse than the host's."""
    parts = unicodedata.normalize("NFKD", text)
    if any(character.isalpha() and not character.isascii() for character in parts):
        return ""
    plain = re.sub(r"['’]", "", parts.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _host_words(url: str) -> str:
    try:
        labels = (urlsplit(url).hostname or "").split(".")
    except ValueError:
        return ""
    if all(label.isdigit() for label in labels):
        return "-".join(labels)
    kept = labels[:-1] or labels
    if len(kept) > 1 and kept[-1] in _SECOND_LEVEL:
        kept = kept[:-1]
    return "-".join(label for label in kept if label not in _COMMON_HOSTS) or kept[-1]


def _append(path: Path, text: str, sources: list[Row]) -> list[str]:
    rows = _rows(text, path)
    added = _named(rows, sources)
    changed = splice.append_rows(text, *_entry(text, path, "sources"), added)
    _write(path, text, changed, sources=rows + added)
    return [str(row["name"]) for row in added]


def _named(rows: list[Row], sources: Iterable[Row]) -> list[Row]:
    """As they are written, each with a name of its own."""
    taken = {str(row.get("name")) for row in rows}
    added: list[Row] = []
    for source in sources:
        name = source["name"] or source_name(source["url"], source["title"], taken)
        if name in taken:
            raise UsageError(f"there is a source named {name} already", hint="give another name")
        taken.add(name)
        given = {**source, "name": name}
        added.append({key: _plain(value) for key, value in given.items() if value is not None})
    return added


def _plain(value: Setting) -> Any:
    """As it stands in the file: what comes from outside never names a variable of the environment."""
    if isinstance(value, timedelta):
        return show_duration(value)
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, Mapping):
        return {key: escape(text) for key, text in value.items()}
    if isinstance(value, Sequence):
        return [escape(text) for text in value]
    return value


def _read(path: Path) -> str:
    return read_text(read_bytes(path), str(path))


def _root(text: str, path: Path) -> MappingNode:
    root, _ = read_nodes(text, str(path))
    if not isinstance(root, MappingNode):
        raise ConfigError(examine(text, str(path), None)[2])
    return root


def _sources(text: str, path: Path) -> SequenceNode:
    _, node = _entry(text, path, "sources")
    if not isinstance(node, SequenceNode):
        raise ConfigError([Mistake(str(path), node.line, "sources", "is no list", "add a source first")])
    return node


def _entry(text: str, path: Path, key: str) -> tuple[Scalar, Node]:
    for name, node in _root(text, path).pairs:
        if name.text == key:
            return name, node
    raise ConfigError([Mistake(str(path), None, key, "is missing", f"write `{key}:` at the end of the file")])


def _rows(text: str, path: Path, key: str = "sources") -> list[Row]:
    """The sources (or the categories) as the file says them, `${…}` and all."""
    rows = _said(_root(text, path)).get(key) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(examine(text, str(path), None)[2])
    return rows


def _said(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, SequenceNode):
        return [_said(item) for item in node.items]
    return {key.text: _said(value) for key, value in node.pairs}


def _index(rows: list[Row], name: str) -> int:
    names = [str(row.get("name")) for row in rows]
    if name not in names:
        raise UsageError(f"there is no source named {name}", hint=did_you_mean(name, names))
    return names.index(name)


def _write(path: Path, text: str, changed: str, **lists: list[Row]) -> None:
    """Only what says what was meant, and is right, replaces the file."""
    mistakes = examine(changed, str(path), None)[2]
    if mistakes:
        before = examine(text, str(path), None)[2] if text.strip() else []
        raise ConfigError(before or mistakes)
    meant = {**_said(_root(text, path)), **lists}
    if _said(_root(changed, path)) != meant:
        key = " and ".join(lists)
        problem = f"the list of {key} is written in a way that cannot be changed safely"
        raise ConfigError([Mistake(str(path), None, key, problem, "change it in an editor")])
    replace(path, text, changed)


def replace(path: Path, text: str, changed: str) -> None:
    """Whole or not at all; permissions stay; a link stays a link. Raises BusyError where somebody else was faster."""
    real = Path(os.path.realpath(path))
    before = real.read_bytes()
    mark = "\ufeff" if before.startswith(b"\xef\xbb\xbf") else ""
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write((mark + changed).encode())
            file.flush()
            os.fchmod(file.fileno(), real.stat().st_mode & 0o7777)
            os.fsync(file.fileno())
        _still(real, text)
        Path(name).replace(real)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    folder = os.open(real.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _still(file: Path, text: str) -> None:
    if read_text(file.read_bytes(), str(file)) != text:
        raise BusyError(f"{file} was changed by somebody else meanwhile", hint="try again")
