"""What a text is about and what kind of text it is, as things stand now: one answer for the curator, who writes it down,
for who wants to see it before, and for who asks why.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from aggregator.config import Category, Config, Section, Source
from aggregator.curate.classify import Account, Classifier
from aggregator.curate.kicker import with_broader
from aggregator.curate.learned import Learned
from aggregator.curate.sections import Sections, learned_section
from aggregator.model import Choice, Entry, Scored, Word
from aggregator.pipeline import models
from aggregator.store import decisions
from aggregator.store.decisions import Words
from aggregator.store.examples import KINDS, Kind

Layer = Literal["rules", "learned"]


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
    words: Words
    """What editors said of entries, which holds against every rule."""

    @classmethod
    def on(
        cls, conn: Connection | None, config: Config, *, alone: Layer | None = None, confidence: float | None = None
    ) -> "Sorter":
        """By feeds.yaml as it is given, the models in use, and what the database has to say; None: it has nothing to say.

        `alone`: one layer without the other; `confidence`: in place of the one that is configured.
        """
        sure = config.curate.confidence if confidence is None else confidence
        taught = {} if alone == "rules" else {kind: _model(config, kind) for kind in KINDS}
        return cls(
            classifier=Classifier(
                [_bare(category) for category in config.categories] if alone == "learned" else config.categories,
                taught.get("categories"),
                confidence=sure,
            ),
            sections=Sections(
                [_unmarked(section) for section in config.sections] if alone == "learned" else config.sections,
                config.news_section,
                learned=learned_section(taught.get("sections"), {one.slug for one in config.text_sections}, sure),
            ),
            sources={source.name: source for source in config.sources} if alone != "learned" else {},
            words=_configured(decisions.words(conn), config) if conn is not None else Words(),
        )

    def sort(self, entry: Entry, language: str | None, *, repeating: Sequence[str] = ()) -> Sorted:
        """`language`: the one that was found, not what the feed says. `repeating`: entries that repeat it from now on, as an
        editor's word on one of them is on the article.
        """
        ids = (entry.id, *repeating)
        found = self.by_rules(entry, language)
        if (moved := _last(self.words.categories, ids)) is not None:
            found = replace(found, categories=tuple(self._moved(moved)))
        if (put := _last(self.words.section, ids)) is not None:
            found = replace(found, section=Choice(put.said[0], f"an editor put it there, {_time(put)}"))
        return found

    def _moved(self, word: Word) -> Iterator[Scored]:
        """What an editor said, and what follows from it."""
        broader = self.classifier.broader
        for slug in with_broader(word.said, broader):
            if slug in word.said:
                yield Scored(slug, 1.0, f"an editor moved it here, {_time(word)}")
            else:
                inner = next(one for one in word.said if slug in broader.get(one, ()))
                yield Scored(slug, 0.0, f"{inner} lies within it")

    def by_rules(self, entry: Entry, language: str | None) -> Sorted:
        """As if no editor had said anything."""
        source = self.sources.get(entry.source)
        return Sorted(self.classifier.categories(entry, source, language), self.sections.choose(entry, source))

    def evidence(self, entry: Entry) -> list[tuple[str, Choice]]:
        """All that speaks for a section, each by its kind; the first decides."""
        return list(self.sections.evidence(entry, self.sources.get(entry.source)))

    def account(self, entry: Entry, language: str | None) -> Account:
        """How its categories come about, by the rules."""
        return self.classifier.account(entry, self.sources.get(entry.source), language)


def _model(config: Config, kind: Kind) -> Learned | None:
    found = models.in_use(config.models_folder, kind).model
    return found.learned if found is not None else None


def _bare(category: Category) -> Category:
    return category.model_copy(update={"any": (), "all": (), "none": (), "rules": ()})


def _unmarked(section: Section) -> Section:
    return section.model_copy(update={"titles": (), "addresses": (), "tags": (), "authors": (), "style": None})


def _last(words: Mapping[str, Word], ids: Sequence[str]) -> Word | None:
    said = (words[id_] for id_ in ids if id_ in words)
    return max(said, key=lambda word: word.number, default=None)


def _configured(words: Words, config: Config) -> Words:
    """What feeds.yaml has no more is said in vain; where nothing else was said, the rules decide again."""
    categories = {category.slug for category in config.categories}
    sections = {section.slug for section in config.sections}
    return Words(_known(words.categories, categories), _known(words.section, sections))


def _known(words: Mapping[str, Word], slugs: Collection[str]) -> dict[str, Word]:
    left = {entry: tuple(slug for slug in word.said if slug in slugs) for entry, word in words.items()}
    return {entry: replace(word, said=left[entry]) for entry, word in words.items() if left[entry] or not word.said}


def _time(word: Word) -> str:
    return word.at.strftime("%Y-%m-%dT%H:%M:%SZ")
