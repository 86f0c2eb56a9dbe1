"""stories not yet told -> rank, select, summarise -> edition + deliveries. One transaction an edition.

It is rendered and linted before its letters are planned. One that does not pass is kept all the same, and its letters
wait: nothing that was chosen is lost, and they go out once what is wrong is mended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from sqlalchemy import Connection, Engine

from aggregator.config import Config, Newsletter
from aggregator.curate.rank import rank
from aggregator.edit.compose import compose as compose_edition
from aggregator.edit.compose import to_json, verdicts
from aggregator.edit.select import Selection, select
from aggregator.errors import UsageError
from aggregator.model import Edition, Incident
from aggregator.pipeline import alerts
from aggregator.pipeline.gate import gate, remember
from aggregator.pipeline.outlets import outlets
from aggregator.send.plan import message_id
from aggregator.slots import slots_between
from aggregator.store import deliveries, editions, journal, pins, secrets, stories, subscribers
from aggregator.store.editions import Kept, Slot
from aggregator.store.engine import writing
from aggregator.store.locks import exclusive

_LEAST_AGE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Composed:
    """What became of one slot; `number` is None where there was nothing to tell."""

    newsletter: str
    slot: datetime
    number: int | None
    outcome: str
    letters: int = 0
    held: bool = False
    """Its letters wait: not even the plain template passed."""
    alerts: tuple[Incident, ...] = ()
    """Incidents that began with it, or ended."""


def compose(
    engine: Engine,
    config: Config,
    *,
    folders: tuple[Path, ...],
    clock: Callable[[], datetime],
    names: Sequence[str] = (),
    at_once: bool = False,
    wait: float = 0,
) -> tuple[Composed, ...]:
    """Make the editions that are due; `at_once`: as if a slot were due at this moment.

    Raises UsageError for a newsletter that is not configured, BusyError when another process composes.
    """
    wanted = _wanted(config, names)
    with exclusive(engine, "compose", wait=wait):
        with writing(engine) as conn:
            editions.forget_others(conn, [newsletter.name for newsletter in config.newsletters])
        made = [_newsletter(engine, config, folders, newsletter, clock(), at_once=at_once) for newsletter in wanted]
    composed = tuple(each for each in made if each is not None)
    if any(each.alerts for each in composed):
        alerts.write_feed(engine, config)
    return composed


def _wanted(config: Config, names: Sequence[str]) -> Sequence[Newsletter]:
    for name in names:
        if config.newsletter(name) is None:
            known = ", ".join(newsletter.name for newsletter in config.newsletters) or "none is configured"
            raise UsageError(f"there is no newsletter {name!r}", hint=f"there are: {known}")
    return [newsletter for newsletter in config.newsletters if not names or newsletter.name in names]


def _newsletter(
    engine: Engine,
    config: Config,
    folders: tuple[Path, ...],
    newsletter: Newsletter,
    now: datetime,
    *,
    at_once: bool,
) -> Composed | None:
    zone = config.zone_of(newsletter)
    with writing(engine) as conn:
        last = editions.meet(conn, newsletter.name, schedule=str(newsletter.schedule), zone=zone.key, now=now)
        made = editions.made_for(conn, newsletter.name, last)
        if at_once and now in made:
            return Composed(newsletter.name, now, made[now], "its edition of this very moment was made already")
        due = [slot for slot in slots_between(newsletter.schedule, zone, last, now) if slot not in made]
        due = [*due, now] if at_once and now not in due else due
        for missed in due[:-1]:
            outcome = "missed: nothing ran at that time; told with the next slot"
            editions.decide(conn, Slot(newsletter.name, missed, now, None, outcome))
        return _slot(conn, config, folders, newsletter, due[-1], now=now) if due else None


def _slot(
    conn: Connection,
    config: Config,
    folders: tuple[Path, ...],
    newsletter: Newsletter,
    slot: datetime,
    *,
    now: datetime,
) -> Composed:
    selection, untold = _selection(conn, config, newsletter, now)
    if not selection.chosen:
        whole = f"{_count(untold, 'untold story', 'untold stories')}, none fits" if untold else "no untold story"
        outcome = f"nothing to tell: {whole}"
        editions.decide(conn, Slot(newsletter.name, slot, now, None, outcome))
        return Composed(newsletter.name, slot, None, outcome)
    number = editions.next_number(conn, newsletter.name)
    edition = _edition(conn, config, newsletter, selection, number=number, slot=slot, now=now)
    passed = gate(edition, config, folders)
    _keep(conn, edition, selection)
    letters = _plan(conn, config, edition, now)
    heard = remember(conn, edition, passed, now)
    counts = f"{_count(len(selection.chosen), 'story', 'stories')}, {_count(letters, 'letter', 'letters')}"
    outcome = "; ".join(filter(None, [counts, passed.outcome]))
    editions.decide(conn, Slot(newsletter.name, slot, now, number, outcome))
    journal.write(conn, now, f"{newsletter.name}/{number}", f"composed: {outcome}")
    return Composed(newsletter.name, slot, number, outcome, letters, passed.mail is None, heard)


def draft(conn: Connection, config: Config, newsletter: Newsletter, now: datetime) -> Edition | None:
    """What the next edition would be if it were composed now; None where there is nothing to tell. Nothing is written."""
    selection, _ = _selection(conn, config, newsletter, now)
    if not selection.chosen:
        return None
    number = editions.next_number(conn, newsletter.name)
    return _edition(conn, config, newsletter, selection, number=number, slot=now, now=now)


def max_age(newsletter: Newsletter) -> timedelta:
    """Older stories are not told any more."""
    return newsletter.max_age or max(_LEAST_AGE, 2 * newsletter.schedule.longest_gap)


def _selection(conn: Connection, config: Config, newsletter: Newsletter, now: datetime) -> tuple[Selection, int]:
    """What was pinned is looked at however old it is."""
    known = outlets(conn, config)
    wanted = pins.of_newsletter(conn, newsletter.name)
    untold = {
        story.id: story for story in stories.untold(conn, newsletter.name, known, since=now - max_age(newsletter))
    }
    untold |= stories.load(conn, wanted.keys() - untold.keys() - editions.told_of(conn, newsletter.name, wanted), known)
    weights = {category.slug: category.weight for category in config.categories}
    ranked = rank(tuple(untold.values()), now, category_weights=weights)
    return select(ranked, newsletter, config.sections, wanted), len(untold)


def _edition(
    conn: Connection,
    config: Config,
    newsletter: Newsletter,
    selection: Selection,
    *,
    number: int,
    slot: datetime,
    now: datetime,
) -> Edition:
    related = (other for ranked in selection.chosen for other in ranked.story.related)
    known = stories.load(conn, related, outlets(conn, config))
    return compose_edition(config, newsletter, number=number, slot=slot, now=now, selection=selection, related=known)


def _keep(conn: Connection, edition: Edition, selection: Selection) -> None:
    kept = Kept(edition.newsletter, edition.number, edition.slot, edition.composed, to_json(edition))
    editions.keep(conn, kept, verdicts(edition, selection))
    pins.use(conn, edition.newsletter)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _plan(conn: Connection, config: Config, edition: Edition, now: datetime) -> int:
    """One row of the ledger for each reader; none where nothing is mailed."""
    if config.delivery is None:
        return 0
    secret = secrets.key(conn, "message-id")
    domain = parseaddr(config.delivery.sender)[1].rpartition("@")[2]
    readers = subscribers.readers(conn, edition.newsletter)

    def id_of(subscriber: int) -> str:
        return message_id(secret, edition.newsletter, edition.number, subscriber, domain)

    return deliveries.plan(conn, edition.newsletter, edition.number, readers, message_id=id_of, now=now)
