"""One publication for all processes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import shown as publication
from tests.support.browser import Browser, served


@dataclass(frozen=True)
class Shown:
    """The demo's publication: a folder for each language, and its address."""

    folder: Path
    address: str

    def pages(self, language: str) -> dict[str, str]:
        """One page of each kind, by its name: its path below `folder` and `address`."""
        found = publication.kinds(self.folder / language)
        return {kind: f"{language}/{path}" for kind, path in found.items()}


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Shown]:
    folder = publication.once(tmp_path_factory.getbasetemp(), "shown", publication.publish)
    with served(folder) as address:
        yield Shown(folder, address)
