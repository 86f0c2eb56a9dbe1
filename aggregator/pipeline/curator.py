"""What curating needs and does whoever asks: a story is put together anew, and the index follows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.curate.assemble import assemble
from aggregator.curate.stories import StoryIndex
from aggregator.model import Entry, Report, Story
from aggregator.pipeline import shelf
from aggregator.pipeline.outlets import outlets
from aggregator.pipeline.sorting import Sorter
from aggregator.store import decisions, entries, index, stories
from aggregator.store.decisions import Decisions
from aggregator.store.stories import Outlets


@dataclass(frozen=True, slots=True)
class Curator:
    """Compiled once, the same for every entry. `decisions`: what an editor decided, which holds against every rule."""

    config: Config
    sorter: Sorter
    index: StoryIndex
    outlets: Outlets
    decisions: Decisions

    @classmethod
    def on(cls, conn: Connection, config: Config) -> "Curator":
        count, last = index.size(conn)
        return cls(
            config=config,
            sorter=Sorter.on(conn, config),
            index=StoryIndex(config.curate.story_window, count=count, last=last),
            outlets=outlets(conn, config),
            decisions=decisions.load(conn),
        )

    def outlet(self, source: str) -> str:
        known = self.outlets.get(source)
        return known.title if known is not None else source

    def tell(self, conn: Connection, told_by: Mapping[str, Sequence[Report]], now: datetime) -> list[Story]:
        """The stories that these reports make, where they become other than they were written down last."""
        before = stories.standing(conn, told_by)
        made = [
            replace(
                assemble(
                    id_,
                    reports,
                    sections=self.config.sections,
                    news=self.config.news_section,
                    before=before.get(id_),
                    now=now,
                    words=self.sorter.words.categories,
                    broader=self.sorter.classifier.broader,
                ),
                related=self.index.related(id_),
            )
            for id_, reports in sorted(told_by.items())
        ]
        return [story for story in made if _is_other(story, before.get(story.id))]


def retell(conn: Connection, curator: Curator, ids: Iterable[str], now: datetime) -> None:
    """Put stories together anew from the entries that they have now: some came or left by another's decision. Those that
    have none left are no more. Only who holds the curator's lock may do so.
    """
    wanted = sorted(set(ids))
    members = dict.fromkeys(wanted, ()) | _originals(conn, wanted)
    curator.index.open(shelf.StoredShelf(conn), [entry for some in members.values() for entry in some])
    for story, some in members.items():
        curator.index.rebuild(story, some)
    told_by = stories.reports(conn, wanted, curator.outlets)
    stories.save(conn, curator.tell(conn, told_by, now))
    stories.remove(conn, [story for story in wanted if story not in told_by])
    shelf.keep(conn, curator.index.changes())


def _originals(conn: Connection, ids: Sequence[str]) -> dict[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for story, entry in entries.originals(conn, ids):
        found[story].append(entry)
    return {story: sorted(some, key=lambda one: one.came) for story, some in found.items()}


def _is_other(story: Story, before: Story | None) -> bool:
    return before is None or replace(story, reports=()) != replace(before, reports=())
