"""What an editor's rules hear in a text. They are compiled once; all terms of all categories are found in one pass.

A hit's points = weight of its category × weight of its rule × what the best field is worth that has it: title and
address 3, author and tags 2, summary and source 1, body ½. score = the sum of the points. A category of which only the
body speaks takes two hits; one that the source lends to its entries has one point more, and applies in any case.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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


class Heard(NamedTuple):
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
    forbids: frozenset[int]
    is_plain: bool
    """All of its clauses are."""


class _Use(NamedTuple):
    """A term of one clause of a category; both by their places."""

    place: int
    clause: int
    term: int


class Rules:
    def __init__(self, categories: Sequence[Category]) -> None:
        self._terms = Terms(term for category in categories for rule in _rules(category) for term in _all_terms(rule))
        numbers = {term: number for number, term in enumerate(self._terms.terms)}
        self._categories = [_compiled(category, numbers, self._holds) for category in categories]
        self._places = {category.slug: place for place, category in enumerate(categories)}
        self._uses: defaultdict[int, list[int]] = defaultdict(list)
        """Of each term, its uses: the clauses that it may speak for. They are numbered as their hits are told."""
        self._used: list[_Use] = []
        for place, of in enumerate(self._categories):
            for at, one in enumerate(of.clauses):
                for term in sorted(one.own):
                    self._uses[term].append(len(self._used))
                    self._used.append(_Use(place, at, term))
        self._made: dict[int, tuple[Hit, ...]] = {}
        """Of a use in a plain clause, its hit in each of the usual fields: made once, when the term is first found."""
        clauses = [one for of in self._categories for one in of.clauses]
        self._always = [place for place, of in enumerate(self._categories) if any(one.patterns for one in of.clauses)]
        self._looks_further = any(field >= _USUAL for one in clauses for field in one.fields)

    def heard(self, entry: Entry, source: Source | None, language: str | None) -> Mapping[str, Heard]:
        """Every category of which something was found, or that the source lends, in the order of the configuration."""
        read = self._read(entry, source, language)
        found = read.found
        lent = {self._places[slug] for slug in source.categories if slug in self._places} if source else set()
        touched: dict[int, list[int]] = {place: [] for place in (*lent, *self._always)}
        uses = [use for term in found if term in self._uses for use in self._uses[term]]
        for use in sorted(uses):
            touched.setdefault(self._used[use].place, []).append(use)
        heard: dict[str, Heard] = {}
        for place in sorted(touched):
            of = self._categories[place]
            hits = self._hits(of, touched[place], read)
            if hits or place in lent:
                forbidden = self._forbidden(of.forbids, read) if of.forbids else ()
                score = _score(() if forbidden else hits, of.category, lent=place in lent)
                heard[of.category.slug] = Heard(tuple(hits), forbidden, place in lent, score)
        return heard

    def _hits(self, of: _Compiled, uses: Sequence[int], read: Read) -> list[Hit]:
        """`uses`: those of its terms that were found, each in its clause."""
        found = read.found
        is_shaded = bool(of.covers) and not found.keys().isdisjoint(of.covers)
        if of.is_plain and not is_shaded:
            return self._plain_hits(uses, found)
        shades = [spot for term in of.covers for spot in found.get(term, ())] if is_shaded else []
        present: list[list[int]] = [[] for _ in of.clauses]
        for use in uses:
            present[self._used[use].clause].append(use)
        hits: list[Hit] = []
        for one, some in zip(of.clauses, present, strict=True):
            if one.is_plain and not shades:
                hits += self._plain_hits(some, found)
            elif some or one.patterns:
                hits += one.hits(read, [self._used[use].term for use in some], shades, self._terms.terms)
        return hits

    def _plain_hits(self, uses: Sequence[int], found: Mapping[int, Sequence[Spot]]) -> list[Hit]:
        """The first spot is the best one: title, summary and body stand in this order, and so are they worth."""
        hits: list[Hit] = []
        for use in uses:
            place, clause, term = self._used[use]
            field = found[term][0][0]
            if field < _USUAL:
                if use not in self._made:
                    shown = self._terms.terms[term]
                    self._made[use] = self._categories[place].clauses[clause].plain_hits(shown, _USUAL)
                hits.append(self._made[use][field])
        return hits

    def _forbidden(self, forbids: Collection[int], read: Read) -> tuple[str, ...]:
        if read.found.keys().isdisjoint(forbids):
            return ()
        found = [term for term in sorted(forbids) if any(spot[0] < _HEAD for spot in read.found.get(term, ()))]
        return tuple(self._terms.terms[term] for term in found)

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
    return _Compiled(category, clauses, covers, forbids, all(one.is_plain for one in clauses))


def _score(hits: Sequence[Hit], category: Category, *, lent: bool) -> float:
    """What is not enough is nothing; but what the operator says of a source always holds."""
    score = round(sum([hit.points for hit in hits]), 3) if hits and _counts(hits) else 0.0
    if score < round(category.enough * category.weight, 3):
        score = 0.0
    return round(max(score, 0.0) + category.weight, 3) if lent else max(score, 0.0)


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
