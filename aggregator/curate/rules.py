"""What an editor's rules hear in a text. They are compiled once; all terms of all categories are found in one pass.

A hit's points = weight of its category × weight of its rule × what the best field is worth that has it: title and
address 3, author and tags 2, summary and source 1, body ½. score = the sum of the points. A category of which only the
body speaks takes two hits; one that the source lends to its entries has one point more, and applies in any case.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple
from urllib.parse import unquote

from aggregator.config import Category, Rule, Source
from aggregator.curate.clauses import Clause, Hit, Read, clause, covering, shorthand
from aggregator.curate.terms import Spot, Terms, Text
from aggregator.curate.text import plain
from aggregator.model import Entry

_BODY = 4000
"""Characters of the body that are looked at: what an article is about stands at its beginning."""
_LEAST_BODY_HITS = 2
_HEAD = 2
"""Fields, the first two, where a term of `none` forbids: a long body names many things."""
_USUAL = 3
"""Fields that are always looked at, the first three; the others only where a rule does."""


_ROUNDING = 0.0005
"""Points have three places."""


class Heard(NamedTuple):
    """What one category's rules found. `forbidden`: the terms that forbid it; `lent`: its source lends it to every
    entry; `score` is 0 where it does not apply.
    """

    hits: tuple[Hit, ...]
    forbidden: tuple[str, ...]
    lent: bool
    score: float


class _Compiled(NamedTuple):
    """`least`: the score from which on it applies, less what rounding may do; `weight`: what being lent is worth."""

    slug: str
    weight: float
    least: float
    clauses: tuple[Clause, ...]
    covers: frozenset[int]
    forbids: frozenset[int]


class Rules:
    def __init__(self, categories: Sequence[Category]) -> None:
        self._terms = Terms(term for category in categories for rule in _rules(category) for term in _all_terms(rule))
        numbers = {term: number for number, term in enumerate(self._terms.terms)}
        self._categories = [_compiled(category, numbers, self._holds) for category in categories]
        self._places = {category.slug: place for place, category in enumerate(categories)}
        self._clauses = [(place, one) for place, of in enumerate(self._categories) for one in of.clauses]
        """Of all categories, each with the place of its own."""
        self._uses: defaultdict[int, list[int]] = defaultdict(list)
        """Of each term, the clauses that it may speak for."""
        for number, (_, one) in enumerate(self._clauses):
            for term in one.own:
                self._uses[term].append(number)
        self._always = [number for number, (_, one) in enumerate(self._clauses) if one.patterns]
        self._looks_further = any(field >= _USUAL for _, one in self._clauses for field in one.fields)

    def heard(self, entry: Entry, source: Source | None, language: str | None) -> Mapping[str, Heard]:
        """Every category of which something was found, or that the source lends, in the order of the configuration."""
        read = self._read(entry, source, language)
        present: dict[int, list[int]] = {number: [] for number in self._always}
        for term in sorted(read.found):
            for number in self._uses.get(term, ()):
                if number in present:
                    present[number].append(term)
                else:
                    present[number] = [term]
        lent = {self._places[slug] for slug in source.categories if slug in self._places} if source else set()
        touched: dict[int, list[int]] = {place: [] for place in lent}
        for number in sorted(present):
            touched.setdefault(self._clauses[number][0], []).append(number)
        heard: dict[str, Heard] = {}
        for place in sorted(touched):
            hits = self._hits(self._categories[place], touched[place], present, read)
            if hits or place in lent:
                of = self._categories[place]
                forbidden = self._forbidden(of.forbids, read) if of.forbids else ()
                score = _score(() if forbidden else hits, of, lent=place in lent)
                heard[of.slug] = Heard(tuple(hits), forbidden, place in lent, score)
        return heard

    def _hits(
        self, of: _Compiled, clauses: Sequence[int], present: Mapping[int, Sequence[int]], read: Read
    ) -> list[Hit]:
        """`present`: of each clause that may speak, those of its terms that were found."""
        shades: list[Spot] = read.spots(of.covers) if of.covers else []
        hits: list[Hit] = []
        for number in clauses:
            hits += self._clauses[number][1].hits(read, present[number], shades, self._terms.terms)
        return hits

    def _forbidden(self, forbids: AbstractSet[int], read: Read) -> tuple[str, ...]:
        there = read.there(forbids)
        found = [term for term in sorted(there) if any(spot[0] < _HEAD for spot in read.found[term])] if there else ()
        return tuple([self._terms.terms[term] for term in found])

    def _read(self, entry: Entry, source: Source | None, language: str | None) -> Read:
        parts = [entry.title, entry.summary, plain(entry.content)[:_BODY] if entry.content else ""]
        if self._looks_further:
            parts += _others(entry, source)
        joined = "\0".join(parts)
        if joined.count("\0") >= len(parts):
            joined = "\0".join(part.replace("\0", " ") for part in parts)
        text = Text(joined)
        return Read(text.words, self._terms.spots(text), parts, language)

    def _holds(self, term: str) -> set[int]:
        """The terms that stand inside this one."""
        return set(self._terms.spots(Text(term.rstrip("*"))))


def _compiled(category: Category, numbers: Mapping[str, int], holds: Callable[[str], set[int]]) -> _Compiled:
    clauses = (
        clause(shorthand(category), "", category.weight, numbers, holds),
        *(clause(rule, f"rules[{at}]", category.weight, numbers, holds) for at, rule in enumerate(category.rules)),
    )
    covers, forbids = covering(category.none, {term for one in clauses for term in one.own}, numbers, holds)
    least = category.enough * category.weight - _ROUNDING
    return _Compiled(category.slug, category.weight, least, clauses, covers, forbids)


def _score(hits: Sequence[Hit], of: _Compiled, *, lent: bool) -> float:
    """What is not enough is nothing; but what the operator says of a source always holds."""
    score = sum([hit[2] for hit in hits]) if hits and _counts(hits) else 0.0  # their points
    if score < of.least:
        score = 0.0
    if lent:
        return round(max(score, 0.0) + of.weight, 3)
    return round(score, 3) if score > 0 else 0.0


def _counts(hits: Sequence[Hit]) -> bool:
    """A long body names many things: what it alone says takes two hits."""
    if hits[0].points > 0 and hits[0].field != "body":  # most are told at once
        return True
    speaking = [hit.field for hit in hits if hit.points > 0]
    return len(speaking) >= _LEAST_BODY_HITS or any(field != "body" for field in speaking)


def _rules(category: Category) -> tuple[Category | Rule, ...]:
    """Its shorthand, which reads like a rule, then its rules."""
    return (category, *category.rules)


def _all_terms(rule: Category | Rule) -> Iterator[str]:
    yield from (*rule.any, *rule.all, *rule.none)
    if isinstance(rule, Rule):
        yield from (term for group in rule.near for term in group)


def _others(entry: Entry, source: Source | None) -> tuple[str, str, str, str]:
    """Address, author, source and tags."""
    address = unquote(entry.url or "").partition("://")[2]
    name = (source.title or source.name) if source else entry.source
    return address, entry.author or "", name, " | ".join(entry.tags)
