"""The demo's configuration and its readers."""

import re
from pathlib import Path
from typing import NamedTuple

from aggregator.config.workspace import packaged
from aggregator.demo.ports import HOST
from aggregator.errors import UsageError

_TEMPLATE = Path(__file__).with_name("feeds.template.yaml")
_CATEGORIES = re.compile(r"^categories:\n(?:(?: .*)?\n)+", re.MULTILINE)
"""The block of a feeds.yaml, up to the next line that is not indented."""
_PLACE = re.compile(r"^# CATEGORIES.*\n", re.MULTILINE)


class Reader(NamedTuple):
    name: str
    email: str
    newsletters: tuple[str, ...]


SUBSCRIBERS = (
    Reader("Ada Lindqvist", "ada@readers.example", ("daily", "weekend")),
    Reader("Benedikt Oduya", "benedikt@letters.example", ("daily",)),
    Reader("陳雅文", "yawen@study.example", ("daily",)),
)
"""All three read the daily digest; one of them takes the weekend's long reads as well."""


def config_text(base_url: str, smtp_port: int) -> str:
    """The demo's feeds.yaml, for sample sources at `base_url` and a mail server on loopback.

    It sorts by the categories that a new workspace begins with: a list of its own would show what nobody gets.
    """
    block = _CATEGORIES.search(packaged("feeds.yaml").read_text(encoding="utf-8"))
    if block is None:
        raise UsageError("the program came with a feeds.yaml without categories", hint="install it again")
    text = _PLACE.sub(lambda _: block[0].rstrip() + "\n", _TEMPLATE.read_text(encoding="utf-8"))
    return text.replace("http://SAMPLES", base_url).replace("smtp://SINK", f"smtp://{HOST}:{smtp_port}")
