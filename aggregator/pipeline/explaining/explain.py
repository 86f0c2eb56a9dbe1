"""Why an entry, a story, a source, an edition or a delivery is as it is: every rule and figure that decided."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.collect.budget import domain_of
from aggregator.collect.urls import host
from aggregator.config import Config, Source
from aggregator.curate import dedup
from aggregator.errors import UsageError
from aggregator.model import Entry, Incident, PollState, Story
from aggregator.pipeline.explaining.categories import category_lines, sorted_lines
from aggregator.pipeline.explaining.changes import change_lines
from aggregator.pipeline.explaining.edition import brief_lines, pin_lines, place_lines, told_lines
from aggregator.pipeline.explaining.feed import feed_lines
from aggregator.pipeline.explaining.mail import mail_lines
from aggregator.pipeline.explaining.push import push_lines
from aggregator.pipeline.explaining.story import lost_lines, standing_lines, votes_lines, withdrawn_lines
from aggregator.pipeline.explaining.writer import briefing_lines
from aggregator.pipeline.outlets import outlets
from aggregator.slots import next_slot
from aggregator.store import again, decisions, deliveries, editions, entries, journal, sources, stories
from aggregator.store import health as known_health
from aggregator.store import held as held_entries
from aggregator.store import keys as keys_of_entries
from aggregator.store.engine import reading
from aggregator.store.entries import Stored

_SHOWN_FETCHES = 8

Line = tuple[str, str]
"""A label and what it says."""


def explain(engine: Engine, config: Config, id_: str, now: datetime) -> list[Line]:
    """`id_`: an entry (e…), a story (s…), a source's or newsletter's name, a category, an edition (daily/3), a feed
    of ours (atom.xml), a delivery's number. Where a source and a newsletter have one name, both answer.

    Raises UsageError for what is none of them.
    """
    with reading(engine) as conn:
        answers = (_entry, _story, _source, _newsletter, category_lines, _edition, feed_lines, _delivery)
        lines = [line for answer in answers for line in answer(conn, config, id_, now)]
    if lines:
        return lines
    raise UsageError(
        f"there is no entry, story, source, newsletter, category, edition, feed or delivery {id_!r}",
        hint="`entries`, `stories`, `sources`, `categories`, `editions` and `deliveries` list them",
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
    for alias in again.of_entry(conn, id_):
        yield "also known as", f"guid {alias.guid}, since {_time(alias.at)}: it has {alias.reason}"
        if alias.address:
            yield "address before", alias.address
    if stored.held is not None:
        yield from _held(stored)
        yield from _history(conn, id_)
        return
    yield "news", "yes" if stored.news else _no_news(conn, entry)
    if stored.retracted is not None:
        at, why = stored.retracted
        yield "retracted", f"{_time(at)}: {why}; no poll brings it back"
    yield from change_lines(conn, entry)
    yield from _judgement(conn, config, stored)
    yield from _decided(conn, id_)
    yield from _history(conn, id_)


def _held(stored: Stored) -> Iterator[Line]:
    if stored.dropped is None:
        yield "held", f"since {_time(stored.entry.seen)}: {stored.held}"
        yield "review", f"`entries release {stored.entry.id}` lets it in, `entries drop {stored.entry.id}` does not"
    else:
        yield "dropped", f"{_time(stored.dropped)}: it stays known, and nobody sees it"
        yield "held", f"from {_time(stored.entry.seen)} until then: {stored.held}"


def _no_news(conn: Connection, entry: Entry) -> str:
    if again.brought_before(conn, entry):
        return f"no: it came late, and was old already when {entry.source} brought it"
    if entry.published is None:
        why = "without a date"
    elif entry.published > entry.seen:
        why = "dated later than that"
    else:
        why = "older than poll.backfill"
    return f"no: it was there when {entry.source} was polled first, {why}"


def _judgement(conn: Connection, config: Config, stored: Stored) -> Iterator[Line]:
    judgement = stored.judgement
    if judgement is None:
        yield "curated", "not yet: `aggregator run --once` does it"
        return
    if stored.curated is None:
        yield "curated", "to be done again: what follows was judged of its words before its publisher changed them"
    repeated = judgement.duplicate_of
    yield "duplicate", f"of {repeated.value}: {repeated.reason}" if repeated else f"no: {_original(conn, stored.entry)}"
    yield from sorted_lines(conn, config, stored)
    yield "story", f"{judgement.story.value}: {judgement.story.reason}"


def _original(conn: Connection, entry: Entry) -> str:
    """Why an entry repeats none, also where others share its address or text."""
    keys = dedup.keys(entry)
    holding = {id_ for ids in keys_of_entries.holders(conn, keys).values() for id_ in ids}
    others = (stored.entry for stored in entries.load(conn, sorted(holding)).values())
    before = sorted((other for other in others if other.came < entry.came), key=lambda other: other.came)
    if not before or dedup.choose(entry, before) is not None:
        return "nothing before it had the same text or address when it was judged"
    shared = ((next(kind for kind, value in keys if (kind, value) in dedup.keys(other)), other) for other in before)
    return "; ".join(
        f"{other.id} of {other.source} has the same {kind}, but is another article" for kind, other in shared
    )


def _story(conn: Connection, config: Config, id_: str, now: datetime) -> Iterator[Line]:
    story = stories.load(conn, [id_], outlets(conn, config)).get(id_)
    if story is None:
        yield from _merged(conn, id_)
        yield from withdrawn_lines(conn, id_)
        return
    yield "story", f"{story.id}: {story.title}"
    yield "section", story.section
    yield "categories", ", ".join(story.categories) or "none"
    yield from votes_lines(conn, config, story)
    yield (
        "told",
        f"first {_time(story.first_published)}, last {_time(story.last_published)}, changed {_time(story.updated)}",
    )
    yield from standing_lines(config, story, now)
    yield from briefing_lines(conn, config, story, now)
    yield from _reports(conn, story)
    yield from lost_lines(conn, id_)
    yield "related", ", ".join(story.related) or "none"
    yield from _decided(conn, id_)
    yield from brief_lines(story)
    yield from told_lines(conn, config, story, now)
    yield from _history(conn, id_)


def _merged(conn: Connection, id_: str) -> Iterator[Line]:
    if (into := decisions.load(conn).story(id_)) != id_:
        yield "story", f"{id_}: an editor merged it into {into}"
        yield from _history(conn, into)


def _decided(conn: Connection, id_: str) -> Iterator[Line]:
    for one in decisions.about(conn, [id_]):
        yield "an editor", f"{_time(one.at)}: {_DECIDED[one.kind].format(one=one.one, other=one.other, was=one.was)}"


_DECIDED = {
    "merged": "{one} is told in {other}",
    "split": "{one} was split from {was}, and stands in {other}",
    "apart": "{one} does not repeat {other}",
    "moved": "{one} is about {other}; it was filed under {was}",
    "sectioned": "{one} stands in the section {other}; it stood in {was}",
    "freed": "the rules decide on {one} again; it was filed under {was}",
}


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
    yield "source", f"{id_}: {config.shown_url(source)}" if source else f"{id_}: no longer in feeds.yaml"
    if source is not None and source.paused:
        yield "paused", "in feeds.yaml: never polled"
    if state is None:
        yield "next poll", "at once: never polled"
        return
    yield "next poll", f"{_time(state.due)}{' (overdue)' if state.due <= now else ''}: {state.reason}"
    for rule in state.rules:
        yield "rule", rule
    yield from _health(config, source, state)
    yield from _manners(conn, config, state, now)
    if held := held_entries.of_source(conn, id_):
        yield "held", f"{len(held)} entries for review: `entries --held --source {id_}` lists them"
    if source is not None:
        yield from push_lines(conn, config, source, now)
    for incident in known_health.of_subject(conn, id_):
        yield "incident", _incident(incident)
    for line in sources.ledger(conn, id_, limit=_SHOWN_FETCHES):
        status = "no answer" if line.status is None else str(line.status)
        yield "fetch", f"{_time(line.at)} {status}, {line.received} bytes, {line.took:g} s: {line.outcome}"
    yield from _history(conn, id_)


def _incident(incident: Incident) -> str:
    until = f", over {_time(incident.closed)}" if incident.closed else ", not over"
    return f"{incident.kind} since {_time(incident.opened)}{until}: {incident.reason}"


def _health(config: Config, source: Source | None, state: PollState) -> Iterator[Line]:
    failures = f" ({state.failures} failures in a row)" if state.failures else ""
    yield "state", f"{state.state} since {_time(state.since)}: {state.health}{failures}"
    if state.adopted_url:
        yield "address", f"{config.masked(state.adopted_url)}: permanent redirects led there"
    if state.moved_to:
        words = f"permanent redirects led to {config.masked(state.moved_to)} {state.moved_count} times in a row"
        yield "moving", f"{words}; adopted at the third"
    if state.proposed_url:
        where = f"`sources adopt {source.name}` takes it" if source else "found"
        yield "proposed", f"{config.masked(state.proposed_url)}: its page names this feed now; {where}"
    yield "last poll", _time(state.last_polled)
    yield "last change", _time(state.last_changed)
    yield "last new entry", _time(state.last_new)


def _manners(conn: Connection, config: Config, state: PollState, now: datetime) -> Iterator[Line]:
    yield "validators", f"ETag {state.etag or 'none'}; Last-Modified {state.last_modified or 'none'}"
    for final, etag, modified in state.other_validators:
        yield "validators", f"at {config.masked(final)}: ETag {etag or 'none'}; Last-Modified {modified or 'none'}"
    if state.retry_after and state.retry_after > now:
        yield "asked to wait", f"until {_time(state.retry_after)}, by the server; --force does not override it"
    domain = domain_of(host(state.adopted_url or state.url) or "")
    budget = known_health.budget_of(conn, domain, now)
    if budget is not None:
        until = f"; nothing before {_time(budget.until)}" if budget.until and budget.until > now else ""
        yield (
            "domain",
            f"{domain}: {budget.delay:g} s between two requests, {budget.reason} {_time(budget.since)}{until}",
        )


def _newsletter(conn: Connection, config: Config, id_: str, now: datetime) -> Iterator[Line]:
    newsletter, decided = config.newsletter(id_), editions.slots_of(conn, id_, until=now)
    if newsletter is not None:
        zone = config.zone_of(newsletter)
        upcoming = next_slot(newsletter.schedule, zone, now)
        yield "newsletter", f"{newsletter.name}: {newsletter.title}"
        yield "next slot", f"{_time(upcoming)} ({newsletter.schedule} in {zone.key})"
        yield from pin_lines(conn, newsletter)
    elif decided:
        yield "newsletter", f"{id_}: no longer in feeds.yaml"
    for slot in decided:
        number = f"{id_}/{slot.number}: " if slot.number else ""
        yield _time(slot.slot), number + slot.outcome


def _edition(conn: Connection, config: Config, id_: str, _now: datetime) -> Iterator[Line]:
    newsletter, _, number = id_.rpartition("/")
    kept = editions.get(conn, newsletter, int(number)) if number.isdecimal() and len(number) < 9 else None  # noqa: PLR2004  what a database's integer holds
    if kept is None:
        return
    yield "edition", f"{id_}, for the slot {_time(kept.slot)}, composed {_time(kept.composed)}"
    yield from place_lines(conn, kept)
    yield from mail_lines(config, kept)
    for incident in known_health.of_subject(conn, id_):
        yield "incident", _incident(incident)
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
