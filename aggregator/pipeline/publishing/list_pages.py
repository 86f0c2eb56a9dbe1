"""Lists and feeds, in groups that are made of the same stories. A group is made anew when a story on its shelf changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from aggregator.config import Category, Newsletter, Section
from aggregator.curate.text import hanzi
from aggregator.model import Story
from aggregator.pipeline.outlets import source_list, subscriptions
from aggregator.pipeline.publishing import edition_pages
from aggregator.pipeline.publishing.edition_pages import Numbers
from aggregator.pipeline.publishing.feed_texts import contents
from aggregator.pipeline.publishing.press import Press, digest
from aggregator.pipeline.publishing.printing import Run, ToPrint, feed
from aggregator.pipeline.publishing.story_pages import named, shown
from aggregator.publish import search, site, sitemap, syndicate
from aggregator.publish.feeds.post import Post, Words
from aggregator.publish.site import Site, SourceLink
from aggregator.store import decisions, editions, published, retractions, shelves, stale, stories
from aggregator.store.dialects import slices
from aggregator.store.engine import reading, writing

_TOGETHER = 20
"""Groups that are written down in one transaction."""
_REMEMBERED = 4000
"""Stories that are kept in memory for the next list."""

Gone = Sequence[tuple[str, datetime]]
"""Stories that are told no more, and since when; the last first."""


@dataclass(frozen=True, slots=True)
class Group:
    """`key`: what touches it. `paths`: all that it makes."""

    key: str
    paths: tuple[str, ...]
    pages: Callable[[Connection], Iterable[ToPrint]]


def publish(run: Run, groups: Iterable[Group], rows: Mapping[str, list[int]]) -> None:
    """Make those of the groups anew that are named, damaged, or all. `rows`: what names them, by key."""
    printer, due = run.printer, []
    for group in groups:
        printer.pages.update(group.paths)
        if run.whole or group.key in rows or any(map(printer.is_damaged, group.paths)):
            due.append(group)
    for some in slices(due, _TOGETHER):
        fresh: dict[str, published.Printed] = {}
        for group in some:
            with reading(run.engine) as conn:
                fresh |= printer.print(group.pages(conn), published.load(conn, group.paths))
        undone = {group.key for group in some if not printer.undone.isdisjoint(group.paths)}
        with writing(run.engine) as conn:
            published.record(conn, fresh)
            stale.clear(conn, [row for group in some if group.key not in undone for row in rows.get(group.key, ())])
            stale.mark(conn, undone - rows.keys(), "shelf")


@dataclass
class Lists:
    """What the lists of one run are made with."""

    press: Press
    numbers: Numbers
    archives: tuple[str | None, str | None] = (None, None)
    """Where the newest and the oldest part of the archive are, as feeds."""
    _known: dict[str, Story] = field(default_factory=dict)
    _told: dict[tuple[str, bool], Post] = field(default_factory=dict)

    def groups(self) -> Iterator[Group]:
        config = self.press.config
        yield Group("all", ("index.html", *_feed_paths("")), self._front)
        yield Group("counts", ("categories/index.html", "sources/index.html"), self._counts)
        for section in config.sections:
            folder = f"sections/{section.slug}"
            paths = (f"{folder}/index.html", *_feed_paths(folder))
            yield Group(f"section:{section.slug}", paths, partial(self._section, section))
        for category in config.categories:
            folder = f"categories/{category.slug}"
            paths = (f"{folder}/index.html", *_feed_paths(folder))
            yield Group(f"category:{category.slug}", paths, partial(self._category, category))
        for source in self.press.sources.values():
            yield Group(f"source:{source.name}", (source.page,), partial(self._source, source))
        yield Group("newsletters", ("editions/index.html",), self._newsletters)
        for newsletter in config.newsletters:
            pages = edition_pages.index_paths(self.press, newsletter, self.numbers)
            paths = (*pages, *_feed_paths(f"editions/{newsletter.name}"))
            yield Group(f"newsletter:{newsletter.name}", paths, partial(self._newsletter, newsletter))
        yield Group("sources", ("sources.opml",), self._subscriptions)
        yield from self._fixed()

    def _fixed(self) -> Iterator[Group]:
        """What stories have no part in."""
        press = self.press
        at = digest(press.look)
        yield Group("style", ("style.css",), lambda _: [ToPrint("style.css", partial(site.stylesheet, press.folders))])
        script = partial(site.asset, "search.js", press.folders)
        yield Group("script", ("search/search.js",), lambda _: [ToPrint("search/search.js", script)])
        spellings = ToPrint("search/spellings.json", lambda: search.spellings(hanzi().simplified), at)
        yield Group("spellings", (spellings.path,), lambda _: [spellings])
        missing = ToPrint(*site.not_found(press.config, press.folders), at)
        yield Group("404", (missing.path,), lambda _: [missing])
        robots = ToPrint("robots.txt", partial(sitemap.robots, press.config), at, yields=True)
        yield Group("robots", (robots.path,), lambda _: [robots])

    # --- what they hold ---

    def _stories(self, conn: Connection, ids: Iterable[str]) -> list[Story]:
        """Each is loaded once for all lists, as long as they are not too many."""
        wanted = list(dict.fromkeys(ids))
        if len(self._known) > _REMEMBERED:
            self._known.clear()
            self._told.clear()
        missing = [id_ for id_ in wanted if id_ not in self._known]
        self._known |= stories.load(conn, missing, self.press.outlets)
        return [self._known[id_] for id_ in wanted if id_ in self._known]

    def _shelf(self, conn: Connection, shelf: str | None, limit: int) -> list[Story]:
        return self._stories(conn, shelves.newest(conn, shelf, limit=limit))

    def _site(self, conn: Connection, told: Iterable[Story], totals: Mapping[str, int]) -> Site:
        """With what the listed ones name as related."""
        newest = sorted({story.id: story for story in told}.values(), key=lambda one: one.id)
        newest.sort(key=lambda one: one.last_published, reverse=True)
        made = Site(self.press.config, tuple(newest), totals=totals, brief=self.press.brief)
        return replace(made, earlier=tuple(self._stories(conn, made.missing)))

    def _list(self, conn: Connection, folder: str, shelf: str, told: Iterable[Story]) -> tuple[Site, str]:
        """The site of one list, and the digest of what it shows."""
        made = self._site(conn, told, {folder: shelves.count(conn, shelf)})
        return made, digest(self.press.look, repr(made.totals), *map(repr, made.stories), *map(named, made.earlier))

    def _hot(self, conn: Connection, section: Section) -> list[Story]:
        """Those of a section, which stand before the newest of it."""
        return [story for story in self._hot_topics(conn) if story.section == section.slug]

    def _hot_topics(self, conn: Connection) -> list[Story]:
        return self._stories(conn, stories.hot_ids(conn))

    # --- groups ---

    def _front(self, conn: Connection) -> Iterator[ToPrint]:
        sections = self.press.config.sections
        told = [
            story
            for section in sections
            for story in (*self._hot(conn, section), *self._shelf(conn, f"section:{section.slug}", site.FRONT_MAIN))
        ]
        made = self._site(conn, told, {})
        said = digest(self.press.look, *map(repr, made.stories), *map(named, made.earlier))
        yield from (ToPrint(*page, said) for page in site.front(made, self.press.folders))
        gone = [(one.story, one.at) for one in retractions.withdrawn(conn)]
        gone += [(one.story, one.at) for one in decisions.merged(conn)]
        gone.sort(key=lambda one: one[1], reverse=True)
        yield from self._feeds(conn, "", self._shelf(conn, None, syndicate.LIMIT), gone)

    def _counts(self, conn: Connection) -> Iterator[ToPrint]:
        press = self.press
        counts = shelves.counts(conn)
        totals = {f"categories/{one.slug}": counts.get(f"category:{one.slug}", 0) for one in press.config.categories}
        page = site.category_index(Site(press.config, totals=totals), press.folders)
        yield ToPrint(*page, digest(press.look, repr(totals)))
        links = [replace(one, stories=counts.get(f"source:{one.name}", 0)) for one in press.sources.values()]
        links.sort(key=lambda one: (one.title.casefold(), one.name))
        page = site.source_index(press.config, links, press.folders, press.brief)
        yield ToPrint(*page, digest(press.look, repr(links)))

    def _section(self, section: Section, conn: Connection) -> Iterator[ToPrint]:
        folder, shelf = f"sections/{section.slug}", f"section:{section.slug}"
        newest = self._shelf(conn, shelf, syndicate.LIMIT)
        made, said = self._list(conn, folder, shelf, [*self._hot(conn, section), *newest[: site.LISTED]])
        yield ToPrint(*site.section(made, section, self.press.folders), said)
        gone = [(one.story, one.at) for one in retractions.withdrawn(conn) if one.section == section.slug]
        yield from self._feeds(conn, folder, newest, gone, title=section.title)

    def _category(self, category: Category, conn: Connection) -> Iterator[ToPrint]:
        folder, shelf = f"categories/{category.slug}", f"category:{category.slug}"
        newest = self._shelf(conn, shelf, syndicate.LIMIT)
        made, said = self._list(conn, folder, shelf, newest[: site.LISTED])
        yield ToPrint(*site.category(made, category, self.press.folders), said)
        gone = [(one.story, one.at) for one in retractions.withdrawn(conn) if category.slug in one.categories]
        yield from self._feeds(conn, folder, newest, gone, title=category.name)

    def _source(self, source: SourceLink, conn: Connection) -> Iterator[ToPrint]:
        folder, shelf = f"sources/{source.name}", f"source:{source.name}"
        made, said = self._list(conn, folder, shelf, self._shelf(conn, shelf, site.LISTED))
        link = replace(source, stories=made.totals[folder])
        yield ToPrint(*site.source(made, link, self.press.folders), digest(said, repr(link)))

    def _newsletters(self, conn: Connection) -> Iterator[ToPrint]:
        return edition_pages.index(conn, self.press, self.numbers)

    def _newsletter(self, newsletter: Newsletter, conn: Connection) -> Iterator[ToPrint]:
        yield from edition_pages.of_newsletter(conn, self.press, newsletter, self.numbers)
        newest = edition_pages.readable(editions.load(conn, newsletter.name, limit=syndicate.LIMIT))
        months = [month.feed for month in edition_pages.months_of(self.press, newsletter, self.numbers)]
        older, oldest = (months[0], months[-1]) if months else (None, None)
        said = digest(self.press.look, repr((newest, older, oldest)))
        for path, make in syndicate.of_newsletter(self.press.config, newsletter, newest, older=older, oldest=oldest):
            yield ToPrint(path, partial(feed, path, make), said)

    def _subscriptions(self, conn: Connection) -> Iterator[ToPrint]:
        listed = subscriptions(conn, self.press.config)
        yield ToPrint("sources.opml", partial(source_list, self.press.config, listed))

    def _feeds(
        self, conn: Connection, folder: str, newest: list[Story], gone: Gone, *, title: str | None = None
    ) -> Iterator[ToPrint]:
        press = self.press
        words = Words(press.brief, contents(conn, press.config, newest), self._told)
        older, oldest = self.archives if not folder else (None, None)
        said = digest(press.look, *map(shown, newest), repr((words.contents, gone, older, oldest)))
        found = syndicate.of_stories(
            press.config,
            newest,
            words=words,
            folder=folder,
            title=title,
            withdrawn=gone,
            older=older,
            oldest=oldest,
        )
        yield from (ToPrint(path, partial(feed, path, make), said) for path, make in found)


def _feed_paths(folder: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" if folder else name for name in syndicate.FORMATS)
