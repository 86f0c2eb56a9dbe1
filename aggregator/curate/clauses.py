"""One rule of a category, compiled: what it hears in a text of which all terms were found already."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from aggregator.config import Category, Rule
from aggregator.curate.terms import Spot
from aggregator.curate.text import CJK, fold

FIELDS = ("title", "summary", "body", "address", "author", "source", "tags")
"""In the order in which they stand in the haystack."""
_WORTH = (3.0, 1.0, 0.5, 3.0, 2.0, 1.0, 2.0)
_SUMMARY, _BODY = 1, 2
_FOLDABLE = re.compile(r"(?<!-)[^\x00-\x7f](?!-)")
"""In a pattern; the ends of a range stay as they are, since other ones may be the wrong way round."""
_SCRIPTS = {"tw": "Hant", "hk": "Hant", "mo": "Hant", "cn": "Hans", "sg": "Hans", "my": "Hans"}
"""Chinese that is told by its region is written in this script."""


class Hit(NamedTuple):
    """What was found, as the rule has it, in its best field. `rule`: "any", "all" or, as in the file, "rules[2]"."""

    term: str
    field: str
    points: float
    rule: str


class Read:
    """An entry as it was read: its haystack, where each term stands that is there, and its fields for patterns."""

    __slots__ = ("_folded", "_texts", "found", "language", "words")

    def __init__(
        self, words: bytes, found: Mapping[int, Sequence[Spot]], texts: Sequence[str], language: str | None
    ) -> None:
        self.words, self.found, self.language = words, found, language
        self._texts = texts
        self._folded: dict[int, str] = {}

    def there(self, terms: AbstractSet[int]) -> AbstractSet[int]:
        """Those of the terms that were found: of few found ones and many terms, the few are gone through."""
        return self.found.keys() & terms

    def spots(self, terms: AbstractSet[int]) -> list[Spot]:
        return [spot for term in self.there(terms) for spot in self.found[term]]

    def folded(self, field: int) -> str:
        if field not in self._folded:
            self._folded[field] = fold(self._texts[field])
        return self._folded[field]


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule with the numbers of its terms. `own`: those that speak; `covers`: terms of its `none` that hold one of its own; they silence hits,
    the other ones (`forbids`) the whole rule. `points`: what a hit in a field is worth.
    """

    label: str
    any: frozenset[int]
    all: tuple[int, ...]
    own: frozenset[int]
    covers: frozenset[int]
    forbids: frozenset[int]
    near: tuple[tuple[int, ...], ...]
    starts: Mapping[int, Sequence[int]]
    """Of a term, the places in `near` of the groups that begin with it: a rule may have many, of which few are there."""
    distance: int
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    fields: frozenset[int]
    languages: tuple[str, ...]
    points: tuple[float, ...]
    is_plain: bool
    """Has `any` alone and looks at the usual fields: most rules are so, and quickly told."""

    def hits(self, read: Read, present: Sequence[int], shades: Sequence[Spot], terms: Sequence[str]) -> list[Hit]:
        """`present`: those of its terms that are in the text. What stands inside one of `shades` is not counted."""
        if self.is_plain and not shades:
            return self._plain_hits(read.found, present, terms)
        if len(self.all) > len(present) or (self.languages and not _is_in(read.language, self.languages)):
            return []
        if self.forbids and self._forbidden(read):
            return []
        if self.covers:
            shades = [*shades, *read.spots(self.covers)]
        best = {term: spot for term in present if (spot := self._best(read.found[term], shades))}
        if not all(term in best for term in self.all):
            return []
        one = [self._hit(terms[term], spot, "any") for term, spot in best.items() if term in self.any]
        if self.near or self.patterns:
            one += self._nears(read, present, shades, terms)
            one += self._matches(read)
        if not one and (self.any or self.near or self.patterns):
            return []
        return [self._hit(terms[term], best[term], "all") for term in self.all] + one

    def _plain_hits(
        self, found: Mapping[int, Sequence[Spot]], present: Sequence[int], terms: Sequence[str]
    ) -> list[Hit]:
        """The first spot is the best one: title, summary and body stand in this order, and so are they worth."""
        role, points = self.label or "any", self.points
        return [
            Hit(terms[term], FIELDS[field], points[field], role)
            for term in present
            for field in (found[term][0][0],)
            if field <= _BODY
        ]

    def _hit(self, shown: str, spot: Spot, role: str) -> Hit:
        return Hit(shown, FIELDS[spot[0]], self.points[spot[0]], self.label or role)

    def _forbidden(self, read: Read) -> bool:
        """A long body names many things: it forbids nothing, unless the rule looks nowhere else."""
        looked = self.fields - {_BODY} or self.fields
        return any(spot[0] in looked for spot in read.spots(self.forbids))

    def _best(self, spots: Sequence[Spot], shades: Sequence[Spot]) -> Spot | None:
        """Where a term counts most."""
        seen = [spot for spot in spots if spot[0] in self.fields and not (shades and _covered(spot, shades))]
        return max(seen, key=lambda spot: abs(self.points[spot[0]])) if len(seen) > 1 else seen[0] if seen else None

    def _nears(self, read: Read, present: Sequence[int], shades: Sequence[Spot], terms: Sequence[str]) -> Iterator[Hit]:
        for place in sorted([place for term in present for place in self.starts.get(term, ())]):
            group = self.near[place]
            if not all(term in read.found for term in group):
                continue
            spots = {
                term: [spot for spot in read.found[term] if spot[0] in self.fields and not _covered(spot, shades)]
                for term in group
            }
            together = self._best([*_together(read.words, spots, self.distance)], ())
            if together:
                yield self._hit(" … ".join(terms[term] for term in group), together, "near")

    def _matches(self, read: Read) -> Iterator[Hit]:
        for shown, pattern in self.patterns:
            spots = [(field, 0, 0) for field in sorted(self.fields) if pattern.search(read.folded(field))]
            if best := self._best(spots, ()):
                yield self._hit(f"/{shown}/", best, "regex")


