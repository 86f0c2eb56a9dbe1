"""What an editor says of an entry against the rules: its categories, its section. It holds against every later run, and
is an example to learn from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.errors import UsageError
from aggregator.model import OTHER, Judgement
from aggregator.pipeline.curator import Curator, retell
from aggregator.pipeline.learning import digest
from aggregator.pipeline.sorting import Sorted
from aggregator.store import decisions, entries, examples, journal, sorting
from aggregator.store.decisions import Decision
from aggregator.store.entries import Stored
from aggregator.store.examples import Kind, Taught


@dataclass(frozen=True, slots=True)
class Corrected:
    """`entry`: the one that leads the article, where another was named. `sorted_`: as it stands now."""

    entry: str
    sorted_: Sorted


def move(
    conn: Connection,
    config: Config,
    id_: str,
    *,
    categories: Sequence[str] | None,
    section: str | None,
    now: datetime,
) -> Corrected:
    """`categories`: best first, none at all where none applies; None: they stay, and so with the section. Only who holds
    the curator's lock may do so. Raises UsageError for what cannot be moved.
    """
    lead = _lead(conn, id_)
    entry, before = lead.entry, _judged(lead)
    if categories is not None:
        was, said = " ".join(scored.slug for scored in before.categories) or OTHER, " ".join(categories) or OTHER
        decisions.add(conn, [Decision(at=now, kind="moved", one=entry.id, other=said, was=was)])
        examples.correct(conn, _example("categories", lead, categories[0] if categories else OTHER, now))
        journal.write(conn, now, entry.id, f"an editor moved it from {was} to {said}")
    if section is not None:
        was = before.section.value
        decisions.add(conn, [Decision(at=now, kind="sectioned", one=entry.id, other=section, was=was)])
        examples.correct(conn, _example("sections", lead, section, now))
        journal.write(conn, now, entry.id, f"an editor moved it from the section {was} to {section}")
    return _sort_again(conn, config, lead, now)


def free(conn: Connection, config: Config, id_: str, now: datetime) -> Corrected:
    """The rules decide again, of the whole article. Raises UsageError where no editor has said anything."""
    lead = _lead(conn, id_)
    words = decisions.words(conn)
    article = (lead.entry.id, *entries.copies(conn, [lead.entry.id])[lead.entry.id])
    said = [one for one in article if one in words.categories or one in words.section]
    if not said:
        raise UsageError(f"no editor has moved {id_}", hint="`aggregator stories decisions` lists what was decided")
    decisions.add(conn, [_freed(conn, one, now) for one in said])
    for one in said:
        examples.take_back(conn, one)
    journal.write(conn, now, lead.entry.id, "an editor left its categories and section to the rules again")
    return _sort_again(conn, config, lead, now)


def _lead(conn: Connection, id_: str) -> Stored:
    """What is said of a copy is said of its article."""
    stored = entries.get(conn, id_)
    if stored is None:
        raise UsageError(f"there is no entry {id_!r}", hint="`aggregator entries` lists them")
    if stored.held is not None:
        raise UsageError(f"{id_} is held for review", hint=f"`aggregator entries release {id_}` lets it in")
    if stored.retracted is not None:
        raise UsageError(f"{id_} was taken back", hint=f"`aggregator entries restore {id_}` lets it stand again")
    if stored.judgement is None:
        raise UsageError(f"{id_} is not curated yet", hint="`aggregator run --once` does it")
    if stored.repeats is None:
        return stored
    lead = entries.get(conn, stored.repeats)
    assert lead is not None, "what is repeated is there"
    return lead


def _judged(stored: Stored) -> Judgement:
    assert stored.judgement is not None, "only what is curated is corrected, and what it repeats is too"
    return stored.judgement


def _freed(conn: Connection, id_: str, now: datetime) -> Decision:
    stored = entries.get(conn, id_)
    assert stored is not None, "it is of the article"
    said = " ".join(scored.slug for scored in _judged(stored).categories) or OTHER
    return Decision(at=now, kind="freed", one=id_, other="rules", was=said)


def _example(kind: Kind, stored: Stored, label: str, now: datetime) -> Taught:
    entry = stored.entry
    return Taught(
        kind=kind,
        digest=digest(entry.title, entry.summary),
        title=entry.title,
        summary=entry.summary,
        label=label,
        origin=entry.id,
        at=now,
        language=_judged(stored).language,
        editor=True,
    )


def _sort_again(conn: Connection, config: Config, lead: Stored, now: datetime) -> Corrected:
    before = _judged(lead)
    curator = Curator.on(conn, config)
    sorted_ = curator.sorter.sort(lead.entry, before.language)
    sorting.write(conn, {lead.entry.id: (sorted_.categories, sorted_.section)})
    retell(conn, curator, [before.story.value], now)
    return Corrected(lead.entry.id, sorted_)
