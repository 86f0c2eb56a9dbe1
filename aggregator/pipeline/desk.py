"""What an editor decides against the rules: told as one, told apart, no copy, about something else. It holds against every
later run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.collect.normalise import entry_id
from aggregator.config import Config
from aggregator.errors import UsageError
from aggregator.model import Choice, Entry, Pin
from aggregator.pipeline import correct
from aggregator.pipeline.correct import Corrected
from aggregator.pipeline.curator import Curator, retell
from aggregator.store import decisions, editions, entries, journal, pins
from aggregator.store.decisions import Decision
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from aggregator.store.locks import exclusive


@dataclass(frozen=True, slots=True)
class Pinned:
    """The newsletters that tell it next, and those that did already, with the edition's number."""

    newsletters: tuple[str, ...]
    told: Mapping[str, int]


class Desk:
    """Raises UsageError for what is not there, BusyError when entries are being curated all the while."""

    def __init__(self, engine: Engine, config: Config, *, clock: Callable[[], datetime], wait: float = 0) -> None:
        self._engine, self._config, self._clock, self._wait = engine, config, clock, wait

    def merge(self, into: str, other: str) -> None:
        """The story `other` is told in the story `into` from now on."""
        with exclusive(self._engine, "curate", wait=self._wait), writing(self._engine) as conn:
            now = self._clock()
            if into == other:
                raise UsageError(f"{into} and {other} are one story", hint="name two of them")
            _told(conn, into)
            moved = _told(conn, other)
            _move(conn, moved, into, f"an editor merged {other} into it")
            decisions.add(conn, [Decision(at=now, kind="merged", one=other, other=into)])
            editions.told_too(conn, other, into)
            pins.follow(conn, other, into)
            for newsletter in editions.told_by(conn, into):
                pins.use(conn, newsletter)
            retell(conn, Curator.on(conn, self._config), [into, other], now)
            journal.write(conn, now, into, f"an editor merged {other} into it: {len(moved)} entries")

    def split(self, story: str, wanted: Sequence[str]) -> str:
        """These entries of a story, with their copies, are another story from now on: its id."""
        with exclusive(self._engine, "curate", wait=self._wait), writing(self._engine) as conn:
            now = self._clock()
            told = _told(conn, story)
            leaving = _leaving(story, told, wanted)
            staying = [stored for stored in told if stored not in leaving]
            if not staying:
                raise UsageError(f"{story} has no other entries", hint="leave at least one of them in the story")
            founded = _new_id(story, leaving, len(decisions.everything(conn)))
            decided = [
                Decision(at=now, kind="split", one=stored.entry.id, other=founded, was=story) for stored in leaving
            ]
            decisions.add(conn, [*decided, *_parted(leaving, staying, now, story)])
            _part(conn, leaving, {stored.entry.id for stored in leaving})
            _part(conn, staying, {stored.entry.id for stored in staying})
            _move(conn, leaving, founded, f"an editor split it from {story}")
            retell(conn, Curator.on(conn, self._config), [story, founded], now)
            journal.write(conn, now, story, f"an editor split {len(leaving)} entries from it: {founded}")
            return founded

    def unduplicate(self, id_: str) -> None:
        """An entry speaks for itself: it does not repeat what it was taken to repeat, nor that one's other copies."""
        with exclusive(self._engine, "curate", wait=self._wait), writing(self._engine) as conn:
            now = self._clock()
            stored = entries.get(conn, id_)
            if stored is None or stored.judgement is None or stored.judgement.duplicate_of is None:
                raise UsageError(f"{id_} is no duplicate", hint="`aggregator entries --duplicates` lists them")
            lead = stored.judgement.duplicate_of.value
            others = [other for other in (lead, *entries.copies(conn, [lead])[lead]) if other != id_]
            story = stored.judgement.story.value
            decided = [Decision(at=now, kind="apart", one=id_, other=other, was=story) for other in others]
            decisions.add(conn, decided)
            entries.speak(conn, [id_])
            retell(conn, Curator.on(conn, self._config), [story], now)
            journal.write(conn, now, id_, f"an editor said that it does not repeat {lead}")

    def move(self, id_: str, categories: Sequence[str] | None, section: str | None = None) -> Corrected:
        """An entry has these categories, best first, and stands in this section; None: as before."""
        with exclusive(self._engine, "curate", wait=self._wait), writing(self._engine) as conn:
            now = self._clock()
            return correct.move(conn, self._config, id_, categories=categories, section=section, now=now)

    def pin(self, story: str, newsletters: Sequence[str] = (), *, lead: bool = False) -> Pinned:
        """The story is in the next edition of these newsletters (default: of all), whatever its rank; `lead`: it leads it."""
        with exclusive(self._engine, "curate", wait=self._wait), writing(self._engine) as conn:
            now = self._clock()
            _told(conn, story)
            asked = self._newsletters(newsletters)
            told = {name: number for name, number in editions.told_by(conn, story).items() if name in asked}
            wanted = [name for name in asked if name not in told]
            if not wanted:
                editions_of = ", ".join(f"{name}/{number}" for name, number in sorted(told.items()))
                raise UsageError(
                    f"{story} was told already, in {editions_of}", hint="no reader is told the same story twice"
                )
            pins.put(conn, [Pin(story=story, newsletter=name, lead=lead, at=now) for name in wanted])
            what = "it leads the next edition" if lead else "it is in the next edition"
            journal.write(conn, now, story, f"an editor pinned it: {what} of {', '.join(wanted)}")
            return Pinned(tuple(wanted), told)

    def unpin(self, story: str, newsletters: Sequence[str] = ()) -> tuple[str, ...]:
        """The ranking decides again, for these newsletters (default: all): those for which it was pinned."""
        with exclusive(self._engine, "curate", wait=self._wait), writing(self._engine) as conn:
            there = pins.of_story(conn, story)
            gone = tuple(name for name in there if not newsletters or name in newsletters)
            if not gone:
                where = f" for {', '.join(newsletters)}" if newsletters and there else ""
                raise UsageError(f"{story} is not pinned{where}", hint="`explain` of a story says for what it is")
            pins.take(conn, story, gone)
            journal.write(conn, self._clock(), story, f"an editor took its pin back: {', '.join(gone)}")
            return gone

    def _newsletters(self, named: Sequence[str]) -> list[str]:
        known = [newsletter.name for newsletter in self._config.newsletters]
        if not known:
            raise UsageError(
                "there is no newsletter to pin it to", hint="`newsletters` in feeds.yaml says which there are"
            )
        if unknown := [name for name in named if name not in known]:
            raise UsageError(f"there is no newsletter {unknown[0]!r}", hint=f"there are: {', '.join(known)}")
        return [name for name in known if not named or name in named]

    def free(self, id_: str) -> Corrected:
        """The rules decide again what an entry is about, and where it stands."""
        with exclusive(self._engine, "curate", wait=self._wait), writing(self._engine) as conn:
            return correct.free(conn, self._config, id_, self._clock())


