"""What an editor's rules hear in a text. They are compiled once; all terms of all categories are found in one pass.

A hit's points = weight of its category × weight of its rule × what the best field is worth that has it: title and
address 3, author and tags 2, summary and source 1, body ½. score = the sum of the points. A category of which only the
body speaks takes two hits; one that the source lends to its entries has one point more, and applies in any case.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from aggregator.config import Category, Rule, Source
from aggregator.curate.clauses import FIELDS, Clause, Hit, Read, Spot, clause, covering, shorthand
from aggregator.curate.terms import Terms, Text
from aggregator.curate.text import fold, plain
from aggregator.model import Entry

_BODY = 4000
"""Characters of the body that are looked at: what an article is about stands at its beginning."""
_LEAST_BODY_HITS = 2
_HEAD = 2
"""Fields, the first two, where a term of `none` forbids: a long body names many things."""
_USUAL = 3
"""Fields that are always looked at, the first three; the others only where a rule does."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one category's rules found. `forbidden`: the terms that forbid it; `lent`: its source lends it to every
    entry; `score` is 0 where it does not apply.
    """

    hits: tuple[Hit, ...]
    forbidden: tuple[str, ...]
    lent: bool
    score: float


class _Compiled(NamedTuple):
    category: Category
    clauses: tuple[Clause, ...]
    covers: frozenset[int]
    forbids: tuple[int, ...]


class Rules:
    def __init__(self, categories: Sequence[Category]) -> None:
        self._terms = Terms(term for category in categories for rule in _rules(category) for term in _all_terms(rule))
        numbers = {term: number for number, term in enumerate(self._terms.terms)}
        self._categories = [_compiled(category, numbers, self._holds) for category in categories]
        self._places = {category.slug: place for place, category in enumerate(categories)}
        self._uses: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        """Of each term, the clauses that it may speak for: the places of category and clause."""
        for place, compiled in enumerate(self._categories):
            for at, one in enumerate(compiled.clauses):
                for term in one.own:
                    self._uses[term].append((place, at))
        clauses = [(place, at, one) for place, of in enumerate(self._categories) for at, one in enumerate(of.clauses)]
        self._always = [(place, at) for place, at, one in clauses if one.patterns]
        self._others = sorted({field for _, _, one in clauses for field in one.fields if field >= _USUAL})

    def heard(self, entry: Entry, source: Source | None, language: str | None) -> Mapping[str, Heard]:
        """Every category of which something was found, or that the source lends, in the order of the configuration."""
        read = self._read(entry, source, language)
        lent = {self._places[slug] for slug in source.categories if slug in self._places} if source else set()
        touched: dict[int, dict[int, list[int]]] = {place: {} for place in lent}
        for place, at in self._always:
            touched.setdefault(place, {}).setdefault(at, [])
        for term in sorted(read.found):
            for place, at in self._uses.get(term, ()):
                touched.setdefault(place, {}).setdefault(at, []).append(term)
        heard: dict[str, Heard] = {}
        for place in sorted(touched):
            of = self._categories[place]
            judged = self._judge(of, touched[place], read, lent=place in lent)
            if judged is not None:
                heard[of.category.slug] = judged
        return heard

    def _judge(self, of: _Compiled, present: Mapping[int, Sequence[int]], read: Read, *, lent: bool) -> Heard | None:
        """`present`: of each of its clauses that may speak, the terms that were found."""
        found, terms = read.found, self._terms.terms
        shades = [spot for term in of.covers for spot in found.get(term, ())]
        hits = [hit for at in sorted(present) for hit in of.clauses[at].hits(read, present[at], shades, terms)]
        if not hits and not lent:
            return None
        forbidden = tuple(terms[term] for term in of.forbids if any(spot.field < _HEAD for spot in found.get(term, ())))
        score = _score(() if forbidden else hits, of.category.weight, lent=lent)
        return Heard(tuple(hits), forbidden, lent, score)

    def _read(self, entry: Entry, source: Source | None, language: str | None) -> Read:
        parts = [entry.title, entry.summary, plain(entry.content)[:_BODY]]
        parts += (_other(FIELDS[field], entry, source) for field in self._others)
        text = Text("\0".join(part.replace("\0", " ") for part in parts))
        places = dict(zip((0, 1, 2, *self._others), parts, strict=True))
        return Read(text.words, self._spots(text), cache(lambda field: fold(places[field])), language)

    def _spots(self, text: Text) -> dict[int, list[Spot]]:
        """Of each term that is there, where it stands. They come in the order of their ends, so fields come in order."""
        fields = iter((*self._others, 0))
        field, until = 0, text.words.find(b"\0")
        found: dict[int, list[Spot]] = {}
        for term, start, end in self._terms.places(text):
            while start > until >= 0:
                field = field + 1 if field + 1 < _USUAL else next(fields)
                until = text.words.find(b"\0", until + 1)
            spot = Spot(field, start, end)
            if term in found:
                found[term].append(spot)
            else:
                found[term] = [spot]
        return found

    def _holds(self, term: str) -> set[int]:
        """The terms that stand inside this one."""
        return {number for number, _, _ in self._terms.places(Text(term.rstrip("*")))}


def _compiled(category: Category, numbers: Mapping[str, int], holds: Callable[[str], set[int]]) -> _Compiled:
    clauses = (
        clause(shorthand(category), "", category.weight, numbers, holds),
        *(clause(rule, f"rules[{at}]", category.weight, numbers, holds) for at, rule in enumerate(category.rules)),
    )
    covers, forbids = covering(category.none, {term for one in clauses for term in one.own}, numbers, holds)
    return _Compiled(category, clauses, covers, forbids)


def _score(hits: Sequence[Hit], weight: float, *, lent: bool) -> float:
    """What only one hit in the body says is not counted; what the operator says of a source always holds."""
    speaking = [hit for hit in hits if hit.points > 0]
    enough = len(speaking) >= _LEAST_BODY_HITS or any(hit.field != "body" for hit in speaking)
    score = sum(hit.points for hit in hits) if enough else 0.0
    return round(max(score + weight, weight) if lent else max(score, 0.0), 3)


def _rules(category: Category) -> tuple[Category | Rule, ...]:
    """Its shorthand, which reads like a rule, then its rules."""
    return (category, *category.rules)


def _all_terms(rule: Category | Rule) -> Iterator[str]:
    yield from (*rule.any, *rule.all, *rule.none)
    if isinstance(rule, Rule):
        yield from (term for group in rule.near for term in group)


def _other(field: str, entry: Entry, source: Source | None) -> str:
    if field == "address":
        return unquote(entry.url or "").partition("://")[2]
    if field == "author":
        return entry.author or ""
    if field == "tags":
        return " | ".join(entry.tags)
    return (source.title or source.name) if source else entry.source
