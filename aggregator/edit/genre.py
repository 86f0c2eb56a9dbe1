"""What kind of text a section takes: its place in the list says nothing of it, its name and its marks do."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from aggregator.config import DEFAULT_SECTIONS, Section

Genre = Literal["news", "analysis", "opinion"]
_OURS: Mapping[str, Genre] = {
    "briefings": "news", "hot-topics": "news", "perspectives": "opinion", "analyses": "analysis",
}  # fmt: skip


def genre(section: Section) -> Genre:
    """Ours by their slug; any other by what it has in common with ours, opinion first: a section that takes both is no
    plain analysis. One that shares nothing takes news of its own kind.
    """
    if section.slug in _OURS:
        return _OURS[section.slug]
    words = _words(section)
    return next((found for found, signs in _signs().items() if words & signs), "news")


@lru_cache(maxsize=1)
def _signs() -> Mapping[Genre, frozenset[str]]:
    ours = {section.slug: section for section in DEFAULT_SECTIONS}
    return {kind: _words(ours[slug]) for slug, kind in _OURS.items() if kind != "news"}


def _words(section: Section) -> frozenset[str]:
    said = (section.slug, section.title, *section.tags, *section.titles, *section.addresses, *section.authors)
    return frozenset(word.casefold().strip(" |:/…*-") for word in said)
