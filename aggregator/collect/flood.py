"""Far more than a source ever brings, or what is long past: held for a review, not told. Pure.

A feed that was rewritten by another CMS, filled by a mistake or taken over by others brings within one poll what nobody
wants in a newsletter. What it brought so far says how much is much; an operator decides on the rest.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from aggregator.model import Entry

FLOOR = 30
"""New entries of one poll that are never too many, where the feed still has some that are known."""
FLOOR_ANEW = 15
"""The same where none is known any more, or where other entries of the source are held already."""
BUSY = 3
"""Times as much as on its busiest day, for each day since the last poll."""
TWICE = 2
"""Times as much as any poll before brought."""
LATE = timedelta(days=7)
"""So much older than the newest that was known, an entry is no news; of a source that is used to date its entries back,
so much beyond its own delay.
"""
OFTEN_LATE, MEANT_BY_DELAY = 0.25, 8
"""So large a part of so many entries at least must have come that late for it to be its custom."""
FEW_LATE = 3
"""So many of those fill the archive; more at once are held."""
WATCHED = timedelta(days=60)
"""How far back a source's rhythm is looked at."""
_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Past:
    """What a source brought in `WATCHED`: how many entries on each day of theirs, and how many in each poll but its first.
    `newest`: the time of its newest entry; None where it is not known. `delay`: by how much it dates entries back.
    """

    newest: datetime | None = None
    days: Mapping[date, int] = field(default_factory=dict)
    polls: Sequence[int] = ()
    delay: timedelta = timedelta(0)

    @property
    def late(self) -> datetime | None:
        """What is older is no news."""
        return None if self.newest is None else self.newest - LATE - self.delay

    @property
    def busiest_day(self) -> int:
        return max(self.days.values(), default=0)

    @property
    def most_at_once(self) -> int:
        return max(self.polls, default=0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """By the id of each new entry: whether it is news. `held`: the ids of those that are held, with the reason."""

    news: Mapping[str, bool]
    held: Mapping[str, str] = field(default_factory=dict)


def past(times: Sequence[tuple[datetime, datetime]], newest: datetime | None) -> Past:
    """`times`: of each entry, its own and when it was seen."""
    polls = Counter(seen for _, seen in times)
    first = min(polls, default=None)
    return Past(
        newest=newest,
        days=Counter(at.date() for at, _ in times),
        polls=[count for seen, count in polls.items() if seen != first],
        delay=_delay([seen - at for at, seen in times if seen != first and polls[seen] <= FLOOR_ANEW]),
    )


def newest(times: Sequence[int]) -> datetime | None:
    """`times`: as `PollState` has them, in minutes since 1970."""
    return datetime.fromtimestamp(times[0] * 60, UTC) if times else None


def _delay(delays: Sequence[timedelta]) -> timedelta:
    if len(delays) < MEANT_BY_DELAY:
        return timedelta(0)
    usual = sorted(delays, reverse=True)[int(len(delays) * OFTEN_LATE)]
    return usual if usual > LATE else timedelta(0)


def is_worth_a_look(fresh: Sequence[Entry], newest: datetime | None) -> bool:
    """Whether the source's past decides; most polls bring a few that are of today, and need no look at it."""
    return len(fresh) > FEW_LATE or any(_is_late(entry, Past(newest)) for entry in fresh)


def weigh(fresh: Sequence[Entry], known: Past, *, since: datetime | None, now: datetime, anew: bool) -> Verdict:
    """What of the new entries of a source that was read before is news, and what is held.

    `since`: when it was read last. `anew`: nothing in its feed is known any more, or some of it is held already.
    """
    late = [entry for entry in fresh if _is_late(entry, known)]
    others = [entry for entry in fresh if not _is_late(entry, known)]
    news = {entry.id: False for entry in late} | {entry.id: True for entry in others}
    if len(others) > allowed(known, since=since, now=now, anew=anew):
        why = f"{len(fresh)} entries at once; {_rhythm(known)}"
        return Verdict(news, {entry.id: why for entry in fresh})
    if len(late) > FEW_LATE:
        assert known.newest is not None, "nothing is late where no time is known"
        days = (LATE + known.delay).days
        why = (
            f"{len(late)} entries at once, more than {days} days older than the newest before ({known.newest:%Y-%m-%d})"
        )
        along = [entry for entry in others if entry.published is not None and entry.published <= known.newest]
        return Verdict(news, {entry.id: why for entry in (*late, *along)})
    return Verdict(news)


def _is_late(entry: Entry, known: Past) -> bool:
    return known.late is not None and entry.published is not None and entry.published < known.late


def allowed(known: Past, *, since: datetime | None, now: datetime, anew: bool) -> int:
    """How many new entries may come with one poll; an outage is made up for."""
    days = max(1, math.ceil((now - since) / _DAY)) if since is not None else 1
    floor = FLOOR_ANEW if anew else FLOOR
    return max(floor, BUSY * known.busiest_day * days, TWICE * known.most_at_once)


def _rhythm(known: Past) -> str:
    """In words, with the figures."""
    total = sum(known.days.values())
    span = (max(known.days) - min(known.days)).days + 1 if known.days else 0
    if not total:
        return f"this source brought nothing in the {WATCHED.days} days before"
    daily = total / span
    often = f"{daily:.0f} a day" if daily >= 1 else f"{daily * _WEEK:.1g} a week"
    most = known.most_at_once
    return f"this source brings {often}" + (f", and never more than {most} in one poll" if most else "")


def of_first_poll(fresh: Sequence[Entry], backfill: timedelta, now: datetime) -> Verdict:
    """Only what is dated, and recent, is news: a date to come says no more than none."""
    oldest = now - backfill
    return Verdict({entry.id: entry.published is not None and oldest <= entry.published <= now for entry in fresh})
