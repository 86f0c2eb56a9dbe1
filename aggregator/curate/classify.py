"""Which categories a text is about, best first, and why.

The rules give each category a score (rules.py). The learned layer (learned.py) adds `VOICE` × its probability, where it is
sure enough of its best label to speak at all: to what the rules found, and to each label that has half the probability
which it needs to speak. What it holds to be in no category (“other”) loses `VOICE` × that probability.

    score = rules + VOICE × probability − VOICE × probability of “other”

The best score leads; but the most specific is the kicker: what lies within a category, with at least half its score, stands
before it. Broader categories that only follow come last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.config import Category, Source
from aggregator.curate.clauses import FIELDS, Hit
from aggregator.curate.features import said
from aggregator.curate.learned import Guess, Learned
from aggregator.curate.rules import Heard, Rules
from aggregator.model import OTHER, Entry, Scored

VOICE = 9.0
"""What certainty of the learned layer is worth: three terms in a headline. Measured with the default rules and halves of labelled
news: 3 is too little (.82 to .85 right where 9 has .87 to .92), more adds nothing.
"""

_SHOWN = 3
_PLACES = {field: place for place, field in enumerate(FIELDS)}
_HALF = 0.5
"""Of a broader category's score, from which on a narrower one stands before it."""


@dataclass(frozen=True, slots=True)
class Account:
    """The whole reasoning: what applies, best first; what each category's rules heard, also where it is forbidden; and what
    the learned layer holds likely, best first, whether it speaks or not.
    """

    scored: tuple[Scored, ...]
    heard: Mapping[str, Heard]
    guesses: tuple[Guess, ...] = ()
    speaks: bool = False
    """The learned layer is as sure as it has to be."""


class Classifier:
    """Compiled once. `learned` speaks where its best label has at least `confidence`, a probability; 0: it always does."""

    def __init__(
        self, categories: Sequence[Category], learned: Learned | None = None, *, confidence: float = 0.5
    ) -> None:
        self._rules = Rules(categories)
        self._learned = learned
        self._confidence = confidence
        self._names = {category.slug: category.name for category in categories}
        self._order = {category.slug: place for place, category in enumerate(categories)}
        self._broader = _broader(categories)

    def categories(self, entry: Entry, source: Source | None, language: str | None = None) -> tuple[Scored, ...]:
        """Every category that applies, best first; those of equal score as they are configured."""
        return self.account(entry, source, language).scored

    def account(self, entry: Entry, source: Source | None, language: str | None = None) -> Account:
        heard = self._rules.heard(entry, source, language or entry.language)
        guesses = self._guesses(entry)
        speaks = bool(guesses) and guesses[0].probability >= self._confidence
        applying = _scored(heard, guesses if speaks else (), source, self._confidence / 2)
        ranked = sorted(applying, key=lambda one: (-one.score, self._order[one.slug]))
        led = _specific_first(ranked, self._broader)
        return Account((*led, *self._following(led)), heard, guesses, speaks)

    def terms(self, entry: Entry, slug: str) -> tuple[tuple[str, float], ...]:
        """What of the text spoke for a category, or against it, to the learned layer; strongest first."""
        known = self._learned is not None and slug in self._learned.labels
        return self._learned.terms(*said(entry), slug) if self._learned and known else ()

    def _guesses(self, entry: Entry) -> tuple[Guess, ...]:
        """Of categories that there are; what feeds.yaml has no more is passed over."""
        if self._learned is None:
            return ()
        found = self._learned.guess(*said(entry))
        return tuple(guess for guess in found if guess.label in self._names or guess.label == OTHER)

    @property
    def broader(self) -> Mapping[str, Sequence[str]]:
        """Of each category all those in which it lies, the nearest first."""
        return self._broader

    def _following(self, led: Sequence[Scored]) -> Iterator[Scored]:
        """The broader categories that no rule speaks for, with no points of their own."""
        there = {one.slug for one in led}
        for one in led:
            for slug in self._broader[one.slug]:
                if slug not in there:
                    there.add(slug)
                    yield Scored(slug, 0.0, f"{self._names[one.slug]} lies within it")


def _scored(
    heard: Mapping[str, Heard], guesses: Sequence[Guess], source: Source | None, least: float
) -> Iterator[Scored]:
    """What applies. `guesses` are those of a learned layer that speaks; `least`: the probability that it takes alone."""
    likely = {guess.label: guess.probability for guess in guesses}
    none = likely.pop(OTHER, 0.0)
    against = none if none >= max(likely.values(), default=0.0) else 0.0
    spoken = {slug for slug, one in heard.items() if one.score > 0}
    for slug in [*heard, *(slug for slug in likely if slug not in heard)]:
        probability = likely.get(slug, 0.0)
        ruled = heard[slug].score if slug in spoken else 0.0
        score = round(ruled + VOICE * (probability - against), 3)
        if score > 0 and (slug in spoken or (probability >= least and not _is_forbidden(heard.get(slug)))):
            why = _ruled(heard.get(slug) if slug in spoken else None, source)
            why += [f"learned: {probability:.0%}"] if probability >= least else []
            yield Scored(slug, score, "; ".join(why))


def _is_forbidden(heard: Heard | None) -> bool:
    return heard is not None and bool(heard.forbidden)


def _ruled(heard: Heard | None, source: Source | None) -> list[str]:
    if heard is None:
        return []
    why = _reasons(heard.hits) if heard.hits and not heard.forbidden else []
    return [*why, f"every entry of {source.title or source.name}"] if heard.lent and source else why


def _reasons(hits: Sequence[Hit]) -> list[str]:
    if len(hits) == 1 and hits[0].points > 0:  # as most have it
        return [f"{hits[0].field} has “{hits[0].term}”"]
    found: dict[tuple[bool, int], list[str]] = {}
    for term, field, points, _ in hits:
        found.setdefault((points < 0, _PLACES[field]), []).append(f"“{term}”")
    return [
        f"{'against it: ' if key[0] else ''}{FIELDS[key[1]]} has {_listed([*dict.fromkeys(found[key])])}"
        for key in sorted(found)
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
