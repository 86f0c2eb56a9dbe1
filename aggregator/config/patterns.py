"""Regular expressions that could take for ever. A rule is tried on every text, and Python's engine knows no deadline: on
`(a+)+$` a headline of forty characters that nearly fits takes longer than a day, and all else waits.

What is looked for is a repeat that can read one text in two ways, as then each further character doubles the work. Of a
repeat's body, each character that it may read is a place; from two copies of one place, both reading the same
characters by different ways, is there a way to meet again? (Weideman et al., “Analyzing matching time behavior of
backtracking regular expression matchers by using ambiguity of NFA”, 2016.) That is exact but for lookarounds and
references; figures from `_MANY` up count as without end.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise, product
from typing import Any, NamedTuple

_parser: Any = import_module("re._parser")
"""The engine's own reading of a pattern: it has no public name, and no stubs."""
_MANY = 20
_COPIES = 3
"""Of what may stand three times and more, but not without end, so many are looked at: two show whether they can overlap."""
_MOST_PLACES = 500
"""A longer repeat is not looked at: it is a list of words, and the ways through it grow with their square."""
_PROBES = "aZ0_ .-\n中é"
"""Characters of each kind; those that the pattern names are added."""
_KINDS = {"DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w", "NOT_WORD": r"\W"}


class _Part(NamedTuple):
    """Of a pattern: where reading may begin and end, each place as often as there are ways, and whether it may be empty."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    empty: bool = True


@dataclass(slots=True)
class _Places:
    """What a repeat may read: of each place the characters, and how often each may follow each."""

    probes: str
    reads: list[frozenset[str]] = field(default_factory=list)
    follows: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, reads: Iterable[str]) -> _Part:
        self.reads.append(frozenset(reads))
        here = len(self.reads) - 1
        return _Part((here,), (here,), empty=False)

    def then(self, one: _Part, other: _Part) -> _Part:
        self.follows.update(product(one.last, other.first))
        return _Part(
            one.first + (other.first if one.empty else ()),
            other.last + (one.last if other.empty else ()),
            one.empty and other.empty,
        )


def runs_away(pattern: str) -> bool:
    """Whether there are texts on which it takes twice as long with each further character."""
    parsed = _parser.parse(pattern, re.IGNORECASE)
    probes = "".join(dict.fromkeys(_PROBES + pattern.lower() + pattern.upper() + "".join(_named(parsed))))
    return any(_is_ambiguous(body, probes) for body in _repeats(parsed))


def _repeats(parsed: Iterable[Any]) -> Iterator[Any]:
    """The outermost repeats without end; also those within what is never read again."""
    for op, value in parsed:
        if str(op) in {"MAX_REPEAT", "MIN_REPEAT"} and _is_endless(value):
            yield value[2]
        for inner in _inner(value):
            if str(op) not in {"MAX_REPEAT", "MIN_REPEAT"} or not _is_endless(value):
                yield from _repeats(inner)


def _is_endless(value: Any) -> bool:
    least, most, _ = value
    return bool(most >= _MANY and most > least)


def _inner(value: Any) -> Iterator[Any]:
    """The patterns inside one."""
    for one in value if isinstance(value, tuple | list) else (value,):
        if isinstance(one, _parser.SubPattern):
            yield one
        elif isinstance(one, list):
            yield from (each for each in one if isinstance(each, _parser.SubPattern))


def _named(parsed: Iterable[Any]) -> Iterator[str]:
    """The characters that it names by number, and the ends of its ranges."""
    for op, value in parsed:
        if str(op) in {"LITERAL", "NOT_LITERAL"}:
            yield chr(value)
        elif str(op) == "RANGE":
            yield from map(chr, value)
        elif str(op) == "IN":
            yield from _named(value)
        for inner in _inner(value):
            yield from _named(inner)


def _is_ambiguous(body: Any, probes: str) -> bool:
    places = _Places(probes)
    whole = _sequence(places, body)
    if len(places.reads) > _MOST_PLACES:
        return False
    places.follows.update(product(whole.last, whole.first))
    if any(ways > 1 for ways in places.follows.values()):
        return True
    next_to: dict[int, list[int]] = {place: [] for place in range(len(places.reads))}
    for one, other in places.follows:
        next_to[one].append(other)
    apart = {pair for place in next_to for pair in _onwards(places, next_to, (place, place)) if pair[0] != pair[1]}
    seen, todo = set(apart), list(apart)
    while todo:
        for pair in _onwards(places, next_to, todo.pop()):
            if pair[0] == pair[1]:
                return True
            if pair not in seen:
                seen.add(pair)
                todo.append(pair)
    return False


def _onwards(places: _Places, next_to: dict[int, list[int]], pair: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Where two readers get by one same character."""
    for one, other in product(next_to[pair[0]], next_to[pair[1]]):
        if places.reads[one] & places.reads[other]:
            yield (one, other) if one <= other else (other, one)


def _sequence(places: _Places, parsed: Iterable[Any]) -> _Part:
    whole = _Part()
    for op, value in parsed:
        whole = places.then(whole, _part(places, str(op), value))
    return whole


def _part(places: _Places, op: str, value: Any) -> _Part:
    if op in {"MAX_REPEAT", "MIN_REPEAT"}:
        return _repeat(places, *value)
    if op == "BRANCH":
        return _either([_sequence(places, one) for one in value[1]])
    if op == "SUBPATTERN":
        return _sequence(places, value[-1])
    if op in {"ATOMIC_GROUP", "POSSESSIVE_REPEAT"}:  # never read in another way afterwards: as one character
        return places.add(places.probes)
    if op in {"AT", "ASSERT", "ASSERT_NOT"}:
        return _Part()
    reads = [one for one in places.probes if op.startswith("GROUPREF") or _reads(op, value, one)]
    return places.add(reads)._replace(empty=op.startswith("GROUPREF"))


def _repeat(places: _Places, least: int, most: int, body: Any) -> _Part:
    if most >= _MANY and most > least:
        part = _sequence(places, body)
        places.follows.update(product(part.last, part.first))
        return part._replace(empty=part.empty or least == 0)
    copies = [_sequence(places, body) for _ in range(min(most, _COPIES))]
    for one, other in pairwise(copies):  # none is passed over: of three that may stand, two are the first two
        places.follows.update(product(one.last, other.first))
    if not copies:
        return _Part()
    ends = copies[max(least, 1) - 1 :] or copies[-1:]
    return _Part(copies[0].first, tuple(place for one in ends for place in one.last), least == 0 or copies[0].empty)


def _either(parts: Sequence[_Part]) -> _Part:
    return _Part(
        tuple(place for part in parts for place in part.first),
        tuple(place for part in parts for place in part.last),
        any(part.empty for part in parts),
    )


def _reads(op: str, value: Any, one: str) -> bool:
    if op == "LITERAL":
        return one.casefold() == chr(value).casefold()
    if op == "NOT_LITERAL":
        return one.casefold() != chr(value).casefold()
    if op == "RANGE":
        return any(value[0] <= ord(case) <= value[1] for case in {one, one.lower(), one.upper()} if len(case) == 1)
    if op == "CATEGORY":
        return re.match(_KINDS[str(value).removeprefix("CATEGORY_")], one) is not None
    if op == "IN":
        wanted = [(str(kind), of) for kind, of in value]
        return any(_reads(kind, of, one) for kind, of in wanted if kind != "NEGATE") != (wanted[0][0] == "NEGATE")
    return one != "\n"  # ANY
