"""From what a feed has to what we keep: what is known, what is an old entry under a new name, what is new, what is held.

Polls, hubs' messages and pages of older entries all go this way, many sources together: only what is not known by its
guid is looked up, a few statements for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import chain
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Connection

from aggregator.collect import flood
from aggregator.curate.reissue import marks, reissues
from aggregator.model import Choice, Entry, Incident, PollState
from aggregator.pipeline.retract import Told, heed
from aggregator.store import again, entries
from aggregator.store import health as known_health
from aggregator.store.again import Alias
from aggregator.store.entries import Added


@dataclass(frozen=True, slots=True)
class Came:
    """What one source brought. `state`: before it came. `part`: of its feed, so what it lacks says nothing. `older`: it is a
    page of older entries.
    """

    source: str
    entries: Sequence[Entry]
    state: PollState | None
    part: bool = False
    older: bool = False
    deleted: tuple[str, ...] = ()
    """Ids of entries that the feed says were deleted."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it, as ids of entries. `overlap`: some of it was known, by whatever name."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    renamed: int = 0
    """Old entries that had their first guid until now."""
    overlap: bool = False
    alerts: tuple[Incident, ...] = ()

    @property
    def words(self) -> str:
        held = f", {len(self.held)} held for review" if self.held else ""
        renamed = f", {self.renamed} old ones under other names" if self.renamed else ""
        return f"{len(self.new)} new, {len(self.changed)} changed{held}{renamed}"


def take(conn: Connection, came: Came, backfill: timedelta, now: datetime) -> Taken:
    (taken,) = take_each(conn, [came], backfill, now)
    return taken


def take_each(conn: Connection, came: Sequence[Came], backfill: timedelta, now: datetime) -> list[Taken]:
    """Keep what came of each: `backfill` says what of a first poll is news."""
    sorted_ = _sorted(conn, [one.entries for one in came])
    floods = _Floods(conn, now)
    verdicts = [
        _verdict(conn, floods, one, found, backfill, now) for one, found in zip(came, sorted_, strict=True)
    ]  # fmt: skip
    added = entries.add_each(
        conn,
        [found.all for found in sorted_],
        news={id_: news for verdict in verdicts for id_, news in verdict.news.items()},
        held={id_: why for verdict in verdicts for id_, why in verdict.held.items()},
    )
    first_time = again.name(conn, [alias for found in sorted_ for alias in _aliases(found, now)])
    _mark(conn, sorted_, added)
    _heed(conn, came, sorted_, added, now)
    taken = [
        Taken(
            new=tuple(id_ for id_ in new.new if id_ not in verdict.held),
            changed=new.changed,
            held=tuple(verdict.held),
            renamed=sum(old.id in first_time for _, old, _ in found.reissued),
            overlap=found.overlap,
            alerts=floods.begins(one.source, verdict),
        )
        for one, found, verdict, new in zip(came, sorted_, verdicts, added, strict=True)
    ]
    known_health.write(conn, [incident for one in taken for incident in one.alerts])
    return taken


def overlaps(conn: Connection, found: Sequence[Entry]) -> bool:
    """Whether any of these is known, by whatever name; all are of one source."""
    return bool(entries.known(conn, [entry.id for entry in found])) or _sorted(conn, [found])[0].overlap


# --- known, renamed, new ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The entries of one source. `known`: under the name that we know, in the words of now."""

    known: list[Entry] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)
    reissued: list[tuple[Entry, Entry, str]] = field(default_factory=list)
    """Those of `known` that come by a new name for the first time: as they came, the old one, and why it is that."""

    @property
    def all(self) -> list[Entry]:
        return [*self.known, *self.fresh]

    @property
    def overlap(self) -> bool:
        return bool(self.known)


def _heed(
    conn: Connection, came: Sequence[Came], sorted_: Sequence[_Sorted], added: Sequence[Added], now: datetime
) -> None:
    """What is taken back, under whatever name the feed has it now."""
    named = again.by_alias(conn, [id_ for one in came for id_ in one.deleted])
    told = (
        Told(found.all, [named.get(id_, id_) for id_ in one.deleted], new)
        for one, found, new in zip(came, sorted_, added, strict=True)
    )
    heed(conn, told, now)


def _sorted(conn: Connection, feeds: Sequence[Sequence[Entry]]) -> list[_Sorted]:
    here = entries.known(conn, [entry.id for found in feeds for entry in found])
    unknown = [[entry for entry in found if entry.id not in here] for found in feeds]
    if not any(unknown):
        return [_Sorted(known=list(found)) for found in feeds]
    # A source that never brought anything has nothing old.
    read_before = again.with_entries(conn, {entry.source for found in unknown for entry in found})
    asked = [[entry for entry in found if entry.source in read_before] for found in unknown]
    named = again.by_alias(conn, [entry.id for found in asked for entry in found])
    beside = [[entry for entry in found if entry.id in here or entry.id in named] for found in feeds]
    strange = [[entry for entry in found if entry.id not in named] for found in asked]
    old, choices = _recognised(conn, strange, beside, named)
    old |= again.load(conn, set(named.values()) - old.keys())
    return [_sort(found, here, named, old, choices) for found in feeds]


def _sort(
    found: Sequence[Entry],
    here: frozenset[str],
    named: Mapping[str, str],
    old: Mapping[str, Entry],
    choices: Mapping[str, Choice],
) -> _Sorted:
    sorted_ = _Sorted(known=[entry for entry in found if entry.id in here])
    taken = {entry.id for entry in sorted_.known}
    for entry in found:
        choice = choices.get(entry.id)
        name = named.get(entry.id) or (choice.value if choice is not None else None)
        if entry.id in here:
            continue
        if name is None:
            sorted_.fresh.append(entry)
        elif name not in taken:
            taken.add(name)
            sorted_.known.append(_under_its_name(entry, old[name]))
            if choice is not None:
                sorted_.reissued.append((entry, old[name], choice.reason))
    return sorted_


