"""Where templates run: they read what they are given, and nothing else; and how their files are found."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FileSystemLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, SecretStr

from aggregator.config import Config

FOR_READERS = frozenset(
    {
        "publication", "sections", "categories", "newsletters", "delivery", "site_url", "public_url",
        "section", "category", "newsletter",
    }
)  # fmt: skip
"""What templates may ask of the configuration: addresses of sources and of the database may hold keys and passwords."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's own refuses Python's inner names and whatever changes a value. Ours also keeps the configuration's secrets, and
    what could make another configuration out of it: a template may have been found somewhere.
    """

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, SecretStr) or (isinstance(obj, Config) and attr not in FOR_READERS):
            return False
        if isinstance(obj, BaseModel) and hasattr(BaseModel, attr):
            return False
        return super().is_safe_attribute(obj, attr, value)


class Overridable(FileSystemLoader):
    """The first folder that has a template gives it, also where it comes or goes while the program runs.

    Jinja's own looks only whether the file that it found once has changed: one that is put before it later would wait
    for the next start.
    """

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, file, is_unchanged = super().get_source(environment, template)

        def is_current() -> bool:
            return is_unchanged() and super(Overridable, self).get_source(environment, template)[1] == file

        return source, file, is_current
