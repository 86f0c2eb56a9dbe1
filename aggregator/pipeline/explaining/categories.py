"""Why an entry has its categories and its section, rule by rule; and what a category takes. For `explain`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from aggregator.config import Category, Config
from aggregator.curate.classify import Account
from aggregator.curate.rules import Heard
from aggregator.model import OTHER, Entry, Scored
from aggregator.pipeline import plan_rules
from aggregator.pipeline.explaining.word import rules_lines, why_none
from aggregator.pipeline.moves import WINDOW, again, before, subject
from aggregator.pipeline.sorting import Sorted, Sorter
from aggregator.store import journal, sorting
from aggregator.store.entries import Stored

Line = tuple[str, str]

_LOOKED_AT = 5000
"""So many entries, the newest, are gone through for the terms of a category."""
_SLICE = 250
_TERMS = 20
_GUESSES, _LIKELY = 3, 0.05
"""What was learned is told of so many categories at most, if they are so likely; of the best in any case."""
_STRONGEST = 6
"""Terms of what was learned, those that weigh most."""


def sorted_lines(conn: Connection, config: Config, stored: Stored) -> Iterator[Line]:
    """What was decided when it was judged, then every rule that speaks as things stand now."""
    assert stored.judgement is not None, "only judged entries are asked about"
    sorter, was = Sorter.on(conn, config), before(stored)
    for scored in was.categories:
        yield "category", f"{_name(config, scored.slug)}, {scored.score:.2f}: {scored.reason}"
    if not was.categories:
        yield "category", f"none: {why_none(sorter, stored)}"
    yield "section", f"{was.section.value}: {was.section.reason}"
    yield from rules_lines(sorter, config, stored)
    account = sorter.account(stored.entry, stored.judgement.language)
    yield from _heard_lines(config, account)
    yield from _learned_lines(config, sorter, stored.entry, account)
    if stored.entry.id not in sorter.words.categories:
        yield from _winner_lines(config, sorter, account.scored)
    yield from _evidence_lines(sorter, stored)
    if stored.curated is not None:
        yield from _now_lines(config, was, again(sorter, stored))


def _heard_lines(config: Config, account: Account) -> Iterator[Line]:
    """The best category first; those that do not apply last."""
    best = {scored.slug: place for place, scored in enumerate(account.scored)}
    for slug in sorted(account.heard, key=lambda slug: best.get(slug, len(best))):
        heard, name = account.heard[slug], _name(config, slug)
        for hit in heard.hits:
            yield "rule", f"{name}: {_quoted(hit.term)} in {hit.field}, {hit.points:+g} ({hit.rule})"
        if heard.lent:
            yield "rule", f"{name}: its source lends it to every entry"
        yield from _silenced(config, slug, heard)


def _silenced(config: Config, slug: str, heard: Heard) -> Iterator[Line]:
    name = _name(config, slug)
    if heard.forbidden:
        yield "forbidden", f"{name}: {', '.join(map(_quoted, heard.forbidden))} forbids it"
    elif heard.score <= 0:
        yield "not enough", f"{name}: {_missing(config.category(slug), heard)}"


def _missing(category: Category | None, heard: Heard) -> str:
    points = sum(hit.points for hit in heard.hits)
    least = category.enough * category.weight if category is not None else 0.0
    if points < least:
        return f"{points:g} points, where {least:g} is enough"
    return "one term of the body alone does not count" if points > 0 else "no more speaks for it than against it"


def _learned_lines(config: Config, sorter: Sorter, entry: Entry, account: Account) -> Iterator[Line]:
    """What the examples make of it, by which of its words; also where that is too unsure to count."""
    for place, guess in enumerate(account.guesses[:_GUESSES]):
        if place and guess.probability < _LIKELY:
            return
        terms = sorter.classifier.terms(entry, guess.label)[:_STRONGEST]
        said = ", ".join(f"{_quoted(term)} {weight:+.2f}" for term, weight in terms)
        name = "no category" if guess.label == OTHER else _name(config, guess.label)
        least = (
            ""
            if place or account.speaks
            else f", less than curate.confidence ({config.curate.confidence:.0%}): it does not count"
        )
        yield "learned", f"{name}, {guess.probability:.0%}{least}{f': {said}' if said else ''}"


def _winner_lines(config: Config, sorter: Sorter, scored: Sequence[Scored]) -> Iterator[Line]:
    if not scored:
        return
    first, second = scored[0], next((one for one in scored[1:] if one.score > 0), None)
    if second is None:
        yield "winner", f"{_told(config, first)}: no other category is heard"
    else:
        yield "winner", f"{_told(config, first)} before {_told(config, second)}: {_why(sorter, first, second)}"


def _why(sorter: Sorter, first: Scored, second: Scored) -> str:
    if first.score < second.score:
        return "it lies within it, and has at least half its score"
    if first.score == second.score:
        is_narrower = second.slug in sorter.classifier.broader[first.slug]
        return (
            "as much speaks for both, and it lies within it"
            if is_narrower
            else "as much speaks for both, and it stands first in feeds.yaml"
        )
    return first.reason


def _now_lines(config: Config, was: Sorted, now: Sorted) -> Iterator[Line]:
    if was.slugs == now.slugs and was.section.value == now.section.value:
        return
    categories = ", ".join(_name(config, slug) for slug in now.slugs) or "no category"
    section = f", section {now.section.value}" if was.section.value != now.section.value else ""
    yield "now", f"as the rules stand now: {categories}{section}; `categories apply` would move it"


def _evidence_lines(sorter: Sorter, stored: Stored) -> Iterator[Line]:
    """What speaks for a section; what no mark sends elsewhere is plain news, and needs no line."""
    said = [(kind, choice) for kind, choice in sorter.evidence(stored.entry) if kind != "news"]
    for place, (kind, choice) in enumerate(said):
        decides = ", and decides" if place == 0 and len(said) > 1 else ""
        yield "mark", f"{choice.value} by {kind}: {choice.reason}{decides}"


def _told(config: Config, scored: Scored) -> str:
    return f"{_name(config, scored.slug)} {scored.score:.2f}"


def _quoted(term: str) -> str:
    return term if term.startswith("/") else f"“{term}”"


def _name(config: Config, slug: str) -> str:
    category = config.category(slug)
    return category.name if category is not None else slug


# --- a category -------------------------------------------------------------------------------------------


def category_lines(conn: Connection, config: Config, slug: str, now: datetime) -> Iterator[Line]:
    category = config.category(slug)
    if category is None:
        return
    since = now - WINDOW
    counts, days = sorting.counts(conn, since=since), f"of the last {WINDOW.days} days"
    yield "category", f"{slug}: {category.name}"
    yield from _rule_lines(config, category)
    yield "entries", f"{counts.entries[slug]:,} {days} have it, {counts.leading[slug]:,} of them first"
    yield "stories", f"{counts.stories[slug]:,} with news {days} have it"
    found = _terms(conn, Sorter.on(conn, config), slug, since)
    terms = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:_TERMS]
    yield "terms", ", ".join(f"{term} {count:,}" for term, count in terms) or "none was found"
    for at, event in journal.read(conn, subject(slug)):
        yield f"{at:%Y-%m-%dT%H:%M:%SZ}", event


def _rule_lines(config: Config, category: Category) -> Iterator[Line]:
    said = plan_rules.rules(config, "categories")[category.slug]
    for key, value in said.items():
        if key == "rules":
            for place, rule in enumerate(value):
                yield f"rules[{place}]", plan_rules.compact(rule)
        elif value and (key, value) != ("weight", 1):
            yield key, ", ".join(value) if isinstance(value, list) else str(value)


def _terms(conn: Connection, sorter: Sorter, slug: str, since: datetime) -> Counter[str]:
    """In how many of its entries each of its terms is found."""
    found: Counter[str] = Counter()
    for stored in islice(_entries(conn, since), _LOOKED_AT):
        if slug in before(stored).slugs and stored.judgement is not None:
            heard = sorter.account(stored.entry, stored.judgement.language).heard.get(slug)
            found.update({hit.term for hit in heard.hits} if heard is not None else ())
    return found


def _entries(conn: Connection, since: datetime) -> Iterator[Stored]:
    last: Stored | None = None
    while batch := sorting.newest(conn, since=since, after=last, limit=_SLICE):
        yield from batch
        last = batch[-1]
