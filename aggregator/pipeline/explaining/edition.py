"""Where editions have a story, and why: for `explain` of an edition, of a story and of a newsletter."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from aggregator.config import Config, Newsletter
from aggregator.config.kinds import show_duration
from aggregator.edit.compose import ITEM_COLUMNS
from aggregator.edit.select import refusal
from aggregator.edit.summarise import picked
from aggregator.model import Stands, Story, Verdict
from aggregator.pipeline.compose import max_age
from aggregator.slots import next_slot
from aggregator.store import editions, pins, stories
from aggregator.store.editions import Kept

_NAMED = 5
"""So many of the stories that were left out for one reason are named."""
_STANDS: Mapping[Stands, str] = {
    "lead": "lead", "item": "chosen", "link": "quick link", "web": "only on the web", "out": "left out",
}  # fmt: skip
_IN_THE_LETTER = frozenset({"lead", "item", "link"})

Line = tuple[str, str]


def place_lines(conn: Connection, kept: Kept) -> Iterator[Line]:
    """Each place in the order of the edition, with its reason; then what is not in it, by reason."""
    found = editions.verdicts_in(conn, kept.newsletter, kept.number)
    placed = [one for one in found if one.stands in _IN_THE_LETTER]
    titles = stories.titles(conn, [one.story for one in placed])
    for one in placed:
        title = titles.get(one.story)
        named = f"{one.story} “{title}”" if title is not None else one.story
        yield f"{one.place} {_STANDS[one.stands]}", f"{named}: {_because(one)}"
    yield from _left([one for one in found if one.stands not in _IN_THE_LETTER])


def _left(found: Sequence[Verdict]) -> Iterator[Line]:
    groups: defaultdict[tuple[Stands, str], list[str]] = defaultdict(list)
    for one in found:
        groups[one.stands, one.reason].append(one.story)
    for (stands, reason), ids in groups.items():
        count = "1 story" if len(ids) == 1 else f"{len(ids)} stories"
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        yield _STANDS[stands], f"{count}: {reason}: {', '.join(ids[:_NAMED])}{more}"


def brief_lines(story: Story) -> Iterator[Line]:
    """The sentences that a newsletter tells of it: where each stands, and how central it is."""
    for one in picked(story, ITEM_COLUMNS):
        where = f"sentence {one.place} of {one.report.entry} {one.report.source_title}"
        yield "summary", f"“{one.text}”: {where}, centrality {one.gain:.2f}"


def told_lines(conn: Connection, config: Config, story: Story, now: datetime) -> Iterator[Line]:
    """Where the editions that considered a story had it, and what the newsletters that have not told it will do."""
    for newsletter, number, one in editions.verdicts_on(conn, story.id):
        place = f"place {one.place}, " if one.stands in _IN_THE_LETTER else ""
        yield f"{newsletter}/{number}", f"{place}{_STANDS[one.stands]}: {_because(one)}"
    wanted, told_by = pins.of_story(conn, story.id), editions.told_by(conn, story.id)
    for pin in wanted.values():
        leads = ", and leads it" if pin.lead else ""
        yield "pinned", f"{_time(pin.at)}, by an editor: it is in the next edition of {pin.newsletter}{leads}"
    for configured in config.newsletters:
        if configured.name not in told_by:
            yield configured.name, _untold(config, configured, story, now, pinned=configured.name in wanted)


def pin_lines(conn: Connection, newsletter: Newsletter) -> Iterator[Line]:
    for pin in pins.of_newsletter(conn, newsletter.name).values():
        yield "pinned", f"{pin.story}, {_time(pin.at)}{', to lead' if pin.lead else ''}"


def _untold(config: Config, newsletter: Newsletter, story: Story, now: datetime, *, pinned: bool) -> str:
    """Why a newsletter has not told this story, by the same rules as the next edition."""
    slot, age = next_slot(newsletter.schedule, config.zone_of(newsletter), now), max_age(newsletter)
    if not pinned and (why := refusal(story, newsletter)) is not None:
        return f"left out: {why}"
    if not pinned and story.last_published < slot - age:
        return f"left out: its last news is of {_time(story.last_published)}, older than {show_duration(age)} at {_time(slot)}"
    return f"not told yet: it waits for the slot {_time(slot)}"


def _because(one: Verdict) -> str:
    return "; ".join(part for part in (one.reason, one.figures) if part)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
