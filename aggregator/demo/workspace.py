"""The demo's configuration and its readers."""

from pathlib import Path
from typing import NamedTuple

from aggregator.demo.ports import HOST

_TEMPLATE = Path(__file__).with_name("feeds.template.yaml")


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
    """The demo's feeds.yaml, for sample sources at `base_url` and a mail server on loopback."""
    text = _TEMPLATE.read_text(encoding="utf-8")
    return text.replace("http://SAMPLES", base_url).replace("smtp://SINK", f"smtp://{HOST}:{smtp_port}")
