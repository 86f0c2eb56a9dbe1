"""Why two entries, or two stories, are one or are not: the rule, the figures, what they share and what they lack."""

from collections.abc import Iterator

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.curate import dedup
from aggregator.curate.fingerprint import fingerprint
from aggregator.curate.likeness import Profile, Rarity, judge, rarity, reason
from aggregator.curate.shingles import text_of
from aggregator.errors import UsageError
from aggregator.store import decisions, entries, index
from aggregator.store.engine import reading
from aggregator.store.entries import Stored

Line = tuple[str, str]
_HEADLINES = {
    "same": "the headlines are the same",
    "near": "the headlines are nearly the same",
    "series": "the headlines differ in their figures, as numbers of a series do",
    "other": "the headlines are not the same",
}


def explain_pair(engine: Engine, config: Config, one: str, other: str) -> list[Line]:
    """Two entries (e…), two stories (s…), or one of each: an entry and a story. Raises UsageError for what is neither."""
    with reading(engine) as conn:
        return list(_lines(conn, config, one, other))


def _lines(conn: Connection, config: Config, one: str, other: str) -> Iterator[Line]:
    first, second = _told(conn, one), _told(conn, other)
    yield "first", f"{one}: {first[0].entry.title}"
    yield "second", f"{other}: {second[0].entry.title}"
    for decision in decisions.about(conn, {one, other}):
        yield "an editor", f"{decision.kind}: {decision.one}, {decision.other}"
    if len(first) == len(second) == 1 and one != other:
        yield from _as_articles(first[0], second[0])
    yield from _as_stories(conn, config, first, second)


def _told(conn: Connection, id_: str) -> list[Stored]:
    """An entry, or those of a story, the first that came first."""
    stored = entries.get(conn, id_)
    found = [stored] if stored is not None else entries.of_story(conn, id_)
    if not found:
        raise UsageError(f"there is no entry or story {id_!r}", hint="`entries` and `stories` list them")
    return found


def _as_articles(one: Stored, other: Stored) -> Iterator[Line]:
    earlier, later = sorted((one, other), key=lambda stored: stored.entry.came)
    if (lead := one.article) == other.article:
        yield "duplicate", f"yes: {lead} leads both"
    repeated = dedup.choose(later.entry, [earlier.entry])
    if repeated is not None:
        yield "as texts", repeated.reason
        return
    like = dedup.compare(text_of(later.entry), text_of(earlier.entry))
    shares = f"{like.share:.0%} of the shorter text is in the other, {like.back:.0%} of the longer one"
    figures = f"figures in the same words: {like.kept} the same, {like.replaced} others"
    yield "as texts", f"not the same article: {_HEADLINES[like.titles]}; {shares}; {figures}"


def _as_stories(conn: Connection, config: Config, first: list[Stored], second: list[Stored]) -> Iterator[Line]:
    """The one that came later is held against all that is known of the other, as it stands now."""
    if (story := first[0].story) is not None and story == second[0].story:
        yield "story", f"one: {story}"
    earlier, later = sorted((first, second), key=lambda told: told[0].entry.came)
    entry = later[0].entry
    ours = fingerprint(entry)
    told = Profile.of(
        (fingerprint(stored.entry), stored.entry.source, stored.entry.when)
        for stored in earlier
        if stored.article == stored.entry.id or len(earlier) == 1
    )
    rare = _rarity(conn, {*ours.weights, *told.weights})
    verdict = judge(ours, entry.source, entry.when, told, rare, config.curate.story_window)
    yield (
        "as events",
        ("alike: " if verdict.joins else "not alike: ") + reason(ours, told, rare, verdict, "of the other"),
    )
    if verdict.share and not verdict.joins:
        yield "related", f"yes: {verdict.share:.0%} of {entry.id}, what is rare counted more, is in the other"


def _rarity(conn: Connection, names: set[str]) -> Rarity:
    known, (count, _) = index.read_terms(conn, names), index.size(conn)
    return lambda name: rarity(name, known[name].stories if name in known else 0, count)
