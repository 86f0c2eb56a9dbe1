"""Which categories a text is about, by rules that an editor can read, and why.

score = weight × the sum, over the terms found, of what the best field is worth that has them: title 3, summary 1,
body 0.5. A category of which only the body speaks takes two of its terms. `none` looks at title and summary, since a
long body names many things.
"""

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
        self._categories = tuple(categories)
        self._order = {category.slug: place for place, category in enumerate(self._categories)}
        self._terms = Terms(
            term for category in categories for term in (*category.any, *category.all, *category.none)
        )  # fmt: skip

    def categories(self, entry: Entry, source: Source | None) -> tuple[Scored, ...]:
        """Every category that applies, best first; those of equal score as they are configured."""
        fields = self._found(entry)
        scored = [_judge(category, fields, source) for category in self._categories]
        found = [one for one in scored if one is not None]
        return tuple(sorted(found, key=lambda one: (-one.score, self._order[one.slug])))

    def _found(self, entry: Entry) -> Mapping[str, set[str]]:
        texts = {"title": entry.title, "summary": entry.summary, "body": plain(entry.content)[:_BODY]}
        return {field: self._terms.find(text) for field, text in texts.items() if text}


def _judge(category: Category, fields: Mapping[str, set[str]], source: Source | None) -> Scored | None:
    by_source = source is not None and category.slug in source.categories
    hits = [] if _forbidden(category, fields) else _hits(category, fields)
    if not hits:
        named = source.title or source.name if source else ""
        return Scored(category.slug, category.weight, f"every entry of {named}") if by_source else None
    score = category.weight * (sum(_WORTH[hit.field] for hit in hits) + by_source)
    return Scored(category.slug, round(score, 3), _reason(hits))


def _hits(category: Category, fields: Mapping[str, set[str]]) -> list[_Hit]:
    every, one = _where(category.all, fields), _where(category.any, fields)
    if len(every) < len(category.all) or (category.any and not one):
        return []
    hits = every + one
    only_body = all(hit.field == "body" for hit in hits)
    return [] if only_body and len(hits) < _LEAST_BODY_TERMS else hits


def _where(terms: Sequence[str], fields: Mapping[str, set[str]]) -> list[_Hit]:
    """Each term that is there, with the best field that has it."""
    there = set().union(*fields.values())
    return [_Hit(term, _best(term, fields)) for term in terms if term in there]


def _best(term: str, fields: Mapping[str, set[str]]) -> str:
    return next(name for name in _WORTH if term in fields.get(name, ()))


def _forbidden(category: Category, fields: Mapping[str, set[str]]) -> bool:
    seen = fields.get("title", set()) | fields.get("summary", set())
    return any(term in seen for term in category.none)


def _reason(hits: Sequence[_Hit]) -> str:
    said = []
    for field in _WORTH:
        terms = [f"“{hit.term}”" for hit in hits if hit.field == field]
        more = f" and {len(terms) - _SHOWN} more" if len(terms) > _SHOWN else ""
        if terms:
            said.append(f"{field} has {', '.join(terms[:_SHOWN])}{more}")
    return "; ".join(said)
