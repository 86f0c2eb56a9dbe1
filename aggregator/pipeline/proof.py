"""What is wrong with templates beyond their syntax: each is rendered with sample stories, and the mail is linted."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from aggregator.config import Config
from aggregator.errors import Mistake, RenderError
from aggregator.model import Edition
from aggregator.pipeline.gate import whole
from aggregator.pipeline.preview import Material
from aggregator.pipeline.preview_pages import MOVED, WITHDRAWN, Make, catalogue, letter
from aggregator.publish.lint import Finding, errors, lint
from aggregator.publish.mail import Mail

_OF_A_KIND = 2
"""How many pages of a kind are tried: all of them come from one template."""
_SKIPPED = (".xml", ".json", ".js", ".css", "/email.html", "/email.txt")
"""They have no templates, or are made by themselves."""


def proof(material: Material, folders: tuple[Path, ...], also: Mapping[str, Make]) -> list[Mistake]:
    """Every mistake once, with its file and line where they are known. `also`: further pages, which others make."""
    pages = dict(_enough(catalogue(material, folders))) | dict(also)
    wrong = [mistake(error, path) for path, make in pages.items() if (error := _tried(make)) is not None]
    return list(dict.fromkeys([*_of_mail(material, folders), *wrong]))


def _enough(pages: Mapping[str, Make]) -> Iterator[tuple[str, Make]]:
    counted: dict[tuple[str, int], int] = {}
    for path, make in pages.items():
        kind = path.partition("/")[0], path.count("/")
        if path.endswith(_SKIPPED):
            continue
        counted[kind] = counted.get(kind, 0) + 1
        if counted[kind] <= _OF_A_KIND or path in {f"stories/{WITHDRAWN}.html", f"stories/{MOVED}.html"}:
            yield path, make


def _tried(make: Make) -> RenderError | None:
    try:
        make()
    except RenderError as error:
        return error
    return None


def _of_mail(material: Material, folders: tuple[Path, ...]) -> Iterator[Mistake]:
    """Of one edition: what a mail is made of is the same for all."""
    for edition in material.site.editions[:1]:
        try:
            found = findings(letter(material, edition, folders), edition, material.config)
        except RenderError as error:
            yield mistake(error, "mail/edition.html")
            return
        for one in errors(found):
            file = "mail/edition.txt" if one.part == "text" else "mail/edition.html"
            yield Mistake(file, None, "", f"{one.said} (line {one.line} of what it makes)", one.mend)


def findings(made: Mail, edition: Edition, config: Config) -> Sequence[Finding]:
    """What is wrong with a letter as it would break in mail programs; errors keep it from going out as it is."""
    return lint(whole(made, edition, config))


def mistake(error: RenderError, path: str) -> Mistake:
    """`path`: the page that it was met at, for what names no file."""
    if error.file is None:
        return Mistake(path, None, "", error.message, error.hint)
    place = f"{error.file}:{error.line}: "
    return Mistake(error.file, error.line, "", error.message.removeprefix(place), error.hint)
