"""Which categories a text is about, by rules that an editor can read, and why.

score = weight × the sum, over the terms found, of what the best field is worth that has them: title 3, summary 1,
body 0.5. A category of which only the body speaks takes two of its terms. `none` looks at title and summary, since a
long body names many things.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.config import Category, Source
from aggregator.curate.terms import Terms
from aggregator.curate.text import plain
from aggregator.model import Entry, Scored

_WORTH = {"title": 3.0, "summary": 1.0, "body": 0.5}
_BODY = 4000
"""Characters of the body that are looked at: what an article is about stands at its beginning."""
_SHOWN = 3
_LEAST_BODY_TERMS = 2


@dataclass(frozen=True, slots=True)
class _Hit:
    term: str
    field: str


class Classifier:
    """Rules compiled once. All terms of all categories are found in one pass over a text."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._categories = {category.slug: category for category in categories}
        self._order = {category.slug: place for place, category in enumerate(categories)}
        self._having: dict[str, set[str]] = defaultdict(set)
        for category in categories:
            for term in (*category.any, *category.all):
                self._having[term].add(category.slug)
        forbidding = (term for category in categories for term in category.none)
        self._terms = Terms((*self._having, *forbidding))

    def categories(self, entry: Entry, source: Source | None) -> tuple[Scored, ...]:
        """Every category that applies, best first; those of equal score as they are configured."""
        fields = self._fields(entry)
        lent = set(source.categories) & set(self._categories) if source else set()
        named = {slug for term in fields for slug in self._having.get(term, ())} | lent
        scored = [_judge(self._categories[slug], fields, source if slug in lent else None) for slug in named]
        found = [one for one in scored if one is not None]
        return tuple(sorted(found, key=lambda one: (-one.score, self._order[one.slug])))

    def _fields(self, entry: Entry) -> dict[str, str]:
        """Each term that is there, with the best field that has it."""
        texts = {"body": plain(entry.content)[:_BODY], "summary": entry.summary, "title": entry.title}
        return {term: field for field, text in texts.items() if text for term in self._terms.find(text)}


def _judge(category: Category, fields: Mapping[str, str], source: Source | None) -> Scored | None:
    """`source`: where it lends its entries this category."""
    hits = [] if _forbidden(category, fields) else _hits(category, fields)
    if not hits:
        return Scored(category.slug, category.weight, _lent(source)) if source else None
    score = category.weight * (sum(_WORTH[hit.field] for hit in hits) + (source is not None))
    return Scored(category.slug, round(score, 3), _reason(hits) + (f"; {_lent(source)}" if source else ""))


def _lent(source: Source) -> str:
    return f"every entry of {source.title or source.name}"


def _hits(category: Category, fields: Mapping[str, str]) -> list[_Hit]:
    every, one = _where(category.all, fields), _where(category.any, fields)
    if len(every) < len(set(category.all)) or (category.any and not one):
        return []
    hits = every + one
    only_body = all(hit.field == "body" for hit in hits)
    return [] if only_body and len(hits) < _LEAST_BODY_TERMS else hits


def _where(terms: Sequence[str], fields: Mapping[str, str]) -> list[_Hit]:
    return [_Hit(term, fields[term]) for term in dict.fromkeys(terms) if term in fields]


def _forbidden(category: Category, fields: Mapping[str, str]) -> bool:
    return any(fields.get(term, "body") != "body" for term in category.none)


def _reason(hits: Sequence[_Hit]) -> str:
    said = []
    for field in _WORTH:
        terms = [f"“{hit.term}”" for hit in hits if hit.field == field]
        more = f" and {len(terms) - _SHOWN} more" if len(terms) > _SHOWN else ""
        if terms:
            said.append(f"{field} has {', '.join(terms[:_SHOWN])}{more}")
    return "; ".join(said)
