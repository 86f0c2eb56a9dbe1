"""Labelled texts from a file, a JSON object a line: what every way of measuring reads, and what is learned from."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aggregator.errors import ConfigError, Mistake
from aggregator.model import Entry

if TYPE_CHECKING:  # `--help` does not need it
    from aggregator.config import Config

Row = Mapping[str, Any]
Text = TypeVar("Text")

SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""When everything was written of which no time is told: a measure must not depend on the clock."""
OTHER = "other"
"""The label of a text to which no category applies."""
_APART = re.compile(r"[\W_]+")


class WrongLineError(ValueError):
    """What a line lacks, or says that cannot be."""


def texts(file: Path, read: Callable[[int, Row], Text], hint: str) -> Iterator[Text]:
    """What `read` makes of each line (of its number and its object); it raises WrongLineError for what is none.

    Raises ConfigError, with every wrong line, after the last; `hint` shows how a line is written.
    """
    mistakes: list[Mistake] = []
    some = False
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            yield read(number, _object(line))
            some = True
        except WrongLineError as error:
            mistakes.append(Mistake(str(file), number, "", str(error), hint))
    if not mistakes and not some:
        mistakes.append(Mistake(str(file), None, "", "holds no texts", hint))
    if mistakes:
        raise ConfigError(mistakes)


def needed(row: Row, *names: str) -> str:
    """What stands under the first of these names that the line has."""
    found = next((row[name] for name in names if row.get(name) is not None), None)
    if found is None:
        raise WrongLineError(f"has no {' or '.join(names)}")
    return str(found)


def folded(name: str) -> str:
    """A label as it is looked up: whatever its capitals, spaces, hyphens."""
    return _APART.sub("", name.casefold())


def categories(config: "Config") -> dict[str, str]:
    """Folded label -> the slug that it means."""
    return {folded(OTHER): OTHER} | _named((one.slug, one.name) for one in config.categories)


def sections(config: "Config") -> dict[str, str]:
    return _named((one.slug, one.title) for one in config.sections)


def meant(label: str, known: Mapping[str, str], kind: str) -> str:
    """The slug that a label means."""
    if (slug := known.get(folded(label))) is None:
        raise WrongLineError(f"names no {kind}: {label!r}")
    return slug


def _named(some: Iterable[tuple[str, str]]) -> dict[str, str]:
    """(slug, name) of each; where the name of one is the slug of another, the slug holds."""
    listed = list(some)
    return {folded(name): slug for slug, name in listed} | {folded(slug): slug for slug, _ in listed}


def entry(number: int, row: Row, **more: Any) -> Entry:
    """The text of a line as an entry; `more`: what its way of measuring reads besides."""
    said: dict[str, Any] = {
        "id": f"e{number}",
        "source": "",
        "guid": str(number),
        "url": None,
        "canonical_url": None,
        "title": needed(row, "title"),
        "summary": str(row.get("summary") or row.get("text") or ""),
        "seen": SOME_DAY,
    }
    return Entry(**said | more)


def _object(line: str) -> Row:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise WrongLineError(f"is no JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise WrongLineError(f"cannot be read as JSON: {error}") from error
    if not isinstance(row, dict):
        raise WrongLineError("is no JSON object")
    return row


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise ConfigError([Mistake(str(file), None, "", f"is not UTF-8 (byte {error.start})", "save it so")]) from error
