"""feeds.yaml: what it may say (values), how it is read (load), changed (edit) and begun (workspace).

Only the values are imported here: the YAML library loads with `aggregator.config.load` and `.edit`, where it is used.
"""

from aggregator.config.categories import Category, Rule
from aggregator.config.sections import DEFAULT_SECTIONS, Section, standing
from aggregator.config.sources import Source
from aggregator.config.values import (
    Author,
    Config,
    Curate,
    Delivery,
    Newsletter,
    PollSettings,
    Publication,
    Web,
)
from aggregator.config.writer import Writer

__all__ = [
    "DEFAULT_SECTIONS",
    "Author",
    "Category",
    "Config",
    "Curate",
    "Delivery",
    "Newsletter",
    "PollSettings",
    "Publication",
    "Rule",
    "Section",
    "Source",
    "Web",
    "Writer",
    "standing",
]
