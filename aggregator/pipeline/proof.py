"""What is wrong with templates beyond their syntax: each is rendered once, with sample stories."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from aggregator.errors import Mistake, RenderError
from aggregator.pipeline.preview import MOVED, WITHDRAWN, Make, Material, catalogue

_STORIES = 3
"""How many pages of stories are tried: all come from one template."""


def proof(material: Material, folders: tuple[Path, ...], also: Mapping[str, Make]) -> list[Mistake]:
    """Every mistake once, with its file and line where they are known. `also`: further pages, which others make."""
    made = catalogue(material, folders)
    tried = {path: make for path, make in made.items() if path in _enough(material, made)}
    return list(dict.fromkeys(_wrong(tried | dict(also))))


def _enough(material: Material, paths: Iterable[str]) -> set[str]:
    """No feeds, which have no templates; few stories; one edition."""
    told = {story.id for story in material.stories[:_STORIES]} | {WITHDRAWN, MOVED}
    numbers = [f"editions/{one.newsletter}/{one.number}/" for one in material.site.editions[:1]]
    pages = [path for path in paths if not path.endswith((".xml", ".json", "email.txt"))]
    return {
        path
        for path in pages
        if (not path.startswith("stories/") or path.removeprefix("stories/").removesuffix(".html") in told)
        and (path.count("/") != _OF_AN_EDITION or any(path.startswith(number) for number in numbers))
    }


_OF_AN_EDITION = 3


def _wrong(pages: Mapping[str, Make]) -> Iterable[Mistake]:
    for path, make in pages.items():
        try:
            make()
        except RenderError as error:
            yield mistake(error, path)


def mistake(error: RenderError, path: str) -> Mistake:
    """`path`: the page that it was met at, for what names no file."""
    if error.file is None:
        return Mistake(path, None, "", error.message, error.hint)
    place = f"{error.file}:{error.line}: "
    return Mistake(error.file, error.line, "", error.message.removeprefix(place), error.hint)