def _recognised(
    conn: Connection,
    strange: Sequence[Sequence[Entry]],
    beside: Sequence[Sequence[Entry]],
    named: Mapping[str, str],
) -> tuple[dict[str, Entry], dict[str, Choice]]:
    """Old entries that these may be, and which they are. What stands beside them in the document is none."""
    asked = [entry for found in strange for entry in found]
    if not asked:
        return {}, {}
    present = {named.get(entry.id, entry.id) for found in beside for entry in found}
    told = {entry.id: marks(entry) for entry in asked}
    marked = again.marked(conn, set(chain.from_iterable(told.values())))
    dated = again.at_times(conn, {(entry.source, moment) for entry in asked for moment in _moments(entry)})
    ids = {
        entry.id: {
            *chain.from_iterable(marked.get(mark, ()) for mark in told[entry.id]),
            *chain.from_iterable(dated.get((entry.source, moment), ()) for moment in _moments(entry)),
        }
        - present
        for entry in asked
    }
    old = again.load(conn, set(chain.from_iterable(ids.values())))
    candidates = {id_: [old[one] for one in sorted(some)] for id_, some in ids.items()}
    choices: dict[str, Choice] = {}
    for found, here in zip(strange, beside, strict=True):
        choices |= reissues(found, candidates, here)
    return old, choices


def _moments(entry: Entry) -> tuple[datetime, ...]:
    """Its time, and its day for those that tell no more."""
    published = entry.published
    if published is None:
        return ()
    published = published.astimezone(UTC)
    return tuple({published, datetime.combine(published.date(), time(), UTC)})


def _under_its_name(entry: Entry, old: Entry) -> Entry:
    """The old entry as its feed has it now. Its date stays: a site that moved often dates everything anew."""
    url, canonical = (entry.url, entry.canonical_url) if _moved(entry, old) else (old.url, old.canonical_url)
    published = old.published or entry.published
    return replace(entry, id=old.id, guid=old.guid, published=published, url=url, canonical_url=canonical)


def _moved(entry: Entry, old: Entry) -> bool:
    """Whether it has another address now, and not the same with more behind its question mark."""
    if entry.url is None or old.url is None or entry.canonical_url is None or old.canonical_url is None:
        return entry.url is not None
    if entry.canonical_url == old.canonical_url:
        return old.url.startswith("http://") and entry.url.startswith("https://")
    now, then = urlsplit(entry.canonical_url), urlsplit(old.canonical_url)
    more = set(parse_qsl(now.query, keep_blank_values=True)) >= set(parse_qsl(then.query, keep_blank_values=True))
    return (now.netloc, now.path) != (then.netloc, then.path) or not more


def _aliases(found: _Sorted, now: datetime) -> list[Alias]:
    return [
        Alias(
            id=entry.id,
            source=entry.source,
            guid=entry.guid,
            entry=old.id,
            address=old.canonical_url if _moved(entry, old) and entry.canonical_url != old.canonical_url else None,
            at=now,
            reason=reason,
        )
        for entry, old, reason in found.reissued
    ]


def _mark(conn: Connection, sorted_: Sequence[_Sorted], added: Sequence[entries.Added]) -> None:
    """What is new, and what has other words or another address now, is found by them from now on."""
    altered = {id_ for one in added for id_ in one.changed}
    again.mark(
        conn,
        (
            (entry.id, marks(entry))
            for found in sorted_
            for entry in chain(found.fresh, (known for known in found.known if known.id in altered))
        ),
    )


# --- news, or held ---------------------------------------------------------------------------------------


class _Floods:
    """Those that are open already, asked for where it matters."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self._conn, self._now = conn, now
        self._open: dict[str, Incident] | None = None

    def is_open(self, source: str) -> bool:
        if self._open is None:
            self._open = known_health.open_floods(self._conn)
        return source in self._open

    def begins(self, source: str, verdict: flood.Verdict) -> tuple[Incident, ...]:
        """One incident, however many polls add to it."""
        if not verdict.held or self.is_open(source):
            return ()
        reason = next(iter(verdict.held.values()))
        return (Incident(subject=source, kind="flood", opened=self._now, reason=reason),)


def _verdict(  # noqa: PLR0917  what decides is made of just these
    conn: Connection, floods: _Floods, one: Came, found: _Sorted, backfill: timedelta, now: datetime
) -> flood.Verdict:
    state = one.state
    if not found.fresh:
        return flood.Verdict({})
    if state is None or (state.last_new is None and (state.last_changed is None or not found.overlap)):
        return flood.of_first_poll(found.fresh, backfill, now)
    since = state.last_changed if state.failures else state.last_polled
    fresh = [entry for entry in found.fresh if not one.older or _is_since(entry, since, now)]
    newest = flood.newest(state.times) or again.newest_time(conn, one.source)
    known = flood.Past(newest)
    anew = False
    if flood.is_worth_a_look(fresh, newest):
        known = flood.past(again.times_of(conn, one.source, now - flood.WATCHED), newest)
        anew = (not found.overlap and not one.part) or floods.is_open(one.source)
    verdict = flood.weigh(fresh, known, since=since, now=now, anew=anew)
    return replace(verdict, news={entry.id: False for entry in found.fresh} | dict(verdict.news))


def _is_since(entry: Entry, since: datetime | None, now: datetime) -> bool:
    """Of a page of older entries, what was missed: the rest fills the archive."""
    return since is not None and entry.published is not None and since < entry.published <= now
