"""Labelled texts from a file, a JSON object a line: what every way of measuring reads, and what is learned from."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aggregator.errors import ConfigError, Mistake
from aggregator.model import OTHER, Entry

if TYPE_CHECKING:  # `--help` does not need it
    from aggregator.config import Config

Row = Mapping[str, Any]
Text = TypeVar("Text")

SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""When everything was written of which no time is told: a measure must not depend on the clock."""
_APART = re.compile(r"[\W_]+")


class WrongLineError(ValueError):
    """What a line lacks, or says that cannot be."""


def texts(file: Path, read: Callable[[int, Row], Text], hint: str) -> Iterator[Text]:
    """What `read` makes of each line (of its number and its object); it raises WrongLineError for what is none.

    Raises ConfigError, with all that is wrong, after the last line. What is wrong in the same way in thousands of lines
    is told once. `hint` shows how a line is written.
    """
    wrong: dict[str, list[int]] = {}
    some = False
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            yield read(number, _object(line))
            some = True
        except WrongLineError as error:
            wrong.setdefault(str(error), []).append(number)
    mistakes = [Mistake(str(file), lines[0], "", f"{what}{_further(lines)}", hint) for what, lines in wrong.items()]
    if not mistakes and not some:
        mistakes.append(Mistake(str(file), None, "", "holds no texts", hint))
    if mistakes:
        raise ConfigError(mistakes)


def _further(lines: Sequence[int]) -> str:
    more = len(lines) - 1
    return "" if not more else f", as in line {lines[1]}" if more == 1 else f", as in {more:,} further lines"


def needed(row: Row, *names: str) -> str:
    """What stands under the first of these names that the line has."""
    name = next((name for name in names if row.get(name) is not None), None)
    if name is None:
        raise WrongLineError(f"has no {' or '.join(names)}")
    return said(row, name)


def said(row: Row, name: str) -> str:
    """A text, or a number that is one; nothing is as good as none."""
    found = row.get(name)
    if isinstance(found, list | dict | bool):
        raise WrongLineError(f"has a {name} that is no text")
    return "" if found is None else str(found)


def folded(name: str) -> str:
    """A label as it is looked up: whatever its capitals, spaces, hyphens."""
    return _APART.sub("", name.casefold())


def categories(config: "Config") -> dict[str, str]:
    """Label, as it stands or folded -> the slug that it means."""
    return _named((one.slug, one.name) for one in config.categories) | {OTHER: OTHER}


def sections(config: "Config") -> dict[str, str]:
    return _named((one.slug, one.title) for one in config.text_sections)


def meant(label: str, known: Mapping[str, str], kind: str) -> str:
    """The slug that a label means."""
    slug = known.get(label) or known.get(folded(label))
    if slug is None:
        close = get_close_matches(folded(label), known, n=1)
        raise WrongLineError(f"names no {kind}: {label!r}" + (f"; did you mean {known[close[0]]}?" if close else ""))
    return slug


def _named(some: Iterable[tuple[str, str]]) -> dict[str, str]:
    """(slug, name) of each. What is written as it stands holds before what is alike but for hyphens or capitals, and a slug
    before a name; of two that are alike, the first.
    """
    listed = list(some)[::-1]
    alike = {folded(name): slug for slug, name in listed} | {folded(slug): slug for slug, _ in listed}
    return alike | {name: slug for slug, name in listed} | {slug: slug for slug, _ in listed}


def entry(number: int, row: Row, **more: Any) -> Entry:
    """The text of a line as an entry; `more`: what its way of measuring reads besides."""
    known: dict[str, Any] = {
        "id": f"e{number}",
        "source": "",
        "guid": str(number),
        "url": None,
        "canonical_url": None,
        "title": needed(row, "title"),
        "summary": said(row, "summary") or said(row, "text"),
        "seen": SOME_DAY,
    }
    return Entry(**known | more)


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