_NOTHING = Rule()


def shorthand(category: Category) -> Rule:
    """`any` and `all` of a category, as a rule; its `none` is the category's own."""
    return Rule.model_construct(any=category.any, all=category.all)  # looked at once already


def clause(
    rule: Rule, label: str, weight: float, numbers: Mapping[str, int], holds: Callable[[str], set[int]]
) -> Clause:
    """`weight`: the category's; `numbers`: of the terms; `holds`: which terms stand inside another."""
    any_, all_ = (tuple(numbers[term] for term in dict.fromkeys(of)) for of in (rule.any, rule.all))
    near = tuple(tuple(numbers[term] for term in group) for group in rule.near)
    own = frozenset((*any_, *all_, *(term for group in near for term in group)))
    covers, forbids = covering(rule.none, own, numbers, holds)
    return Clause(
        label=label,
        any=frozenset(any_) - frozenset(all_),
        all=all_,
        own=own,
        covers=covers,
        forbids=forbids,
        near=near,
        starts={term: [place for place, group in enumerate(near) if group[0] == term] for term, *_ in near},
        distance=rule.distance,
        patterns=tuple((pattern, _compiled(pattern)) for pattern in rule.regex),
        fields=frozenset(FIELDS.index(name) for name in rule.fields),
        languages=tuple(_subtags(tag) for tag in rule.languages),
        points=tuple(round(weight * rule.weight * worth, 3) for worth in _WORTH),
        is_plain=_is_plain(rule),
    )


def _is_plain(rule: Rule) -> bool:
    return rule.fields == _NOTHING.fields and not (rule.all or rule.none or rule.near or rule.regex or rule.languages)


def covering(
    none: Sequence[str], own: Collection[int], numbers: Mapping[str, int], holds: Callable[[str], set[int]]
) -> tuple[frozenset[int], frozenset[int]]:
    """The terms of `none` inside which one of the own stands, and the others. Those are about false friends of it, and no
    more; these speak of another matter.
    """
    numbered = frozenset(numbers[term] for term in none)
    covers = frozenset(numbers[term] for term in none if not (holds(term) - {numbers[term]}).isdisjoint(own))
    return covers, numbered - covers


def _covered(spot: Spot, shades: Sequence[Spot]) -> bool:
    return any(shade[1] <= spot[1] and spot[2] <= shade[2] for shade in shades)


# --- near ------------------------------------------------------------------------------------------------


def _together(words: bytes, spots: Mapping[int, Sequence[Spot]], distance: int) -> Iterator[Spot]:
    """The spots, first to last, where one of each stands within the distance."""
    came = sorted((spot, term) for term, some in spots.items() for spot in some)
    last: dict[int, Spot] = {}
    for spot, term in came:
        last[term] = spot
        window = sorted(last.values())
        if len(window) == len(spots) and window[0][0] == spot[0] and _are_near(words, window, distance):
            yield spot[0], window[0][1], spot[2]


def _are_near(words: bytes, window: Sequence[Spot], distance: int) -> bool:
    """Side by side, none inside another, with no more words between the first and the last of them."""
    if any(after[1] < before[2] for before, after in pairwise(window)):
        return False
    between = words[window[0][2] : window[-1][1]].decode("utf-8", "ignore")
    word, character = _word_and_character()
    return len(word.findall(between)) + len(character.findall(between)) / 2 <= distance


@cache
def _word_and_character() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compiled where something is near: such large sets take milliseconds."""
    return re.compile(rf"[^\W{CJK}]+"), re.compile(f"[{CJK}]")


# --- regular expressions and languages ------------------------------------------------------------------


def _compiled(pattern: str) -> re.Pattern[str]:
    r"""Its own characters folded as the text's are; but case is left to the flag, since in `\S` it has a meaning."""
    return re.compile(_FOLDABLE.sub(_folded, pattern), re.IGNORECASE)


def _folded(found: re.Match[str]) -> str:
    folded = fold(found[0])
    return folded if folded.isalnum() else re.escape(folded or " ")


def _subtags(tag: str) -> str:
    """A tag between hyphens, with the script that its region tells of: zh-TW -> -zh-hant-tw-."""
    parts = tag.lower().split("-")
    script = _SCRIPTS.get(parts[1]) if parts[0] == "zh" and len(parts) == 2 else None  # noqa: PLR2004  language and region
    return f"-{'-'.join([parts[0], *([script.lower()] if script else []), *parts[1:]])}-"


def _is_in(language: str | None, wanted: Sequence[str]) -> bool:
    told = _subtags(language) if language else ""
    return any(told.startswith(one) for one in wanted)
