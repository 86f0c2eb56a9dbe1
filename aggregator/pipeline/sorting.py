"""What a text is about and what kind of text it is, as things stand now: one answer for the curator, who writes it down,
for who wants to see it before, and for who asks why.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from aggregator.config import Config, Source
from aggregator.curate.classify import Classifier
from aggregator.curate.sections import Sections
from aggregator.model import Choice, Entry, Scored


@dataclass(frozen=True, slots=True)
class Sorted:
    categories: tuple[Scored, ...]
    """Best first."""
    section: Choice

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(scored.slug for scored in self.categories)

    @property
    def first(self) -> str | None:
        """The slug of the best."""
        return self.categories[0].slug if self.categories else None


@dataclass(frozen=True, slots=True)
class Sorter:
    """Compiled once, the same for every entry."""

    classifier: Classifier
    sections: Sections
    sources: Mapping[str, Source]

    @classmethod
    def on(cls, conn: Connection | None, config: Config) -> "Sorter":  # noqa: ARG003  what an editor decided is there
        """By feeds.yaml as it is given, and what the database has to say; None: it has nothing to say."""
        return cls(
            classifier=Classifier(config.categories),
            sections=Sections(config.sections, config.news_section),
            sources={source.name: source for source in config.sources},
        )

    def sort(self, entry: Entry, language: str | None) -> Sorted:  # noqa: ARG002  rules of one language ask for it
        """`language`: the one that was found, not what the feed says."""
        source = self.sources.get(entry.source)
        return Sorted(self.classifier.categories(entry, source), self.sections.choose(entry, source))
