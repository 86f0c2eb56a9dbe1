"""Why an entry, a story, a source, an edition or a delivery is as it is: every rule and figure that decided."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.collect.urls import shown
from aggregator.config import Config
from aggregator.errors import UsageError
from aggregator.model import Story
from aggregator.pipeline.outlets import outlets
from aggregator.slots import next_slot
from aggregator.store import deliveries, editions, entries, journal, sources, stories
from aggregator.store.engine import reading
from aggregator.store.entries import Stored

Line = tuple[str, str]
"""A label and what it says."""


def explain(engine: Engine, config: Config, id_: str, now: datetime) -> list[Line]:
    """`id_`: an entry (e…), a story (s…), a source's or newsletter's name, an edition (daily/3), a delivery's number.

    Raises UsageError for what is none of them.
    """
    with reading(engine) as conn:
        for answer in (_entry, _story, _source, _newsletter, _edition, _delivery):
            lines = list(answer(conn, config, id_, now))
            if lines:
                return lines
    raise UsageError(
        f"there is no entry, story, source, newsletter, edition or delivery {id_!r}",
        hint="`entries`, `stories`, `sources`, `editions` and `deliveries` list them",
    )


def _entry(conn: Connection, config: Config, id_: str, _now: datetime) -> Iterator[Line]:
    stored = entries.get(conn, id_)
    if stored is None:
        return
    entry = stored.entry
    yield "entry", f"{entry.id}: {entry.title}"
    yield "source", entry.source
    yield "address", entry.url or "the feed gave none"
    yield "identity", f"guid {entry.guid}; as an address: {entry.canonical_url or 'none'}"
    yield "published", f"{_time(entry.published)} by the feed; seen here {_time(entry.seen)}"
    yield "news", "yes" if stored.news else f"no: older than poll.backfill when {entry.source} was polled first"
    yield from _judgement(config, stored)
    yield from _history(conn, id_)


def _judgement(config: Config, stored: Stored) -> Iterator[Line]:
    judgement = stored.judgement
    if judgement is None:
        yield "curated", "not yet: `aggregator run --once` does it"
        return
    repeated = judgement.duplicate_of
    yield (
        "duplicate",
        f"of {repeated.value}: {repeated.reason}" if repeated else "no: nothing before it has the same text or address",
    )
    for scored in judgement.categories:
        category = config.category(scored.slug)
        yield "category", f"{category.name if category else scored.slug}, {scored.score:.2f}: {scored.reason}"
    if not judgement.categories:
        yield "category", "none: no rule applies"
    yield "section", f"{judgement.section.value}: {judgement.section.reason}"
    yield "story", f"{judgement.story.value}: {judgement.story.reason}"


def _story(conn: Connection, config: Config, id_: str, _now: datetime) -> Iterator[Line]:
    story = stories.load(conn, [id_], outlets(conn, config)).get(id_)
    if story is None:
        return
    yield "story", f"{story.id}: {story.title}"
    yield "section", story.section
    yield "categories", ", ".join(story.categories) or "none"
    yield (
        "told",
        f"first {_time(story.first_published)}, last {_time(story.last_published)}, changed {_time(story.updated)}",
    )
    yield from _reports(conn, story)
    yield "related", ", ".join(story.related) or "none"
    for newsletter, number, reason in editions.verdicts_on(conn, id_):
        yield f"{newsletter}/{number}", reason
    yield from _history(conn, id_)


def _reports(conn: Connection, story: Story) -> Iterator[Line]:
    for report in story.reports:
        stored = entries.get(conn, report.entry)
        assert stored is not None, "a report is an entry"
        assert stored.judgement is not None, "a report is a curated entry"
        repeats = f"; repeats {report.duplicate_of}" if report.duplicate_of else ""
        why = stored.judgement.story.reason
        yield "lead" if report is story.lead else "report", f"{report.entry} {report.source_title}: {why}{repeats}"


def _source(conn: Connection, config: Config, id_: str, now: datetime) -> Iterator[Line]:
    source, state = config.source(id_), sources.load(conn, [id_]).get(id_)
    if source is None and state is None:
        return
    yield "source", f"{id_}: {config.told_url(source)}" if source else f"{id_}: no longer in feeds.yaml"
    if source is not None and source.paused:
        yield "paused", "in feeds.yaml: never polled"
    if state is None:
        yield "next poll", "at once: never polled"
        return
    yield "next poll", f"{_time(state.due)}{' (overdue)' if state.due <= now else ''}: {state.reason}"
    yield "state", f"{state.state}, {state.failures} failures in a row" + (f": {state.error}" if state.error else "")
    yield "last poll", _time(state.last_polled)
    yield "last change", _time(state.last_changed)
    yield "validators", f"ETag {state.etag or 'none'}; Last-Modified {state.last_modified or 'none'}"
    if state.adopted_url:
        yield "address", f"{shown(state.adopted_url)}: permanent redirects led there"
    if state.retry_after and state.retry_after > now:
        yield "asked to wait", f"until {_time(state.retry_after)}, by the server; --force does not override it"
    yield from _history(conn, id_)


def _newsletter(conn: Connection, config: Config, id_: str, now: datetime) -> Iterator[Line]:
    newsletter = config.newsletter(id_)
    if newsletter is None:
        return
    zone = config.zone_of(newsletter)
    upcoming = next_slot(newsletter.schedule, zone, now)
    yield "newsletter", f"{newsletter.name}: {newsletter.title}"
    yield "next slot", f"{_time(upcoming)} ({newsletter.schedule} in {zone.key})"
    for slot in editions.slots_of(conn, id_):
        number = f"{id_}/{slot.number}: " if slot.number else ""
        yield _time(slot.slot), number + slot.outcome
    yield from _history(conn, id_)


def _edition(conn: Connection, _config: Config, id_: str, _now: datetime) -> Iterator[Line]:
    newsletter, _, number = id_.rpartition("/")
    kept = editions.get(conn, newsletter, int(number)) if number.isdecimal() and len(number) < 9 else None  # noqa: PLR2004  what a database's integer holds
    if kept is None:
        return
    yield "edition", f"{id_}, for the slot {_time(kept.slot)}, composed {_time(kept.composed)}"
    yield from editions.verdicts_in(conn, newsletter, kept.number)
    states = deliveries.counts(conn, newsletter, kept.number)
    yield "letters", ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"
    yield from _history(conn, id_)


def _delivery(conn: Connection, _config: Config, id_: str, _now: datetime) -> Iterator[Line]:
    number = id_.removeprefix("d")
    letter = deliveries.get(conn, int(number)) if number.isdecimal() and len(number) < 10 else None  # noqa: PLR2004  what a database's integer holds
    if letter is None:
        return
    yield "delivery", f"d{letter.id}: {letter.edition} to {letter.email}"
    yield "state", f"{letter.state}: {_STATES[letter.state]}" + (f" ({letter.reason})" if letter.reason else "")
    yield "attempts", str(letter.attempts)
    if letter.state in deliveries.OPEN:
        yield "next attempt", _time(letter.due)
    yield "Message-ID", letter.message_id
    yield "planned", _time(letter.created)
    yield "changed", _time(letter.updated)


_STATES = {
    "planned": "waits to be handed over",
    "claimed": "is being handed over",
    "dotted": "is handed over, the answer is awaited",
    "accepted": "the mail server took it",
    "deferred": "the mail server said: later",
    "refused": "the mail server said: never",
    "in_doubt": "nobody knows whether the mail server took it; the newsletter's in_doubt rule holds it",
    "cancelled": "the reader left before it went out",
}


def _history(conn: Connection, subject: str) -> Iterator[Line]:
    for at, event in journal.read(conn, subject):
        yield _time(at), event


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "never"
