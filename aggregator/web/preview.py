"""The preview: what readers would get, for who edits templates. It serves what is made at this moment, and writes nothing.

Everything is made anew when a template, feeds.yaml or the data changed; the page that shows it asks every second
whether that is so. What cannot be made is told in its place, with file and line, until it is mended.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from threading import Lock, RLock

from aggregator.app import App
from aggregator.config import Config
from aggregator.config.load import load
from aggregator.config.workspace import template_folders
from aggregator.errors import AggregatorError, Mistake
from aggregator.model import Edition, Story
from aggregator.pipeline import preview, preview_pages
from aggregator.pipeline.preview import Material
from aggregator.pipeline.preview_pages import Make
from aggregator.pipeline.proof import findings, proof
from aggregator.publish.lint import Finding
from aggregator.publish.mail import Mail, public
from aggregator.publish.sheet import Sheet, put_together
from aggregator.web.answers import answers


@dataclass(frozen=True, slots=True)
class Sample:
    """Stories to show in place of those in the database, and when they are news."""

    stories: Sequence[Story]
    now: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """As it may be shown: nobody's own links are in it."""

    edition: Edition
    mail: Mail
    config: Config

    @property
    def html(self) -> str:
        return public(self.mail.html, self.config)

    @property
    def text(self) -> str:
        return public(self.mail.text, self.config)

    @property
    def findings(self) -> Sequence[Finding]:
        """Errors first."""
        return sorted(findings(self.mail, self.edition, self.config), key=lambda one: one.level != "error")


@dataclass(frozen=True)
class Shown:
    """All that is shown between two changes; each thing is made once, when it is asked for first."""

    material: Material
    folders: tuple[Path, ...]
    sheets: dict[tuple[str, int], Sheet] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @cached_property
    def pages(self) -> Mapping[str, Make]:
        return {**preview_pages.catalogue(self.material, self.folders), **answers(self.material.config, self.folders)}

    @cached_property
    def mistakes(self) -> Sequence[Mistake]:
        return proof(self.material, self.folders, answers(self.material.config, self.folders))

    def letter(self, edition: Edition, categories: frozenset[str]) -> Letter:
        """What a reader gets who wants these categories only; none: everything."""
        chosen = preview_pages.wanted(self.material, edition, categories)
        return Letter(chosen, put_together(self._sheet(edition), chosen), self.material.config)

    def _sheet(self, edition: Edition) -> Sheet:
        place = edition.newsletter, edition.number
        with self.lock:  # all its frames ask at once
            if place not in self.sheets:
                self.sheets[place] = preview_pages.sheet(self.material, edition, self.folders)
            return self.sheets[place]


class Bench:
    """What is shown now. Looks at the files each time that it is asked; a configuration that cannot be read is an error
    until it can.
    """

    def __init__(self, file: Path, sample: Sample | None, clock: Callable[[], datetime]) -> None:
        self.file = file
        self.sample = sample
        self._clock = clock
        self._lock = RLock()
        self._app: tuple[str, App] | None = None
        self._material: tuple[str, Material] | None = None
        self._shown: tuple[str, Shown] | None = None

    def version(self) -> str:
        """Another one as soon as anything would be shown otherwise."""
        try:
            data = self._state()
        except AggregatorError as error:
            data = error.message
        return _digest(self._files(), data)

    def shown(self) -> Shown:
        """Raises ConfigError, StoreError, RenderError."""
        with self._lock:
            version = self.version()
            if self._shown is None or self._shown[0] != version:
                self._shown = version, Shown(self._read(), template_folders(self._current().config.base))
            return self._shown[1]

    def close(self) -> None:
        with self._lock:
            if self._app is not None:
                self._app[1].close()
            self._app = None

    def _current(self) -> App:
        with self._lock:
            written = _stamp(self.file)
            if self._app is None or self._app[0] != written:
                config = load(self.file, os.environ)
                self.close()
                self._app = written, App(config, clock=self._clock)
            return self._app[1]

    def _read(self) -> Material:
        """What the templates are given stays, while only they change."""
        app, version = self._current(), _digest(_stamp(self.file), self._state())
        if self._material is None or self._material[0] != version:
            sample = self.sample
            made = preview.from_sample(app.config, sample.stories, sample.now) if sample else app.material()
            self._material = version, made
        return self._material[1]

    def _state(self) -> str:
        with self._lock:
            app = self._current()
            return "" if self.sample is not None else repr(preview.state_of(app.reader))

    def _files(self) -> str:
        own = self.file.absolute().parent / "templates"
        folders = dict.fromkeys((own, *template_folders(own.parent)))
        return _digest(_stamp(self.file), *(stamp for folder in folders for stamp in _stamps(folder)))


def _stamps(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield _stamp(path)


def _stamp(path: Path) -> str:
    """What differs as soon as a file was written, or is another one."""
    try:
        found = path.stat()
    except OSError:
        return f"{path} is not there"
    return f"{path} {found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _digest(*parts: str) -> str:
    return blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