def examples(engine: Engine) -> list[tuple[Entry, str]]:
    """The originals of all stories on which an editor decided, each with its story: what is right, by a person's word."""
    with reading(engine) as conn:
        known = decisions.load(conn)
        named = {name for one in decisions.of_stories(conn) for name in (one.one, one.other, one.was) if name}
        told = {known.story(name) for name in named} | {
            stored.judgement.story.value
            for stored in entries.load(conn, named).values()
            if stored.judgement is not None
        }
        found = [(entry, story) for story, entry in entries.originals(conn, sorted(told))]
    return sorted(found, key=lambda pair: pair[0].came)


def _new_id(story: str, leaving: Sequence[Stored], decided: int) -> str:
    """Never given before: who splits again what was merged again founds another story."""
    return "s" + entry_id(f"{story} {decided}", " ".join(sorted(stored.entry.id for stored in leaving)))[1:]


def _told(conn: Connection, story: str) -> list[Stored]:
    told = entries.of_story(conn, story)
    if not told:
        hint = "`aggregator stories` lists them; `explain` says what became of one that was merged"
        raise UsageError(f"there is no story {story!r}", hint=hint)
    return told


def _leaving(story: str, told: Sequence[Stored], wanted: Sequence[str]) -> list[Stored]:
    """Those that are named, and the copies of those."""
    there = {stored.entry.id for stored in told}
    if missing := [id_ for id_ in wanted if id_ not in there]:
        hint = f"`aggregator entries --story {story}` lists them"
        raise UsageError(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not in {story}", hint=hint)
    named = set(wanted)
    return [stored for stored in told if stored.entry.id in named or stored.repeats in named]


def _parted(leaving: Sequence[Stored], staying: Sequence[Stored], now: datetime, story: str) -> list[Decision]:
    """No copy of one side is one of the other any more."""
    pairs = [(one, other) for one in leaving for other in staying if one.article == other.article]
    return [Decision(at=now, kind="apart", one=one.entry.id, other=other.entry.id, was=story) for one, other in pairs]


def _part(conn: Connection, side: Sequence[Stored], ids: set[str]) -> None:
    """Who repeated one of the other side: the first of them leads the others now."""
    orphans: dict[str, list[str]] = {}
    for stored in side:
        if (lead := stored.repeats) is not None and lead not in ids:
            orphans.setdefault(lead, []).append(stored.entry.id)
    for first, *others in orphans.values():
        entries.speak(conn, [first])
        entries.lead(conn, {id_: Choice(first, "the same article; what both repeated was split off") for id_ in others})


def _move(conn: Connection, moved: Sequence[Stored], story: str, reason: str) -> None:
    entries.move(conn, [stored.entry.id for stored in moved], Choice(story, reason))
