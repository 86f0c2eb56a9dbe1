"""Which categories a text is about, best first, and why.

The rules give each category a score (rules.py). The best score leads; but the most specific is the kicker: what lies
within a category, with at least half its score, stands before it. Broader categories that only follow come last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.config import Category, Source
from aggregator.curate.clauses import FIELDS, Hit
from aggregator.curate.rules import Heard, Rules
from aggregator.model import Entry, Scored

_SHOWN = 3
_PLACES = {field: place for place, field in enumerate(FIELDS)}
_HALF = 0.5
"""Of a broader category's score, from which on a narrower one stands before it."""


@dataclass(frozen=True, slots=True)
class Account:
    """The whole reasoning: what applies, best first, and what each category's rules heard, also where it is forbidden."""

    scored: tuple[Scored, ...]
    heard: Mapping[str, Heard]


class Classifier:
    def __init__(self, categories: Sequence[Category]) -> None:
        self._rules = Rules(categories)
        self._names = {category.slug: category.name for category in categories}
        self._order = {category.slug: place for place, category in enumerate(categories)}
        self._broader = _broader(categories)

    def categories(self, entry: Entry, source: Source | None, language: str | None = None) -> tuple[Scored, ...]:
        """Every category that applies, best first; those of equal score as they are configured."""
        return self.account(entry, source, language).scored

    def account(self, entry: Entry, source: Source | None, language: str | None = None) -> Account:
        heard = self._rules.heard(entry, source, language or entry.language)
        applying = [_scored(slug, one, source) for slug, one in heard.items() if one.score > 0]
        ranked = sorted(applying, key=lambda one: (-one.score, self._order[one.slug]))
        led = _specific_first(ranked, self._broader)
        return Account((*led, *self._following(led)), heard)

    @property
    def broader(self) -> Mapping[str, Sequence[str]]:
        """Of each category all those in which it lies, the nearest first."""
        return self._broader

    def _following(self, led: Sequence[Scored]) -> Iterator[Scored]:
        """The broader categories that no rule speaks for, with no points of their own."""
        said = {one.slug for one in led}
        for one in led:
            for slug in self._broader[one.slug]:
                if slug not in said:
                    said.add(slug)
                    yield Scored(slug, 0.0, f"{self._names[one.slug]} lies within it")


def _scored(slug: str, heard: Heard, source: Source | None) -> Scored:
    said = _reasons(heard.hits) if heard.hits and not heard.forbidden else []
    if heard.lent and source:
        said.append(f"every entry of {source.title or source.name}")
    return Scored(slug, heard.score, "; ".join(said))


def _reasons(hits: Sequence[Hit]) -> list[str]:
    if len(hits) == 1 and hits[0].points > 0:  # as most have it
        return [f"{hits[0].field} has “{hits[0].term}”"]
    said: dict[tuple[bool, int], list[str]] = {}
    for term, field, points, _ in hits:
        said.setdefault((points < 0, _PLACES[field]), []).append(f"“{term}”")
    return [
        f"{'against it: ' if key[0] else ''}{FIELDS[key[1]]} has {_listed([*dict.fromkeys(said[key])])}"
        for key in sorted(said)
    ]


def _listed(terms: Sequence[str]) -> str:
    more = f" and {len(terms) - _SHOWN} more" if len(terms) > _SHOWN else ""
    return f"{', '.join(terms[:_SHOWN])}{more}"


def _specific_first(ranked: Sequence[Scored], broader: Mapping[str, Sequence[str]]) -> Sequence[Scored]:
    if not any(broader[one.slug] for one in ranked):
        return ranked
    left, done = list(ranked), []
    while left:
        first = left[0]
        further = left[1:]
        while inner := next((one for one in further if _leads(one, first, broader)), None):
            first = inner
            further.remove(inner)
        left.remove(first)
        done.append(first)
    return done


def _leads(one: Scored, other: Scored, broader: Mapping[str, Sequence[str]]) -> bool:
    return other.slug in broader[one.slug] and one.score >= _HALF * other.score


def _broader(categories: Sequence[Category]) -> dict[str, tuple[str, ...]]:
    """Of each category all those in which it lies, the nearest first."""
    within = {category.slug: category.within for category in categories}
    found: dict[str, tuple[str, ...]] = {}
    for slug in within:
        ways = [slug]
        for one in ways:
            ways += (other for other in within.get(one, ()) if other not in ways)
        found[slug] = tuple(other for other in ways[1:] if other in within)
    return found
